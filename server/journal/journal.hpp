// The journal: everything that happens is an event here, and transcripts, logs, expectations, findings and the
// inbox are read from it; nobody keeps a second account.
//
// One Journal belongs to one thread, which alone writes and reads it: no lock and no allocation on the way of an
// event. Events are packed into a ring of fixed size, each linked to the one before it in its session, so the
// newest are always there and the oldest give way; what gave way is counted. Messages are bounded by bytes and by
// number and by age, the oldest going first. Whoever wants to read from another thread asks the owning thread to do it.
//
// A journal may have a store beneath it (journal/store.hpp), where all that it keeps outlives the process.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "journal/content.hpp"
#include "journal/event.hpp"
#include "journal/ring.hpp"

namespace malaposta::journal {

// How a session ended.
enum class End : std::uint8_t {
  open,
  quit,
  server_closed,
  server_reset,
  client_closed,
  client_reset,
  timed_out,
  shut_down,
  interrupted,  // the server itself came to its end in the middle, as a store tells afterwards
};
std::string_view name(End end);

struct Session {
  SessionId id = 0;
  std::string peer;  // "127.0.0.1:54321"
  std::uint16_t local_port = 0;
  std::string scenario;  // name of the scenario that was played
  TimePoint opened{};
  TimePoint closed{};  // valid once end != open
  End end = End::open;
  std::uint64_t commands = 0;
  std::uint64_t accepted = 0;    // messages acknowledged with 2yz
  int last_code = 0;             // of the last reply sent
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
  bool acknowledged = false;            // false for the lost-250 case: captured, never acknowledged
  bool captured = true;                 // false: refused or discarded; its content is kept as evidence only

  // Bytes that it takes in memory, for the limit. Never too few: short strings count although they need no memory
  // of their own.
  std::size_t footprint() const;
};

class Store;
struct Outcome;
struct Stored;

class Journal {
 public:
  static constexpr std::size_t kLongestText = Ring::kLongestText;  // bytes of one event's text

  struct Limits {
    std::size_t event_bytes = 16u << 20;     // the ring; touched only as it fills
    std::size_t message_bytes = 192u << 20;  // messages kept and content under way, together
    std::size_t messages = 10'000;           // captured messages kept
    std::size_t uncaptured = 1'000;          // contents kept as evidence only
    std::size_t sessions = 10'000;           // ended sessions kept
    std::chrono::nanoseconds age{};          // messages and ended sessions older than this give way; zero: none does
  };

  // What gave way to the limits so far.
  struct Evicted {
    std::uint64_t events = 0;
    std::uint64_t messages = 0;  // captured ones
    std::uint64_t uncaptured = 0;
    std::uint64_t sessions = 0;
  };

  explicit Journal(Limits limits);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Called after each append, on the owning thread: what the log and later the event stream are fed from.
  // Empty by default. The event's text is valid during the call only. The listener reads; it never writes here.
  void on_event(std::function<void(const Event&)> listener);

  // Opening and closing append the events `opened` and `closed` themselves. Closing again changes nothing.
  SessionId open_session(std::string_view peer, std::uint16_t local_port, std::string_view scenario, TimePoint now);
  // An event of a session that gave way, or never was, is counted as evicted at once.
  void append(SessionId session, Kind kind, TimePoint now, std::string_view text = {}, std::uint64_t number = 0, int code = 0);
  void close_session(SessionId session, End end, TimePoint now);
  // The session belongs to that scenario from now on.
  void assign(SessionId session, std::string_view scenario);

  // Sets memory aside for content under way, evicting the oldest messages where needed. False if the limit does not
  // allow it even then: the content must be refused (452 4.3.1). Every reserved byte is given back by release(), or
  // by deliver() whose message then counts with its own footprint.
  bool reserve(std::size_t bytes);
  void release(std::size_t bytes);

  // Keeps a message under a new id, received now, in memory alone; `reserved` is what was reserved for its content. The oldest go first
  // when a limit is reached, those that were not captured before all others; the new one itself stays, however large. Telling of it by an
  // event is the caller's: only it knows the reply.
  MessageId deliver(Message message, std::size_t reserved, TimePoint now);

