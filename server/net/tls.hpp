// TLS for a connection, without its socket: ciphertext goes in and out by memory, so that every byte of a handshake
// can be delayed, cut or replaced. Only this room knows OpenSSL.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "net/certificates.hpp"
#include "protocol/handshake.hpp"
#include "scenario/model.hpp"

namespace malaposta::net {

// What a listener's connections share: certificate, versions, ciphers, client certificates. Thread-safe.
class TlsContext {
 public:
  // Throws std::runtime_error where OpenSSL refuses a setting, naming it. `key_log`: a file that every session's
  // secrets are appended to, in the format of SSLKEYLOGFILE; empty: none.
  TlsContext(const scenario::TlsSection& settings, const Identity& identity, const std::string& key_log);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  SSL_CTX* get() const { return context_; }
  bool sends_close_notify() const { return close_notify_; }

  struct KeyLog;

 private:
  SSL_CTX* context_ = nullptr;
  std::unique_ptr<KeyLog> key_log_;
  std::string alpn_;  // as the extension has it: each protocol behind its length
  bool close_notify_ = true;
};

class TlsChannel {
 public:
  enum class State {
    handshake,     // more of the client is wanted
    client_hello,  // the client has told the name that it wants: proceed() goes on
    open,
    closed,        // the client sent close_notify
    failed,        // reason() says why
  };

  explicit TlsChannel(const TlsContext& context);
  ~TlsChannel();
  TlsChannel(const TlsChannel&) = delete;
  TlsChannel& operator=(const TlsChannel&) = delete;

  State state() const { return state_; }
  const std::string& server_name() const { return server_name_; }  // SNI, from client_hello on; empty if none
  const std::string& reason() const { return reason_; }
  // "TLSv1.3 TLS_AES_256_GCM_SHA384", and the subject of the client's certificate, once open.
  std::string description() const;
  // The subject of the client's certificate, once open; empty if it showed none.
  std::string client_subject() const;
  // What the session is told of the handshake, once open.
  protocol::Handshake handshake_facts() const;

  // Takes ciphertext and goes on with the handshake.
  void feed(std::string_view ciphertext);
  void proceed();
  // Decrypts into `buffer`; 0 where more ciphertext is wanted.
  std::size_t read(char* buffer, std::size_t size);
  // Encrypts.
  void write(std::string_view plaintext);
  void close_notify();
  static constexpr std::size_t kKeptBuffer = 1024;  // bytes of memory for ciphertext that stay from use to use, for each direction
  // Bytes of memory for ciphertext: what has come and is not decrypted yet, and what is to be sent.
  std::size_t held() const;
  // Ciphertext to be sent since the last call.
  std::string take_output();

  // For the context: pauses the handshake at the client's hello.
  static int on_client_hello(SSL* ssl, int* alert, void* unused);

 private:
  void handshake();
  void failed();
  // Gives back the memory of a BIO that has been emptied, unless it is little.
  void free_input();
  void free_output();

  SSL* ssl_ = nullptr;
  BIO* in_ = nullptr;   // owned by ssl_
  BIO* out_ = nullptr;  // owned by ssl_
  State state_ = State::handshake;
  bool hello_judged_ = false;
  std::string server_name_;
  std::string reason_;
};

}  // namespace malaposta::net
