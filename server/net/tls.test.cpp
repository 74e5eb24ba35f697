#include "net/tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>

#include "testing/catch.hpp"

using namespace malaposta::net;
using malaposta::scenario::CertificateKind;
using malaposta::scenario::TlsSection;
using malaposta::scenario::TlsVersion;

namespace {

// One authority for all tests: making keys is what costs.
const Authority& authority() {
  static const Authority instance;
  return instance;
}

Identity identity(const TlsSection& settings = {}) {
  return authority().issue(settings.certificate.value_or(CertificateKind::valid), "mx.example.test");
}

// A client in memory, which trusts the authority's root and asks for mx.example.test.
class Client {
 public:
  explicit Client(int version = 0, const char* name = "mx.example.test") : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(context_, 1);
    if (version != 0) SSL_CTX_set_min_proto_version(context_, version), SSL_CTX_set_max_proto_version(context_, version);
    const std::string pem = authority().root_pem();
    BIO* memory = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509* root = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), root);
    X509_free(root);
    BIO_free(memory);
    ssl_ = SSL_new(context_);
    SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_tlsext_host_name(ssl_, name);
    SSL_set1_host(ssl_, name);
    SSL_set_connect_state(ssl_);
  }
  ~Client() { SSL_free(ssl_), SSL_CTX_free(context_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Shakes hands in pieces of that many bytes; each side has its say until neither has more.
  void shake_hands(TlsChannel& server, std::size_t piece = 1 << 20) {
    for (int round = 0; round < 10; ++round) {
      SSL_do_handshake(ssl_);
      const std::string out = sent();
      for (std::size_t at = 0; at < out.size(); at += piece) {
        server.feed(std::string_view(out).substr(at, piece));
        if (server.state() == TlsChannel::State::client_hello) server.proceed();
      }
      const std::string in = server.take_output();
      BIO_write(SSL_get_rbio(ssl_), in.data(), static_cast<int>(in.size()));
      if (out.empty() && in.empty()) break;
    }
    ERR_clear_error();
  }
  std::string sent() {
    std::array<char, 1 << 16> buffer{};
    const int size = BIO_read(SSL_get_wbio(ssl_), buffer.data(), static_cast<int>(buffer.size()));
    return {buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }
  std::string encrypted(std::string_view text) {
    SSL_write(ssl_, text.data(), static_cast<int>(text.size()));
    return sent();
  }
  std::string decrypted(const std::string& ciphertext) {
    BIO_write(SSL_get_rbio(ssl_), ciphertext.data(), static_cast<int>(ciphertext.size()));
    std::array<char, 1024> buffer{};
    const int size = SSL_read(ssl_, buffer.data(), buffer.size());
    return {buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }
  // What the client takes for its channel's bindings.
  std::string unique() const {
    std::array<char, EVP_MAX_MD_SIZE> binding{};
    const bool resumed = SSL_session_reused(ssl_) == 1;
    const std::size_t size =
        resumed ? SSL_get_peer_finished(ssl_, binding.data(), binding.size()) : SSL_get_finished(ssl_, binding.data(), binding.size());
    return {binding.data(), size};
  }
  std::string exporter() const {
    std::array<unsigned char, 32> binding{};
    SSL_export_keying_material(ssl_, binding.data(), binding.size(), "EXPORTER-Channel-Binding", 24, nullptr, 0, 1);
    return {binding.begin(), binding.end()};
  }
  long verdict() const { return SSL_get_verify_result(ssl_); }
  bool closed() const { return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0; }

 private:
  SSL_CTX* context_;
  SSL* ssl_;
};

long verdict_on(CertificateKind kind) {
  TlsSection settings;
  settings.certificate = kind;
  const TlsContext context(settings, identity(settings), "");
  TlsChannel server(context);
  Client client;
  client.shake_hands(server);
  return client.verdict();
}

}  // namespace

TEST_CASE("each certificate has exactly the defect that its name says") {
  CHECK(verdict_on(CertificateKind::valid) == X509_V_OK);
  CHECK(verdict_on(CertificateKind::self_signed) == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
  CHECK(verdict_on(CertificateKind::expired) == X509_V_ERR_CERT_HAS_EXPIRED);
  CHECK(verdict_on(CertificateKind::not_yet_valid) == X509_V_ERR_CERT_NOT_YET_VALID);
  CHECK(verdict_on(CertificateKind::wrong_host) == X509_V_ERR_HOSTNAME_MISMATCH);
  CHECK(verdict_on(CertificateKind::untrusted_root) == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  CHECK(verdict_on(CertificateKind::incomplete_chain) == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  CHECK(verdict_on(CertificateKind::weak_key) == X509_V_OK);  // strength is for the client's own settings to judge
  const Identity weak = authority().issue(CertificateKind::weak_key, "mx.example.test");
  CHECK(EVP_PKEY_get_bits(weak.key.get()) == 1024);
}

TEST_CASE("a handshake in any pieces, then text both ways, then a good end") {
  const TlsContext context({}, identity(), "");
  for (const std::size_t piece : {1, 7, 100, 100'000}) {
    TlsChannel server(context);
    Client client;
    client.shake_hands(server, piece);
    REQUIRE(server.state() == TlsChannel::State::open);
    CHECK(server.server_name() == "mx.example.test");
    CHECK(server.description().find("TLSv1.3 ") == 0);
    CHECK(server.client_subject().empty());
    server.feed(client.encrypted("EHLO c.test\r\n"));
    std::array<char, 64> buffer{};
    CHECK(std::string(buffer.data(), server.read(buffer.data(), buffer.size())) == "EHLO c.test\r\n");
    CHECK(server.read(buffer.data(), buffer.size()) == 0);
    server.write("250 mx.example.test\r\n");
    CHECK(client.decrypted(server.take_output()) == "250 mx.example.test\r\n");
    server.close_notify();
    CHECK(client.decrypted(server.take_output()).empty());
    CHECK(client.closed());
  }
}

TEST_CASE("both ends know the same channel binding: tls-unique up to TLS 1.2, tls-exporter after") {
  const TlsContext context({}, identity(), "");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsChannel server(context);
    Client client(version);
    client.shake_hands(server);
    REQUIRE(server.state() == TlsChannel::State::open);
    const malaposta::protocol::Handshake facts = server.handshake_facts();
    CHECK(facts.description == server.description());
    CHECK(facts.client_name.empty());
    CHECK(facts.tls_unique == (version == TLS1_2_VERSION ? client.unique() : ""));
    CHECK(facts.tls_exporter == (version == TLS1_3_VERSION ? client.exporter() : ""));
  }
}

TEST_CASE("only the versions that are named are spoken") {
  TlsSection settings;
  settings.versions = {TlsVersion::v1_2};
  const TlsContext context(settings, identity(settings), "");
  TlsChannel old_server(context);
  Client old_client(TLS1_2_VERSION);
  old_client.shake_hands(old_server);
  CHECK(old_server.state() == TlsChannel::State::open);
  TlsChannel server(context);
  Client client(TLS1_3_VERSION);
  client.shake_hands(server);
  CHECK(server.state() == TlsChannel::State::failed);
  CHECK(server.reason() == "unsupported protocol");
}

TEST_CASE("what is no TLS fails, and says why") {
  const TlsContext context({}, identity(), "");
  TlsChannel server(context);
  server.feed("EHLO client.test\r\nMAIL FROM:<a@a.test>\r\n");
  CHECK(server.state() == TlsChannel::State::failed);
  CHECK_FALSE(server.reason().empty());
}

TEST_CASE("settings that cannot be are told at start") {
  TlsSection ciphers;
  ciphers.ciphers.value = "WIBBLE";
  CHECK_THROWS_WITH(TlsContext(ciphers, identity(), ""), Catch::Matchers::StartsWith("ciphers 'WIBBLE'"));
  CHECK_THROWS_WITH(load_identity("/nonexistent/cert.pem", "/nonexistent/key.pem"),
                    Catch::Matchers::Equals("/nonexistent/cert.pem: No such file or directory"));
}
