#include <boost/json/serialize.hpp>

#include "http/api_fixture.hpp"
#include "scenario/additions.hpp"
#include "scenario/play.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Api;
using http::Method;

namespace {

struct Chaos {
  net::Server server{net::ServerOptions{}};
  Api api;
  Chaos() { api.smtp = &server; }
  http::Response put(std::string body) { return ask(api, Method::put, "/api/v1/chaos", {}, {"application/json", std::move(body)}); }
  std::string told() { return boost::json::serialize(parsed(ask(api, Method::get, "/api/v1/chaos"))); }
  std::size_t armed() { return server.additions().list()->size(); }
};

constexpr std::string_view kOff =
    R"({"Sender":{"ErrorCode":451,"Probability":0},"Recipient":{"ErrorCode":451,"Probability":0},"Authentication":{"ErrorCode":535,"Probability":0}})";

}  // namespace

TEST_CASE("chaos is armed faults with a probability, one for each trigger that has one", "[chaos]") {
  Chaos chaos;
  CHECK(chaos.told() == kOff);
  const std::string wanted =
      R"({"Sender":{"ErrorCode":452,"Probability":5},"Recipient":{"ErrorCode":550,"Probability":100},"Authentication":{"ErrorCode":454,"Probability":0}})";
  const http::Response answer = chaos.put(wanted);
  CHECK(answer.status == 200);
  CHECK(boost::json::serialize(parsed(answer)) == wanted);
  CHECK(chaos.told() == wanted);
  CHECK(chaos.armed() == 2);
  const auto& rule = chaos.server.additions().list()->back().rules->scenario().model().rules.front();
  CHECK(rule.id.value == "chaos-sender");
  CHECK(rule.probability == 0.05);
  CHECK(chaos.put(R"({"Sender": {"ErrorCode": 499, "Probability": 1}})").status == 200);
  CHECK(chaos.armed() == 1);
  CHECK(chaos.put("{}").status == 200);
  CHECK(chaos.told() == kOff);
  CHECK(chaos.armed() == 0);
}

TEST_CASE("every code from 400 to 599 may be a trigger's", "[chaos]") {
  Chaos chaos;
  for (int code = 400; code <= 599; ++code) {
    CAPTURE(code);
    REQUIRE(chaos.put("{\"Recipient\": {\"ErrorCode\": " + std::to_string(code) + ", \"Probability\": 50}}").status == 200);
  }
  CHECK(chaos.armed() == 1);
}

TEST_CASE("disarming all faults ends chaos, and other faults stay when it changes", "[chaos]") {
  Chaos chaos;
  CHECK(ask(chaos.api, Method::post, "/api/v1/arm", {}, {"application/json", R"({"code": 550})"}).status == 200);
  chaos.put(R"({"Sender": {"Probability": 50}})");
  CHECK(chaos.armed() == 2);
  chaos.put("{}");
  CHECK(chaos.armed() == 1);
  chaos.put(R"({"Sender": {"Probability": 50}})");
  CHECK(ask(chaos.api, Method::del, "/api/v1/arm").status == 200);
  CHECK(chaos.told() == kOff);
}

TEST_CASE("what is no trigger is told, and nothing changes", "[chaos]") {
  Chaos chaos;
  chaos.put(R"({"Sender": {"Probability": 50}})");
  const std::string before = chaos.told();
  for (const char* bad : {"{", "[]", R"({"Sender": 1})", R"({"Sender": {"ErrorCode": 399}})", R"({"Sender": {"ErrorCode": 600}})",
                          R"({"Sender": {"Probability": 101}})", R"({"Sender": {"Probability": -1}})",
                          R"({"Sender": {"Probability": "5"}})", R"({"Recipients": {"Probability": 5}})"}) {
    CAPTURE(bad);
    CHECK(chaos.put(bad).status == 400);
    CHECK(chaos.told() == before);
  }
}
