#include "net/connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <utility>

namespace malaposta::net {

namespace {

using Clock = std::chrono::steady_clock;

protocol::Facts facts_of(const Port& port, const asio::ip::tcp::endpoint& peer) {
  protocol::Facts facts;
  facts.peer_ip = peer.address().to_string();
  facts.peer_port = peer.port();
  facts.local_port = port.endpoint.port;
  return facts;
}

std::string peer_of(const protocol::Facts& facts) { return Endpoint{facts.peer_ip, facts.peer_port}.text(); }

// By Connection::Wait.
constexpr std::array kWaits{Socket::wait_read, Socket::wait_write, Socket::wait_error};

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

Connection::Connection(Worker& worker, const Port& port, ProgrammePtr programme, Socket socket, const asio::ip::tcp::endpoint& peer)
    : Connection(worker, port, std::move(programme), std::move(socket), facts_of(port, peer)) {}

Connection::Connection(Worker& worker, const Port& port, ProgrammePtr programme, Socket socket, const protocol::Facts& facts)
    : worker_(worker),
      programme_(std::move(programme)),
      socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      play_(*programme_->first, worker.journal(), programme_->routes, &port.additions),
      session_(programme_->first->scenario().profile(), play_, worker.journal(),
               worker.journal().open_session(peer_of(facts), port.endpoint.port, programme_->first->scenario().name(), Clock::now()),
               facts) {
  play_.begin(session_.id());
}

Connection::~Connection() { worker_.journal().release(set_aside_); }

Coroutine Connection::run() {
  worker_.effects().clear();
  const TimePoint now = Clock::now();
  session_.start(now, worker_.effects());
  carry_out();
  move_deadline(now + session_.timer());
  for (Wait wait = advance(); wait != Wait::nothing; wait = advance()) {
    if (!set_aside()) {
      run_out_of_room();
      continue;
    }
    boost::system::error_code error;  // what happened shows in the next read or send
    if (wait == Wait::time) {
      timer_.expires_at(deadline_);
      armed_for_ = TimePoint::max();
      co_await timer_.async_wait(asio::redirect_error(kAwait, error));
      timed_out_ = Clock::now() >= deadline_;
      continue;
    }
    co_await socket_.async_wait(kWaits[static_cast<std::size_t>(wait)], asio::redirect_error(kAwait, error));
    if (wait == Wait::error && !error) take_error();
  }
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
}

// Does all that can be done without waiting, and says what to wait for then.
Connection::Wait Connection::advance() {
  while (!done_) {
    if (std::exchange(timed_out_, false)) {
      time_out(Clock::now());
    } else if (!unsent_.empty()) {
      send_unsent();
      if (!unsent_.empty()) return Wait::writable;
    } else if (session_.closed()) {
      return drain();
    } else if (tls_due_) {
      take_tls_step(*std::exchange(tls_due_, {}));
    } else if (session_.shaking_hands()) {
      if (input_ended_)
        end_of_input();
      else if (read() == Wait::readable)
        return Wait::readable;
    } else if (!session_.takes_input()) {
      if (const Wait wait = watch_for_end(); wait != Wait::nothing) return wait;
    } else if (!left_over_.empty()) {
      const std::string bytes = std::exchange(left_over_, {});
      give(bytes, true);
    } else if (tls_ && read_tls()) {
      // what TLS had decrypted already
    } else if (input_ended_) {
      end_of_input();
    } else if (read() == Wait::readable) {
      return Wait::readable;
    }
  }
  return Wait::nothing;
}

Connection::Wait Connection::read() {
  // One read for each wait: the thread's other sessions have their turn, however fast this client sends.
  if (std::exchange(has_read_, false)) return Wait::readable;
  const std::size_t wanted = tls_ ? Worker::kInputBuffer : std::min(Worker::kInputBuffer, session_.most_input());
  const ssize_t size = ::recv(socket_.native_handle(), worker_.input(), wanted, MSG_DONTWAIT);
  if (size > 0) {
    worker_.tally().transferred(static_cast<std::size_t>(size), 0);
    has_read_ = true;
    const std::string_view bytes(worker_.input(), static_cast<std::size_t>(size));
    if (tls_)
      feed_tls(bytes);
    else
      give(bytes, false);
  } else if (size == 0) {
    input_ended_ = true;
  } else if (would_block(errno)) {
    return Wait::readable;
  } else if (errno != EINTR) {
    broken(journal::End::client_reset);
  }
  return Wait::nothing;
}

// Our FIN is sent: what still comes is dropped until the client closes too.
Connection::Wait Connection::drain() {
  if (!left_over_.empty()) (void)std::exchange(left_over_, {});
  if (!input_ended_) {
    const ssize_t size = ::recv(socket_.native_handle(), worker_.input(), Worker::kInputBuffer, MSG_DONTWAIT);
    if (size > 0) worker_.tally().transferred(static_cast<std::size_t>(size), 0);
    if (size > 0 || (size < 0 && (would_block(errno) || errno == EINTR))) return Wait::readable;
  }
  done_ = true;
  return Wait::nothing;
}

// While the session makes the client wait, its FIN is noticed as long as it has sent nothing more; its RST always.
Connection::Wait Connection::watch_for_end() {
  const Wait only_time = errors_tell_ ? Wait::error : Wait::time;
  if (unread_ || input_ended_ || !left_over_.empty()) return only_time;
  char byte = 0;
  const ssize_t size = ::recv(socket_.native_handle(), &byte, 1, MSG_DONTWAIT | MSG_PEEK);
  if (size < 0) {
    if (would_block(errno)) return Wait::readable;
    if (errno != EINTR) broken(journal::End::client_reset);
    return Wait::nothing;
  }
  if (size > 0) {
    unread_ = waited_ = true;
    return only_time;
  }
  input_ended_ = true;
  end_of_input();
  return Wait::nothing;
}

// What is no RST (both sides' FIN, urgent data) the system would report again at once: from then on the time alone is waited for.
void Connection::take_error() {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0)
    broken(journal::End::client_reset);
  else
    errors_tell_ = false;
}

void Connection::end_of_input() {
  worker_.effects().clear();
  session_.end_of_input(Clock::now(), worker_.effects());
  carry_out();
}

void Connection::time_out(TimePoint now) {
  if (session_.closed()) {
    done_ = true;  // lingered for long enough
  } else if (!unsent_.empty()) {
    broken(journal::End::timed_out);  // it does not read our replies
  } else {
    unread_ = false;
    worker_.effects().clear();
    session_.expire(now, worker_.effects());
    carry_out();
    if (!session_.closed()) move_deadline(now + session_.timer());
  }
}

void Connection::give(std::string_view bytes, bool left_over) {
  const TimePoint now = Clock::now();
  bool waited = left_over || std::exchange(waited_, false);
  std::size_t used = 0;
  // Again where the session has said enough for one turn, as long as the client takes its replies.
  do {
    worker_.effects().clear();
    used += session_.receive(now, bytes.substr(used), worker_.effects(), std::exchange(waited, true));
    carry_out();
  } while (used < bytes.size() && session_.takes_input() && unsent_.empty() && !done_);
  if (used < bytes.size() && !session_.closed()) left_over_.assign(bytes.substr(used));
  // A time-out counts from the client's last bytes; an answer's own waits from now in any case.
  if (!session_.closed() && (!left_over || !session_.takes_input() || left_over_.empty())) move_deadline(now + session_.timer());
}

void Connection::carry_out() {
  std::size_t begin = 0;
  const protocol::Effects& effects = worker_.effects();
  for (const protocol::Effect& effect : effects.list()) {
    if (effect.act != protocol::Act::write) {
      if (unsent_.empty())
        perform(effect.act);
      else
        undone_.push_back(effect.act);
      continue;
    }
    const std::string_view bytes = effects.bytes().substr(begin, effect.end - begin);
    begin = effect.end;
    if (tls_ && tls_->state() == TlsChannel::State::open) {
      tls_->write(bytes);
      send_tls_output();
    } else {
      send_or_keep(bytes);
    }
    if (done_) return;
  }
}

void Connection::send_or_keep(std::string_view bytes) {
  std::size_t sent = 0;
  if (unsent_.empty() && !send(bytes, sent)) return;
  unsent_.append(bytes.substr(sent));
}

// Sends what the socket takes now. False if the connection is broken.
bool Connection::send(std::string_view bytes, std::size_t& sent) {
  while (sent < bytes.size()) {
    const ssize_t size = ::send(socket_.native_handle(), bytes.data() + sent, bytes.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size >= 0) {
      sent += static_cast<std::size_t>(size);
      worker_.tally().transferred(0, static_cast<std::size_t>(size));
    } else if (would_block(errno)) {
      break;
    } else if (errno != EINTR) {
      broken(journal::End::client_reset);
      return false;
    }
  }
  return true;
}

void Connection::send_unsent() {
  std::size_t sent = 0;
  if (!send(unsent_, sent)) return;
  unsent_.erase(0, sent);
  if (!unsent_.empty()) return;
  for (const protocol::Act act : std::exchange(undone_, {})) perform(act);
}

void Connection::perform(protocol::Act act) {
  if (done_) return;
  switch (act) {
    case protocol::Act::write: break;
    case protocol::Act::start_tls:
    case protocol::Act::go_on_tls: tls_due_ = act; break;
    case protocol::Act::reset: {
      const linger abort{1, 0};  // close() then sends RST (SO_LINGER, socket(7))
      (void)::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
      done_ = true;
      break;
    }
    case protocol::Act::close:
      if (tls_ && tls_->state() == TlsChannel::State::open && programme_->tls->sends_close_notify()) {
        tls_->close_notify();
        send_tls_output();
      }
      // A client that said QUIT sends nothing more, so that close() is a plain FIN.
      done_ = session_.how_it_ended() == journal::End::quit && left_over_.empty();
      if (done_) break;
      move_deadline(Clock::now() + kLinger);
      [[fallthrough]];
    case protocol::Act::half_close:
      if (!std::exchange(fin_sent_, true)) (void)::shutdown(socket_.native_handle(), SHUT_WR);
      break;
  }
}

// What it keeps for its client, beyond kFreeBytes. False if there is no room for it.
bool Connection::set_aside() {
  const std::size_t held = session_.held() + left_over_.capacity() + unsent_.capacity() + (tls_ ? tls_->held() : 0);
  const std::size_t due = held - std::min(held, kFreeBytes);
  if (due == set_aside_) return true;
  // While a message is being stored, the answer to it comes first.
  if (due > set_aside_ && !worker_.journal().reserve(due - set_aside_)) return session_.storing();
  if (due < set_aside_) worker_.journal().release(set_aside_ - due);
  set_aside_ = due;
  return true;
}

void Connection::run_out_of_room() {
  (void)std::exchange(left_over_, {});
  const bool nothing_to_say = !std::exchange(unsent_, {}).empty() || session_.closed();
  worker_.effects().clear();
  session_.run_out_of_room(Clock::now(), worker_.effects());
  if (nothing_to_say)
    done_ = true;
  else
    carry_out();
}

void Connection::broken(journal::End how) {
  session_.connection_lost(Clock::now(), how);
  (void)std::exchange(unsent_, {});
  done_ = true;
}

void Connection::failed(const std::exception_ptr& error) {
  std::string reason = "unknown exception";
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    reason = exception.what();
  } catch (...) {  // the reason stays unknown
  }
  worker_.journal().append(session_.id(), journal::Kind::note, Clock::now(), "the server failed: " + reason);
  session_.connection_lost(Clock::now(), journal::End::server_closed);
  done_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
}

