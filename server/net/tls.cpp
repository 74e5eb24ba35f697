#include "net/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <mutex>
#include <stdexcept>

namespace malaposta::net {

namespace {

// By scenario::TlsVersion.
constexpr std::uint64_t kWithout[] = {SSL_OP_NO_TLSv1, SSL_OP_NO_TLSv1_1, SSL_OP_NO_TLSv1_2, SSL_OP_NO_TLSv1_3};

std::string openssl_reason() {
  const unsigned long error = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(error);
  ERR_clear_error();
  return reason != nullptr ? reason : "no reason given";
}

void must(bool done, const std::string& what) {
  if (!done) throw std::runtime_error(fmt::format("{}: {}", what, openssl_reason()));
}

void set_versions(SSL_CTX* context, const std::vector<scenario::TlsVersion>& versions) {
  const bool by_default = versions.empty();
  must(SSL_CTX_set_min_proto_version(context, by_default ? TLS1_2_VERSION : TLS1_VERSION) == 1, "tls versions");
  for (std::size_t i = 0; i < std::size(kWithout) && !by_default; ++i)
    if (std::find(versions.begin(), versions.end(), static_cast<scenario::TlsVersion>(i)) == versions.end())
      SSL_CTX_set_options(context, kWithout[i]);
}

int choose_alpn(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned offered_size, void* ours) {
  const auto& protocols = *static_cast<const std::string*>(ours);
  unsigned char* selected = nullptr;
  const int result = SSL_select_next_proto(&selected, size, reinterpret_cast<const unsigned char*>(protocols.data()),
                                           static_cast<unsigned>(protocols.size()), offered, offered_size);
  *chosen = selected;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

// Sessions of several threads append to one file, line by line.
struct TlsContext::KeyLog {
  explicit KeyLog(const std::string& path) : file(std::fopen(path.c_str(), "a")) {
    if (file == nullptr) throw std::runtime_error(fmt::format("key log {}: it cannot be written", path));
  }
  ~KeyLog() { std::fclose(file); }
  KeyLog(const KeyLog&) = delete;
  KeyLog& operator=(const KeyLog&) = delete;

  static void write(const SSL* ssl, const char* line) {
    auto* log = static_cast<KeyLog*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    const std::lock_guard lock(log->mutex);
    fmt::print(log->file, "{}\n", line);
    std::fflush(log->file);
  }

  std::mutex mutex;
  std::FILE* file;
};

TlsContext::TlsContext(const scenario::TlsSection& settings, const Identity& identity, const std::string& key_log)
    : context_(SSL_CTX_new(TLS_server_method())), close_notify_(settings.close_notify) {
  must(context_ != nullptr, "cannot make a TLS context");
  try {
    // What is weak on purpose must not be refused by our own library.
    SSL_CTX_set_security_level(context_, 0);
    must(SSL_CTX_use_certificate(context_, identity.certificate.get()) == 1, "certificate");
    must(SSL_CTX_use_PrivateKey(context_, identity.key.get()) == 1, "private key");
    for (const Certificate& one : identity.chain) must(SSL_CTX_add1_chain_cert(context_, one.get()) == 1, "certificate chain");
    set_versions(context_, settings.versions);
    if (!settings.ciphers.value.empty()) {
      // One list for both generations, of which OpenSSL knows the names apart.
      const bool older = SSL_CTX_set_cipher_list(context_, settings.ciphers.value.c_str()) == 1;
      const bool newer = SSL_CTX_set_ciphersuites(context_, settings.ciphers.value.c_str()) == 1;
      must(older || newer, fmt::format("ciphers '{}'", settings.ciphers.value));
    }
    if (settings.client_certificate != scenario::ClientCertificate::none) {
      // Whoever signed it: a test client's certificate is looked at, not judged.
      const int mode =
          SSL_VERIFY_PEER | (settings.client_certificate == scenario::ClientCertificate::require ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
      SSL_CTX_set_verify(context_, mode, [](int, X509_STORE_CTX*) { return 1; });
    }
    if (settings.resumption) {
      static constexpr unsigned char kContextId[] = "malaposta";
      must(SSL_CTX_set_session_id_context(context_, kContextId, sizeof kContextId - 1) == 1, "session id context");
    } else {
      SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
      SSL_CTX_set_options(context_, SSL_OP_NO_TICKET);
      SSL_CTX_set_num_tickets(context_, 0);
    }
    for (const scenario::Text& protocol : settings.alpn) alpn_ += static_cast<char>(protocol.value.size()) + protocol.value;
    if (!alpn_.empty()) SSL_CTX_set_alpn_select_cb(context_, choose_alpn, &alpn_);
    if (!key_log.empty()) {
      key_log_ = std::make_unique<KeyLog>(key_log);
      SSL_CTX_set_app_data(context_, key_log_.get());
      SSL_CTX_set_keylog_callback(context_, KeyLog::write);
    }
    SSL_CTX_set_client_hello_cb(context_, &TlsChannel::on_client_hello, nullptr);
    // An idle connection holds no buffers.
    SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS);
  } catch (...) {
    SSL_CTX_free(context_);
    throw;
  }
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

TlsChannel::TlsChannel(const TlsContext& context) : ssl_(SSL_new(context.get())), in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem())) {
  if (ssl_ == nullptr || in_ == nullptr || out_ == nullptr) {
    SSL_free(ssl_), BIO_free(in_), BIO_free(out_);
    throw std::bad_alloc();
  }
  BIO_set_mem_eof_return(in_, -1);
  BIO_set_mem_eof_return(out_, -1);
  SSL_set_bio(ssl_, in_, out_);
  SSL_set_accept_state(ssl_);
  SSL_set_app_data(ssl_, this);
}

TlsChannel::~TlsChannel() { SSL_free(ssl_); }

// Pauses each handshake once, as soon as the client has told the name of the server that it wants (RFC 6066 section 3).
int TlsChannel::on_client_hello(SSL* ssl, int*, void*) {
  auto& channel = *static_cast<TlsChannel*>(SSL_get_app_data(ssl));
  if (channel.hello_judged_) return SSL_CLIENT_HELLO_SUCCESS;
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  constexpr std::size_t kHead = 5;  // length of the list, type of the name, length of the name
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) == 1 && size > kHead && data[2] == TLSEXT_NAMETYPE_host_name) {
    const std::size_t length = static_cast<std::size_t>(data[3]) << 8 | data[4];
    if (length <= size - kHead) channel.server_name_.assign(reinterpret_cast<const char*>(data) + kHead, length);
  }
  return SSL_CLIENT_HELLO_RETRY;
}

