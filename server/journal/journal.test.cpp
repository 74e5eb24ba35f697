// The journal: what it keeps, what gives way at each limit, and that whatever gave way is counted.
#include "journal/journal.hpp"

#include <map>
#include <random>

#include "testing/catch.hpp"

using namespace malaposta::journal;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint kStart{1h};

SessionId open(Journal& journal) { return journal.open_session("127.0.0.1:54321", 2525, "default", kStart); }

Message message_of(std::size_t bytes) {
  Message message;
  message.content.append(std::string(bytes, 'x'));
  return message;
}

// What a message of up to 1 KiB of content counts for.
const std::size_t kSmallFootprint = message_of(1).footprint();

Journal::Limits message_limits(std::size_t bytes, std::size_t count) {
  Journal::Limits limits;
  limits.message_bytes = bytes;
  limits.messages = count;
  return limits;
}

}  // namespace

TEST_CASE("a session is accounted for as its events come in", "[journal]") {
  Journal journal({});
  const SessionId id = open(journal);
  journal.append(id, Kind::reply, kStart, "220 mx ready\r\n", 0, 220);
  journal.append(id, Kind::command, kStart, "EHLO a");
  journal.append(id, Kind::command, kStart, "MAIL FROM:<a@b>");
  journal.append(id, Kind::reply, kStart, "550 no\r\n", 0, 550);
  journal.append(id, Kind::reply, kStart, "\xff\xfe", 0, 0);
  journal.append(id, Kind::message, kStart, "250 queued\r\n", 1, 1);
  journal.append(id, Kind::message, kStart, "", 2, 1);

  const Session* session = journal.session(id);
  REQUIRE(session);
  CHECK(session->peer == "127.0.0.1:54321");
  CHECK(session->local_port == 2525);
  CHECK(session->scenario == "default");
  CHECK(session->opened == kStart);
  CHECK(session->end == End::open);
  CHECK(session->events == 8);
  CHECK(session->commands == 2);
  CHECK(session->last_code == 550);
  CHECK(session->accepted == 1);

  journal.close_session(id, End::client_reset, kStart + 3s);
  CHECK(journal.session(id)->end == End::client_reset);
  CHECK(journal.session(id)->closed == kStart + 3s);
}

TEST_CASE("a session's events tell it from opened to closed", "[journal]") {
  Journal journal({});
  const SessionId id = open(journal);
  const SessionId other = open(journal);
  journal.append(id, Kind::command, kStart + 1ms, "RCPT TO:<a@b>", 4, 0);
  journal.append(other, Kind::command, kStart + 1ms, "NOOP");
  journal.close_session(id, End::quit, kStart + 2ms);

  bool complete = false;
  const auto events = journal.events(id, &complete);
  CHECK(complete);
  REQUIRE(events.size() == 3);
  CHECK(events[0].kind == Kind::opened);
  CHECK(events[0].text == "127.0.0.1:54321");
  CHECK(events[0].number == 2525);
  CHECK(events[1].kind == Kind::command);
  CHECK(events[1].session == id);
  CHECK(events[1].text == "RCPT TO:<a@b>");
  CHECK(events[1].number == 4);
  CHECK(events[1].at == kStart + 1ms);
  CHECK(events[2].kind == Kind::closed);
  CHECK(events[2].text == "quit");
}

TEST_CASE("a session ends once", "[journal]") {
  Journal journal({});
  const SessionId id = open(journal);
  journal.close_session(id, End::quit, kStart + 1s);
  journal.close_session(id, End::client_closed, kStart + 2s);
  CHECK(journal.session(id)->end == End::quit);
  CHECK(journal.session(id)->closed == kStart + 1s);
  CHECK(journal.events(id).size() == 2);
}

TEST_CASE("each end has its name", "[journal]") {
  CHECK(name(End::open) == "open");
  CHECK(name(End::quit) == "quit");
  CHECK(name(End::server_closed) == "server-closed");
  CHECK(name(End::server_reset) == "server-reset");
  CHECK(name(End::client_closed) == "client-closed");
  CHECK(name(End::client_reset) == "client-reset");
  CHECK(name(End::timed_out) == "timed-out");
  CHECK(name(End::shut_down) == "shut-down");
}

