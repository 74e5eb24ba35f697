// Faults that are armed while clients are there.
#include "api.hpp"
#include "dialog.hpp"
#include "testing/catch.hpp"

using namespace malaposta::testing;
namespace http = boost::beast::http;

TEST_CASE("an armed code fails exactly the next matching commands, in sessions of before and after") {
  const ApiServer server({"default"}, {"--threads", "2"});
  Wire early(server.port());
  greet(early);
  talk(early, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}});
  const HttpResponse armed =
      server.post("/api/v1/arm", "application/json", R"({"code": 451, "at": "rcpt", "times": 2, "match": {"rcpt": "bob@*"}})");
  REQUIRE(armed.result_int() == 200);
  talk(early, {{"RCPT TO:<carol@example.test>", "250 2.1.5"}, {"RCPT TO:<bob@example.test>", "451 4.3.0"}});
  Wire late(server.port());
  greet(late);
  talk(late, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"},
              {"RCPT TO:<bob@example.test>", "451 4.3.0"},
              {"RCPT TO:<bob@example.test>", "250 2.1.5"}});
  CHECK(server.get_json("/api/v1/arm").at("armed").at(0).at("left").to_number<int>() == 0);
}

TEST_CASE("442 is armed as a connection that breaks in the content, until it is disarmed") {
  const ApiServer server;
  REQUIRE(server.post("/api/v1/arm", "application/json", R"({"code": 442})").result_int() == 200);
  const auto deliver = [&](Wire& wire) {
    greet(wire);
    talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<bob@example.test>", "250 2.1.5"}, {"DATA", "354"}});
    wire.send("Subject: x\r\n\r\nx\r\n.\r\n");
  };
  Wire broken(server.port());
  deliver(broken);
  CHECK(broken.ending() == Ending::reset);
  CHECK(server.ask({http::verb::delete_, "/api/v1/arm", 11}).result_int() == 200);
  Wire whole(server.port());
  deliver(whole);
  CHECK(summary(whole.reply()) == "250 2.0.0");
}
