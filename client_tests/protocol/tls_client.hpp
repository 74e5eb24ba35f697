// A TLS client over a Wire, which the tests can look into: what the server's certificate is worth, what was agreed upon, and how the
// server ended TLS. The bytes go through memory, so that the Wire still tells FIN from RST.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "wire.hpp"

namespace malaposta::testing {

struct SessionDelete {
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using TlsSession = std::unique_ptr<SSL_SESSION, SessionDelete>;

struct TlsWishes {
  std::string ca_file;                            // what is trusted; empty: nothing
  std::string server_name = "mx.example.test";    // sent as SNI, and expected in the certificate; empty: neither
  int version = 0;                                // TLS1_2_VERSION …; 0: the best of both
  std::string ciphers;                            // of TLS 1.2; empty: OpenSSL's default
  std::string alpn;                               // one protocol; empty: none is offered
  std::string certificate_file, key_file;         // the client's own
  SSL_SESSION* session = nullptr;                 // to be resumed
};

class TlsClient {
 public:
  explicit TlsClient(Wire& wire, const TlsWishes& wishes = {});
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // Whatever the server's certificate is worth. False if the connection ended, or reason() says what else was wrong.
  bool shake_hands();
  const std::string& reason() const { return reason_; }

  // X509_V_OK, X509_V_ERR_…: what verifying the server's certificate came to.
  long verdict() const { return SSL_get_verify_result(ssl_); }
  X509* certificate() const { return SSL_get0_peer_certificate(ssl_); }
  int certificates() const { return sk_X509_num(SSL_get_peer_cert_chain(ssl_)); }  // how many were sent
  std::string version() const { return SSL_get_version(ssl_); }
  std::string cipher() const { return SSL_get_cipher_name(ssl_); }
  std::string alpn() const;
  bool resumed() const { return SSL_session_reused(ssl_) == 1; }
  // For a later connection; with TLS 1.3 only once something was read.
  TlsSession session() const { return TlsSession(SSL_get1_session(ssl_)); }

  // The last line of the reply; empty if the connection ended before.
  std::string reply();
  std::string say(std::string_view line);

  // Reads until the server is done: whether it ended TLS itself, with close_notify.
  bool ended_with_close_notify();

 private:
  bool exchange(int result);

  Wire& wire_;
  SSL_CTX* context_;
  SSL* ssl_;
  std::string reason_;
};

// The first message of a handshake, as it is sent.
std::string client_hello();

// A certificate that signs itself, with its key, in PEM: good for a year.
struct Pem {
  std::string certificate, key;
};
Pem self_signed(const std::string& common_name);

}  // namespace malaposta::testing
