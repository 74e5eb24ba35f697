#include "tls_client.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <stdexcept>

namespace malaposta::testing {

namespace {

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("TLS client: ") + what);
}

}  // namespace

TlsClient::TlsClient(Wire& wire, const TlsWishes& wishes) : wire_(wire), context_(SSL_CTX_new(TLS_client_method())), ssl_(nullptr) {
  // What is weak or old on purpose is to be seen here, not refused.
  SSL_CTX_set_security_level(context_, 0);
  SSL_CTX_set_min_proto_version(context_, wishes.version == 0 ? TLS1_2_VERSION : wishes.version);
  if (wishes.version != 0) SSL_CTX_set_max_proto_version(context_, wishes.version);
  if (!wishes.ca_file.empty()) must(SSL_CTX_load_verify_file(context_, wishes.ca_file.c_str()) == 1, "no CA file");
  if (!wishes.ciphers.empty()) must(SSL_CTX_set_cipher_list(context_, wishes.ciphers.c_str()) == 1, "no such ciphers");
  if (!wishes.certificate_file.empty()) {
    must(SSL_CTX_use_certificate_chain_file(context_, wishes.certificate_file.c_str()) == 1, "no certificate");
    must(SSL_CTX_use_PrivateKey_file(context_, wishes.key_file.c_str(), SSL_FILETYPE_PEM) == 1, "no key");
  }
  ssl_ = SSL_new(context_);
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  BIO_set_mem_eof_return(SSL_get_rbio(ssl_), -1);
  if (!wishes.server_name.empty()) {
    SSL_set_tlsext_host_name(ssl_, wishes.server_name.c_str());
    SSL_set1_host(ssl_, wishes.server_name.c_str());
  }
  if (!wishes.alpn.empty()) {
    const std::string list = static_cast<char>(wishes.alpn.size()) + wishes.alpn;
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(list.data()), static_cast<unsigned>(list.size()));
  }
  if (wishes.session != nullptr) SSL_set_session(ssl_, wishes.session);
  SSL_set_connect_state(ssl_);
}

TlsClient::~TlsClient() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
}

// Sends what OpenSSL has written, and brings what it wants to read. False where there is nothing to try again for.
bool TlsClient::exchange(int result) {
  std::array<char, 16 * 1024> out{};
  for (int size = 0; (size = BIO_read(SSL_get_wbio(ssl_), out.data(), static_cast<int>(out.size()))) > 0;)
    wire_.send(std::string_view(out.data(), static_cast<std::size_t>(size)));
  if (result > 0) return false;
  if (SSL_get_error(ssl_, result) != SSL_ERROR_WANT_READ) {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    reason_ = reason != nullptr ? reason : "";
    return false;
  }
  const std::string bytes = wire_.some();
  if (!bytes.empty()) BIO_write(SSL_get_rbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
  return !bytes.empty();
}

bool TlsClient::shake_hands() {
  int result = 0;
  do {
    ERR_clear_error();
    result = SSL_do_handshake(ssl_);
  } while (exchange(result));
  return result == 1;
}

std::string TlsClient::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return size == 0 ? std::string{} : std::string(reinterpret_cast<const char*>(name), size);
}

std::string TlsClient::reply() {
  std::string line;
  while (true) {
    char byte = 0;
    int result = 0;
    do {
      ERR_clear_error();
      result = SSL_read(ssl_, &byte, 1);
    } while (exchange(result));
    if (result <= 0) return {};
    line += byte;
    if (!line.ends_with("\r\n")) continue;
    line.resize(line.size() - 2);
    if (line.size() < 4 || line[3] != '-') return line;
    line.clear();
  }
}

std::string TlsClient::say(std::string_view line) {
  const std::string text = std::string(line) + "\r\n";
  (void)exchange(SSL_write(ssl_, text.data(), static_cast<int>(text.size())));
  return reply();
}

std::string client_hello() {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(ssl.get());
  (void)SSL_do_handshake(ssl.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(SSL_get_wbio(ssl.get()), &data);
  return {data, static_cast<std::size_t>(size)};
}

Pem self_signed(const std::string& common_name) {
  constexpr long kYear = 365L * 24 * 60 * 60;  // seconds
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kYear);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  must(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "cannot sign");
  const auto pem = [](auto write) {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> memory(BIO_new(BIO_s_mem()), BIO_free_all);
    must(write(memory.get()) == 1, "cannot write PEM");
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
  };
  return {pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); }),
          pem([&](BIO* out) { return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); })};
}

bool TlsClient::ended_with_close_notify() {
  while (!reply().empty()) {}
  return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0;
}

}  // namespace malaposta::testing
