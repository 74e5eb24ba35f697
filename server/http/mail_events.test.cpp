#include <array>
#include <map>

#include "http/api_fixture.hpp"
#include "http/handlers.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http;
using malaposta::http::testing::ask;
using malaposta::http::testing::deliver;

namespace {

Stream follow(Api& api) {
  Request request;
  request.upgrade = true;
  return std::get<Stream>(mail_events(request, api));
}

// What the next look has to tell, an event on each line.
std::vector<boost::json::value> told(const Stream& stream, journal::Journal& journal) {
  stream.look(journal);
  const std::string text = stream.take();
  std::vector<boost::json::value> events;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    events.push_back(boost::json::parse(text.substr(at, text.find('\n', at) - at)));
  return events;
}

std::vector<std::string> types(const std::vector<boost::json::value>& events) {
  std::vector<std::string> list;
  for (const boost::json::value& one : events) list.emplace_back(one.at("Type").as_string());
  return list;
}

using Types = std::vector<std::string>;

}  // namespace

TEST_CASE("who follows the inbox is told of each new message once, and not of those before", "[events]") {
  Api api;
  journal::Journal journal({});
  deliver(journal, "Subject: before\r\n\r\n");
  const Stream stream = follow(api);
  CHECK(told(stream, journal).empty());
  deliver(journal, "Subject: one\r\nX-Tags: a, b\r\n\r\nHello\r\n");
  deliver(journal, "Subject: two\r\n\r\n");
  const auto events = told(stream, journal);
  REQUIRE(types(events) == Types{"new", "new", "stats"});
  CHECK(events[0].at("Data").at("Subject").as_string() == "one");
  CHECK(boost::json::serialize(events[0].at("Data").at("Tags")) == R"(["a","b"])");
  CHECK(events[0].at("Data").at("Snippet").as_string() == "Hello");
  CHECK(events[2].at("Data").at("Total").as_int64() == 3);
  CHECK(events[2].at("Data").at("Unread").as_int64() == 3);
  CHECK(told(stream, journal).empty());
}

TEST_CASE("what requests change is told in its order", "[events]") {
  Api api;
  journal::Journal journal({});
  const std::string one = std::to_string(deliver(journal, "Subject: x\r\n\r\n"));
  const Stream stream = follow(api);
  CHECK(told(stream, journal).empty());
  const auto change = [&](Method method, std::string_view path, const std::string& content) {
    CHECK(ask(api, method, path, {&journal}, {"application/json", content}).status == 200);
  };
  change(Method::put, "/api/v1/messages", R"({"Read": true})");
  change(Method::put, "/api/v1/tags", R"({"IDs": [")" + one + R"("], "Tags": ["new"]})");
  auto events = told(stream, journal);
  REQUIRE(types(events) == Types{"update", "update", "stats"});
  CHECK(boost::json::serialize(events[1].at("Data").at("Tags")) == R"(["new"])");
  change(Method::put, "/api/v1/messages", R"({"Read": false})");
  change(Method::del, "/api/v1/messages", R"({"IDs": [")" + one + R"("]})");
  events = told(stream, journal);
  REQUIRE(types(events) == Types{"update", "delete", "stats"});
  CHECK(events[1].at("Data").at("ID").as_string() == one);
  change(Method::del, "/api/v1/messages", "{}");
  CHECK(types(told(stream, journal)) == Types{"truncate", "stats"});
}

TEST_CASE("who has missed something is told to look at everything", "[events]") {
  Api api;
  journal::Journal::Limits limits;
  limits.messages = 2;
  journal::Journal journal(limits);
  const Stream stream = follow(api);
  CHECK(told(stream, journal).empty());
  for (int i = 0; i < 3; ++i) deliver(journal, "Subject: x\r\n\r\n");
  CHECK(types(told(stream, journal)) == Types{"new", "new", "prune"});
  CHECK(types(told(stream, journal)) == Types{"stats"});
  CHECK(told(stream, journal).empty());
  for (std::size_t i = 0; i <= InboxLog::kMost; ++i) api.inbox.add(InboxChange::What::read, 1);
  const Types many = types(told(stream, journal));
  CHECK(many.size() == InboxLog::kMost + 2);
  CHECK(many[InboxLog::kMost] == "prune");
}

TEST_CASE("messages that give way take their marks and tags with them, and the numbers told are those of what is there", "[events]") {
  constexpr std::size_t kKept = 3;
  Api api;
  journal::Journal::Limits limits;
  limits.messages = kKept;
  std::array<journal::Journal, 2> journals{journal::Journal{limits}, journal::Journal{limits}};
  const auto read_all = [&] {
    CHECK(ask(api, Method::put, "/api/v1/messages", {&journals[0], &journals[1]}, {"application/json", R"({"Read": true})"}).status == 200);
  };
  const auto fill = [](journal::Journal& journal, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) deliver(journal, "Subject: x\r\nX-Tags: a\r\n\r\n");
  };
  for (journal::Journal& one : journals) fill(one, kKept);
  read_all();
  fill(journals[0], 1);  // before anybody followed
  const Stream stream = follow(api);
  const auto look = [&] {
    stream.look(journals[0]);
    return told(stream, journals[1]);
  };
  CHECK(look().empty());
  CHECK(api.read.size() == 2 * kKept - 1);
  for (std::size_t round = 0; round < 50; ++round) {
    const std::size_t unread = round % kKept + 1;
    read_all();
    (void)look();
    fill(journals[round % 2], unread);
    CHECK(types(look()).back() == "prune");
    const auto events = look();
    REQUIRE(types(events) == Types{"stats"});
    CHECK(events[0].at("Data").at("Total").to_number<std::size_t>() == 2 * kKept);
    CHECK(events[0].at("Data").at("Unread").to_number<std::size_t>() == unread);
    CHECK(api.read.size() == 2 * kKept - unread);
    CHECK(api.tags.all() == std::map<std::string, std::size_t>{{"a", 2 * kKept}});
    CHECK(look().empty());
  }
}

TEST_CASE("many new messages are told some at a time", "[events]") {
  Api api;
  journal::Journal journal({});
  const Stream stream = follow(api);
  CHECK(told(stream, journal).empty());
  for (int i = 0; i < 120; ++i) deliver(journal, "Subject: x\r\n\r\n");
  std::size_t count = 0;
  for (auto events = told(stream, journal); !events.empty(); events = told(stream, journal)) {
    CHECK(events.size() <= 51);
    count += events.size() - 1;
  }
  CHECK(count == 120);
  const std::string large = "Subject: x\r\n\r\n" + std::string(700'000, 'x');
  for (int i = 0; i < 3; ++i) deliver(journal, large);
  CHECK(told(stream, journal).size() == 3);
  CHECK(told(stream, journal).size() == 2);
}

TEST_CASE("without a WebSocket the path says what it takes", "[events]") {
  Api api;
  const Response response = ask(api, Method::get, "/api/events");
  CHECK(response.status == 426);
  CHECK(response.headers.at(0).second == "websocket");
}
