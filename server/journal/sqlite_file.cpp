#include "journal/sqlite_file.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "journal/packing.hpp"

namespace malaposta::journal {

namespace {

constexpr int kApplication = 0x4d4c5054;  // "MLPT": the application id of the file's header (sqlite.org/fileformat2.html, section 1.3)
constexpr int kPageBytes = 4096;
constexpr std::size_t kMostJoined = 1u << 20;  // content in pieces is written from one piece of memory up to this size, else piece by piece
constexpr int kFewestFreePages = 256;  // below these the file is not worth to be shrunk
constexpr int kPagesAtOnce = 4096;  // given back in one transaction

// What makes a file of each schema from one of the schema before it; the first one begins with nothing.
constexpr std::array kSteps{
    "CREATE TABLE counter(message INTEGER NOT NULL, session INTEGER NOT NULL);"
    "INSERT INTO counter VALUES(0, 0);"
    "CREATE TABLE session(id INTEGER PRIMARY KEY, peer TEXT NOT NULL, local_port INTEGER NOT NULL, scenario TEXT NOT NULL,"
    " opened INTEGER NOT NULL, closed INTEGER NOT NULL, ending TEXT NOT NULL, commands INTEGER NOT NULL, accepted INTEGER NOT NULL,"
    " last_code INTEGER NOT NULL, events INTEGER NOT NULL);"
    "CREATE TABLE event(id INTEGER PRIMARY KEY, session INTEGER NOT NULL, at INTEGER NOT NULL, packed BLOB NOT NULL);"
    "CREATE INDEX event_session ON event(session);"
    "CREATE TABLE message(id INTEGER PRIMARY KEY, session INTEGER NOT NULL, at INTEGER NOT NULL, acknowledged INTEGER NOT NULL,"
    " reverse_path TEXT NOT NULL, recipients BLOB NOT NULL, content BLOB NOT NULL);",
    "CREATE TABLE mark(message INTEGER PRIMARY KEY, read INTEGER NOT NULL, tags BLOB);",
};
static_assert(kSteps.size() == SqliteFile::kSchema);

// Events are in files by the number of their kind.
static_assert(static_cast<int>(Kind::opened) == 0 && static_cast<int>(Kind::content) == 3 && static_cast<int>(Kind::fault) == 8 &&
                  static_cast<int>(Kind::closed) == 13,
              "the kinds have other numbers than in files of this schema: raise it, and translate them when an older file is opened");

enum Query : std::size_t {
  kCount,
  kSession,
  kEvent,
  kMessage,
  kLargeMessage,
  kForgetMessage,
  kMark,
  kForgetMark,
  kUnacknowledged,
  kForgetSession,
  kBytesOfSession,
  kForgetEvents,
  kOldestEvents,
  kForgetEvent,
};
constexpr std::array kQueries{
    "UPDATE counter SET message = max(message, ?), session = max(session, ?)",
    "INSERT OR REPLACE INTO session VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO event(session, at, packed) VALUES(?, ?, ?)",
    "INSERT INTO message VALUES(?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO message VALUES(?, ?, ?, ?, ?, ?, zeroblob(?))",
    "DELETE FROM message WHERE id = ?",
    "INSERT OR REPLACE INTO mark SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM message WHERE id = ?1)",
    "DELETE FROM mark WHERE message = ?",
    "UPDATE message SET acknowledged = 0 WHERE id = ?",
    "DELETE FROM session WHERE id = ?",
    "SELECT total(length(packed)) FROM event WHERE session = ?",
    "DELETE FROM event WHERE session = ?",
    "SELECT id, length(packed) FROM event ORDER BY id LIMIT 100",
    "DELETE FROM event WHERE id = ?",
};

std::int64_t wall_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::int64_t bindable(std::uint64_t number) { return static_cast<std::int64_t>(number); }

std::string_view bytes_of(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

void bind_bytes(SQLite::Statement& statement, int index, std::string_view bytes) {
  // A null pointer would be NULL.
  statement.bindNoCopy(index, bytes.empty() ? static_cast<const void*>("") : bytes.data(), static_cast<int>(bytes.size()));
}

// Once, with what is bound. Whatever comes of it, the statement can be used again.
void run(SQLite::Statement& statement) {
  struct Reset {
    SQLite::Statement& statement;
    ~Reset() { (void)statement.tryReset(); }
  } const reset{statement};
  (void)statement.exec();
}

End end_of(std::string_view text) {
  for (auto end = static_cast<std::uint8_t>(End::open); end <= static_cast<std::uint8_t>(End::interrupted); ++end)
    if (name(static_cast<End>(end)) == text) return static_cast<End>(end);
  throw SQLite::Exception("a session has no end that is known: " + std::string(text), SQLITE_CORRUPT);
}

[[noreturn]] void damaged() { throw SQLite::Exception("a row has another form than it should", SQLITE_CORRUPT); }

// Of the file's header, in its byte order (section 1.3 there).
std::uint32_t header_number(const std::array<unsigned char, 100>& header, std::size_t offset) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | header[offset + i];
  return number;
}

// Looks at the file before SQLite does, which may write to it: one that is not ours stays as it is.
const std::string& checked(const std::string& path) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  constexpr std::size_t kVersionAt = 60, kApplicationAt = 68;
  std::error_code none;
  const std::filesystem::file_status status = std::filesystem::status(path, none);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    throw StoreError(path + " is no file: name one, or a place for a new one");
  std::ifstream file(path, std::ios::binary);
  std::array<unsigned char, 100> header{};
  if (!file || file.read(reinterpret_cast<char*>(header.data()), header.size()).gcount() == 0) return path;
  if (std::memcmp(header.data(), kMagic.data(), kMagic.size()) != 0 || header_number(header, kApplicationAt) != kApplication)
    throw StoreError(path + " is no store of Malaposta: name another file, or move this one away");
  if (const std::uint32_t version = header_number(header, kVersionAt); version > SqliteFile::kSchema)
    throw StoreError(path + " was written by a newer Malaposta (format " + std::to_string(version) + ", this one knows " +
                     std::to_string(SqliteFile::kSchema) + "): use that one, or name another file");
  return path;
}

SQLite::Database opened(const std::string& path) {
  try {
    return {checked(path), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
  } catch (const SQLite::Exception& error) {
    throw StoreError(path + " cannot be opened (" + error.what() + "): its folder has to exist, and both have to be writable");
  }
}

}  // namespace

SqliteFile::SqliteFile(std::string path, Limits limits)
    : path_(std::move(path)), limits_(limits), wall_now_(wall_now()), database_(opened(path_)) {
  try {
    open();
  } catch (const SQLite::Exception& error) {
    refuse(error);
  }
}

// Why the file cannot be used, and the way out.
void SqliteFile::refuse(const SQLite::Exception& error) const {
  switch (error.getErrorCode() & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: throw StoreError(path_ + " is in use by another process: stop that one, or name another file");
    case SQLITE_READONLY: throw StoreError(path_ + " cannot be written: make it and its folder writable, or name another file");
    case SQLITE_FULL: throw StoreError(path_ + ": its disk is full: make room, or name a file elsewhere");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw StoreError(path_ + " is damaged (" + error.what() + "): move it away for a new one to be made, or restore it from a copy");
    default: throw StoreError(path_ + " cannot be used: " + error.what());
  }
}

void SqliteFile::open() {
  database_.exec("PRAGMA locking_mode = EXCLUSIVE");
  bring_up_to_date();
  // These take effect at once, in memory; that the file can be written and that nobody else has it, the transaction finds out.
  if (database_.execAndGet("PRAGMA journal_mode = WAL").getString() != "wal")
    throw StoreError(path_ + " is on a file system that keeps no write-ahead log: name a file elsewhere");
  database_.exec("PRAGMA synchronous = FULL");
  database_.exec("PRAGMA temp_store = MEMORY");
  database_.exec("PRAGMA cache_size = -8192");  // KiB
  (void)number(("PRAGMA wal_autocheckpoint = " + std::to_string(kLogBytes / kPageBytes)).c_str());
  (void)number(("PRAGMA journal_size_limit = " + std::to_string(2 * kLogBytes)).c_str());
  bound();
  database_.exec("BEGIN IMMEDIATE; ROLLBACK");
  statements_.reserve(kQueries.size());
  for (const char* const query : kQueries) statements_.emplace_back(database_, query);
}

void SqliteFile::bring_up_to_date() {
  const std::int64_t schema = number("PRAGMA user_version");
  if (schema == kSchema) return;
  if (schema == 0) {
    database_.exec("PRAGMA page_size = " + std::to_string(kPageBytes));
    database_.exec("PRAGMA auto_vacuum = INCREMENTAL");
  }
  SQLite::Transaction transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);
  for (auto step = static_cast<std::size_t>(schema); step < kSteps.size(); ++step) database_.exec(kSteps[step]);
  database_.exec("PRAGMA application_id = " + std::to_string(kApplication));
  database_.exec("PRAGMA user_version = " + std::to_string(kSchema));
  transaction.commit();
}

