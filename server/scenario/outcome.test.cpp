// Outcomes: replies, faults, steps, delays, and the templates in them.
#include "scenario/outcome.hpp"

#include <regex>

#include "scenario/play_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::scenario;
using namespace malaposta::scenario::test;
using protocol::Stage;

namespace {

// What a rule with this outcome does at VRFY.
std::string outcome(std::string_view written) {
  World world("rules:\n  - { at: vrfy, " + std::string(written) + " }\n");
  return Client(world).command(Stage::vrfy, "VRFY bob");
}

// The same at the final dot.
std::string at_dot(std::string_view written) {
  World world("rules:\n  - { at: end-of-data, " + std::string(written) + " }\n");
  Client client(world);
  client.mail("a@a.test");
  client.rcpt("b@b.test");
  return client.dot();
}

}  // namespace

TEST_CASE("replies: written out, bare, of several lines") {
  CHECK(outcome("reply: 550 5.1.1 No such user") == "550 5.1.1 No such user");
  CHECK(outcome("reply: 550").find("550 5.") == 0);
  CHECK(outcome("reply: [252-2.5.0 First, Second]") == "252-2.5.0 First|252 2.5.0 Second");
  CHECK(outcome("reply: 421 4.3.2 Going, then: stay") == "421 4.3.2 Going stay");
  CHECK(outcome("reply: 252 2.5.0 Ok, then: reset") == "252 2.5.0 Ok then [reset]");
  CHECK(outcome("reply: 252 2.5.0 Ok, then: stall, for: 3s") == "252 2.5.0 Ok then [stall 3000ms]");
}

TEST_CASE("a handshake after the reply, or among the steps") {
  const auto steps = [](const std::string& written) {
    World world("server: { tls: { mode: starttls } }\nrules:\n  - { at: starttls, " + written + " }\n");
    Client client(world);
    return client.command(Stage::starttls, "STARTTLS");
  };
  CHECK(steps("reply: 454, then: starttls").find(" then [start-tls]") != std::string::npos);
  CHECK(steps("do: [{ reply: 220 2.0.0 Go }, { send: x }, starttls]") == "220 2.0.0 Go x [start-tls]");
  const std::string problem = "'starttls' begins a handshake, and there is none to begin";
  CHECK(problems("rules: [{ at: ehlo, then: starttls }]\n").find(problem) != std::string::npos);
  CHECK(problems("server: { tls: {} }\nrules: [{ at: tls, do: [starttls] }]\n").find(problem) != std::string::npos);
}

TEST_CASE("faults of the connection") {
  CHECK(outcome("fault: close") == "[close]");
  CHECK(outcome("fault: reset") == "[reset]");
  CHECK(outcome("fault: half-close") == "[half-close]");
  CHECK(outcome("fault: stall") == "[stall]");
  CHECK(outcome("fault: stall, for: 60s") == "[stall 60000ms]");
  CHECK(outcome("fault: silence, for: 5s") == "[silence 5000ms]");
}

TEST_CASE("faults of the answer work on a reply and on the correct server's own") {
  CHECK(outcome("fault: duplicate") == "own duplicate");
  CHECK(outcome("reply: 550 5.1.1 No, fault: duplicate") == "550 5.1.1 No duplicate");
  CHECK(outcome("fault: truncate, bytes: 3") == "own truncate 3");
  CHECK(outcome("reply: 550 5.1.1 No, fault: truncate, bytes: 4") == "550 5.1.1 No truncate 4");
}

TEST_CASE("discard and capture") {
  CHECK(at_dot("fault: discard").find("250 2.") == 0);
  CHECK(at_dot("fault: discard").find(" lose") != std::string::npos);
  CHECK(at_dot("reply: 250 2.0.0 Sure, fault: discard") == "250 2.0.0 Sure lose");
  CHECK(at_dot("fault: reset, capture: true") == "[reset] keep");
}

TEST_CASE("garbage is as long as asked for and the same for the same seed") {
  const ScenarioPtr scenario = compiled("rules:\n  - { at: vrfy, fault: garbage, bytes: 1000 }\n  - { at: noop, fault: garbage }\n");
  const auto garbage = [&](std::uint64_t seed, Stage stage) {
    World world(scenario, seed);
    Client client(world);
    client.command(stage, "X");
    CHECK(client.decision.code == 0);
    return client.decision.text;
  };
  CHECK(garbage(1, Stage::vrfy).size() == 1000);
  CHECK(garbage(1, Stage::noop).size() == kDefaultGarbage);
  CHECK(garbage(1, Stage::vrfy) == garbage(1, Stage::vrfy));
  CHECK(garbage(1, Stage::vrfy) != garbage(2, Stage::vrfy));
}

TEST_CASE("do: steps in order, and the code that the client sees last") {
  World world(R"(
rules:
  - at: vrfy
    do:
      - send: "250-half a re"
      - wait: 2s
      - send: "ply\r\n550 5.0.0 ${argument}\r\n"
      - read: 1
      - read: line
      - set: later
      - half-close
  - { at: noop, do: [ { send: "250-never ends\r\n" }, close ] }
)");
  Client client(world);
  CHECK(client.command(Stage::vrfy, "VRFY bob") ==
        "250-half a re [wait 2000ms] ply|550 5.0.0 bob [read-bytes 1] [read-line] [set later] [half-close]");
  CHECK(client.decision.code == 550);
  CHECK(client.command(Stage::noop, "NOOP") == "250-never ends [close]");
  CHECK(client.decision.code == 0);
}

