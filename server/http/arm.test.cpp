#include "catalogue/codes.hpp"
#include "http/api_fixture.hpp"
#include "scenario/additions.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Api;
using http::Method;

namespace {

struct Armory {
  net::Server server{net::ServerOptions{}};
  scenario::Additions& additions = server.additions();
  Api api;
  Armory() { api.smtp = &server; }
  http::Response arm(std::string body) { return ask(api, Method::post, "/api/v1/arm", {}, {"application/json", std::move(body)}); }
};

}  // namespace

TEST_CASE("a code is armed where it is documented to be met, or where it is asked for") {
  Armory armory;
  CHECK(parsed(armory.arm(R"({"code": 550})")) ==
        boost::json::parse(R"({"id": 1, "rule": "armed-550", "at": ["rcpt"], "match": {}, "times": null, "fired": 0, "left": null})"));
  CHECK(parsed(armory.arm(R"({"code": 451, "at": ["mail", "rcpt"], "times": 3, "match": {"mail": "*@a.test"}})")) ==
        boost::json::parse(
            R"({"id": 2, "rule": "armed-451", "at": ["mail", "rcpt"], "match": {"mail": "*@a.test"}, "times": 3, "fired": 0, "left": 3})"));
  CHECK(parsed(armory.arm(R"({"code": 442})")).at("at").at(0).as_string() == "body");
  const boost::json::value list = parsed(ask(armory.api, Method::get, "/api/v1/arm"));
  REQUIRE(list.at("armed").as_array().size() == 3);
  CHECK(list.at("armed").at(0).at("id").to_number<int>() == 3);
}

TEST_CASE("every documented code that is met in a session can be armed") {
  Armory armory;
  for (const catalogue::Code& code : catalogue::codes()) {
    CAPTURE(code.code);
    const http::Response answer = armory.arm("{\"code\": " + std::to_string(code.code) + "}");
    CHECK(answer.status == (code.stages.empty() ? 400 : 200));
  }
}

TEST_CASE("faults are disarmed one by one, or all at once") {
  Armory armory;
  for (int i = 0; i < 3; ++i) armory.arm(R"({"code": 550})");
  CHECK(ask(armory.api, Method::del, "/api/v1/arm/2").status == 200);
  CHECK(ask(armory.api, Method::del, "/api/v1/arm/2").status == 404);
  CHECK(ask(armory.api, Method::del, "/api/v1/arm/x").status == 404);
  CHECK(parsed(ask(armory.api, Method::del, "/api/v1/arm")).at("disarmed").to_number<int>() == 2);
  CHECK(armory.additions.list()->empty());
}

TEST_CASE("what cannot be armed is told, and nothing is armed") {
  struct Case {
    std::string body, told;
  };
  Armory armory;
  for (const Case& c :
       {Case{"{", "must be like"}, Case{"[]", "must be like"}, Case{"{}", "must be like"}, Case{R"({"code": "550"})", "must be like"},
        Case{R"({"code": 999})", "999 is not documented"}, Case{R"({"code": -1})", "-1 is not documented"},
        Case{R"({"code": 111})", "serve the scenario '111'"}, Case{R"({"code": 550, "tmes": 2})", "unknown key 'tmes'"},
        Case{R"({"code": 550, "at": "recipient"})", "recipient"}, Case{R"({"code": 550, "times": "often"})", "not 'often'"},
        Case{R"({"code": 550, "match": {"rctp": "x"}})", "rcpt"}}) {
    CAPTURE(c.body);
    const http::Response answer = armory.arm(c.body);
    CHECK(answer.status == 400);
    CHECK(answer.body.find(c.told) != std::string::npos);
  }
  CHECK(armory.additions.list()->empty());
  for (std::size_t i = 0; i < scenario::Additions::kMost; ++i) REQUIRE(armory.arm(R"({"code": 550})").status == 200);
  CHECK(armory.arm(R"({"code": 550})").status == 409);
}