// The greatest size of the file. Where it is larger already it does not grow.
void SqliteFile::bound() {
  (void)number(("PRAGMA max_page_count = " + std::to_string(std::max<std::uint64_t>(1, limits_.bytes / kPageBytes))).c_str());
}

std::int64_t SqliteFile::number(const char* query) { return database_.execAndGet(query).getInt64(); }

std::int64_t SqliteFile::wall(TimePoint at) const {
  return wall_now_ + std::chrono::duration_cast<std::chrono::nanoseconds>(at - steady_now_).count();
}

// What is from a time that is still to come was written when the clock was ahead: it counts from now on.
TimePoint SqliteFile::steady(std::int64_t wall) const {
  const std::int64_t ago = std::max<std::int64_t>(0, wall_now_ - wall);
  return steady_now_ - std::chrono::duration_cast<TimePoint::duration>(std::chrono::nanoseconds(ago));
}

void SqliteFile::read_counter() {
  Statement counter(database_,
                    "SELECT max(session, (SELECT ifnull(max(id), 0) FROM session)), max(message, (SELECT ifnull(max(id), 0) FROM message))"
                    " FROM counter");
  if (!counter.executeStep()) damaged();
  Journal::raise_ids(static_cast<SessionId>(counter.getColumn(0).getInt64()), static_cast<MessageId>(counter.getColumn(1).getInt64()));
}

