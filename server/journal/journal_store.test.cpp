#include "journal/store.hpp"

#include "journal/held_store.hpp"
#include "testing/catch.hpp"

using namespace malaposta::journal;
using malaposta::journal::testing::HeldStore;
using std::chrono::seconds;

namespace {

constexpr TimePoint kStart{seconds(1000)};

struct Kept {
  explicit Kept(Journal::Limits limits = {}) : journal(limits) {
    journal.keep_in(store, [this](Stored stored) { journal.stored(std::move(stored), kStart); });
  }
  // A message of a session that has nobody who waits, stored at once.
  MessageId store_one(TimePoint at = kStart) {
    Message message;
    message.content.append("hi\r\n");
    message.acknowledged = true;
    REQUIRE(journal.reserve(message.content.capacity()));
    journal.submit(std::move(message), at);
    store.give_back();
    return journal.messages().back().id;
  }
  bool told(const std::string& what) const { return std::find(store.told.begin(), store.told.end(), what) != store.told.end(); }

  HeldStore store;
  Journal journal;
};

std::string text(std::string_view what, std::uint64_t id) { return std::string(what) + " " + std::to_string(id); }

Session session_of(SessionId id, End end, std::uint64_t events) {
  Session session;
  session.id = id;
  session.peer = "127.0.0.1:1";
  session.end = end;
  session.events = events;
  session.opened = session.closed = kStart;
  return session;
}

}  // namespace

TEST_CASE("the store is told of each session and event, and of what is gone", "[journal]") {
  Kept kept({1 << 20, 1 << 20, 2, 10, 1});
  const SessionId first = kept.journal.open_session("127.0.0.1:1", 25, "s", kStart);
  kept.journal.append(first, Kind::command, kStart, "NOOP");
  kept.journal.close_session(first, End::quit, kStart);
  const std::string id = std::to_string(first);
  CHECK(kept.store.told == std::vector<std::string>{"session " + id + " open", "event " + id + " opened", "event " + id + " command",
                                                    "event " + id + " closed", "session " + id + " quit"});
  kept.journal.close_session(kept.journal.open_session("127.0.0.1:2", 25, "s", kStart), End::quit, kStart);
  CHECK(kept.told("forget session " + id));

  const MessageId one = kept.store_one(), two = kept.store_one(), three = kept.store_one();
  CHECK(kept.told(text("forget message", one)));
  CHECK(kept.journal.remove(two));
  CHECK(kept.told(text("forget message", two)));
  kept.journal.remove_messages();
  CHECK(kept.told(text("forget message", three)));
}

TEST_CASE("clearing forgets in the store what it forgets here", "[journal]") {
  Kept kept;
  const SessionId ended = kept.journal.open_session("127.0.0.1:1", 25, "s", kStart);
  kept.journal.close_session(ended, End::quit, kStart);
  const SessionId open = kept.journal.open_session("127.0.0.1:2", 25, "s", kStart);
  const MessageId message = kept.store_one();
  kept.journal.clear();
  CHECK(kept.told(text("forget session", ended)));
  CHECK_FALSE(kept.told(text("forget session", open)));
  CHECK(kept.told(text("forget message", message)));
}

TEST_CASE("what is older than the limit gives way", "[journal]") {
  Journal::Limits limits;
  limits.age = seconds(10);
  Kept kept(limits);
  const SessionId ended = kept.journal.open_session("127.0.0.1:1", 25, "s", kStart);
  const SessionId open = kept.journal.open_session("127.0.0.1:2", 25, "s", kStart);
  const SessionId late = kept.journal.open_session("127.0.0.1:3", 25, "s", kStart);
  kept.journal.close_session(ended, End::quit, kStart);
  kept.journal.close_session(late, End::quit, kStart + seconds(5));
  const MessageId old = kept.store_one(kStart), young = kept.store_one(kStart + seconds(5));
  Message refused;
  refused.captured = false;
  kept.journal.deliver(std::move(refused), 0, kStart);

  kept.journal.expire(kStart + seconds(10));
  CHECK(kept.journal.messages().size() == 2);
  kept.journal.expire(kStart + seconds(11));
  CHECK_FALSE(kept.journal.message(old));
  CHECK(kept.journal.message(young));
  CHECK(kept.journal.uncaptured().empty());
  CHECK_FALSE(kept.journal.session(ended));
  CHECK(kept.journal.session(open));
  CHECK(kept.journal.session(late));
  CHECK(kept.told(text("forget message", old)));
  CHECK(kept.told(text("forget session", ended)));
  CHECK(kept.journal.evicted().messages == 1);
  CHECK(kept.journal.evicted().uncaptured == 1);
  CHECK(kept.journal.evicted().sessions == 1);

  Kept unlimited;
  unlimited.store_one(kStart);
  unlimited.journal.expire(kStart + std::chrono::hours(24 * 365));
  CHECK(unlimited.journal.messages().size() == 1);
}

