#include "journal/sqlite_store.hpp"

#include <chrono>

#include "testing/catch.hpp"
// The fixture's checks are Catch's.
#include "journal/sqlite_fixture.hpp"

using namespace malaposta::journal;
using namespace malaposta::journal::testing;
using std::chrono::steady_clock;

namespace {

Session copy(const Journal& journal, SessionId id) {
  REQUIRE(journal.session(id));
  return *journal.session(id);
}

bool close_to(TimePoint a, TimePoint b) { return a - b < std::chrono::seconds(1) && b - a < std::chrono::seconds(1); }

}  // namespace

TEST_CASE("sessions, events and messages are there again after a restart, and ids go on", "[store]") {
  const TemporaryFolder folder;
  const TimePoint now = steady_clock::now() - std::chrono::hours(1);
  SessionId ended = 0, open = 0;
  MessageId message = 0;
  {
    Opened first(folder.file());
    ended = first.journal().open_session("127.0.0.1:1", 2525, "default", now);
    first.journal().append(ended, Kind::command, now, "NOOP");
    first.journal().append(ended, Kind::reply, now, "250 2.0.0 Ok\r\n", 0, 250);
    first.journal().assign(ended, "451-twice");
    first.journal().close_session(ended, End::client_reset, now + std::chrono::seconds(2));
    open = first.journal().open_session("127.0.0.1:2", 2525, "default", now);
    first.journal().append(open, Kind::command, now + std::chrono::seconds(1), "QUIT");
    CHECK(first.submit(message_of("Subject: hi\r\n\r\nhi\r\n", ended)).kept());
    message = first.journal().messages().back().id;
    CHECK(first.store.status().stored == 1);
    CHECK(first.store.status().bytes > 0);
  }
  const std::size_t journals = GENERATE(1u, 3u);
  Opened second(folder.file(), journals);
  const auto of = [&](SessionId id) -> Journal& { return *second.journals[id % journals]; };
  const Session session = copy(of(ended), ended);
  CHECK(session.peer == "127.0.0.1:1");
  CHECK(session.local_port == 2525);
  CHECK(session.scenario == "451-twice");
  CHECK(session.end == End::client_reset);
  CHECK(close_to(session.opened, now));
  CHECK(session.closed - session.opened == std::chrono::seconds(2));
  CHECK(session.commands == 1);
  CHECK(session.last_code == 250);
  bool complete = false;
  const std::vector<Event> events = of(ended).events(ended, &complete);
  CHECK(complete);
  REQUIRE(events.size() == 4);
  CHECK(events[2].kind == Kind::reply);
  CHECK(events[2].code == 250);
  CHECK(events[2].text == "250 2.0.0 Ok\r\n");
  CHECK(copy(of(open), open).end == End::interrupted);
  CHECK(copy(of(open), open).closed - copy(of(open), open).opened == std::chrono::seconds(1));

  const Message* kept = of(ended).message(message);
  REQUIRE(kept);
  CHECK(kept->session == ended);
  CHECK(kept->acknowledged);
  CHECK(kept->reverse_path == "alice@example.com");
  CHECK(kept->recipients == std::vector<std::string>{"bob@example.test", "\"a\nb\"@example.test"});
  CHECK(kept->content.str() == "Subject: hi\r\n\r\nhi\r\n");
  CHECK(second.journal().open_session("127.0.0.1:3", 2525, "default", now) > open);
  CHECK(second.submit(message_of("x")).kept());
  CHECK(second.journal().messages().back().id > message);
}

TEST_CASE("an interrupted session is told so once", "[store]") {
  const TemporaryFolder folder;
  SessionId open = 0;
  {
    Opened first(folder.file());
    open = first.journal().open_session("127.0.0.1:2", 2525, "default", steady_clock::now());
  }
  { const Opened second(folder.file()); }
  Opened third(folder.file());
  CHECK(third.journal().session(open)->end == End::interrupted);
  CHECK(third.journal().events(open).size() == 2);
}