std::string TlsChannel::description() const {
  const std::string subject = client_subject();
  return fmt::format("{} {}{}{}", SSL_get_version(ssl_), SSL_get_cipher_name(ssl_), subject.empty() ? "" : ", client certificate ",
                     subject);
}

std::string TlsChannel::client_subject() const {
  const Certificate certificate(SSL_get1_peer_certificate(ssl_));
  if (certificate == nullptr) return {};
  char text[256] = "";
  X509_NAME_oneline(X509_get_subject_name(certificate.get()), text, sizeof text);
  return text;
}

namespace {

std::string common_name(const SSL* ssl) {
  const Certificate certificate(SSL_get1_peer_certificate(ssl));
  if (certificate == nullptr) return {};
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  std::string name(reinterpret_cast<const char*>(utf8), size > 0 ? static_cast<std::size_t>(size) : 0);
  OPENSSL_free(utf8);
  return name;
}

// The first Finished message of the handshake: the client's, or the server's where a session was resumed (RFC 5929 section 3.1).
std::string tls_unique(const SSL* ssl) {
  std::string binding(EVP_MAX_MD_SIZE, '\0');
  binding.resize(SSL_session_reused(ssl) == 1 ? SSL_get_finished(ssl, binding.data(), binding.size())
                                              : SSL_get_peer_finished(ssl, binding.data(), binding.size()));
  return binding;
}

// RFC 9266 section 4.2.
std::string tls_exporter(SSL* ssl) {
  constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
  std::array<unsigned char, 32> binding{};
  if (SSL_export_keying_material(ssl, binding.data(), binding.size(), kLabel.data(), kLabel.size(), nullptr, 0, 1) != 1) return {};
  return {binding.begin(), binding.end()};
}

}  // namespace

