// Verdicts over HTTP, and starting anew, beside clients that are at work.
#include <future>
#include <string>

#include "api.hpp"
#include "dialog.hpp"
#include "testing/catch.hpp"

using namespace malaposta::testing;

namespace {

constexpr const char* kJson = "application/json";

// Sends a message, and leaves; the reply to the final dot.
std::string deliver(std::uint16_t port) {
  Wire wire(port);
  greet(wire);
  talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<bob@example.test>", "250 2.1.5"}, {"DATA", "354"}});
  wire.send(kContent);
  std::string dot = summary(wire.say("."));
  talk(wire, {{"QUIT", "221 2.0.0"}});
  (void)wire.rest();
  return dot;
}

boost::json::value verdict_of(const HttpResponse& response) { return boost::json::parse(response.body()); }

}  // namespace

TEST_CASE("the verdict says what was expected, what happened and what came nearest, until it holds") {
  const ApiServer server({"451-twice"}, {"--threads", "2"});
  CHECK(deliver(server.port()) == "451 4.3.0");
  CHECK(deliver(server.port()) == "451 4.3.0");
  const HttpResponse early = server.post("/api/v1/verify", kJson, "");
  CHECK(early.result_int() == 422);
  const boost::json::value failed = verdict_of(early);
  CHECK(failed.at("verdict").as_string() == "failed");
  CHECK(failed.at("attempts").to_number<int>() == 2);
  const boost::json::value& attempts = failed.at("expectations").at(0);
  CHECK(attempts.at("passed") == false);
  CHECK(attempts.at("actual").as_string().starts_with("2 "));
  CHECK_FALSE(attempts.at("nearest").as_array().empty());
  CHECK(attempts.at("line").to_number<int>() > 0);
  CHECK(deliver(server.port()) == "250 2.0.0");
  const HttpResponse late = server.post("/api/v1/verify", kJson, "");
  CAPTURE(late.body());
  CHECK(late.result_int() == 200);
}

TEST_CASE("a test asks for expectations of its own, about armed faults too") {
  const ApiServer server;
  REQUIRE(server.post("/api/v1/arm", kJson, R"({"code": 451, "at": "end-of-data", "times": 1})").result_int() == 200);
  CHECK(deliver(server.port()) == "451 4.3.0");
  CHECK(deliver(server.port()) == "250 2.0.0");
  const auto verify = [&](const std::string& expect) {
    return server.post("/api/v1/verify", kJson, "{\"expect\": " + expect + "}").result_int();
  };
  CHECK(verify(R"([{"attempts": 2}, {"accepted": 1}, {"rule": {"id": "armed-451", "fired": 1}}])") == 200);
  CHECK(verify(R"([{"attempts": 3}])") == 422);
  CHECK(verify(R"([{"rule": {"id": "armed-451", "fired": 2}}])") == 422);
  CHECK(verify(R"([{"rule": {"id": "armed-452"}}])") == 400);
  CHECK(server.post("/api/v1/verify", kJson, R"({"expct": []})").result_int() == 400);
  CHECK(server.post("/api/v1/verify", kJson, R"({"scenario": "none"})").result_int() == 404);
}

TEST_CASE("the verdict is on the sessions of one scenario where several are played") {
  const ApiServer server({"451-twice", "550"});
  CHECK(deliver(server.nth_port(0)) == "451 4.3.0");
  CHECK(server.post("/api/v1/verify", kJson, R"({"expect": [{"attempts": 1}]})").result_int() == 400);
  CHECK(server.post("/api/v1/verify", kJson, R"({"scenario": "451-twice", "expect": [{"attempts": 1}]})").result_int() == 200);
  CHECK(server.post("/api/v1/verify", kJson, R"({"scenario": "550", "expect": [{"attempts": 1}]})").result_int() == 422);
}

TEST_CASE("waiting ends with the event that was waited for") {
  const ApiServer server({"default"}, {"--threads", "2"});
  auto waiting = std::async(std::launch::async, [&] {
    return server.post("/api/v1/wait", kJson, R"({"expect": [{"accepted": 2}], "timeout": "9m"})").result_int();
  });
  CHECK(deliver(server.port()) == "250 2.0.0");
  CHECK(deliver(server.port()) == "250 2.0.0");
  CHECK(waiting.get() == 200);
}

TEST_CASE("waiting ends when the time is up, or as soon as nothing can help any more") {
  const ApiServer server;
  CHECK(deliver(server.port()) == "250 2.0.0");
  const HttpResponse late = server.post("/api/v1/wait", kJson, R"({"expect": [{"accepted": 2}], "timeout": "1ms"})");
  CHECK(late.result_int() == 408);
  CHECK(verdict_of(late).at("expectations").at(0).at("passed") == false);
  CHECK(server.post("/api/v1/wait", kJson, R"({"expect": [{"connections": 0}], "timeout": "9m"})").result_int() == 408);
  for (const char* body : {R"({"timeout": "11m"})", R"({"timeout": 5})", R"({"timeout": "soon"})", "[]"}) {
    CAPTURE(body);
    CHECK(server.post("/api/v1/wait", kJson, body).result_int() == 400);
  }
}

TEST_CASE("quiet is waited for without an event") {
  const ApiServer server;
  CHECK(deliver(server.port()) == "250 2.0.0");
  CHECK(server.post("/api/v1/wait", kJson, R"({"expect": [{"accepted": 1}, {"quiet": "100ms"}], "timeout": "9m"})").result_int() == 200);
}

TEST_CASE("a reset leaves a server that has seen nothing and begins its scenarios anew") {
  const ApiServer server({"451-twice"});
  CHECK(deliver(server.port()) == "451 4.3.0");
  CHECK(deliver(server.port()) == "451 4.3.0");
  CHECK(deliver(server.port()) == "250 2.0.0");
  REQUIRE(server.post("/api/v1/arm", kJson, R"({"code": 550})").result_int() == 200);
  CHECK(server.ask({boost::beast::http::verb::post, "/api/v1/reset", 11}).result_int() == 200);
  CHECK(server.get_json("/api/v1/sessions").at("total").to_number<int>() == 0);
  CHECK(server.get_json("/api/v1/messages").at("total").to_number<int>() == 0);
  CHECK(server.get_json("/api/v1/arm").at("armed").as_array().empty());
  CHECK(deliver(server.port()) == "451 4.3.0");
}
