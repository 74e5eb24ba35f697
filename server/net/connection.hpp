// One client: moves bytes and time between its socket and its session, and carries out the session's effects. It
// knows nothing of SMTP.
//
// Reading is tried before waiting, into the buffer that all connections of the thread share; the replies to what one
// read brought leave in one send. What the session does not take now is kept here, and nothing more is read until it
// does. One timer serves for delays, stalls and idle time: it is moved only when it would come too late.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/tls.hpp"
#include "net/worker.hpp"
#include "protocol/session.hpp"

namespace malaposta::net {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // After a FIN of ours, how long what the client still sends is read and dropped, so that no RST overtakes the
  // last reply.
  static constexpr std::chrono::seconds kLinger{5};

  // Bytes that a connection may keep for its client (lines, recipients, replies that are not read) without setting them aside in the
  // journal: what is beyond counts as --max-memory does, and where there is no room for it the session ends with 421 4.3.1.
  static constexpr std::size_t kFreeBytes = 2 * 1024;

  Connection(Worker& worker, const Port& port, ProgrammePtr programme, Socket socket, const asio::ip::tcp::endpoint& peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Until the connection is closed.
  Coroutine run();

  // The server stops: tells the session. A client that lingers then has Worker::kGrace.
  void shut_down();

  // The message that the session gave to the store is there, or could not be kept. False where the session does not wait for it any more.
  bool stored(journal::MessageId message, const journal::Outcome& outcome);

  // run() ended with an exception: the session ends in the journal too, which tells why.
  void failed(const std::exception_ptr& error);

  // Messages acknowledged.
  std::uint64_t accepted() const { return session_.facts().messages; }

  journal::SessionId session() const { return session_.id(); }

 private:
  Connection(Worker& worker, const Port& port, ProgrammePtr programme, Socket socket, const protocol::Facts& facts);

  using TimePoint = protocol::TimePoint;
  enum class Wait { readable, writable, error, time, nothing };

  Wait advance();
  Wait drain();
  Wait watch_for_end();
  void take_error();
  Wait read();
  void end_of_input();
  void take_tls_step(protocol::Act act);
  void feed_tls(std::string_view ciphertext);
  void tls_progress();
  bool read_tls();
  void send_tls_output();
  void send_or_keep(std::string_view bytes);
  void time_out(TimePoint now);
  void give(std::string_view bytes, bool left_over);
  void carry_out();
  bool send(std::string_view bytes, std::size_t& sent);
  void send_unsent();
  void perform(protocol::Act act);
  bool set_aside();
  void run_out_of_room();
  void broken(journal::End how);
  void wake();
  void move_deadline(TimePoint deadline);
  void arm();

  Worker& worker_;
  ProgrammePtr programme_;
  Socket socket_;
  Timer timer_;
  TimePoint deadline_{};
  TimePoint armed_for_ = TimePoint::max();
  std::unique_ptr<TlsChannel> tls_;  // from STARTTLS on
  std::optional<protocol::Act> tls_due_;
  bool tls_begun_ = false;  // the client sent something
  bool tls_told_ = false;  // the session knows how the handshake ended
  scenario::Play play_;
  protocol::Session session_;
  std::string left_over_;  // input that the session has not taken yet
  std::string unsent_;  // output that the socket has not taken yet …
  std::vector<protocol::Act> undone_;  // … and what is to be done after it
  std::size_t set_aside_ = 0;  // bytes, in the journal
  bool timed_out_ = false;
  bool has_read_ = false;  // since it was last waited for
  bool input_ended_ = false;  // the client's FIN was read
  bool waited_ = false;  // what is read next was sent while the session took no input
  bool unread_ = false;  // more is known to wait in the kernel while the session takes no input
  bool errors_tell_ = true;  // of a client that is gone, while only time is waited for
  bool fin_sent_ = false;
  bool done_ = false;  // nothing more is to be sent or read
};

}  // namespace malaposta::net
