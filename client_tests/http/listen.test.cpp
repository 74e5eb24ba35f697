// Where the API listens, who may ask, and how others find it.
#include <boost/beast/http/field.hpp>
#include <csignal>
#include <fstream>
#include <iterator>

#include "api.hpp"
#include "testing/catch.hpp"

using namespace malaposta::testing;
namespace http = boost::beast::http;

TEST_CASE("the API tells of the SMTP listeners, and the ready file of the API") {
  const TemporaryFile place("ready.json", "");
  const ApiServer server({"default", "550"}, {"--threads", "2", "--ready-file", place.path()});
  CHECK(server.get("/readyz").result_int() == 200);
  const boost::json::value info = server.get_json("/api/v1/info");
  REQUIRE(info.at("Listeners").as_array().size() == 2);
  CHECK(info.at("Listeners").at(1).at("Port").to_number<int>() == server.port("550"));

  std::ifstream in(place.path());
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const boost::json::value ready = boost::json::parse(text);
  const boost::json::value& last = ready.at("listeners").as_array().back();
  CHECK(last.at("kind").as_string() == "http");
  CHECK(last.at("port").to_number<int>() == server.api_port());
}

TEST_CASE("pages of other sites are refused") {
  const ApiServer server;
  HttpRequest foreign{http::verb::get, "/api/v1/info", 11};
  foreign.set(http::field::origin, "http://evil.example");
  CHECK(server.ask(foreign).result_int() == 403);
  HttpRequest rebound{http::verb::get, "/api/v1/info", 11};
  rebound.set(http::field::host, "evil.example");
  CHECK(server.ask(rebound).result_int() == 403);
}

TEST_CASE("--api-token is asked for") {
  const ApiServer server({"default"}, {"--api-token", "secret"});
  CHECK(server.get("/api/v1/info").result_int() == 401);
  HttpRequest request{http::verb::get, "/api/v1/info", 11};
  request.set(http::field::authorization, "Bearer secret");
  CHECK(server.ask(request).result_int() == 200);
}

TEST_CASE("the API may be off, and is opened to other machines only when all of it is said aloud") {
  struct Case {
    std::vector<std::string> options;
    std::string said;
  };
  for (const Case& c : {Case{{"--http", "0.0.0.0:0"}, "--expose"}, Case{{"--http", "0.0.0.0:0", "--expose"}, "--api-token"},
                        Case{{"--http", "wibble"}, "--http wibble"}, Case{{"--http", "127.0.0.1:0", "--api-token", ""}, "--api-token"}}) {
    std::vector<std::string> arguments{"serve", "--smtp", "127.0.0.1:0"};
    arguments.insert(arguments.end(), c.options.begin(), c.options.end());
    Program program(arguments);
    CHECK(program.exit_status() == 2);
    CHECK(program.errors().find(c.said) != std::string::npos);
  }
  Program exposed({"serve", "--smtp", "127.0.0.1:0", "--http", "0.0.0.0:0", "--expose", "--api-token", "none"});
  (void)exposed.line();
  CHECK(exposed.line().starts_with("malaposta: http listening on 0.0.0.0:"));
  Program off({"serve", "--smtp", "127.0.0.1:0", "--http", "off", "--exit-after", "1"});
  (void)off.line();
  off.signal(SIGTERM);
  CHECK(off.exit_status() == 0);
  CHECK(off.output().find("http") == std::string::npos);
}
