#include "http/scenarios_fixture.hpp"
#include "scenario/additions.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Method;
using http::Response;

namespace {

std::string ids(const boost::json::value& rules) {
  std::string all;
  for (const boost::json::value& one : rules.at("rules").as_array()) all += std::string(one.at("id").as_string()) + " ";
  return all;
}

class Rules : public PlayingApi {
 public:
  Rules() : PlayingApi({loaded("rules: [{id: busy, at: rcpt, reply: 451}, {id: gone, at: data, reply: 550}]\n")}) {}
  Response add(const std::string& rule) { return ask(Method::post, "/api/v1/scenarios/mine/rules", {"application/json", rule}); }
};

}  // namespace

TEST_CASE("rules are added before those of the text, the newest first, and taken away", "[http]") {
  Rules playing;
  CHECK(ids(playing.get("/mine/rules")) == "busy gone ");
  const Response named = playing.add(R"({"id": "first", "at": "rcpt", "times": 2, "reply": 452})");
  CHECK(named.status == 201);
  CHECK(boost::json::serialize(parsed(named)) == R"({"id":"first","at":["rcpt"],"fired":0,"times":2,"line":null,"added":true,)"
                                                 R"("rule":{"id":"first","at":"rcpt","times":2,"reply":452}})");
  CHECK(parsed(playing.add(R"({"at": "rcpt", "reply": 450})")).at("id").as_string() == "added-1");
  CHECK(ids(playing.get("/mine/rules")) == "added-1 first busy gone ");
  CHECK(playing.get("/mine/rules").at("revision") == playing.get("/mine").at("revision"));
  CHECK(playing.get("/mine/rules/first").at("times").to_number<int>() == 2);

  CHECK(ids(parsed(playing.ask(Method::del, "/api/v1/scenarios/mine/rules/first"))) == "added-1 busy gone ");
  CHECK(ids(parsed(playing.ask(Method::del, "/api/v1/scenarios/mine/rules/busy"))) == "added-1 gone ");
  CHECK(playing.ask(Method::del, "/api/v1/scenarios/mine/rules/busy").status == 404);
  CHECK(playing.ask(Method::get, "/api/v1/scenarios/mine/rules/busy").status == 404);
  CHECK(ids(parsed(playing.ask(Method::del, "/api/v1/scenarios/mine/rules"))).empty());
  CHECK(ids(parsed(playing.ask(Method::post, "/api/v1/scenarios/mine/reset"))) == "busy gone ");
}

TEST_CASE("added rules are no armed faults, and armed faults no rules of the scenario", "[http]") {
  Rules playing;
  REQUIRE(playing.ask(Method::post, "/api/v1/arm", {"application/json", R"({"code": 550})"}).status == 200);
  REQUIRE(playing.add(R"({"id": "mine", "at": "rcpt", "reply": 450})").status == 201);
  CHECK(ids(playing.get("/mine/rules")) == "mine busy gone ");
  CHECK(parsed(playing.ask(Method::get, "/api/v1/arm")).at("armed").as_array().size() == 1);
  CHECK(playing.ask(Method::del, "/api/v1/arm/2").status == 404);
  CHECK(parsed(playing.ask(Method::del, "/api/v1/arm")).at("disarmed").to_number<int>() == 1);
  CHECK(ids(playing.get("/mine/rules")) == "mine busy gone ");
  REQUIRE(playing.put("mine", "rules: [{id: other, at: rcpt, reply: 451}]\n").status == 200);
  CHECK(ids(playing.get("/mine/rules")) == "other ");
}

TEST_CASE("resetting everything takes the rules back to those of the text", "[http]") {
  Rules playing;
  REQUIRE(playing.add(R"({"at": "rcpt", "reply": 450})").status == 201);
  REQUIRE(playing.ask(Method::del, "/api/v1/scenarios/mine/rules/gone").status == 200);
  REQUIRE(playing.ask(Method::post, "/api/v1/reset").status == 200);
  CHECK(ids(playing.get("/mine/rules")) == "busy gone ");
}

TEST_CASE("a rule that is wrong, has no place or no free id is refused", "[http]") {
  Rules playing;
  CHECK(playing.add("[]").status == 400);
  CHECK(playing.add("{").status == 400);
  const Response wrong = playing.add(R"({"at": "rcpt", "replay": 550})");
  CHECK(wrong.status == 422);
  CHECK(parsed(wrong).at("diagnostics").at(0).at("message").as_string() == "unknown key 'replay' in rule");
  CHECK(playing.add(R"({"id": "busy", "at": "rcpt", "reply": 550})").status == 409);
  CHECK(playing.ask(Method::post, "/api/v1/scenarios/none/rules", {"application/json", "{}"}).status == 404);
  CHECK(playing.ask(Method::post, "/api/v1/scenarios/550/rules", {"application/json", "{}"}).status == 404);
  REQUIRE(playing.put("lines", "dialog: |\n  S: 220 ready\n").status == 201);
  CHECK(playing.ask(Method::post, "/api/v1/scenarios/lines/rules", {"application/json", R"({"at": "rcpt", "reply": 550})"}).status == 409);
  const std::string tag = header(playing.ask(Method::get, "/api/v1/scenarios/mine"), "ETag");
  REQUIRE(playing.ask(Method::del, "/api/v1/scenarios/mine/rules/gone").status == 200);
  CHECK(playing.ask(Method::del, "/api/v1/scenarios/mine/rules/busy", {{}, {}, {}, tag}).status == 412);
}

TEST_CASE("so many rules are added and no more", "[http]") {
  Rules playing;
  const auto rule = scenario::load_text("rule", "{malaposta: 1, rules: [{id: many, at: rcpt, reply: 451}]}", {}).scenarios.at(0);
  while (playing.smtp().additions().add(rule, 1, "mine")) continue;
  CHECK(playing.add(R"({"id": "one-more", "at": "rcpt", "reply": 550})").status == 409);
}