void Connection::shut_down() {
  worker_.effects().clear();
  session_.shut_down(Clock::now(), worker_.effects());
  carry_out();
  boost::system::error_code ignored;
  socket_.cancel(ignored);
  timer_.cancel();
}

bool Connection::stored(journal::MessageId message, const journal::Outcome& outcome) {
  if (!session_.storing()) return false;
  const TimePoint now = Clock::now();
  unread_ = false;
  worker_.effects().clear();
  session_.stored(now, message, outcome, worker_.effects());
  carry_out();
  if (!session_.closed()) move_deadline(now + session_.timer());
  wake();
  return true;
}

// Whatever run() waits for, it looks again at what is to be done.
void Connection::wake() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
  // Armed, the timer is nothing that run() waits for.
  if (armed_for_ == TimePoint::max()) timer_.cancel();
}

void Connection::move_deadline(TimePoint deadline) {
  deadline_ = deadline;
  if (deadline_ < armed_for_) arm();
}

void Connection::arm() {
  armed_for_ = deadline_;
  timer_.expires_at(deadline_);
  timer_.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
    const std::shared_ptr<Connection> connection = self.lock();
    if (error || !connection || connection->done_) return;
    connection->armed_for_ = TimePoint::max();
    if (Clock::now() < connection->deadline_) {
      connection->arm();
      return;
    }
    connection->timed_out_ = true;
    boost::system::error_code ignored;
    connection->socket_.cancel(ignored);
  });
}

}  // namespace malaposta::net
