// How the server presents itself.
#include "scenario/reading_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta::scenario;
using namespace malaposta::scenario::reading_test;
using namespace std::chrono_literals;

TEST_CASE("a server that says everything") {
  const ServerSection server = model(R"(
server:
  hostname: mx.example.test
  listen: ignore
  protocol: lmtp
  syntax: strict
  greeting: 220 mx.example.test ESMTP ready
  extensions: { size: 10MB, auth: [PLAIN, LOGIN], without: PIPELINING, extra: ["XFOO bar"] }
  auth: { users: { alice: secret, bob: "" }, required: true }
  limits: { recipients: 100, line: 1000, connections: 1000, timeout: 5m }
)")
                                   .server;
  CHECK(server.hostname->value == "mx.example.test");
  CHECK(server.listen == Listen::ignore);
  CHECK(server.lmtp);
  CHECK(server.strict_syntax);
  CHECK(server.greeting->lines.at(0).value == "220 mx.example.test ESMTP ready");
  CHECK_FALSE(server.keywords);
  CHECK(server.size == 10'000'000u);
  CHECK(server.mechanisms->size() == 2);
  CHECK(server.without.at(0).value == "PIPELINING");
  CHECK(server.extra.at(0).value == "XFOO bar");
  CHECK(server.users.at(0).first.value == "alice");
  CHECK(server.users.at(1).second.value.empty());
  CHECK(server.auth_required);
  CHECK(server.recipients == 100u);
  CHECK(server.line == 1000u);
  CHECK(server.connections == 1000u);
  CHECK(server.timeout == 5min);
}

TEST_CASE("a server that says nothing") {
  const ServerSection server = model("server: {}\n").server;
  CHECK(server.listen == Listen::accept);
  CHECK_FALSE(server.lmtp);
  CHECK_FALSE(server.strict_syntax);
  CHECK_FALSE(server.auth_required);
  CHECK_FALSE(server.hostname);
  CHECK_FALSE(server.mechanisms);
}

TEST_CASE("extensions as a list are exactly these") {
  const auto keywords = model("server: { extensions: [PIPELINING, \"SIZE 32\", AUTH PLAIN] }\n").server.keywords;
  REQUIRE(keywords->size() == 3);
  CHECK(keywords->at(1).value == "SIZE 32");
  CHECK(model("server: { extensions: [] }\n").server.keywords->empty());
  CHECK(problems("server: { extensions: PIPELINING }\n") ==
        "a.yaml:2:23: error: expected a list of EHLO keywords, or a mapping that changes the default set, not 'PIPELINING'\n"
        "  2 | server: { extensions: PIPELINING }\n"
        "    |                       ^^^^^^^^^^\n");
}

TEST_CASE("no mechanism is something else than nothing said about mechanisms") {
  CHECK(model("server: { extensions: { auth: [] } }\n").server.mechanisms->empty());
}

TEST_CASE("names stand once") {
  CHECK(problems("server:\n  auth:\n    users:\n      alice: a\n      alice: b\n") ==
        "a.yaml:6:7: error: name 'alice' stands twice\n"
        "  6 |       alice: b\n"
        "    |       ^^^^^ first on line 5\n");
  CHECK(problems("vars: [a, b]\n") ==
        "a.yaml:2:7: error: expected a mapping of names to texts, not a list\n"
        "  2 | vars: [a, b]\n"
        "    |       ^\n");
  CHECK(problems("vars: { a: [b] }\n") ==
        "a.yaml:2:12: error: expected a text, not a list\n"
        "  2 | vars: { a: [b] }\n"
        "    |            ^\n");
}