TEST_CASE("what is removed or gives way does not come back", "[store]") {
  const TemporaryFolder folder;
  const TimePoint now = steady_clock::now();
  Journal::Limits limits;
  limits.messages = 3;
  MessageId removed = 0;
  {
    Opened first(folder.file(), 1, limits);
    for (int i = 0; i < 5; ++i) CHECK(first.submit(message_of("x")).kept());
    removed = first.journal().messages()[1].id;
    first.journal().remove(removed);
    first.journal().close_session(first.journal().open_session("127.0.0.1:1", 25, "s", now), End::quit, now);
  }
  {
    Opened second(folder.file());
    CHECK(second.journal().messages().size() == 2);
    CHECK_FALSE(second.journal().message(removed));
    CHECK(second.journal().sessions().size() == 1);
    second.journal().clear();
  }
  Opened third(folder.file());
  CHECK(third.journal().messages().empty());
  CHECK(third.journal().sessions().empty());
  CHECK(third.journal().evicted().events == 0);
  CHECK(third.submit(message_of("x")).kept());
  CHECK(third.journal().messages().back().id > removed);
}

TEST_CASE("marks are there again after a restart, those of messages that are", "[store]") {
  const TemporaryFolder folder;
  MessageId first = 0, last = 0;
  {
    Opened opened(folder.file());
    for (int i = 0; i < 3; ++i) CHECK(opened.submit(message_of("x")).kept());
    first = opened.journal().messages().front().id;
    last = opened.journal().messages().back().id;
    for (const Message& one : opened.journal().messages()) opened.store.keep(Mark{one.id, true, std::nullopt});
    opened.store.keep(Mark{last, false, std::vector<std::string>{"kept"}});
    opened.journal().remove(first + 1);
    CHECK(opened.store.take_marks().empty());
  }
  Journal::Limits limits;
  limits.messages = GENERATE(1u, 10u);
  Opened opened(folder.file(), 1, limits);
  const std::vector<Mark> marks = opened.store.take_marks();
  CHECK(opened.store.take_marks().empty());
  REQUIRE(marks.size() == opened.journal().messages().size());
  CHECK(marks.front().message == opened.journal().messages().front().id);
  CHECK(marks.back().message == last);
  CHECK_FALSE(marks.back().read);
  CHECK(marks.back().tags == std::vector<std::string>{"kept"});
}

TEST_CASE("a message that nobody waited for is unacknowledged in the file, too", "[store]") {
  const TemporaryFolder folder;
  {
    Opened first(folder.file());
    Message message = message_of("x");
    message.acknowledged = true;
    REQUIRE(first.journal().reserve(message.content.capacity()));
    first.journal().submit(std::move(message), steady_clock::now());
    first.journal().stored(std::move(first.returned.take(1).front()), steady_clock::now());
  }
  Opened second(folder.file());
  REQUIRE(second.journal().messages().size() == 1);
  CHECK_FALSE(second.journal().messages().front().acknowledged);
}

TEST_CASE("lower limits at the next start have the oldest give way, in the file as well", "[store]") {
  const TemporaryFolder folder;
  MessageId last = 0;
  {
    Opened first(folder.file());
    for (int i = 0; i < 10; ++i) CHECK(first.submit(message_of("x")).kept());
    last = first.journal().messages().back().id;
  }
  Journal::Limits limits;
  limits.messages = 2;
  {
    Opened second(folder.file(), 1, limits);
    CHECK(second.journal().messages().size() == 2);
    CHECK(second.journal().message(last));
    CHECK(second.journal().evicted().messages == 8);
  }
  Opened third(folder.file());
  CHECK(third.journal().messages().size() == 2);
}