void SqliteFile::read(const std::function<void(Session)>& session, const std::function<void(const Event&)>& event,
                      const std::function<void(Message)>& message, const std::function<void(Mark)>& mark) {
  try {
    read_counter();
    Statement sessions(database_, "SELECT * FROM session ORDER BY id");
    while (sessions.executeStep()) {
      Session one;
      one.id = static_cast<SessionId>(sessions.getColumn(0).getInt64());
      one.peer = bytes_of(sessions.getColumn(1));
      one.local_port = static_cast<std::uint16_t>(sessions.getColumn(2).getInt());
      one.scenario = bytes_of(sessions.getColumn(3));
      one.opened = steady(sessions.getColumn(4).getInt64());
      one.closed = steady(sessions.getColumn(5).getInt64());
      one.end = end_of(bytes_of(sessions.getColumn(6)));
      if (one.end != End::open) {  // else its events tell
        one.commands = static_cast<std::uint64_t>(sessions.getColumn(7).getInt64());
        one.accepted = static_cast<std::uint64_t>(sessions.getColumn(8).getInt64());
        one.last_code = sessions.getColumn(9).getInt();
        one.events = static_cast<std::uint64_t>(sessions.getColumn(10).getInt64());
      }
      session(std::move(one));
    }
    event_bytes_ = 0;
    Statement events(database_, "SELECT session, at, packed FROM event ORDER BY id");
    while (events.executeStep()) {
      Event one;
      one.session = static_cast<SessionId>(events.getColumn(0).getInt64());
      const TimePoint base = steady(events.getColumn(1).getInt64());
      const SQLite::Column column = events.getColumn(2);
      std::string_view packed = bytes_of(column);
      event_bytes_ += packed.size();
      while (!packed.empty()) {
        if (!unpack(packed, one, base)) damaged();
        event(one);
      }
    }
    Statement messages(database_, "SELECT * FROM message ORDER BY id");
    while (messages.executeStep()) {
      Message one;
      one.id = static_cast<MessageId>(messages.getColumn(0).getInt64());
      one.session = static_cast<SessionId>(messages.getColumn(1).getInt64());
      one.at = steady(messages.getColumn(2).getInt64());
      one.acknowledged = messages.getColumn(3).getInt() != 0;
      one.reverse_path = bytes_of(messages.getColumn(4));
      const SQLite::Column recipients = messages.getColumn(5);
      for (std::string_view packed = bytes_of(recipients), path; !packed.empty();) {
        if (!unpack(packed, path)) damaged();
        one.recipients.emplace_back(path);
      }
      one.content.append(bytes_of(messages.getColumn(6)));
      message(std::move(one));
    }
    Statement marks(database_, "SELECT * FROM mark ORDER BY message");
    while (marks.executeStep()) {
      Mark one{static_cast<MessageId>(marks.getColumn(0).getInt64()), marks.getColumn(1).getInt() != 0, std::nullopt};
      if (const SQLite::Column tags = marks.getColumn(2); !tags.isNull()) {
        one.tags.emplace();
        for (std::string_view packed = bytes_of(tags), tag; !packed.empty();) {
          if (!unpack(packed, tag)) damaged();
          one.tags->emplace_back(tag);
        }
      }
      mark(std::move(one));
    }
  } catch (const SQLite::Exception& error) {
    refuse(error);
  }
}

