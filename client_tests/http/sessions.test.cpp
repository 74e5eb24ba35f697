// What the API finds about the client of a session.
#include <algorithm>
#include <string>

#include "api.hpp"
#include "dialog.hpp"
#include "testing/catch.hpp"

using namespace malaposta::testing;

namespace {

// A message that is refused for good.
void deliver(std::uint16_t port, std::string_view hello) {
  Wire wire(port);
  talk(wire, {{"", "220"}, {hello, "250"}});
  CHECK(transact(wire).code == 550);
  leave(wire);
}

std::vector<std::string> findings_of(const boost::json::value& session) {
  std::vector<std::string> ids;
  for (const boost::json::value& one : session.at("findings").as_array()) ids.emplace_back(one.at("id").as_string());
  return ids;
}

}  // namespace

TEST_CASE("a session tells what its client did against the rules, and at which of its events") {
  const ApiServer server;
  REQUIRE(server.post("/api/v1/arm", "application/json", R"({"code": 550, "at": "end-of-data"})").result_int() == 200);
  deliver(server.port(), "EHLO shop_1");
  const boost::json::value session = server.get_json("/api/v1/sessions/1");
  CHECK(session.at("file").as_string() == "<builtin>/default.yaml");
  CHECK(session.at("refusal").to_number<int>() == 550);
  const boost::json::array& findings = session.at("findings").as_array();
  REQUIRE_FALSE(findings.empty());
  CHECK(findings.front().at("id").as_string() == "odd-hello-name");
  const auto line = findings.front().at("line").to_number<std::size_t>();
  CHECK(session.at("events").at(line - 1).at("text").as_string() == "EHLO shop_1");
}

TEST_CASE("what is found may hang on the sessions before, and stands where it was done") {
  const ApiServer server({"default"}, {"--threads", "2"});
  REQUIRE(server.post("/api/v1/arm", "application/json", R"({"code": 550, "at": "end-of-data"})").result_int() == 200);
  deliver(server.port(), "EHLO client.example.test");
  deliver(server.port(), "EHLO client.example.test");
  const auto has = [&](const char* path) {
    const std::vector<std::string> ids = findings_of(server.get_json(path));
    return std::find(ids.begin(), ids.end(), "permanent-failure-retried") != ids.end();
  };
  CHECK_FALSE(has("/api/v1/sessions/1"));
  CHECK(has("/api/v1/sessions/2"));
}
