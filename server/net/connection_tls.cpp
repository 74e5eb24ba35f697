// The part of a connection that speaks TLS: between the bytes of the socket and those of the session.
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "net/connection.hpp"

namespace malaposta::net {

namespace {

using Clock = std::chrono::steady_clock;

constexpr char kHandshakeRecord = 22;  // RFC 8446 section 5.1

// No record of TLS begins like that: they are numbered from 20 to 24, and hellos of SSL 2 have the high bit set.
bool is_text(char first) { return (first >= ' ' && first <= '~') || first == '\r' || first == '\n' || first == '\t'; }

}  // namespace

// What follows is TLS, or goes on after the client's hello was judged. A client that does not wait for the 220 may have sent its hello
// already; any other bytes behind STARTTLS are in clear and must not be taken for what TLS protects (RFC 3207 section 4.2).
void Connection::take_tls_step(protocol::Act act) {
  if (act == protocol::Act::go_on_tls) {
    tls_->proceed();
    tls_progress();
    return;
  }
  tls_ = std::make_unique<TlsChannel>(*programme_->tls);
  const std::string bytes = std::exchange(left_over_, {});
  if (bytes.empty()) return;
  if (bytes.front() == kHandshakeRecord)
    feed_tls(bytes);
  else
    session_.clear_text_dropped(Clock::now(), bytes.size());
}

void Connection::feed_tls(std::string_view ciphertext) {
  if (!std::exchange(tls_begun_, true) && is_text(ciphertext.front())) {
    tls_told_ = true;
    worker_.effects().clear();
    session_.plain_text_came(Clock::now(), worker_.effects());
    carry_out();
    return;
  }
  tls_->feed(ciphertext);
  tls_progress();
}

// Tells the session how far the handshake has come.
void Connection::tls_progress() {
  send_tls_output();
  if (done_ || tls_told_) return;
  worker_.effects().clear();
  switch (tls_->state()) {
    case TlsChannel::State::handshake: return;
    case TlsChannel::State::client_hello: session_.client_hello(Clock::now(), tls_->server_name(), worker_.effects()); break;
    case TlsChannel::State::failed:
      tls_told_ = true;
      session_.handshake_failed(Clock::now(), tls_->reason(), worker_.effects());
      break;
    case TlsChannel::State::open:
    case TlsChannel::State::closed:
      tls_told_ = true;
      session_.handshake_done(Clock::now(), tls_->handshake_facts(), worker_.effects());
      break;
  }
  carry_out();
  if (!session_.closed()) move_deadline(Clock::now() + session_.timer());
}

// Gives the session what TLS has decrypted. False if there is nothing.
bool Connection::read_tls() {
  const std::size_t size = tls_->read(worker_.plaintext(), std::min(Worker::kPlaintextBuffer, session_.most_input()));
  if (size > 0) give(std::string_view(worker_.plaintext(), size), false);
  if (tls_->state() == TlsChannel::State::closed) input_ended_ = true;
  if (tls_->state() == TlsChannel::State::failed && !session_.closed()) {
    send_tls_output();
    broken(journal::End::client_reset);
  }
  return size > 0;
}

void Connection::send_tls_output() {
  const std::string output = tls_->take_output();
  if (!output.empty()) send_or_keep(output);
}

}  // namespace malaposta::net