Outcome SqliteFile::write(std::span<const Changes> changes, std::span<const Submission> messages) {
  const std::uint64_t event_bytes = event_bytes_;
  try {
    if (!messages.empty() && !has_room(messages)) return {Outcome::What::full, "the disk is full"};
    SQLite::Transaction transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);
    write_all(changes, messages);
    transaction.commit();
    return {};
  } catch (const SQLite::Exception& error) {
    event_bytes_ = event_bytes;
    const bool full = (error.getErrorCode() & 0xff) == SQLITE_FULL || sqlite3_system_errno(database_.getHandle()) == ENOSPC;
    return {full ? Outcome::What::full : Outcome::What::failed, error.what()};
  }
}

// On the disk, or in pages that are unused.
bool SqliteFile::has_room(std::span<const Submission> messages) {
  std::uint64_t wanted = kLogBytes;
  for (const Submission& one : messages) wanted += one.message.content.size() + kPageBytes;
  std::error_code error;
  const std::uintmax_t free = std::filesystem::space(path_, error).available;
  return error || free >= wanted || free + static_cast<std::uint64_t>(number("PRAGMA freelist_count")) * kPageBytes >= wanted;
}

void SqliteFile::write_all(std::span<const Changes> changes, std::span<const Submission> messages) {
  // First what makes room.
  const auto each = [this](Query query, const std::vector<std::uint64_t>& ids) {
    for (const std::uint64_t id : ids) {
      statements_[query].bind(1, bindable(id));
      run(statements_[query]);
    }
  };
  for (const Changes& one : changes) {
    for (const Query query : {kForgetMessage, kForgetMark}) each(query, one.forgotten_messages);
    for (const Mark& mark : one.marks) write_mark(mark);
    each(kUnacknowledged, one.unacknowledged);
    for (const Session& session : one.sessions) write_session(session);
    for (const auto& [session, events] : one.events) {
      Statement& event = statements_[kEvent];
      event.bind(1, bindable(session));
      event.bind(2, wall(events.base));
      bind_bytes(event, 3, events.packed);
      run(event);
      event_bytes_ += events.packed.size();
    }
  }
  for (const Changes& one : changes)
    for (const SessionId session : one.forgotten_sessions) forget_session(session);
  forget_oldest_events();
  for (const Submission& one : messages) write_message(one.message);
  statements_[kCount].bind(1, bindable(Journal::last_message_id()));
  statements_[kCount].bind(2, bindable(Journal::last_session_id()));
  run(statements_[kCount]);
}

void SqliteFile::write_session(const Session& session) {
  Statement& row = statements_[kSession];
  row.bind(1, bindable(session.id));
  row.bindNoCopy(2, session.peer);
  row.bind(3, static_cast<std::int32_t>(session.local_port));
  row.bindNoCopy(4, session.scenario);
  row.bind(5, wall(session.opened));
  row.bind(6, session.end == End::open ? std::int64_t{0} : wall(session.closed));
  row.bind(7, std::string(name(session.end)));
  row.bind(8, bindable(session.commands));
  row.bind(9, bindable(session.accepted));
  row.bind(10, static_cast<std::int32_t>(session.last_code));
  row.bind(11, bindable(session.events));
  run(row);
}