TEST_CASE("messages of several journals come back each to its own, all of them, in order", "[store]") {
  const TemporaryFolder folder;
  constexpr std::size_t kEach = 200;
  Returned one, other;
  SqliteStore store(folder.file(), 64u << 20, 1u << 20);
  Journal first{Journal::Limits{}}, second{Journal::Limits{}};
  first.keep_in(store, one.done);
  second.keep_in(store, other.done);
  Journal* const journals[] = {&first, &second};
  store.load(journals);
  for (std::size_t i = 0; i < kEach; ++i) {
    first.submit(message_of("first"), steady_clock::now());
    second.submit(message_of("second"), steady_clock::now());
  }
  for (auto& [returned, content] : {std::pair<Returned&, std::string>(one, "first"), std::pair<Returned&, std::string>(other, "second")}) {
    MessageId last = 0;
    const std::vector<Stored> all = returned.take(kEach);
    CHECK(all.size() == kEach);
    for (const Stored& stored : all) {
      CHECK(stored.outcome.kept());
      CHECK(stored.message.content.str() == content);
      CHECK(stored.message.id > last);
      last = stored.message.id;
    }
  }
  // Those that came while the disk was written share a transaction.
  CHECK(store.status().commits < 2 * kEach);
  store.finish();
  first.submit(message_of("too late"), steady_clock::now());
  CHECK(one.take(1).front().outcome.what == Outcome::What::failed);
}

TEST_CASE("what waits for the disk is bounded, and what comes beyond is counted", "[store]") {
  const TemporaryFolder folder;
  SqliteStore store(folder.file(), 64u << 20, 1u << 20);
  // Nothing is written before it is loaded.
  constexpr std::size_t kBytes = 10'000;
  const Mark mark{1, true, std::vector<std::string>{std::string(kBytes, 'x')}};
  std::size_t given = 0;
  for (; store.status().dropped_events == 0 && given < SqliteStore::kMostWaiting; ++given) store.keep(mark);
  CHECK(given > SqliteStore::kMostWaiting / kBytes / 2);
  CHECK(given <= SqliteStore::kMostWaiting / kBytes + 1);
  store.keep(mark);
  CHECK(store.status().dropped_events == 2);
  // What makes room has room.
  store.forget_message(1);
  CHECK(store.status().dropped_events == 2);
  store.load({});
  store.finish();
  CHECK(store.status().trouble.empty());
}

TEST_CASE("the file keeps within its bound: what does not fit is refused, and what is there stays", "[store]") {
  const TemporaryFolder folder;
  Journal::Limits limits;
  limits.event_bytes = 1024;
  constexpr std::uint64_t kMemory = 1u << 20;
  constexpr std::uint64_t kMost = 2 * kMemory + (8u << 20);
  std::size_t kept = 0;
  {
    Opened first(folder.file(), 1, limits, kMemory);
    const std::string large(1'000'000, 'x');
    while (kept < 100 && first.submit(message_of(large)).kept()) ++kept;
    CHECK(kept > 5);
    CHECK(kept < 11);
    CHECK(first.store.status().trouble.find("full") != std::string::npos);
    CHECK(first.store.status().refused == 1);
    CHECK(first.submit(message_of("a small one")).kept());
    CHECK(std::filesystem::file_size(folder.file()) <= kMost);
    // Room that was made is used again.
    first.journal().remove(first.journal().messages().front().id);
    CHECK(first.submit(message_of(large)).kept());
  }
  CHECK(std::filesystem::file_size(folder.file()) <= kMost);
  Opened second(folder.file(), 1, {}, kMemory);
  CHECK(second.journal().messages().size() == kept + 1);
}

TEST_CASE("the file gets smaller once most of it is unused", "[store]") {
  const TemporaryFolder folder;
  {
    Opened first(folder.file());
    for (int i = 0; i < 20; ++i) CHECK(first.submit(message_of(std::string(500'000, 'x'))).kept());
  }
  CHECK(std::filesystem::file_size(folder.file()) > 10'000'000);
  {
    Opened second(folder.file());
    second.journal().remove_messages();
  }
  { const Opened third(folder.file()); }
  CHECK(std::filesystem::file_size(folder.file()) < 2'000'000);
}
