#include "journal/sqlite_file.hpp"

#include <algorithm>
#include <fstream>

#include "journal/packing.hpp"
#include "testing/catch.hpp"
// The fixture's checks are Catch's.
#include "journal/sqlite_fixture.hpp"

using namespace malaposta::journal;
using namespace malaposta::journal::testing;

namespace {

constexpr SqliteFile::Limits kRoomy{64u << 20, 1u << 20};

// Why the file cannot be opened; empty if it can.
std::string refusal(const std::string& path) {
  try {
    const SqliteFile file(path, kRoomy);
  } catch (const StoreError& error) {
    return error.what();
  }
  return {};
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Read {
  explicit Read(SqliteFile& file) {
    file.read([&](Session one) { sessions.push_back(std::move(one)); }, [&](const Event& one) { events.emplace_back(one.text); },
              [&](Message one) { messages.push_back(std::move(one)); }, [&](Mark one) { marks.push_back(std::move(one)); });
  }
  std::vector<Session> sessions;
  std::vector<std::string> events;
  std::vector<Message> messages;
  std::vector<Mark> marks;
};

void add(Changes& changes, SessionId session, std::string_view text) {
  Changes::Events& events = changes.events[session];
  pack(events.packed, Event{Kind::note, session, events.base, 0, 0, text}, events.base);
}

}  // namespace

TEST_CASE("a file that is not ours is named, with the way out, and stays as it was", "[store]") {
  const TemporaryFolder folder;
  SECTION("no database") {
    std::ofstream(folder.file()) << std::string(5000, 'x');
    const std::string before = bytes_of(folder.file());
    CHECK(refusal(folder.file()) == folder.file() + " is no store of Malaposta: name another file, or move this one away");
    CHECK(bytes_of(folder.file()) == before);
  }
  SECTION("shorter than a header") {
    std::ofstream(folder.file()) << "x";
    CHECK(refusal(folder.file()) == folder.file() + " is no store of Malaposta: name another file, or move this one away");
  }
  SECTION("a database of another program") {
    SQLite::Database(folder.file(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE t(x)");
    const std::string before = bytes_of(folder.file());
    CHECK(refusal(folder.file()) == folder.file() + " is no store of Malaposta: name another file, or move this one away");
    CHECK(bytes_of(folder.file()) == before);
  }
  SECTION("a newer format") {
    { const SqliteFile file(folder.file(), kRoomy); }
    SQLite::Database(folder.file(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 3");
    CHECK(refusal(folder.file()) ==
          folder.file() + " was written by a newer Malaposta (format 3, this one knows 2): use that one, or name another file");
  }
  SECTION("a folder") { CHECK(refusal(folder.file("")) == folder.file("") + " is no file: name one, or a place for a new one"); }
  SECTION("a folder that is not there") {
    const std::string path = folder.file("none/mail.sqlite");
    CHECK(refusal(path).starts_with(path + " cannot be opened ("));
  }
  SECTION("in use by somebody else") {
    const SqliteFile file(folder.file(), kRoomy);
    CHECK(refusal(folder.file()) == folder.file() + " is in use by another process: stop that one, or name another file");
  }
  SECTION("damaged") {
    {
      SqliteFile file(folder.file(), kRoomy);
      Submission one{message_of(std::string(20'000, 'x')), nullptr};
      one.message.id = 1;
      REQUIRE(file.write({}, {&one, 1}).kept());
    }
    std::string bytes = bytes_of(folder.file());
    std::fill(bytes.begin() + 4096, bytes.end(), '\x55');
    std::ofstream(folder.file(), std::ios::binary) << bytes;
    try {
      SqliteFile file(folder.file(), kRoomy);
      const Read read(file);
      FAIL("it was read");
    } catch (const StoreError& error) {
      CHECK(std::string(error.what()).starts_with(folder.file() + " is damaged ("));
    }
  }
  SECTION("an empty file is as good as none") {
    std::ofstream(folder.file()) << "";
    CHECK(refusal(folder.file()).empty());
  }
}

TEST_CASE("what is written is durable when it is over, and in one piece", "[store]") {
  const TemporaryFolder folder;
  SqliteFile file(folder.file(), kRoomy);
  SQLite::Database other(":memory:");
  Changes changes;
  changes.sessions.emplace_back().id = 3;
  add(changes, 3, "one");
  Submission twice[2];
  for (Submission& one : twice) one.message = message_of("x"), one.message.id = 7;
  // The second message has the id of the first: nothing at all is written.
  const Outcome outcome = file.write({&changes, 1}, twice);
  CHECK(outcome.what == Outcome::What::failed);
  CHECK(outcome.reason.find("UNIQUE") != std::string::npos);
  CHECK(Read(file).sessions.empty());
  CHECK(file.write({&changes, 1}, {twice, 1}).kept());
  const Read read(file);
  CHECK(read.sessions.size() == 1);
  CHECK(read.events == std::vector<std::string>{"one"});
  CHECK(read.messages.size() == 1);
}

TEST_CASE("large messages are written piece by piece, and come back byte for byte", "[store]") {
  const TemporaryFolder folder;
  SqliteFile file(folder.file(), kRoomy);
  Submission one{message_of(""), nullptr};
  one.message.id = 1;
  for (int i = 0; i < 30; ++i) one.message.content.append(std::string(100'000, static_cast<char>('a' + i % 26)));
  REQUIRE(file.write({}, {&one, 1}).kept());
  const Read read(file);
  REQUIRE(read.messages.size() == 1);
  CHECK(read.messages.front().content.str() == one.message.content.str());
}

TEST_CASE("a message has one mark, the last one, and takes it with it", "[store]") {
  using Tags = std::vector<std::string>;
  const TemporaryFolder folder;
  SqliteFile file(folder.file(), kRoomy);
  Submission messages[2];
  for (MessageId id = 1; id <= 2; ++id) messages[id - 1].message = message_of("x"), messages[id - 1].message.id = id;
  REQUIRE(file.write({}, messages).kept());
  Changes changes;
  changes.marks = {{1, true, std::nullopt}, {2, true, Tags{}}, {1, false, Tags{"one", "an other"}}, {3, true, Tags{"gone"}}};
  REQUIRE(file.write({&changes, 1}, {}).kept());
  {
    const Read read(file);
    REQUIRE(read.marks.size() == 2);  // of a message that is not there, none
    CHECK(read.marks[0].message == 1);
    CHECK_FALSE(read.marks[0].read);
    CHECK(read.marks[0].tags == Tags{"one", "an other"});
    CHECK(read.marks[1].message == 2);
    CHECK(read.marks[1].read);
    CHECK(read.marks[1].tags == Tags{});
  }
  changes = {};
  changes.marks = {{1, true, std::nullopt}};
  changes.forgotten_messages = {2};
  REQUIRE(file.write({&changes, 1}, {}).kept());
  {
    const Read read(file);
    REQUIRE(read.marks.size() == 1);
    CHECK(read.marks[0].read);
    CHECK(read.marks[0].tags == std::nullopt);
  }
  // Both at once, as when a message is deleted while it is marked: the mark does not outlive it.
  changes = {};
  changes.marks = {{1, false, Tags{"late"}}};
  changes.forgotten_messages = {1};
  REQUIRE(file.write({&changes, 1}, {}).kept());
  CHECK(Read(file).marks.empty());
}

TEST_CASE("a file of an older format is brought up to date, and keeps what is in it", "[store]") {
  const TemporaryFolder folder;
  {
    SqliteFile file(folder.file(), kRoomy);
    Submission one{message_of("x"), nullptr};
    one.message.id = 1;
    REQUIRE(file.write({}, {&one, 1}).kept());
  }
  // What the first one had not.
  SQLite::Database(folder.file(), SQLite::OPEN_READWRITE).exec("DROP TABLE mark; PRAGMA user_version = 1");
  {
    SqliteFile file(folder.file(), kRoomy);
    Changes changes;
    changes.marks = {{1, true, std::nullopt}};
    REQUIRE(file.write({&changes, 1}, {}).kept());
    const Read read(file);
    CHECK(read.messages.size() == 1);
    CHECK(read.marks.size() == 1);
  }
  CHECK(SQLite::Database(folder.file()).execAndGet("PRAGMA user_version").getInt() == 2);
}

TEST_CASE("the oldest events give way in the file, and a session takes its own with it", "[store]") {
  const TemporaryFolder folder;
  SqliteFile file(folder.file(), {64u << 20, 1000});
  for (SessionId session = 1; session <= 10; ++session) {
    Changes changes;
    changes.sessions.emplace_back().id = session;
    add(changes, session, std::string(190, static_cast<char>('0' + session)));
    REQUIRE(file.write({&changes, 1}, {}).kept());
  }
  {
    const Read read(file);
    CHECK(read.sessions.size() == 10);
    REQUIRE(read.events.size() == 5);
    CHECK(read.events.front() == std::string(190, '6'));
  }
  Changes changes;
  changes.forgotten_sessions = {7, 8, 9, 10};
  REQUIRE(file.write({&changes, 1}, {}).kept());
  changes = {};
  for (int i = 0; i < 4; ++i) add(changes, 20 + static_cast<SessionId>(i), std::string(180, 'x'));
  REQUIRE(file.write({&changes, 1}, {}).kept());
  CHECK(Read(file).events.size() == 5);
}