  // The store that keeps all this; it outlives the journal's last call, and gives messages back to stored(). Before anything else.
  void keep_in(Store& store, std::function<void(Stored)> back);
  // Captured messages have to be stored before they are acknowledged: submit() instead of deliver().
  bool durable() const { return store_ != nullptr; }
  // Gives a captured message of durable journals to the store, received now; what was reserved for its content stays so until stored(),
  // and nothing is seen of it here before. With `told`, which is called here with its id and how it came back, once, it belongs to no
  // session: refused, it leaves nothing here.
  void submit(Message message, TimePoint now, std::function<void(MessageId, const Outcome&)> told = {});
  // A message comes back: it is in the inbox now, or its content is evidence like that of any other refused one. Then the listener of
  // on_stored() is told. Where it knows of nobody who waits, the message was not acknowledged, and an event tells of it here.
  void stored(Stored stored, TimePoint now);
  // Called with the message's session, id and outcome; false where nobody waits for it any more.
  void on_stored(std::function<bool(SessionId, MessageId, const Outcome&)> listener);

  // For the store: what it has, each kind in the order of ids or of time, sessions before their events. Ids go on behind those.
  // What is over the limits gives way.
  void restore(Session session);
  void restore(const Event& event);
  void restore(Message message);
  // All is there: sessions that were open were interrupted, and events that are missing have given way.
  void restored();
  // New ids are greater than these, in all journals. From any thread, as is what follows: the last ones that were given.
  static void raise_ids(SessionId session, MessageId message);
  static SessionId last_session_id() { return last_session_.load(std::memory_order_relaxed); }
  static MessageId last_message_id() { return last_message_.load(std::memory_order_relaxed); }

  // Has what is older than the limit give way.
  void expire(TimePoint now);

  // Forgets a captured message because its owner wants it; nothing has given way to a limit then. False where it is not there.
  bool remove(MessageId id);
  // All captured ones; how many there were.
  std::size_t remove_messages();

  // Readers. Pointers are valid until the next call that writes.
  const Session* session(SessionId id) const;
  const std::deque<Session>& sessions() const { return sessions_; }  // oldest first, open ones among them
  const Message* message(MessageId id) const;  // captured or not
  const std::deque<Message>& messages() const { return messages_; }  // the captured ones, oldest first
  const std::deque<Message>& uncaptured() const { return uncaptured_; }  // oldest first

  // The session's events, oldest first; their text is valid until the next append. `complete` tells whether they are
  // all that the session had: false where some were evicted, or the session itself.
  std::vector<Event> events(SessionId id, bool* complete = nullptr) const;

  // All events in the order in which they were appended, whatever their session is.
  const Ring& ring() const { return ring_; }

  // Forgets the sessions that have ended, all messages and what gave way, because their owner wants it: as if nothing had been before
  // the sessions that are open. Events stay in the ring until others take their place.
  void clear();

  Evicted evicted() const;
  // Bytes of messages kept and content under way.
  std::size_t message_bytes() const { return kept_bytes_ + reserved_bytes_; }

 private:
  // Sessions that had an event lately, by the low bits of their id: those at work are found without a search.
  static constexpr std::size_t kRecent = 64;

  // One counter for all journals of the process: its threads share nothing else of the journal.
  static std::atomic<SessionId> last_session_;
  static std::atomic<MessageId> last_message_;

  Session* find_session(SessionId id);
  static void count(Session& session, const Event& event);
  void add(const Event& event, Session& session);
  void drop_session(std::deque<Session>::iterator session);
  MessageId place(Message message);
  void evict_session();
  void evict_message();
  void evict_from(std::deque<Message>& messages);

  Limits limits_;
  Ring ring_;
  std::deque<Session> sessions_;  // sorted by id, as they are opened
  std::array<Session*, kRecent> recent_{};
  std::size_t ended_ = 0;  // of sessions_
  std::deque<Message> messages_;  // sorted by id, as they are delivered
  std::deque<Message> uncaptured_;
  std::size_t kept_bytes_ = 0;
  std::size_t reserved_bytes_ = 0;
  Evicted evicted_;  // without what the ring counts itself
  std::uint64_t ring_evicted_ = 0;  // what the ring had counted when all was cleared
  std::function<void(const Event&)> listener_;

  Store* store_ = nullptr;
  std::function<void(Stored)> back_;
  std::function<bool(SessionId, MessageId, const Outcome&)> stored_;
  std::unordered_map<MessageId, std::function<void(MessageId, const Outcome&)>> told_;  // of messages without a session, under way
};

}  // namespace malaposta::journal