TEST_CASE("delays: fixed, uniform, normal, log-normal") {
  const auto drawn = [](std::string_view written, int count) {
    World world("rules:\n  - { at: vrfy, delay: " + std::string(written) + " }\n");
    Client client(world);
    std::vector<double> seconds;
    for (int i = 0; i < count; ++i) {
      client.command(Stage::vrfy, "VRFY x");
      seconds.push_back(std::chrono::duration<double>(client.decision.delay).count());
    }
    std::sort(seconds.begin(), seconds.end());
    return seconds;
  };
  CHECK(drawn("250ms", 1)[0] == 0.25);
  const auto uniform = drawn("{ uniform: [1s, 3s] }", 2000);
  CHECK(uniform.front() >= 1.0);
  CHECK(uniform.back() <= 3.0);
  CHECK(uniform[1000] == Approx(2.0).epsilon(0.05));
  const auto normal = drawn("{ normal: { mean: 1s, sd: 500ms } }", 2000);
  CHECK(normal.front() == 0.0);  // more than two deviations below, cut off
  CHECK(normal[1000] == Approx(1.0).epsilon(0.05));
  CHECK(normal[1682] == Approx(1.5).epsilon(0.05));
  const auto lognormal = drawn("{ lognormal: { median: 90ms, sigma: 0.4, max: 150ms } }", 2000);
  CHECK(lognormal.front() > 0.0);
  CHECK(lognormal[1000] == Approx(0.09).epsilon(0.05));
  CHECK(lognormal.back() == 0.15);
}

TEST_CASE("templates in replies see what the session knows") {
  World world(R"(
vars: { suffix: "from ${ip}" }
server: { hostname: mx.test }
rules:
  - at: rcpt
    when: { rcpt: '/^(?<local>[^@]+)@(?<domain>.+)/' }
    reply: "550 5.1.1 <${rcpt}> of ${mail} via ${helo} ${suffix}:${port} at ${hostname}, ${local} at ${domain}, ${param.notify}, ${transaction} ${connection} ${code}"
)");
  Client client(world);
  client.ehlo("client.test");
  client.mail("a@a.test");
  CHECK(client.rcpt("bob@b.test", "NOTIFY=NEVER") ==
        "550 5.1.1 <bob@b.test> of a@a.test via client.test from 127.0.0.1:2525 at mx.test, bob at b.test, NEVER, 1 1 550");
}

TEST_CASE("a client cannot put lines of its own into a reply") {
  World world("rules:\n  - { at: vrfy, reply: \"550 5.1.1 ${argument}\" }\n");
  CHECK(Client(world).command(Stage::vrfy, std::string_view("VRFY a\r\n250 b\0c\x7f", 16)) == "550 5.1.1 a??250 b?c?");
}

TEST_CASE("a code from a template is rendered when the rule fires") {
  World world(R"(
rules:
  - { at: rcpt, when: { rcpt: '/^(?<code>\d+)(?:_(?<enhanced>[\d.]+))?@/' }, reply: "${code} ${enhanced}" }
  - { at: mail, when: { mail: '/^(?<code>\d+)@/' }, reply: "${code} 5.9.9 own text" }
)");
  Client client(world);
  client.mail("a@a.test");
  CHECK(client.rcpt("550_5.1.1@b.test").find("550 5.1.1 ") == 0);
  CHECK(client.decision.code == 550);
  CHECK(client.rcpt("451@b.test").find("451 4.") == 0);
  CHECK(client.rcpt("599@b.test").find("599 ") == 0);
  CHECK(client.mail("555@a.test") == "555 5.9.9 own text");
  CHECK(client.notes().empty());
  client.mail("a@a.test");
  CHECK(client.rcpt("600@b.test").find("451 4.3.0 ") == 0);
  CHECK(client.rcpt("99999@b.test").find("451 4.3.0 ") == 0);
  CHECK(client.notes().find("no code from 200 to 599") != std::string::npos);
}

TEST_CASE("settings from templates: a group that took no part leaves the default, nonsense is told") {
  World world(R"(
rules:
  - { at: rcpt, when: { rcpt: '/^t(?<n>\w+)?@/' }, key: [rcpt], times: "${n}", reply: 451 4.0.0 Later }
  - { at: vrfy, when: { argument: '/(?<time>.+)/' }, delay: "${time}" }
)");
  Client client(world);
  client.mail("a@a.test");
  CHECK(client.rcpt("t1@b.test") == "451 4.0.0 Later");
  CHECK(client.rcpt("t1@b.test") == "own");
  CHECK(client.rcpt("t99999999999999999999999@b.test") == "451 4.0.0 Later");
  for (int i = 0; i < 3; ++i) CHECK(client.rcpt("t@b.test") == "451 4.0.0 Later");
  CHECK(client.notes().empty());
  CHECK(client.rcpt("tx@b.test") == "451 4.0.0 Later");
  CHECK(client.notes().find("gave no number") != std::string::npos);
  CHECK(client.command(Stage::vrfy, "VRFY 1.5s") == "own after 1500ms");
  CHECK(client.command(Stage::vrfy, "VRFY 999999h") == "own after 86400000ms");
  CHECK(client.command(Stage::vrfy, "VRFY soon") == "own");
  CHECK(client.notes().find("gave no duration") != std::string::npos);
}

TEST_CASE("uuid, random and now") {
  const ScenarioPtr scenario = compiled("rules:\n  - { at: vrfy, reply: \"252 2.0.0 ${uuid} ${random:3..5} ${now}\" }\n");
  const auto first = [&](std::uint64_t seed) {
    World world(scenario, seed);
    return Client(world).command(Stage::vrfy, "VRFY x");
  };
  const std::regex shape(
      "252 2.0.0 [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12} [3-5] "
      "(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} \\+0000");
  CHECK(std::regex_match(first(1), shape));
  CHECK(first(1).substr(0, 48) == first(1).substr(0, 48));
  CHECK(first(1).substr(0, 48) != first(2).substr(0, 48));
}
