#include "http/tags.hpp"

#include <boost/json/serialize.hpp>

#include "http/api_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Api;
using http::Method;
using http::Tags;

namespace {

std::string mail(std::string_view tags) { return "Subject: x\r\nX-Tags: " + std::string(tags) + "\r\n\r\nHello\r\n"; }

struct Inbox {
  Api api;
  journal::Journal journal{{}};
  http::Response ask(Method method, std::string_view path, std::string body = {}) {
    return http::testing::ask(api, method, path, {&journal}, {body.empty() ? "" : "application/json", body});
  }
  std::string tags() { return boost::json::serialize(parsed(ask(Method::get, "/api/v1/tags"))); }
  std::string tags_of(journal::MessageId id) {
    return boost::json::serialize(parsed(ask(Method::get, "/api/v1/message/" + std::to_string(id))).at("Tags"));
  }
};

}  // namespace

TEST_CASE("a tag has letters, digits, blanks, hyphens, dots and underscores", "[tags]") {
  CHECK(http::clean_tag("  Tag 1 ") == "Tag 1");
  CHECK(http::clean_tag("a/b\"c") == "a b c");
  CHECK(http::clean_tag("v1.2_x-y") == "v1.2_x-y");
  CHECK(http::clean_tag("\xC3\xA9!").empty());
  CHECK(http::clean_tag(std::string(200, 'x')).size() == Tags::kLongest);
}

TEST_CASE("tags come from X-Tags, or are set, renamed and deleted", "[tags]") {
  Inbox inbox;
  const auto one = deliver(inbox.journal, mail("Tag 2, Tag 1, Tag 1")),
             other = deliver(inbox.journal, "Subject: y\r\n\r\nX-Tags: none\r\n");
  CHECK(inbox.tags_of(one) == R"(["Tag 1","Tag 2"])");
  CHECK(inbox.tags_of(other) == "[]");
  CHECK(inbox.tags() == R"(["Tag 1","Tag 2"])");
  const auto set = [&](journal::MessageId id, const std::string& tags) {
    return inbox.ask(Method::put, "/api/v1/tags", "{\"IDs\": [\"" + std::to_string(id) + "\"], \"Tags\": " + tags + "}").status;
  };
  CHECK(set(other, R"(["new", "Tag 1"])") == 200);
  CHECK(inbox.tags_of(other) == R"(["Tag 1","new"])");
  CHECK(inbox.ask(Method::put, "/api/v1/tags/Tag%201", R"({"Name": "Tag 3"})").status == 200);
  CHECK(inbox.tags() == R"(["Tag 2","Tag 3","new"])");
  CHECK(inbox.ask(Method::del, "/api/v1/tags/Tag%202").status == 200);
  CHECK(inbox.tags_of(one) == R"(["Tag 3"])");
  CHECK(set(other, "[]") == 200);
  CHECK(inbox.tags() == R"(["Tag 3"])");
  const boost::json::value list = parsed(inbox.ask(Method::get, "/api/v1/messages"));
  CHECK(boost::json::serialize(list.at("tags")) == R"(["Tag 3"])");
  CHECK(boost::json::serialize(list.at("messages").at(1).at("Tags")) == R"(["Tag 3"])");
}

TEST_CASE("the tags of a message go with it", "[tags]") {
  Inbox inbox;
  deliver(inbox.journal, mail("gone"));
  CHECK(inbox.tags() == R"(["gone"])");
  inbox.ask(Method::del, "/api/v1/messages");
  CHECK(inbox.tags() == "[]");
}

TEST_CASE("a message has so many tags, and there may be many messages", "[tags]") {
  Inbox inbox;
  std::string many;
  for (std::size_t i = 0; i < Tags::kMost + 5; ++i) many += std::to_string(100 + i) + ",";
  const auto id = deliver(inbox.journal, mail(many));
  CHECK(parsed(inbox.ask(Method::get, "/api/v1/message/" + std::to_string(id))).at("Tags").as_array().size() == Tags::kMost);
  for (std::size_t i = 0; i < Tags::kMostAtOnce + 1; ++i) deliver(inbox.journal, mail("100"));
  (void)inbox.tags();
  CHECK(inbox.api.tags.all().at("100") == Tags::kMostAtOnce + 2);
}

TEST_CASE("what names no tag, or no message, is told", "[tags]") {
  Inbox inbox;
  const auto status = [&](Method method, std::string_view path, const std::string& body) { return inbox.ask(method, path, body).status; };
  for (const char* bad : {"{", "[]", R"({"Tags": ["x"]})", R"({"IDs": [1]})", R"({"IDs": ["1"], "Tags": "x"})",
                          R"({"IDs": ["1"], "Tags": [1]})", R"({"IDs": ["1"], "Tags": ["!"]})"})
    CHECK(status(Method::put, "/api/v1/tags", bad) == 400);
  CHECK(status(Method::put, "/api/v1/tags", R"({"IDs": ["1"], "Tags": ["x"]})") == 200);
  CHECK(status(Method::put, "/api/v1/tags/x", R"({"Name": "y"})") == 404);
  CHECK(status(Method::put, "/api/v1/tags/x", R"({"Name": "!"})") == 400);
  CHECK(status(Method::del, "/api/v1/tags/x", "") == 404);
}
