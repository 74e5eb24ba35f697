/// @file
/// What happened at a server: sessions, commands and messages, as values; and waiting for them, without sleeping.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <malaposta/export.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace malaposta {

/// When something happened; of the steady clock, so that differences can be relied on.
using TimePoint = std::chrono::steady_clock::time_point;

/// One thing that a client said, and what it was told.
struct Command {
  std::uint64_t session = 0;  ///< the Session::id
  TimePoint at{};             ///< when the line was there
  std::string line;           ///< without its line end; a response within AUTH is one too (RFC 4954 section 4)
  std::string verb;           ///< upper case: "EHLO", "MAIL"; as the client wrote it where no server knows it; of a response "AUTH"
  bool content = false;       ///< no line, but the content behind DATA or BDAT: `reply` is what its end was told, `line` is empty
  std::string reply;          ///< every byte sent before the client's next word, line ends included; empty: none was
  int code = 0;               ///< of the last reply in it (RFC 5321 section 4.2); 0: it has none
};

/// How a session ended.
enum class SessionEnd : std::uint8_t {
  open,           ///< it has not
  quit,           ///< by QUIT (RFC 5321 section 4.1.1.10)
  server_closed,  ///< the server closed it (FIN)
  server_reset,   ///< the server reset it (RST)
  client_closed,  ///< the client closed it without QUIT
  client_reset,   ///< the client, or its system, reset it
  timed_out,      ///< the client was silent for too long (RFC 5321 section 4.5.3.2.7)
  shut_down       ///< the server was stopped
};

/// One connection.
struct Session {
  std::uint64_t id = 0;                 ///< unique in the process, ascending
  std::string peer;                     ///< "127.0.0.1:54321"
  TimePoint opened{};                   ///< when it was accepted
  TimePoint closed{};                   ///< when it ended; valid once end is not `open`
  SessionEnd end = SessionEnd::open;    ///< how it ended
  std::string greeting;                 ///< the bytes of the greeting; empty where none was sent
  std::vector<Command> commands;        ///< in order
  bool complete = true;                 ///< false where the oldest gave way to ServerOptions::max_memory
};

/// One message that was kept.
struct Message {
  std::uint64_t id = 0;                 ///< unique in the process, ascending
  std::uint64_t session = 0;            ///< the Session::id
  TimePoint at{};                       ///< when its content was complete
  std::string reverse_path;             ///< of MAIL, without angle brackets; empty for <> (RFC 5321 section 4.5.5)
  std::vector<std::string> recipients;  ///< the accepted ones of RCPT, without angle brackets
  std::string content;                  ///< header section and body, byte for byte, dots unstuffed (RFC 5321 section 4.5.2)
  bool acknowledged = false;            ///< the client was told 2yz; false where that reply was made to be lost

  /// The value of the first header field of that name (in any case), unfolded (RFC 5322 section 2.2.3); nothing where there is none.
  MALAPOSTA_API std::optional<std::string> header(std::string_view name) const;
  /// What follows the header section.
  MALAPOSTA_API std::string_view body() const;
};

/// The account of one server: a handle that is cheap to copy and looks anew at each call. What it returns are copies, so they stay what
/// they are. It may outlive its server, which then has said its last. From any thread.
class MALAPOSTA_API Journal {
 public:
  /// How long the functions that wait do so where nothing is said.
  static constexpr std::chrono::seconds kUsualWait{10};

  /// All sessions, those that are open as well, by the time when they were accepted.
  std::vector<Session> sessions() const;
  /// All commands of all sessions, by the time when they came.
  std::vector<Command> commands() const;
  /// All messages that were kept (those that were acknowledged, and what a scenario captures besides), by the time when they came.
  std::vector<Message> messages() const;
  /// Every session in the syntax of dialogs, as `malaposta run --artifacts` writes it: what is printed can be played.
  std::string transcript() const;

  /// Waits until there are at least `count` messages. False where there are not when the time is up.
  bool wait_for_messages(std::size_t count, std::chrono::milliseconds timeout = kUsualWait) const;
  /// Waits until at least `count` sessions have ended. False where they have not when the time is up.
  bool wait_for_sessions(std::size_t count, std::chrono::milliseconds timeout = kUsualWait) const;
  /// Waits until `condition` holds, which is asked now and each time that something has happened, on the calling thread; no more
  /// than half of the time is spent on it. False where it does not hold when the time is up, or when the server has stopped. What
/// `condition` throws comes through.
  bool wait_until(const std::function<bool(const Journal&)>& condition, std::chrono::milliseconds timeout = kUsualWait) const;

 private:
  friend class Server;
  struct Running;
  explicit Journal(std::shared_ptr<Running> running);
  std::shared_ptr<Running> running_;
};

}  // namespace malaposta