void SqliteFile::write_message(const Message& message) {
  std::string recipients;
  for (const std::string& path : message.recipients) pack(recipients, std::string_view(path));
  const bool large = message.content.size() > kMostJoined;
  Statement& row = statements_[large ? kLargeMessage : kMessage];
  row.bind(1, bindable(message.id));
  row.bind(2, bindable(message.session));
  row.bind(3, wall(message.at));
  row.bind(4, message.acknowledged ? 1 : 0);
  row.bindNoCopy(5, message.reverse_path);
  bind_bytes(row, 6, recipients);
  if (!large) {
    joined_.clear();
    message.content.for_each([this](std::string_view block) { joined_.append(block); });
    bind_bytes(row, 7, joined_);
    run(row);
    return;
  }
  // SQLite would make a second copy of a large value; so its place is made first, and then filled.
  sqlite3* const handle = database_.getHandle();
  const auto expect_ok = [handle](int result) {
    if (result != SQLITE_OK) throw SQLite::Exception(handle, result);
  };
  row.bind(7, bindable(message.content.size()));
  run(row);
  sqlite3_blob* blob = nullptr;
  expect_ok(sqlite3_blob_open(handle, "main", "message", "content", bindable(message.id), 1, &blob));
  int result = SQLITE_OK;
  int offset = 0;
  message.content.for_each([&](std::string_view block) {
    if (result != SQLITE_OK) return;
    result = sqlite3_blob_write(blob, block.data(), static_cast<int>(block.size()), offset);
    offset += static_cast<int>(block.size());
  });
  const int closing = sqlite3_blob_close(blob);
  expect_ok(result);
  expect_ok(closing);
}

void SqliteFile::write_mark(const Mark& mark) {
  std::string tags;
  for (const std::string& tag : mark.tags.value_or(std::vector<std::string>{})) pack(tags, std::string_view(tag));
  Statement& row = statements_[kMark];
  row.bind(1, bindable(mark.message));
  row.bind(2, mark.read ? 1 : 0);
  if (mark.tags)
    bind_bytes(row, 3, tags);
  else
    row.bind(3);
  run(row);
}

void SqliteFile::forget_session(SessionId session) {
  Statement& bytes = statements_[kBytesOfSession];
  bytes.bind(1, bindable(session));
  if (bytes.executeStep()) event_bytes_ -= std::min(event_bytes_, static_cast<std::uint64_t>(bytes.getColumn(0).getDouble()));
  bytes.reset();
  for (const Query query : {kForgetEvents, kForgetSession}) {
    statements_[query].bind(1, bindable(session));
    run(statements_[query]);
  }
}

void SqliteFile::forget_oldest_events() {
  while (event_bytes_ > limits_.event_bytes) {
    std::vector<std::pair<std::int64_t, std::uint64_t>> oldest;
    Statement& rows = statements_[kOldestEvents];
    while (rows.executeStep()) oldest.emplace_back(rows.getColumn(0).getInt64(), rows.getColumn(1).getUInt());
    rows.reset();
    if (oldest.empty()) break;
    for (const auto& [id, bytes] : oldest) {
      if (event_bytes_ <= limits_.event_bytes) break;
      statements_[kForgetEvent].bind(1, id);
      run(statements_[kForgetEvent]);
      event_bytes_ -= std::min(event_bytes_, bytes);
    }
  }
}

bool SqliteFile::shrink() {
  try {
    const std::int64_t free = number("PRAGMA freelist_count");
    const bool worth_it = free > kFewestFreePages && (shrinking_ || 2 * free > number("PRAGMA page_count"));
    if (worth_it) {
      shrinking_ = true;
      Statement pages(database_, "PRAGMA incremental_vacuum(" + std::to_string(kPagesAtOnce) + ")");
      while (pages.executeStep()) {}
      return true;
    }
    if (!std::exchange(shrinking_, false)) return false;
    // Only what has left the log makes the file smaller.
    Statement checkpoint(database_, "PRAGMA wal_checkpoint(TRUNCATE)");
    while (checkpoint.executeStep()) {}
    bound();
  } catch (const SQLite::Exception&) {
    shrinking_ = false;  // a disk that is full; the next commit tries again
  }
  return false;
}

}  // namespace malaposta::journal
