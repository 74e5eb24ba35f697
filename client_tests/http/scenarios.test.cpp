// Scenarios and rules that change while clients are there.
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <stdexcept>

#include "api.hpp"
#include "dialog.hpp"
#include "testing/catch.hpp"

using namespace malaposta::testing;
namespace http = boost::beast::http;

namespace {

HttpResponse put(const ApiServer& server, const std::string& target, const std::string& text) {
  HttpRequest request{http::verb::put, "/api/v1/scenarios/" + target, 11, "malaposta: 1\n" + text};
  request.set(http::field::content_type, "application/yaml");
  return server.ask(std::move(request));
}

HttpResponse remove(const ApiServer& server, const std::string& target) {
  return server.ask({http::verb::delete_, "/api/v1/scenarios/" + target, 11});
}

// A port that is free and that the system gives nobody who leaves the choice to it, so that nobody takes it when it is closed.
std::uint16_t quiet_port() {
  constexpr int kFirst = 10'000, kCount = 10'000;  // below the system's own choice, which begins at 32768
  namespace ip = boost::asio::ip;
  boost::asio::io_context io;
  for (int i = 0; i < kCount; ++i) {
    const auto port = static_cast<std::uint16_t>(kFirst + (::getpid() + i) % kCount);
    boost::system::error_code taken;
    ip::tcp::acceptor probe(io, ip::tcp::v4());
    probe.set_option(ip::tcp::acceptor::reuse_address(true));
    probe.bind({ip::address_v4::loopback(), port}, taken);
    if (!taken) return port;
  }
  throw std::runtime_error("no port is free");
}

std::string noop(Wire& wire) { return summary(wire.say("NOOP")); }

const std::string kBusy = "rules: [{id: busy, at: noop, reply: 451 4.3.0 Busy}]\n";
const std::string kGone = "rules: [{id: gone, at: noop, reply: 550 5.1.1 Gone}]\n";

}  // namespace

TEST_CASE("a scenario is put on a port of its own, changed for the next connections, and closed") {
  const ApiServer server({"default"}, {"--threads", "2"});
  const HttpResponse chosen = put(server, "chosen?port=0", kBusy);
  REQUIRE(chosen.result_int() == 201);
  Wire anywhere(boost::json::parse(chosen.body()).at("listeners").at(0).at("port").to_number<std::uint16_t>());
  greet(anywhere);
  CHECK(noop(anywhere) == "451 4.3.0");
  CHECK(remove(server, "chosen").result_int() == 200);

  const std::uint16_t port = quiet_port();
  REQUIRE(put(server, "mine?port=" + std::to_string(port), kBusy).result_int() == 201);
  Wire early(port);
  greet(early);
  CHECK(noop(early) == "451 4.3.0");
  REQUIRE(put(server, "mine", kGone).result_int() == 200);
  CHECK(noop(early) == "451 4.3.0");
  Wire late(port);
  greet(late);
  CHECK(noop(late) == "550 5.1.1");
  CHECK(server.get_json("/api/v1/scenarios/mine/rules").at("rules").at(0).at("fired").to_number<int>() == 1);
  CHECK(server.get_json("/api/v1/info").at("Listeners").as_array().size() == 2);

  CHECK(remove(server, "mine").result_int() == 200);
  CHECK_THROWS(Wire(port));
  CHECK(noop(late) == "550 5.1.1");
  CHECK(server.get_json("/api/v1/info").at("Listeners").as_array().size() == 1);
  // The port is free again.
  CHECK(put(server, "other?port=" + std::to_string(port), kBusy).result_int() == 201);
}

TEST_CASE("a rule that is added or taken away is so in sessions that run, of that scenario only") {
  const ApiServer server({"default", "550"}, {"--threads", "2"});
  Wire mine(server.port("default")), other(server.port("550"));
  greet(mine);
  greet(other);
  CHECK(noop(mine) == "250 2.0.0");
  const std::string rules = "/api/v1/scenarios/default/rules";
  const HttpResponse added =
      server.post(rules, "application/json", R"({"id": "twice", "at": "noop", "times": 2, "reply": "451 4.3.0 Busy"})");
  REQUIRE(added.result_int() == 201);
  CHECK(noop(mine) == "451 4.3.0");
  CHECK(noop(other) == "250 2.0.0");
  CHECK(server.get_json(rules + "/twice").at("fired").to_number<int>() == 1);
  CHECK(remove(server, "default/rules/twice").result_int() == 200);
  CHECK(noop(mine) == "250 2.0.0");

  talk(other, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<bob@example.test>", "550 5.1.1"}});
  const boost::json::value before = server.get_json("/api/v1/scenarios/550/rules").at("rules").at(0);
  CHECK(before.at("fired").to_number<int>() == 1);
  CHECK(remove(server, "550/rules/" + std::string(before.at("id").as_string())).result_int() == 200);
  talk(other, {{"RCPT TO:<bob@example.test>", "250 2.1.5"}});
  CHECK(server.ask({http::verb::post, "/api/v1/scenarios/550/reset", 11}).result_int() == 200);
  talk(other, {{"RCPT TO:<bob@example.test>", "550 5.1.1"}});
}