TEST_CASE("session ids ascend over all journals", "[journal]") {
  Journal one({});
  Journal two({});
  const SessionId first = open(one);
  const SessionId second = open(two);
  const SessionId third = open(one);
  CHECK(first < second);
  CHECK(second < third);
  CHECK(one.session(third));
  CHECK_FALSE(one.session(second));
  CHECK_FALSE(one.session(third + 1));
}

TEST_CASE("the listener hears of each event as it was kept", "[journal]") {
  Journal journal({});
  std::vector<std::pair<Kind, std::string>> heard;
  journal.on_event([&](const Event& event) { heard.emplace_back(event.kind, event.text); });
  const SessionId id = open(journal);
  journal.append(id, Kind::command, kStart, std::string(Journal::kLongestText + 5, 'x'));
  journal.close_session(id, End::quit, kStart);

  REQUIRE(heard.size() == 3);
  CHECK(heard[0].first == Kind::opened);
  CHECK(heard[1].second.size() == Journal::kLongestText);
  CHECK(heard[2].second == "quit");
}

TEST_CASE("several sessions in a small ring keep their newest events in order", "[journal]") {
  const std::size_t capacity = GENERATE(1024u, 3000u, 20'000u);
  Journal::Limits limits;
  limits.event_bytes = capacity;
  Journal journal(limits);
  std::mt19937 random(static_cast<unsigned>(capacity));
  std::map<SessionId, std::vector<std::string>> model;
  for (int i = 0; i < 5; ++i) model[open(journal)] = {"127.0.0.1:54321"};
  std::vector<SessionId> ids;
  for (const auto& [id, texts] : model) ids.push_back(id);

  std::uint64_t appended = ids.size();
  bool newest_match = true;
  bool completeness_told = true;
  bool counted = true;
  for (int n = 0; n < 1000; ++n, ++appended) {
    // The last one speaks seldom, so that it loses all of its events at times.
    const SessionId id = ids[random() % 50 == 0 ? 4 : random() % 4];
    const std::string text = std::to_string(n) + std::string(random() % 200, '.');
    journal.append(id, Kind::command, kStart, text);
    model[id].push_back(text);

    std::uint64_t present = 0;
    for (const auto& [session, texts] : model) {
      bool complete = false;
      const auto events = journal.events(session, &complete);
      present += events.size();
      completeness_told = completeness_told && complete == (events.size() == texts.size());
      const auto first = texts.end() - static_cast<std::ptrdiff_t>(events.size());
      newest_match = newest_match && std::equal(events.begin(), events.end(), first, [&](const Event& event, const std::string& wanted) {
                       return event.session == session && event.text == wanted;
                     });
    }
    counted = counted && present + journal.evicted().events == appended + 1;
  }
  CHECK(newest_match);
  CHECK(completeness_told);
  CHECK(counted);
  CHECK(journal.evicted().events > 0);
}

TEST_CASE("ended sessions give way oldest first, open ones never", "[journal]") {
  Journal::Limits limits;
  limits.sessions = 2;
  Journal journal(limits);
  const SessionId idle = open(journal);
  const SessionId a = open(journal);
  const SessionId busy = open(journal);
  const SessionId b = open(journal);
  const SessionId c = open(journal);
  for (const SessionId id : {b, a, c}) journal.close_session(id, End::quit, kStart);

  CHECK(journal.evicted().sessions == 1);
  CHECK_FALSE(journal.session(a));
  CHECK(journal.sessions().size() == 4);

  journal.append(busy, Kind::command, kStart, "NOOP");
  CHECK(journal.session(busy)->commands == 1);

  journal.close_session(idle, End::timed_out, kStart);
  CHECK_FALSE(journal.session(idle));
  CHECK(journal.session(b));
  CHECK(journal.session(c));
  CHECK(journal.evicted().sessions == 2);
}

TEST_CASE("no session is kept after its end when none may be", "[journal]") {
  Journal::Limits limits;
  limits.sessions = 0;
  Journal journal(limits);
  const SessionId id = open(journal);
  journal.close_session(id, End::quit, kStart);
  CHECK(journal.sessions().empty());
}

TEST_CASE("what comes too late for a session that gave way is counted as evicted", "[journal]") {
  Journal::Limits limits;
  limits.sessions = 0;
  Journal journal(limits);
  const SessionId id = open(journal);
  journal.close_session(id, End::quit, kStart);
  journal.append(id, Kind::note, kStart, "bytes after the end");
  CHECK(journal.evicted().events == 1);

  bool complete = true;
  CHECK(journal.events(id, &complete).empty());
  CHECK_FALSE(complete);
}

TEST_CASE("each of many sessions is found among those that come and go", "[journal]") {
  Journal::Limits limits;
  limits.sessions = 50;
  Journal journal(limits);
  std::mt19937 random(7);
  std::map<SessionId, std::uint64_t> commands;
  bool all_counted = true;
  for (int n = 0; n < 5000; ++n) {
    if (commands.size() < 150) commands[open(journal)] = 0;
    const auto chosen = std::next(commands.begin(), static_cast<std::ptrdiff_t>(random() % commands.size()));
    journal.append(chosen->first, Kind::command, kStart, "NOOP");
    all_counted = all_counted && journal.session(chosen->first)->commands == ++chosen->second;
    if (random() % 3 == 0) {
      journal.close_session(chosen->first, End::quit, kStart);
      commands.erase(chosen);
    }
  }
  CHECK(all_counted);
  const std::size_t ended = journal.sessions().size() - commands.size();
  CHECK(ended >= 50);
  CHECK(ended <= 50 + 50 / 8);
}

TEST_CASE("a message is kept as delivered", "[journal]") {
  Journal journal({});
  Message message = message_of(300);
  message.session = 9;
  message.reverse_path = "a@example.org";
  message.recipients = {"b@example.org", "c@example.org"};
  message.acknowledged = true;
  const MessageId id = journal.deliver(std::move(message), 0, kStart + 5s);

  const Message* kept = journal.message(id);
  REQUIRE(kept);
  CHECK(kept->id == id);
  CHECK(kept->session == 9);
  CHECK(kept->at == kStart + 5s);
  CHECK(kept->reverse_path == "a@example.org");
  CHECK(kept->recipients.size() == 2);
  CHECK(kept->content.size() == 300);
  CHECK(kept->acknowledged);
  CHECK_FALSE(journal.message(id + 1));
  CHECK(journal.message_bytes() == kept->footprint());
}

TEST_CASE("a message's footprint covers all it holds", "[journal]") {
  Message message = message_of(5000);
  message.reverse_path = std::string(100, 'r');
  message.recipients.assign(10, std::string(200, 'f'));
  CHECK(message.footprint() >= sizeof(Message) + 5000 + 100 + 10 * (200 + sizeof(std::string)));
}

TEST_CASE("the oldest messages give way to the number kept", "[journal]") {
  Journal journal(message_limits(1u << 20, 3));
  std::vector<MessageId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(journal.deliver(message_of(10), 0, kStart));
  CHECK(journal.messages().size() == 3);
  CHECK(journal.messages().front().id == ids[2]);
  CHECK_FALSE(journal.message(ids[1]));
  CHECK(journal.message(ids[4]));
  CHECK(journal.evicted().messages == 2);
  CHECK(journal.message_bytes() == 3 * kSmallFootprint);
}

TEST_CASE("the oldest messages give way to the bytes kept", "[journal]") {
  Journal journal(message_limits(4 * kSmallFootprint, 100));
  for (int i = 0; i < 4; ++i) journal.deliver(message_of(10), 0, kStart);
  CHECK(journal.evicted().messages == 0);
  journal.deliver(message_of(10), 0, kStart);
  CHECK(journal.evicted().messages == 1);
  CHECK(journal.message_bytes() == 4 * kSmallFootprint);
}

TEST_CASE("messages are removed by their id, or all at once, and nothing counts as evicted", "[journal]") {
  Journal journal(message_limits(1u << 20, 100));
  std::vector<MessageId> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(journal.deliver(message_of(10), 0, kStart));
  CHECK(journal.remove(ids[1]));
  CHECK_FALSE(journal.remove(ids[1]));
  CHECK_FALSE(journal.remove(ids[3] + 1));
  CHECK(journal.message(ids[0]));
  CHECK(journal.message(ids[2]));
  CHECK(journal.message_bytes() == 3 * kSmallFootprint);
  CHECK(journal.remove_messages() == 3);
  CHECK(journal.message_bytes() == 0);
  CHECK(journal.evicted().messages == 0);
  journal.deliver(message_of(10), 0, kStart);
  CHECK(journal.messages().size() == 1);
}

TEST_CASE("the message just delivered stays, however large", "[journal]") {
  Journal journal(message_limits(1000, 0));
  journal.deliver(message_of(10), 0, kStart);
  const MessageId id = journal.deliver(message_of(50'000), 0, kStart);
  CHECK(journal.messages().size() == 1);
  CHECK(journal.message(id));
  CHECK(journal.evicted().messages == 1);

  CHECK(journal.reserve(1000));
  CHECK(journal.messages().empty());
  CHECK(journal.message_bytes() == 1000);
}

TEST_CASE("content under way makes the oldest messages give way", "[journal]") {
  Journal journal(message_limits(4 * kSmallFootprint, 100));
  for (int i = 0; i < 4; ++i) journal.deliver(message_of(10), 0, kStart);

  CHECK(journal.reserve(kSmallFootprint + 1));
  CHECK(journal.messages().size() == 2);
  CHECK(journal.message_bytes() == 3 * kSmallFootprint + 1);

  journal.release(kSmallFootprint + 1);
  CHECK(journal.message_bytes() == 2 * kSmallFootprint);
  CHECK(journal.messages().size() == 2);
}

TEST_CASE("content that can never fit is refused and costs no message", "[journal]") {
  Journal journal(message_limits(4 * kSmallFootprint, 100));
  journal.deliver(message_of(10), 0, kStart);
  CHECK_FALSE(journal.reserve(4 * kSmallFootprint + 1));
  CHECK(journal.messages().size() == 1);

  CHECK(journal.reserve(3 * kSmallFootprint));
  CHECK_FALSE(journal.reserve(kSmallFootprint + 1));
  CHECK_FALSE(journal.reserve(static_cast<std::size_t>(-1)));
  CHECK(journal.messages().size() == 1);
  CHECK(journal.evicted().messages == 0);
}

TEST_CASE("a delivered message takes the place of what was reserved for it", "[journal]") {
  Journal journal(message_limits(2 * kSmallFootprint, 100));
  journal.deliver(message_of(10), 0, kStart);
  REQUIRE(journal.reserve(1000));
  journal.deliver(message_of(1000), 1000, kStart);
  CHECK(journal.message_bytes() == 2 * kSmallFootprint);
  CHECK(journal.evicted().messages == 0);
}

TEST_CASE("content that was not captured is evidence, and gives way before any message does", "[journal]") {
  Journal::Limits limits = message_limits(4 * kSmallFootprint, 100);
  limits.uncaptured = 2;
  Journal journal(limits);
  const auto refused = [] {
    Message message = message_of(10);
    message.captured = false;
    return message;
  };
  journal.deliver(message_of(10), 0, kStart);
  const MessageId first = journal.deliver(refused(), 0, kStart);
  const MessageId second = journal.deliver(refused(), 0, kStart);
  CHECK(journal.messages().size() == 1);
  CHECK(journal.message(first));

  const MessageId third = journal.deliver(refused(), 0, kStart);
  CHECK_FALSE(journal.message(first));
  CHECK(journal.message(second));
  CHECK(journal.evicted().uncaptured == 1);

  journal.deliver(message_of(10), 0, kStart);
  journal.deliver(message_of(10), 0, kStart);
  CHECK_FALSE(journal.message(second));
  CHECK(journal.message(third));
  CHECK(journal.messages().size() == 3);
  CHECK(journal.evicted().messages == 0);
}

TEST_CASE("clearing leaves the sessions that are open and nothing else, and nothing has given way", "[journal]") {
  Journal::Limits limits;
  limits.event_bytes = 1024;
  limits.sessions = 2;
  Journal journal(limits);
  SessionId last = 0;
  for (int i = 0; i < 40; ++i) {
    last = journal.open_session("127.0.0.1:1", 25, "s", {});
    journal.append(last, Kind::command, {}, "NOOP");
    if (i < 39) journal.close_session(last, End::quit, {});
  }
  journal.deliver(Message{}, 0, {});
  Message refused;
  refused.captured = false;
  journal.deliver(std::move(refused), 0, {});
  REQUIRE(journal.evicted().events > 0);
  REQUIRE(journal.evicted().sessions > 0);
  journal.clear();
  REQUIRE(journal.sessions().size() == 1);
  CHECK(journal.sessions().front().id == last);
  CHECK(journal.events(last).size() == 2);
  CHECK(journal.messages().empty());
  CHECK(journal.uncaptured().empty());
  CHECK(journal.message_bytes() == 0);
  CHECK(journal.evicted().events == 0);
  CHECK(journal.evicted().sessions == 0);
  journal.close_session(last, End::quit, {});
  CHECK(journal.session(last)->end == End::quit);
}
