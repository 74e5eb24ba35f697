#include "http/api_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Api;
using http::Method;

TEST_CASE("a scenario without problems is valid") {
  Api api;
  const auto answer = ask(api, Method::post, "/api/v1/check", {}, {"application/yaml", "malaposta: 1\nname: fine\n"});
  CHECK(answer.status == 200);
  CHECK(parsed(answer) == boost::json::value({{"valid", true}, {"scenarios", {"fine"}}, {"diagnostics", boost::json::array{}}}));
}

TEST_CASE("each problem of a scenario is told with its place and the way out") {
  Api api;
  const std::string text = "malaposta: 1\nrules:\n  - at: rcpt\n    replay: 550\n";
  const boost::json::value answer = parsed(ask(api, Method::post, "/api/v1/check?file=a.yaml", {}, {"text/yaml", text}));
  CHECK_FALSE(answer.at("valid").as_bool());
  const boost::json::value& problem = answer.at("diagnostics").at(0);
  CHECK(problem.at("file").as_string() == "a.yaml");
  CHECK(problem.at("line").to_number<int>() == 4);
  CHECK(problem.at("column").to_number<int>() == 5);
  CHECK(problem.at("hint").as_string() == "did you mean 'reply'?");
  CHECK(problem.at("text").as_string().starts_with("a.yaml:4:5: error: unknown key 'replay'"));
}

TEST_CASE("what is no text is told as one, and what is no scenario's type is refused") {
  Api api;
  CHECK_FALSE(parsed(ask(api, Method::post, "/api/v1/check?file=%ff", {}, {"text/plain", "\xff\xfe: 1\n"})).at("valid").as_bool());
  CHECK_FALSE(parsed(ask(api, Method::post, "/api/v1/check")).at("valid").as_bool());
  CHECK(ask(api, Method::post, "/api/v1/check", {}, {"application/x-www-form-urlencoded", "a=b"}).status == 415);
}
