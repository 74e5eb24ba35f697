#include "net/counts.hpp"

#include "testing/catch.hpp"

using namespace malaposta;
using namespace std::chrono_literals;
using journal::Kind;
using net::Counts;
using net::Durations;

TEST_CASE("what a journal tells is counted, and stays so when the journal forgets it", "[net]") {
  journal::Journal journal({});
  net::Tally tally(journal);
  journal.on_event([&](const journal::Event& event) { tally.count(event); });
  journal::TimePoint now{1h};
  const journal::SessionId id = journal.open_session("127.0.0.1:1", 2525, "default", now);
  journal.append(id, Kind::reply, now += 50us, "220 hello\r\n", 0, 220);
  journal.append(id, Kind::command, now, "NOOP");
  journal.append(id, Kind::wait, now, {}, 2'000'000'000);
  journal.append(id, Kind::reply, now += 2s, "250 ", 0, 250);
  journal.append(id, Kind::reply, now += 5s, "ok\r\n");
  journal.append(id, Kind::content, now, "DATA", 100);
  journal.append(id, Kind::message, now, "250 2.0.0 Ok\r\n", 1, 1);
  journal.append(id, Kind::message, now, {}, 2, 1);
  journal.append(id, Kind::fault, now, "half-close");
  journal.append(id, Kind::fault, now, "something new");
  tally.transferred(7, 9);
  journal.close_session(id, journal::End::server_closed, now);
  journal.clear();

  const Counts counts = net::counts_of(journal);
  CHECK(counts.opened == 1);
  CHECK(counts.commands == 1);
  CHECK(counts.accepted == 1);
  CHECK(counts.received == 7);
  CHECK(counts.sent == 9);
  CHECK(counts.ended[static_cast<std::size_t>(journal::End::server_closed)] == 1);
  CHECK(counts.replies[220] == 1);
  CHECK(counts.replies[250] == 1);
  CHECK(counts.replies[0] == 1);
  CHECK(counts.faults == std::array<std::uint64_t, 5>{0, 0, 1, 0, 0});
  // The second piece of a reply is no reply of its own, and nothing has answered the content.
  CHECK(counts.reply_times.counts == std::array<std::uint64_t, 8>{1, 0, 0, 0, 0, 1, 0, 0});
  CHECK(counts.reply_times.sum == 2s + 50us);
  CHECK(counts.session_times.counts == std::array<std::uint64_t, 8>{0, 0, 0, 0, 0, 1, 0, 0});
}

TEST_CASE("events of a session whose beginning was not seen count all the same", "[net]") {
  const journal::Journal journal({});
  net::Tally tally(journal);
  for (const int code : {250, 1000, -1}) tally.count({Kind::reply, 1, {}, code, 0, "x"});
  tally.count({Kind::command, 1, {}, 0, 0, "NOOP"});
  tally.count({Kind::closed, 1, {}, 0, 0, "quit"});
  CHECK(tally.counts().replies[250] == 1);
  CHECK(tally.counts().replies[0] == 2);
  CHECK(tally.counts().commands == 1);
  CHECK(tally.counts().ended[static_cast<std::size_t>(journal::End::quit)] == 1);
  CHECK(tally.counts().session_times.counts == std::array<std::uint64_t, 8>{});
}

TEST_CASE("durations are counted up to each bound, and counts add up", "[net]") {
  Durations durations;
  for (const std::chrono::nanoseconds bound : Durations::kBounds) {
    durations.add(bound);
    durations.add(bound + 1ns);
  }
  CHECK(durations.counts == std::array<std::uint64_t, 8>{1, 2, 2, 2, 2, 2, 2, 1});
  Counts one, two;
  one.opened = 1, one.replies[250] = 2, one.faults[1] = 3, one.ended[1] = 1;
  one.commands = 5, one.sent = 6, one.received = 7, one.accepted = 8;
  one.session_times.add(1s);
  two += one;
  two += one;
  CHECK(two.opened == 2);
  CHECK(two.replies[250] == 4);
  CHECK(two.faults[1] == 6);
  CHECK(two.ended[1] == 2);
  CHECK(two.commands == 10);
  CHECK(two.sent == 12);
  CHECK(two.received == 14);
  CHECK(two.accepted == 16);
  CHECK(two.session_times.sum == 2s);
}

TEST_CASE("beside a journal that nobody counts for there is nothing", "[net]") {
  const journal::Journal journal({});
  CHECK(net::counts_of(journal).opened == 0);
  {
    net::Tally tally(journal);
    tally.count({Kind::opened, 1, {}, 0, 0, "127.0.0.1:1"});
    CHECK(net::counts_of(journal).opened == 1);
  }
  CHECK(net::counts_of(journal).opened == 0);
}