TEST_CASE("a message without a session is seen once it is durable, and whoever waits is told", "[journal]") {
  Kept kept;
  struct Told {
    MessageId id = 0;
    Outcome outcome;
  };
  std::vector<Told> told;
  const auto submit = [&] {
    Message message;
    message.content.append("hi\r\n");
    message.acknowledged = true;
    REQUIRE(kept.journal.reserve(message.content.capacity()));
    kept.journal.submit(std::move(message), kStart, [&](MessageId id, const Outcome& outcome) { told.push_back({id, outcome}); });
  };
  submit();
  submit();
  CHECK(kept.journal.messages().empty());
  CHECK(told.empty());
  kept.store.give_back({Outcome::What::full, "no room"});
  kept.store.give_back();
  REQUIRE(told.size() == 2);
  CHECK(told[0].outcome.reason == "no room");
  CHECK_FALSE(told[0].outcome.kept());
  CHECK(told[1].outcome.kept());
  REQUIRE(kept.journal.messages().size() == 1);
  CHECK(kept.journal.messages().front().id == told[1].id);
  CHECK(kept.journal.messages().front().acknowledged);
  // Nothing else is left of the one that was refused.
  CHECK(kept.journal.uncaptured().empty());
  CHECK(kept.store.told.empty());
  CHECK(kept.journal.evicted().events == 0);
  CHECK(kept.journal.message_bytes() == kept.journal.messages().front().footprint());
}

TEST_CASE("what a store has kept is there again, and what was open was interrupted", "[journal]") {
  Kept kept;
  kept.journal.restore(session_of(7, End::quit, 2));
  kept.journal.restore(session_of(9, End::open, 0));
  kept.journal.restore(Event{Kind::opened, 7, kStart, 0, 25, "127.0.0.1:1"});
  kept.journal.restore(Event{Kind::opened, 9, kStart, 0, 25, "127.0.0.1:1"});
  kept.journal.restore(Event{Kind::closed, 7, kStart, 0, 0, "quit"});
  kept.journal.restore(Event{Kind::command, 9, kStart + seconds(2), 0, 0, "NOOP"});
  kept.journal.restore(Event{Kind::command, 8, kStart, 0, 0, "of a session that is not there"});
  Message message;
  message.id = 3, message.session = 7;
  kept.journal.restore(std::move(message));
  kept.journal.restored();
  Journal::raise_ids(9, 3);

  bool complete = false;
  CHECK(kept.journal.events(7, &complete).size() == 2);
  CHECK(complete);
  CHECK(kept.journal.session(7)->end == End::quit);
  const Session* interrupted = kept.journal.session(9);
  REQUIRE(interrupted);
  CHECK(interrupted->end == End::interrupted);
  CHECK(interrupted->closed == kStart + seconds(2));
  CHECK(interrupted->commands == 1);
  CHECK(interrupted->events == 3);
  CHECK(kept.journal.events(9, &complete).back().text == "interrupted");
  CHECK(complete);
  CHECK(kept.journal.message(3));
  CHECK(kept.journal.evicted().events == 0);
  // The store learns how the session ended, and nothing that it knew.
  CHECK(kept.store.told == std::vector<std::string>{"event 9 closed", "session 9 interrupted"});
  CHECK(kept.journal.open_session("127.0.0.1:1", 25, "s", kStart) > 9);
  CHECK(kept.store_one() > 3);
}

TEST_CASE("restoring keeps to the limits, and what is missing has given way", "[journal]") {
  Kept kept({1 << 20, 1 << 20, 2, 10, 1});
  kept.journal.restore(session_of(1, End::quit, 5));
  kept.journal.restore(session_of(2, End::quit, 4));
  kept.journal.restore(Event{Kind::opened, 1, kStart, 0, 25, "of the session that gave way"});
  kept.journal.restore(Event{Kind::closed, 2, kStart, 0, 0, "quit"});
  for (MessageId id = 1; id <= 3; ++id) {
    Message message;
    message.id = id;
    kept.journal.restore(std::move(message));
  }
  kept.journal.restored();
  CHECK(kept.store.told == std::vector<std::string>{"forget session 1", "forget message 1"});
  CHECK(kept.journal.evicted().sessions == 1);
  CHECK(kept.journal.evicted().messages == 1);
  CHECK(kept.journal.evicted().events == 3);
  bool complete = true;
  CHECK(kept.journal.events(2, &complete).size() == 1);
  CHECK_FALSE(complete);
}
