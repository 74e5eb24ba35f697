// The journal: everything that happens is an event here, and transcripts, logs, expectations, findings and the
// inbox are read from it; nobody keeps a second account.
//
// One Journal belongs to one thread, which alone writes and reads it: no lock and no allocation on the way of an
// event. Events are packed into a ring of fixed size, each linked to the one before it in its session, so the
// newest are always there and the oldest give way; what gave way is counted. Messages are bounded by bytes and by
// number, the oldest going first. Whoever wants to read from another thread asks the owning thread to do it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/content.hpp"

namespace malaposta::journal {

using TimePoint = std::chrono::steady_clock::time_point;
using SessionId = std::uint64_t;  // unique in the process, ascending, from 1
using MessageId = std::uint64_t;  // unique in the process, ascending, from 1

enum class Kind : std::uint8_t {
  opened,    // text: "127.0.0.1:54321"; number: the local port
  command,   // text: the line without its line end; number: protocol::Deviations found in it
  reply,     // text: the bytes as sent, line ends included; code: the reply code, 0 when raw bytes have none
  content,   // number: content bytes received; text: "DATA" or "BDAT"
  message,   // number: MessageId; text: the reply's text that acknowledged it, or empty when it never was
  rule,      // text: the rule's id; number: its line in the scenario file; code: 1 if it decided, 0 if it only took effect
  wait,      // number: nanoseconds that the server waits before it goes on
  fault,     // text: what the server did to the connection: "close", "reset", "half-close", "stall", "silence"
  note,      // text: something worth telling: a time-out, a limit reached, bytes after the end
  closed,    // text: the End's name
};

// How a session ended.
enum class End : std::uint8_t { open, quit, server_closed, server_reset, client_closed, client_reset, timed_out, shut_down };
std::string_view name(End end);

struct Event {
  Kind kind{};
  SessionId session = 0;
  TimePoint at{};
  int code = 0;
  std::uint64_t number = 0;
  std::string_view text;  // points into the ring: valid until the next append; cut to kLongestText
};

struct Session {
  SessionId id = 0;
  std::string peer;           // "127.0.0.1:54321"
  std::uint16_t local_port = 0;
  std::string scenario;       // name of the scenario that was played
  TimePoint opened{};
  TimePoint closed{};         // valid once end != open
  End end = End::open;
  std::uint64_t commands = 0;
  std::uint64_t accepted = 0;  // messages acknowledged with 2yz
  int last_code = 0;           // of the last reply sent
  std::uint64_t last_event = 0;  // where its newest event stands in the ring; 0 if none
  std::uint64_t events = 0;      // how many it has had, evicted ones included
};

struct Message {
  MessageId id = 0;
  SessionId session = 0;
  TimePoint at{};
  std::string reverse_path;             // without angle brackets; empty for <>
  std::vector<std::string> recipients;  // forward paths without angle brackets
  Content content;                      // dot-unstuffed, otherwise byte for byte
  bool acknowledged = false;            // false for the lost-250 case: kept, never acknowledged

  // Bytes that it takes in memory, for the limit.
  std::size_t footprint() const;
};

class Journal {
 public:
  static constexpr std::size_t kLongestText = 64 * 1024;  // bytes of one event's text

  struct Limits {
    std::size_t event_bytes = 16u << 20;     // the ring; touched only as it fills
    std::size_t message_bytes = 192u << 20;  // messages kept and content under way, together
    std::size_t messages = 10'000;           // messages kept
    std::size_t sessions = 10'000;           // ended sessions kept
  };

  // What gave way to the limits so far.
  struct Evicted {
    std::uint64_t events = 0;
    std::uint64_t messages = 0;
    std::uint64_t sessions = 0;
  };

  explicit Journal(Limits limits);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();

  // Called after each append, on the owning thread: what the log and later the event stream are fed from.
  // Empty by default. The event's text is valid during the call only.
  void on_event(std::function<void(const Event&)> listener);

  SessionId open_session(std::string_view peer, std::uint16_t local_port, std::string_view scenario, TimePoint now);
  void append(SessionId session, Kind kind, TimePoint now, std::string_view text = {}, std::uint64_t number = 0, int code = 0);
  void close_session(SessionId session, End end, TimePoint now);

  // Sets memory aside for content under way, evicting the oldest messages where needed. False if the limit does not
  // allow it even then: the content must be refused (452 4.3.1). Every reserved byte is given back by release(), or
  // by deliver() whose message then counts with its own footprint.
  bool reserve(std::size_t bytes);
  void release(std::size_t bytes);

  // Keeps a message; `reserved` is what was reserved for its content. The oldest messages go first when a limit is
  // reached; the new one itself stays.
  MessageId deliver(Message message, std::size_t reserved, TimePoint now);

  // Readers. Pointers are valid until the next call that writes.
  const Session* session(SessionId id) const;
  const std::deque<Session>& sessions() const { return sessions_; }  // oldest first, open ones among them
  const Message* message(MessageId id) const;
  const std::deque<Message>& messages() const { return messages_; }  // oldest first

  // The session's events, oldest first. `complete` is set to false where some were evicted.
  std::vector<Event> events(SessionId id, bool* complete = nullptr) const;

  const Evicted& evicted() const { return evicted_; }
  // Bytes of messages kept and content under way.
  std::size_t message_bytes() const { return message_bytes_; }

 private:
  struct Ring;
  Session* find_session(SessionId id);
  void evict_messages(std::size_t incoming);

  Limits limits_;
  std::unique_ptr<Ring> ring_;
  std::deque<Session> sessions_;
  std::deque<Message> messages_;
  std::size_t message_bytes_ = 0;
  Evicted evicted_;
  std::function<void(const Event&)> listener_;
};

}  // namespace malaposta::journal
