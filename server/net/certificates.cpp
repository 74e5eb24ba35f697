#include "net/certificates.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace malaposta::net {

namespace {

using scenario::CertificateKind;

constexpr long kDay = 24 * 60 * 60;  // seconds
constexpr int kWeakBits = 1024;      // of an RSA key: under what any client of today should take

[[noreturn]] void fail(const std::string& what) {
  const unsigned long error = ERR_get_error();
  char reason[256] = "no reason given";
  if (error != 0) ERR_error_string_n(error, reason, sizeof reason);
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(error))
    throw std::runtime_error(fmt::format("{}: {}", what, std::generic_category().message(ERR_GET_REASON(error))));
  throw std::runtime_error(fmt::format("{}: {}", what, reason));
}

void must(bool done, const char* what) {
  if (!done) fail(what);
}

Key make_key(bool weak) {
  Key key(weak ? EVP_RSA_gen(kWeakBits) : EVP_EC_gen("P-256"));
  must(key != nullptr, "cannot make a key");
  return key;
}

struct Request {
  std::string common_name;
  std::vector<std::string> alternative_names;  // as X509V3 writes them: "DNS:localhost", "IP:127.0.0.1"
  long begins = -kDay;                         // seconds from now
  long ends = 30 * kDay;
  bool authority = false;
};

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "cannot add an extension to a certificate");
  X509_EXTENSION_free(extension);
}

// Signed by `issuer`, or by its own key if there is none.
Certificate make_certificate(const Request& request, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  Certificate certificate(X509_new());
  must(certificate != nullptr, "cannot make a certificate");
  std::uint64_t serial = 0;
  must(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "no random numbers");
  X509* raw = certificate.get();
  X509_set_version(raw, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(raw), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(raw), request.begins);
  X509_gmtime_adj(X509_getm_notAfter(raw), request.ends);
  X509_set_pubkey(raw, key);
  X509_NAME* name = X509_get_subject_name(raw);
  X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("Malaposta test"), -1, -1, 0);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(request.common_name.c_str()), -1, -1, 0);
  X509* signer = issuer != nullptr ? issuer : raw;
  X509_set_issuer_name(raw, X509_get_subject_name(signer));
  add_extension(raw, signer, NID_basic_constraints, request.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  add_extension(raw, signer, NID_key_usage,
                request.authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature,keyEncipherment");
  add_extension(raw, signer, NID_subject_key_identifier, "hash");
  if (issuer != nullptr) add_extension(raw, signer, NID_authority_key_identifier, "keyid");
  if (!request.authority) add_extension(raw, signer, NID_ext_key_usage, "serverAuth");
  std::string names;
  for (const std::string& one : request.alternative_names) names += (names.empty() ? "" : ",") + one;
  if (!names.empty()) add_extension(raw, signer, NID_subject_alt_name, names);
  must(X509_sign(raw, issuer_key != nullptr ? issuer_key : key, EVP_sha256()) > 0, "cannot sign a certificate");
  return certificate;
}

Identity make_identity(const Request& request, const Identity* issuer, bool weak = false) {
  Identity identity;
  identity.key = make_key(weak);
  identity.certificate = make_certificate(request, identity.key.get(), issuer != nullptr ? issuer->certificate.get() : nullptr,
                                          issuer != nullptr ? issuer->key.get() : nullptr);
  return identity;
}

Identity make_root(const std::string& name) {
  Request request;
  request.common_name = name;
  request.authority = true;
  return make_identity(request, nullptr);
}

Certificate share(const Certificate& certificate) {
  X509_up_ref(certificate.get());
  return Certificate(certificate.get());
}

// Which host the certificate names, and when it holds.
Request request_for(CertificateKind kind, const std::string& hostname) {
  Request request;
  request.common_name = hostname;
  request.alternative_names = {"DNS:" + hostname, "DNS:localhost", "IP:127.0.0.1", "IP:::1"};
  switch (kind) {
    case CertificateKind::wrong_host:
      request.common_name = "wrong-host.example.invalid";
      request.alternative_names = {"DNS:wrong-host.example.invalid"};
      break;
    case CertificateKind::expired: request.begins = -30 * kDay, request.ends = -kDay; break;
    case CertificateKind::not_yet_valid: request.begins = kDay, request.ends = 30 * kDay; break;
    default: break;
  }
  return request;
}

struct CloseFile {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};

}  // namespace

Authority::Authority() : root_(make_root("Malaposta test root")) {
  Request request;
  request.common_name = "Malaposta test intermediate";
  request.authority = true;
  intermediate_ = make_identity(request, &root_);
}

std::string Authority::root_pem() const {
  const std::unique_ptr<BIO, CloseFile> memory(BIO_new(BIO_s_mem()));
  must(memory != nullptr && PEM_write_bio_X509(memory.get(), root_.certificate.get()) == 1, "cannot write the root certificate");
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Identity Authority::issue(CertificateKind kind, const std::string& hostname) const {
  const Request request = request_for(kind, hostname);
  if (kind == CertificateKind::self_signed) return make_identity(request, nullptr);
  if (kind == CertificateKind::untrusted_root) {
    // The stranger's root is left out of the chain, as servers do; no client has it.
    const Identity stranger = make_root("Somebody else's root");
    return make_identity(request, &stranger);
  }
  Identity identity = make_identity(request, &intermediate_, kind == CertificateKind::weak_key);
  if (kind != CertificateKind::incomplete_chain) identity.chain.push_back(share(intermediate_.certificate));
  return identity;
}

Identity load_identity(const std::string& certificate_file, const std::string& key_file) {
  Identity identity;
  const std::unique_ptr<BIO, CloseFile> certificates(BIO_new_file(certificate_file.c_str(), "r"));
  if (certificates == nullptr) fail(certificate_file);
  identity.certificate.reset(PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr));
  if (identity.certificate == nullptr) fail(fmt::format("{}: no certificate in PEM", certificate_file));
  while (X509* next = PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr)) identity.chain.emplace_back(next);
  ERR_clear_error();  // the end of the file
  const std::unique_ptr<BIO, CloseFile> keys(BIO_new_file(key_file.c_str(), "r"));
  if (keys == nullptr) fail(key_file);
  // Nobody sits there to type a password.
  identity.key.reset(PEM_read_bio_PrivateKey(
      keys.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr));
  if (identity.key == nullptr) fail(fmt::format("{}: no private key in PEM that can be read without a password", key_file));
  if (X509_check_private_key(identity.certificate.get(), identity.key.get()) != 1)
    fail(fmt::format("{}: the key is not that of {}", key_file, certificate_file));
  return identity;
}

}  // namespace malaposta::net
