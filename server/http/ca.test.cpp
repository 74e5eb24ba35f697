#include "http/scenarios_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Method;

TEST_CASE("the authority is there as soon as a scenario needs it, and stays the same", "[http]") {
  PlayingApi playing({loaded("rules: []\n")});
  CHECK(playing.ask(Method::get, "/api/v1/ca").status == 404);
  REQUIRE(playing.put("secure", "server: {tls: {mode: starttls}}\n").status == 201);
  const http::Response first = playing.ask(Method::get, "/api/v1/ca");
  CHECK(first.status == 200);
  CHECK(first.content_type == "application/pem-certificate-chain");
  CHECK(first.body.starts_with("-----BEGIN CERTIFICATE-----\n"));
  CHECK(first.body == playing.smtp().ca_pem());
  REQUIRE(playing.put("other", "server: {tls: {mode: implicit}}\n").status == 201);
  CHECK(playing.ask(Method::get, "/api/v1/ca").body == first.body);
}
