#include "catalogue/codes.hpp"
#include "http/api_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Api;
using http::Method;

TEST_CASE("every code is listed, and each is found by its number, in both languages") {
  Api api;
  const boost::json::value list = parsed(ask(api, Method::get, "/api/v1/codes"));
  CHECK(list.as_array().size() == catalogue::codes().size());
  const boost::json::value english = parsed(ask(api, Method::get, "/api/v1/codes/550"));
  const boost::json::value italian = parsed(ask(api, Method::get, "/api/v1/codes/550?lang=it"));
  CHECK(english.at("meaning").as_string() == catalogue::find(550)->meaning.en);
  CHECK(italian.at("meaning").as_string() == catalogue::find(550)->meaning.it);
}

TEST_CASE("what is no code or no language is told") {
  Api api;
  for (const std::string_view none : {"/api/v1/codes/999", "/api/v1/codes/55", "/api/v1/codes/x", "/api/v1/codes/550x"}) {
    CAPTURE(none);
    CHECK(ask(api, Method::get, none).status == 404);
  }
  CHECK(ask(api, Method::get, "/api/v1/codes?lang=de").status == 400);
  CHECK(ask(api, Method::get, "/api/v1/codes/550?lang=").status == 400);
}
