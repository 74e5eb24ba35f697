// Server-sent events beside SMTP sessions.
#include <boost/json.hpp>
#include <memory>
#include <string>
#include <vector>

#include "api.hpp"
#include "dialog.hpp"
#include "testing/catch.hpp"

using namespace malaposta::testing;
namespace json = boost::json;

namespace {

struct SentEvent {
  std::string id, name;
  json::value data;
};

// A client that reads the stream of events.
class Follower {
 public:
  explicit Follower(const ApiServer& server, const std::string& last_id = {}) : wire_(server.api_port()) {
    wire_.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n" + (last_id.empty() ? "" : "Last-Event-ID: " + last_id + "\r\n") +
               "\r\n");
    const std::string head = until("\r\n\r\n");
    REQUIRE(head.starts_with("HTTP/1.1 200"));
    REQUIRE(head.find("text/event-stream") != std::string::npos);
    REQUIRE(until("\n\n") == "retry: 1000");
  }

  SentEvent next() {
    SentEvent event;
    std::string text = until("\n\n");
    while (text.starts_with(":")) text = until("\n\n");
    for (std::size_t at = 0; at < text.size();) {
      const std::string one = text.substr(at, text.find('\n', at) - at);
      const std::string value = one.substr(one.find(": ") + 2);
      if (one.starts_with("id")) event.id = value;
      if (one.starts_with("event")) event.name = value;
      if (one.starts_with("data")) event.data = json::parse(value);
      at += one.size() + 1;
    }
    return event;
  }

  // The names of all events up to the one of that name.
  std::vector<std::string> names_until(const std::string& last) {
    std::vector<std::string> names;
    do names.push_back(next().name);
    while (names.back() != last);
    return names;
  }

  bool ended() { return wire_.rest().empty(); }

 private:
  std::string until(std::string_view end) {
    while (text_.find(end) == std::string::npos) {
      const std::string more = wire_.some();
      REQUIRE_FALSE(more.empty());
      text_ += more;
    }
    std::string found = text_.substr(0, text_.find(end));
    text_.erase(0, found.size() + end.size());
    return found;
  }

  Wire wire_;
  std::string text_;
};

void converse(const ApiServer& server) {
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"QUIT", "221 2.0.0"}});
  (void)wire.rest();
}

const std::vector<std::string> kSession{"opened", "reply", "command", "reply", "command", "reply", "closed"};

}  // namespace

TEST_CASE("each event of a session is told as it happens") {
  const ApiServer server({"default"}, {"--threads", "2"});
  Follower follower(server);
  Wire wire(server.port());
  greet(wire);
  const SentEvent opened = follower.next();
  CHECK(opened.name == "opened");
  CHECK(follower.next().name == "reply");
  const SentEvent command = follower.next();
  CHECK(command.name == "command");
  CHECK(command.data.at("text").as_string() == "EHLO client.example.test");
  CHECK(command.data.at("session") == opened.data.at("session"));
  CHECK(command.data.at("seconds").to_number<double>() >= 0);
  CHECK(follower.next().data.at("code").to_number<int>() == 250);
}

TEST_CASE("who comes back is told what it missed, once") {
  const ApiServer server({"default"}, {"--threads", "2"});
  std::string last;
  {
    Follower follower(server);
    converse(server);
    SentEvent event = follower.next();
    while (event.name != "closed") event = follower.next();
    last = event.id;
  }
  converse(server);
  Follower follower(server, last);
  CHECK(follower.names_until("closed") == kSession);
  converse(server);
  CHECK(follower.names_until("closed") == kSession);
}

TEST_CASE("who comes back with an id that says nothing here looks at everything again") {
  const ApiServer server;
  converse(server);
  for (const char* id : {"x", "0-7", "0-", "99999999999999999999-1"}) {
    CAPTURE(id);
    Follower follower(server, id);
    CHECK(follower.next().name == "gap");
  }
}

TEST_CASE("what gave way to the limits of memory before it was told is a gap") {
  const ApiServer server({"default"}, {"--max-memory", "256KiB"});
  std::string first;
  {
    Follower follower(server);
    converse(server);
    first = follower.next().id;
  }
  Wire wire(server.port());
  greet(wire);
  const std::string line = "NOOP " + std::string(500, 'x');
  for (int i = 0; i < 800; ++i) talk(wire, {{line, "250 2.0.0"}});
  Follower follower(server, first);
  CHECK(follower.next().name == "gap");
}

TEST_CASE("changes through the API are told too") {
  const ApiServer server;
  Follower follower(server);
  REQUIRE(server.post("/api/v1/arm", "application/json", R"({"code": 550})").result_int() == 200);
  CHECK(follower.next().name == "armed");
  REQUIRE(server.ask({boost::beast::http::verb::delete_, "/api/v1/messages", 11}).result_int() == 200);
  CHECK(follower.next().name == "inbox");
  REQUIRE(server.ask({boost::beast::http::verb::post, "/api/v1/reset", 11}).result_int() == 200);
  CHECK(follower.names_until("armed") == std::vector<std::string>{"reset", "armed"});
  REQUIRE(server.ask({boost::beast::http::verb::put, "/api/v1/scenarios/550", 11}).result_int() == 201);
  CHECK(follower.next().name == "scenarios");
}

TEST_CASE("no more streams than the limit are served at once") {
  const ApiServer server;
  std::vector<std::unique_ptr<Follower>> followers;
  for (int i = 0; i < 64; ++i) followers.push_back(std::make_unique<Follower>(server));
  CHECK(server.get("/api/v1/events").result_int() == 503);
}
