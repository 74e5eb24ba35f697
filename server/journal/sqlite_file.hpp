// The file of the SQLite store: what is in it, how it is opened, read and written. One thread at a time.
//
// Tables: `session` and `message` have a row for each; `event` has a row for what a session did between two commits, packed; `mark` has a
// row for each message of which something was said, `counter` the last ids. Times are nanoseconds since 1970. The file is in WAL mode
// with synchronous=FULL: what a transaction wrote is on the disk when it is over. It is locked for as long as it is open.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "journal/store.hpp"

namespace malaposta::journal {

// A message on its way into the file.
struct Submission {
  Message message;
  const Store::Done* done = nullptr;
};

// Everything else that is to be written. What is forgotten was written before, or is here, too.
struct Changes {
  struct Events {
    TimePoint base{};  // of the first; the packed times are counted from it
    std::string packed;
    std::uint64_t count = 0;
  };

  std::vector<Session> sessions;  // the later row of the same session counts
  std::unordered_map<SessionId, Events> events;
  std::vector<Mark> marks;        // as is; written after what is forgotten
  std::vector<SessionId> forgotten_sessions;
  std::vector<MessageId> forgotten_messages;
  std::vector<MessageId> unacknowledged;
  std::size_t bytes = 0;          // that sessions, events and marks take in memory, about

  bool empty() const {
    return sessions.empty() && events.empty() && marks.empty() && forgotten_sessions.empty() && forgotten_messages.empty() &&
           unacknowledged.empty();
  }
};

class SqliteFile {
 public:
  static constexpr int kSchema = 2;
  // The file may be this much larger than twice the bytes of messages and events that it is for: rows take whole pages.
  static constexpr std::uint64_t kSlack = 8u << 20;
  // The log beside it is moved into it when it has grown to this size; a transaction may bring it above that. So much is left free on the
  // disk, too: without it the log could not be moved, and not even what is to be forgotten could be written.
  static constexpr std::uint64_t kLogBytes = 4u << 20;

  struct Limits {
    std::uint64_t bytes = 0;  // of the file, without the log
    std::uint64_t event_bytes = 0;  // of packed events; the oldest go first
  };

  // Opens it, or makes it. Throws StoreError.
  SqliteFile(std::string path, Limits limits);

  // Gives what is there, each kind in the order of ids or of time. Throws StoreError.
  void read(const std::function<void(Session)>& session, const std::function<void(const Event&)>& event,
            const std::function<void(Message)>& message, const std::function<void(Mark)>& mark);

  // All of it in one transaction, or nothing. Messages for which the disk has no room are not tried.
  Outcome write(std::span<const Changes> changes, std::span<const Submission> messages);

  // Gives unused pages back to the disk where they are most of the file. True if there is more to do.
  bool shrink();

  const std::string& path() const { return path_; }
  static std::string log_of(const std::string& path) { return path + "-wal"; }

 private:
  using Statement = SQLite::Statement;

  void open();
  void bring_up_to_date();
  void read_counter();
  void write_all(std::span<const Changes> changes, std::span<const Submission> messages);
  void write_session(const Session& session);
  void write_message(const Message& message);
  void write_mark(const Mark& mark);
  void forget_session(SessionId session);
  void forget_oldest_events();
  bool has_room(std::span<const Submission> messages);
  std::int64_t number(const char* query);
  void bound();
  [[noreturn]] void refuse(const SQLite::Exception& error) const;
  std::int64_t wall(TimePoint at) const;
  TimePoint steady(std::int64_t wall) const;

  std::string path_;
  Limits limits_;
  // The same moment on both clocks: the journal's times mean nothing to another process.
  const TimePoint steady_now_ = std::chrono::steady_clock::now();
  const std::int64_t wall_now_;
  SQLite::Database database_;
  std::vector<Statement> statements_;
  std::uint64_t event_bytes_ = 0;
  std::string joined_;  // the content of a message in pieces
  bool shrinking_ = false;
};

}  // namespace malaposta::journal
