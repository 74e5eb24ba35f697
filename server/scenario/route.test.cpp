// Scenarios that share a port: which one a session belongs to, and that each keeps its own account.
#include <array>

#include "scenario/play_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::scenario::test;

namespace {

// A port with its own scenario and two that share it.
struct Shared {
  World base{"rules: [{at: quit, reply: 221 base}]\n"};
  scenario::Instance busy{compiled("route: {helo: '*.busy.test'}\nrules: [{at: ehlo, times: 1, reply: 421}, {at: rcpt, reply: 450}]\n"), 1};
  scenario::Instance tagged{compiled("route: {rcpt: '*+x@*'}\nrules: [{at: rcpt, reply: 550}, {at: quit, reply: 221 tagged}]\n"), 1};
  std::array<scenario::Instance*, 2> routes{&busy, &tagged};
};

}  // namespace

TEST_CASE("a session belongs to the first scenario of which the route holds, at once and to its end", "[route]") {
  Shared port;
  Client first(port.base, port.routes);
  CHECK(first.ehlo("a.busy.test").starts_with("421"));
  CHECK(first.rcpt("b+x@b.test").starts_with("450"));
  CHECK(first.command(protocol::Stage::quit, "QUIT") == "own");

  Client second(port.base, port.routes);
  CHECK(second.ehlo("a.busy.test") == "own");  // its only 421 is spent
  Client third(port.base, port.routes);
  CHECK(third.ehlo("other.test") == "own");
  CHECK(third.mail("a@a.test") == "own");
  CHECK(third.rcpt("b@b.test") == "own");
  CHECK(third.rcpt("b+x@b.test").starts_with("550"));
  CHECK(third.rcpt("c@b.test").starts_with("550"));
  CHECK(third.command(protocol::Stage::quit, "QUIT") == "221 tagged");

  Client fourth(port.base, port.routes);
  CHECK(fourth.command(protocol::Stage::quit, "QUIT") == "221 base");
  CHECK(port.busy.fired() == std::vector<std::uint64_t>{1, 1});
  CHECK(port.tagged.fired() == std::vector<std::uint64_t>{2, 1});
  CHECK(port.base.instance.fired() == std::vector<std::uint64_t>{1});
}

TEST_CASE("the journal tells which scenario a session belongs to", "[route]") {
  Shared port;
  Client client(port.base, port.routes);
  CHECK(port.base.journal.sessions().front().scenario == "test");
  client.ehlo("a.busy.test");
  CHECK(client.notes() == "scenario 'test' applies from here on\n");
}

TEST_CASE("a route looks at what is known of a session, and has no server of its own", "[route]") {
  CHECK(problems("route: {size: 3}\n").find("test.yaml:3:9: error: a route does not look at this") == 0);
  CHECK(problems("route: {helo: a}\nserver: {hostname: b.test}\n").find("test.yaml:4:1: error: a scenario with 'route' has no 'server'") ==
        0);
  CHECK(problems("route: {ip: 127.0.0.1, helo: a, mail: b@b.test, rcpt: c@c.test, user: d, mechanism: PLAIN, sni: e}\n").empty());
}