protocol::Handshake TlsChannel::handshake_facts() const {
  const bool exports = SSL_version(ssl_) >= TLS1_3_VERSION;
  return {description(), common_name(ssl_), exports ? std::string{} : tls_unique(ssl_), exports ? tls_exporter(ssl_) : std::string{}};
}

void TlsChannel::feed(std::string_view ciphertext) {
  BIO_write(in_, ciphertext.data(), static_cast<int>(ciphertext.size()));
  if (state_ == State::handshake) handshake();
}

void TlsChannel::proceed() {
  hello_judged_ = true;
  state_ = State::handshake;
  handshake();
}

void TlsChannel::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) {
    state_ = State::open;
    return;
  }
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return;
    case SSL_ERROR_WANT_CLIENT_HELLO_CB: state_ = State::client_hello; return;
    default: failed();
  }
}

void TlsChannel::failed() {
  state_ = State::failed;
  reason_ = openssl_reason();
}

std::size_t TlsChannel::read(char* buffer, std::size_t size) {
  if (state_ != State::open) return 0;
  std::size_t count = 0;
  ERR_clear_error();
  const int result = SSL_read_ex(ssl_, buffer, size, &count);
  if (result == 1) return count;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: free_input(); break;
    case SSL_ERROR_ZERO_RETURN: state_ = State::closed; break;
    default: failed();
  }
  return 0;
}

void TlsChannel::write(std::string_view plaintext) {
  std::size_t written = 0;
  ERR_clear_error();
  // Into memory, so that all of it is taken at once.
  if (SSL_write_ex(ssl_, plaintext.data(), plaintext.size(), &written) != 1) failed();
}

void TlsChannel::close_notify() {
  ERR_clear_error();
  (void)SSL_shutdown(ssl_);
}

namespace {

std::size_t memory_of(BIO* bio) {
  BUF_MEM* memory = nullptr;
  BIO_get_mem_ptr(bio, &memory);
  return memory == nullptr ? 0 : memory->max;
}

// Another in its place, where it holds nothing and yet much memory; nullptr: it stays.
BIO* replacement(BIO* bio) {
  if (BIO_ctrl_pending(bio) != 0 || memory_of(bio) <= TlsChannel::kKeptBuffer) return nullptr;
  BIO* const fresh = BIO_new(BIO_s_mem());
  if (fresh != nullptr) BIO_set_mem_eof_return(fresh, -1);
  return fresh;
}

}  // namespace

void TlsChannel::free_input() {
  BIO* const fresh = replacement(in_);
  if (fresh == nullptr) return;
  SSL_set0_rbio(ssl_, fresh);
  in_ = fresh;
}

void TlsChannel::free_output() {
  BIO* const fresh = replacement(out_);
  if (fresh == nullptr) return;
  SSL_set0_wbio(ssl_, fresh);
  out_ = fresh;
}

std::size_t TlsChannel::held() const { return memory_of(in_) + memory_of(out_); }

std::string TlsChannel::take_output() {
  char* data = nullptr;
  const long size = BIO_get_mem_data(out_, &data);
  std::string output(data, size > 0 ? static_cast<std::size_t>(size) : 0);
  (void)BIO_reset(out_);
  free_output();
  return output;
}

}  // namespace malaposta::net
