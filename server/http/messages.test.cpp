#include "http/api_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Api;
using http::Method;

namespace {

constexpr journal::TimePoint kStart{};

journal::MessageId deliver_subject(journal::Journal& journal, std::string_view subject, bool captured = true) {
  journal::Message message;
  message.reverse_path = "alice@example.com";
  message.recipients = {"bob@example.test", "carol@example.test"};
  message.content.append("From: Alice <alice@example.com>\r\nTo: bob@example.test\r\nSubject: " + std::string(subject) +
                         "\r\n\r\nHello\r\n");
  message.captured = captured;
  return journal.deliver(std::move(message), 0, kStart);
}

std::string path_of(journal::MessageId id, std::string_view rest = {}) {
  return "/api/v1/message/" + std::to_string(id) + std::string(rest);
}

std::vector<std::string> subjects(const boost::json::value& list) {
  std::vector<std::string> found;
  for (const auto& line : list.at("messages").as_array()) found.emplace_back(line.at("Subject").as_string());
  return found;
}

}  // namespace

TEST_CASE("messages of all threads are listed, the newest first, page by page") {
  Api api;
  journal::Journal one({}), other({});
  deliver_subject(one, "first");
  deliver_subject(other, "second");
  deliver_subject(one, "third");
  deliver_subject(one, "refused", false);
  const auto list = [&](std::string_view query) {
    return parsed(ask(api, Method::get, "/api/v1/messages" + std::string(query), {&one, &other}));
  };
  CHECK(subjects(list("")) == std::vector<std::string>{"third", "second", "first"});
  CHECK(subjects(list("?start=1&limit=1")) == std::vector<std::string>{"second"});
  CHECK(subjects(list("?start=7")).empty());
  CHECK(list("?limit=1").at("total").to_number<int>() == 3);
  CHECK(ask(api, Method::get, "/api/v1/messages?limit=many", {&one}).status == 400);
}

TEST_CASE("a message is told with its envelope, and recipients that no field names are blind copies") {
  Api api;
  journal::Journal journal({});
  const auto id = deliver_subject(journal, "hello");
  const boost::json::value told = parsed(ask(api, Method::get, path_of(id), {&journal}));
  CHECK(told.at("ReturnPath").as_string() == "alice@example.com");
  CHECK(told.at("To").at(0).at("Address").as_string() == "bob@example.test");
  CHECK(told.at("Bcc") == boost::json::parse(R"([{"Name": "", "Address": "carol@example.test"}])"));
  CHECK(told.at("Text").as_string() == "Hello\r\n");
  CHECK(parsed(ask(api, Method::get, path_of(id, "/headers"), {&journal})).at("Subject").at(0).as_string() == "hello");
  CHECK(ask(api, Method::get, path_of(id, "/raw"), {&journal}).content->str() == journal.message(id)->content.str());
  CHECK(ask(api, Method::get, path_of(id, "/part/1"), {&journal}).body == "Hello\r\n");
  CHECK(ask(api, Method::get, path_of(id, "/part/2"), {&journal}).status == 404);
}

TEST_CASE("latest is the newest message of all threads; what was not captured is no mail") {
  Api api;
  journal::Journal one({}), other({});
  CHECK(ask(api, Method::get, "/api/v1/message/latest", {&one, &other}).status == 404);
  deliver_subject(one, "older");
  deliver_subject(other, "newest");
  const auto refused = deliver_subject(one, "refused", false);
  CHECK(parsed(ask(api, Method::get, "/api/v1/message/latest", {&one, &other})).at("Subject").as_string() == "newest");
  CHECK(parsed(ask(api, Method::get, "/api/v1/message/latest", {&other, &one})).at("Subject").as_string() == "newest");
  CHECK(ask(api, Method::get, path_of(refused), {&one, &other}).status == 404);
  CHECK(ask(api, Method::get, "/api/v1/message/x", {&one}).status == 404);
}

TEST_CASE("a message is read once it was opened or marked, and unread again when it is marked so") {
  Api api;
  journal::Journal journal({});
  const auto id = deliver_subject(journal, "one");
  deliver_subject(journal, "two");
  const auto unread = [&] { return parsed(ask(api, Method::get, "/api/v1/messages", {&journal})).at("unread").to_number<int>(); };
  CHECK(unread() == 2);
  ask(api, Method::get, path_of(id), {&journal});
  CHECK(unread() == 1);
  const auto mark = [&](std::string body) {
    return ask(api, Method::put, "/api/v1/messages", {&journal}, {"application/json", std::move(body)});
  };
  CHECK(mark(R"({"Read": true})").status == 200);
  CHECK(unread() == 0);
  CHECK(mark("{\"IDs\": [\"" + std::to_string(id) + "\", \"999999999\"], \"Read\": false}").status == 200);
  CHECK(unread() == 1);
  journal.remove_messages();
  CHECK(unread() == 0);
  CHECK(api.read.empty());
}

TEST_CASE("what is remembered of read messages is bounded: the oldest count as unread again") {
  Api api;
  for (journal::MessageId id = 1; id <= Api::kMostRead + 1; ++id) api.mark_read(id, true);
  CHECK(api.read.size() == Api::kMostRead);
  CHECK_FALSE(api.read.contains(1));
}

TEST_CASE("messages are deleted by their ids, or all at once; what names none deletes nothing") {
  Api api;
  journal::Journal journal({});
  const auto id = deliver_subject(journal, "one");
  deliver_subject(journal, "two");
  deliver_subject(journal, "three");
  const auto erase = [&](std::string body) {
    return ask(api, Method::del, "/api/v1/messages", {&journal}, {body.empty() ? "" : "application/json", body}).status;
  };
  for (const char* bad : {"{", "[]", R"({"IDs": "1"})", R"({"IDs": [1]})", R"({"IDs": ["x"]})", R"({"Read": 1})"}) {
    CAPTURE(bad);
    CHECK(erase(bad) == 400);
  }
  CHECK(journal.messages().size() == 3);
  CHECK(erase("{\"IDs\": [\"" + std::to_string(id) + "\"]}") == 200);
  CHECK(journal.messages().size() == 2);
  CHECK(erase("") == 200);
  CHECK(journal.messages().empty());
  CHECK(journal.message_bytes() == 0);
}
