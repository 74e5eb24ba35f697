// The certificates that servers show: minted when the server starts, by an authority of its own, so that no
// certificate has two faults at once and none grows old in a repository.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "scenario/model.hpp"

namespace malaposta::net {

struct OpenSslDelete {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, OpenSslDelete>;
using Certificate = std::unique_ptr<X509, OpenSslDelete>;

// A certificate with its key, and the certificates that are sent after it.
struct Identity {
  Certificate certificate;
  Key key;
  std::vector<Certificate> chain;
};

// The run's own authority: a root that clients are given, and an intermediate that issues. Keys are ECDSA P-256.
class Authority {
 public:
  // Throws std::runtime_error with OpenSSL's reason if its library cannot make keys.
  Authority();

  // The root certificate, in PEM: what a client has to trust.
  std::string root_pem() const;

  // A certificate for `hostname`, localhost, 127.0.0.1 and ::1, with exactly the defect that `kind` names.
  Identity issue(scenario::CertificateKind kind, const std::string& hostname) const;

 private:
  Identity root_;
  Identity intermediate_;
};

// Reads an identity from PEM files; the certificate's file may hold its chain too. Throws std::runtime_error naming
// the file and the reason.
Identity load_identity(const std::string& certificate_file, const std::string& key_file);

}  // namespace malaposta::net
