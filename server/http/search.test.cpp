#include "http/search.hpp"

#include "http/api_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Api;
using http::Method;

namespace {

std::string mail(std::string_view subject) {
  return "From: Alice <alice@example.com>\r\nSubject: " + std::string(subject) + "\r\n\r\nHello\r\n";
}

std::vector<std::string> subjects(const boost::json::value& list) {
  std::vector<std::string> found;
  for (const auto& line : list.at("messages").as_array()) found.emplace_back(line.at("Subject").as_string());
  return found;
}

}  // namespace

TEST_CASE("a search finds messages of all threads, the newest first, page by page", "[search]") {
  Api api;
  journal::Journal one({}), other({});
  deliver(one, mail("first bill"));
  deliver(other, mail("second bill"));
  deliver(one, mail("third"));
  deliver(other, mail("fourth bill"));
  const auto found = [&](std::string_view query) {
    return parsed(ask(api, Method::get, "/api/v1/search?query=" + std::string(query), {&one, &other}));
  };
  const boost::json::value all = found("subject:bill");
  CHECK(subjects(all) == std::vector<std::string>{"fourth bill", "second bill", "first bill"});
  CHECK(all.at("total").to_number<int>() == 4);
  CHECK(all.at("messages_count").to_number<int>() == 3);
  CHECK(all.at("messages_unread").to_number<int>() == 3);
  const boost::json::value page = found("subject:bill&start=1&limit=1");
  CHECK(subjects(page) == std::vector<std::string>{"second bill"});
  CHECK(page.at("messages_count").to_number<int>() == 3);
  CHECK(page.at("start").to_number<int>() == 1);
  CHECK(subjects(found("nowhere")).empty());
  CHECK(ask(api, Method::get, "/api/v1/search", {&one}).status == 400);
  CHECK(ask(api, Method::get, "/api/v1/search?query=before:x", {&one}).status == 400);
  CHECK(ask(api, Method::get, "/api/v1/search?query=x&limit=y", {&one}).status == 400);
}

TEST_CASE("what a search finds is deleted or marked, and nothing else", "[search]") {
  Api api;
  journal::Journal one({}), other({});
  deliver(one, mail("bill"));
  deliver(other, mail("bill"));
  deliver(one, mail("rest"));
  const auto mark = [&](std::string body) {
    return ask(api, Method::put, "/api/v1/messages", {&one, &other}, {"application/json", std::move(body)}).status;
  };
  const auto count = [&](std::string_view query) {
    return parsed(ask(api, Method::get, "/api/v1/search?query=" + std::string(query), {&one, &other}))
        .at("messages_count")
        .to_number<int>();
  };
  CHECK(mark(R"({"Search": "subject:bill", "Read": true})") == 200);
  CHECK(count("is:read") == 2);
  CHECK(count("is:unread") == 1);
  CHECK(mark(R"({"Search": "before:x"})") == 400);
  CHECK(mark(R"({"Search": 1})") == 400);
  CHECK(mark(R"({"Search": "x", "IDs": ["1"]})") == 400);
  CHECK(ask(api, Method::del, "/api/v1/search?query=subject:bill", {&one, &other}).status == 200);
  CHECK(one.messages().size() == 1);
  CHECK(other.messages().empty());
  CHECK(ask(api, Method::del, "/api/v1/search", {&one, &other}).status == 400);
  CHECK(one.messages().size() == 1);
}

TEST_CASE("a search goes through many messages, some at a time", "[search]") {
  Api api;
  journal::Journal journal({});
  for (int i = 0; i < 350; ++i) deliver(journal, mail(i % 7 == 0 ? "bill" : "rest"));
  const boost::json::value found = parsed(ask(api, Method::get, "/api/v1/search?query=bill&limit=10", {&journal}));
  CHECK(found.at("messages_count").to_number<int>() == 50);
  CHECK(found.at("messages").as_array().size() == 10);
  CHECK(ask(api, Method::del, "/api/v1/search?query=bill", {&journal}).status == 200);
  CHECK(journal.messages().size() == 300);
}

TEST_CASE("the newest message that a search finds is opened by the id latest", "[search]") {
  Api api;
  journal::Journal journal({});
  deliver(journal, mail("bill"));
  deliver(journal, mail("rest"));
  const auto subject = [&](std::string_view query) {
    return parsed(ask(api, Method::get, "/api/v1/message/latest" + std::string(query), {&journal})).at("Subject").as_string();
  };
  CHECK(subject("?query=subject:bill") == "bill");
  CHECK(subject("") == "rest");
  CHECK(ask(api, Method::get, "/api/v1/message/latest?query=nowhere", {&journal}).status == 404);
}
