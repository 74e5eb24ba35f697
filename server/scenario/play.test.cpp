// Selection, conditions, gates and what sessions share, as SCENARIOS tells them.
#include "scenario/play.hpp"

#include <atomic>
#include <thread>

#include "scenario/play_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::scenario;
using namespace malaposta::scenario::test;
using namespace std::chrono_literals;
using protocol::Stage;

TEST_CASE("many rules are asked in file order, however they are found") {
  std::string file = "rules:\n";
  const auto add = [&](const std::string& id, const std::string& when) {
    file += "  - { id: " + id + ", at: rcpt, when: { " + when + " }, reply: 550 5.1.1 " + id + " }\n";
  };
  for (int i = 0; i < 50; ++i) {
    const std::string n = std::to_string(i);
    add("glob" + n, "rcpt: 'g" + n + "*'");
    add("both" + n, "rcpt: '/^b" + n + "/', mail: '*@m" + n + ".test'");
    add("literal" + n, "rcpt: 'l" + n + "@b.test'");
    add("mail" + n, "mail: 's" + n + "@*'");
    add("not" + n, "rcpt: { not: '*' }");
  }
  add("tls", "tls: true");
  add("last", "rcpt: 'g7@last.test'");
  World world(file);
  Client client(world);
  client.mail("s49@m3.test");
  CHECK(client.rcpt("g12@b.test") == "550 5.1.1 glob1");
  CHECK(client.rcpt("G7@last.test") == "550 5.1.1 glob7");
  CHECK(client.rcpt("b3@b.test") == "550 5.1.1 both3");
  CHECK(client.rcpt("b31@b.test") == "550 5.1.1 both3");
  CHECK(client.rcpt("b4@b.test") == "550 5.1.1 mail49");
  CHECK(client.rcpt("l40@b.test") == "550 5.1.1 literal40");
  CHECK(client.rcpt("x@b.test") == "550 5.1.1 mail49");
  Client other(world);
  other.mail("x@m3.test");
  CHECK(other.rcpt("x@b.test") == "own");
  CHECK(other.rcpt("b5@b.test") == "own");
  CHECK(other.rcpt("b3@b.test") == "550 5.1.1 both3");
}

TEST_CASE("without a match the server behaves as a correct one") {
  World world("rules:\n  - { at: rcpt, when: { rcpt: bob@b.test }, reply: 550 5.1.1 No bob }\n");
  Client client(world);
  CHECK(client.mail("a@a.test") == "own");
  CHECK(client.rcpt("carol@b.test") == "own");
  CHECK(client.fired().empty());
}

TEST_CASE("the first live match with an outcome decides, in file order") {
  World world(R"(
rules:
  - { id: slow, at: rcpt, delay: 1s }
  - { id: slower, at: rcpt, when: { rcpt: "*@b.test" }, delay: 2s }
  - { id: no-bob, at: rcpt, when: { rcpt: bob@b.test }, reply: 550 5.1.1 No bob }
  - { id: no-b, at: rcpt, when: { rcpt: "*@b.test" }, reply: 550 5.1.2 No b }
)");
  Client client(world);
  client.mail("a@a.test");
  CHECK(client.rcpt("bob@b.test") == "550 5.1.1 No bob after 3000ms");
  CHECK(client.decision.code == 550);
  CHECK(client.rcpt("eve@b.test") == "550 5.1.2 No b after 3000ms");
  CHECK(client.rcpt("eve@c.test") == "own after 1000ms");
  CHECK(client.fired() == "slow slower no-bob! slow slower no-b! slow");
  CHECK(world.instance.fired() == std::vector<std::uint64_t>{3, 2, 1, 1});
}

TEST_CASE("effects: delays add up, the last dribble and the first capture win") {
  World world(R"(
rules:
  - { at: end-of-data, dribble: { bytes: 1, every: 50ms }, capture: false }
  - { at: end-of-data, dribble: { bytes: 2, over: 3s }, capture: true, then: close }
)");
  Client client(world);
  client.mail("a@a.test");
  CHECK(client.dot() == "own then [close] lose dribble 2 0ms 3000ms");
}

TEST_CASE("a rule at `command` sees every command line, a list of stages any of them") {
  World world(R"(
rules:
  - { at: command, when: { command: "/^NOOP secret/" }, reply: 250 2.0.0 Found }
  - { at: [vrfy, expn], reply: 252 2.5.0 Perhaps }
)");
  Client client(world);
  CHECK(client.command(Stage::noop, "noop secret words") == "250 2.0.0 Found");
  CHECK(client.command(Stage::noop, "NOOP") == "own");
  CHECK(client.command(Stage::vrfy, "VRFY bob") == "252 2.5.0 Perhaps");
  CHECK(client.command(Stage::expn, "EXPN list") == "252 2.5.0 Perhaps");
  protocol::Moment connect{};
  connect.stage = Stage::connect;
  CHECK(client.at(connect) == "own");
}

TEST_CASE("conditions on texts") {
  World world(R"(
rules:
  - { at: ehlo, when: { helo: bad.example }, reply: 550 helo }
  - { at: mail, when: { mail: "" }, reply: 550 null path }
  - { at: mail, when: { argument: "*XFOO*" }, reply: 550 argument }
  - { at: mail, when: { param.body: 8BITMIME }, reply: 550 param }
  - { at: rcpt, when: { mail: alice@a.test, rcpt: { not: bob@b.test } }, reply: 550 only bob }
  - { at: rcpt, when: { ip: [10.0.0.0/8, "2001:db8::/32"] }, reply: 550 ip }
  - { at: vrfy, when: { helo: { not: mx.test } }, reply: 550 not mx }
)");
  Client client(world, "10.1.2.3");
  CHECK(client.command(Stage::vrfy, "VRFY x") == "own");  // what is not known yet matches nothing, negated or not
  CHECK(client.ehlo("BAD.example") == "550 helo");
  CHECK(client.command(Stage::vrfy, "VRFY x") == "550 not mx");
  CHECK(client.mail("") == "550 null path");
  CHECK(client.mail("a@a.test", "XFOO=1") == "550 argument");
  CHECK(client.mail("a@a.test", "BODY=8BITMIME") == "550 param");
  CHECK(client.mail("a@a.test", "BODY=7BIT") == "own");
  CHECK(client.rcpt("bob@b.test") == "550 ip");
  CHECK(client.mail("Alice@A.test") == "own");
  CHECK(client.rcpt("carol@b.test") == "550 only bob");
}

TEST_CASE("conditions on numbers and booleans") {
  World world(R"(
rules:
  - { at: mail, when: { size: ">= 1000" }, reply: 552 declared }
  - { at: rcpt, when: { rcpts: ">= 2" }, reply: 452 rcpts }
  - { at: data, when: { connection: 2 }, reply: 451 connection }
  - { at: data, when: { transaction: 2 }, reply: 451 transaction }
  - { at: vrfy, when: { port: 2525, tls: false, authenticated: false, pipelined: true }, reply: 550 plain }
)");
  Client client(world);
  CHECK(client.mail("a@a.test", "SIZE=1000", 1000) == "552 declared");
  client.end_transaction();
  client.facts.transaction = 0;
  CHECK(client.mail("a@a.test") == "own");
  CHECK(client.rcpt("a@b.test") == "own");
  CHECK(client.rcpt("b@b.test") == "own");
  CHECK(client.rcpt("c@b.test") == "452 rcpts");
  CHECK(client.command(Stage::data, "DATA") == "own");
  client.mail("a@a.test");
  CHECK(client.command(Stage::data, "DATA") == "451 transaction");
  CHECK(client.command(Stage::vrfy, "VRFY x") == "own");
  client.facts.pipelined = true;
  CHECK(client.command(Stage::vrfy, "VRFY x") == "550 plain");
  Client second(world);
  second.mail("a@a.test");
  CHECK(second.command(Stage::data, "DATA") == "451 connection");
}

TEST_CASE("after RCPT, a condition on rcpt holds for any recipient; negated, for none") {
  World world(R"(
rules:
  - { at: data, when: { rcpt: "/^(?<who>bob)@/" }, reply: "550 ${who} is ${rcpt}" }
  - { at: data, when: { rcpt: { not: "*@c.test" } }, reply: 550 none at c }
)");
  Client client(world);
  client.mail("a@a.test");
  CHECK(client.command(Stage::data, "DATA") == "own");
  client.rcpt("carol@b.test");
  CHECK(client.command(Stage::data, "DATA") == "550 none at c");
  client.rcpt("carol@c.test");
  CHECK(client.command(Stage::data, "DATA") == "own");
  client.rcpt("bob@b.test");
  CHECK(client.command(Stage::data, "DATA") == "550 bob is bob@b.test");
}

TEST_CASE("header fields are unfolded and compared one by one; the body is what follows") {
  World world(R"(
rules:
  - { at: end-of-data, when: { header.subject: "*viagra pills*" }, reply: "554 5.7.1 <${header.subject}>" }
  - { at: end-of-data, when: { header.received: { not: "*from*" } }, reply: 554 5.7.1 no from }
  - { at: end-of-data, when: { body: "/^EICAR/" }, reply: 554 5.7.1 virus }
)");
  Client client(world);
  const auto send = [&](std::string_view content) {
    client.mail("a@a.test");
    client.rcpt("b@b.test");
    return client.dot(content);
  };
  CHECK(send("To: x\r\nSUBJECT: buy viagra\r\n pills now  \r\n\r\nx\r\n") == "554 5.7.1 <buy viagra pills now>");
  CHECK(send("Subject: x\r\nSubject: viagra pills\r\n\r\n") == "554 5.7.1 <x>");
  CHECK(send("Received: by a\r\nReceived: from b\r\n\r\n") == "own");
  CHECK(send("Received: by a\r\n\r\n") == "554 5.7.1 no from");
  CHECK(send("Subject: x\r\n\r\nEICAR\r\n") == "554 5.7.1 virus");
  CHECK(send("Subject: x\nEICAR: y\n\nEICAR\n") == "554 5.7.1 virus");
  CHECK(send("no header at all") == "own");
  CHECK(send("") == "own");
}

TEST_CASE("conditions look at a bounded part of a message") {
  World world(
      "rules:\n  - { at: end-of-data, when: { header.x: y }, reply: 550 header }\n  - { at: end-of-data, when: { body: /needle/ }, reply: 550 body }\n");
  Client client(world);
  client.mail("a@a.test");
  CHECK(client.dot("A: b\r\n\r\n" + std::string((1 << 20) - 6, 'x') + "needle") == "550 body");
  CHECK(client.dot("A: b\r\n\r\n" + std::string(1 << 20, 'x') + "needle") == "own");
  CHECK(client.dot("A: " + std::string(1000, 'b') + "\r\nX: y\r\n\r\n") == "550 header");
  CHECK(client.dot("A: " + std::string(256 * 1024, 'b') + "\r\nX: y\r\n\r\n") == "own");
}

TEST_CASE("times and key: twice for each sender and recipient, then accepted") {
  World world("rules:\n  - { at: rcpt, key: [mail, rcpt], times: 2, reply: 451 4.7.1 Later }\n");
  Client client(world);
  client.mail("a@a.test");
  CHECK(client.rcpt("b@b.test") == "451 4.7.1 Later");
  CHECK(client.rcpt("c@b.test") == "451 4.7.1 Later");
  CHECK(client.rcpt("B@b.test") == "451 4.7.1 Later");
  CHECK(client.rcpt("b@b.test") == "own");
  CHECK(client.rcpt("c@b.test") == "451 4.7.1 Later");
  client.mail("aa@a.test");
  CHECK(client.rcpt("b@b.test") == "451 4.7.1 Later");
  world.instance.reset();
  client.mail("a@a.test");
  CHECK(client.rcpt("b@b.test") == "451 4.7.1 Later");
  CHECK(world.instance.fired() == std::vector<std::uint64_t>{1});
}

TEST_CASE("greylisting is a key and a window") {
  World world("rules:\n  - { at: rcpt, key: [ip, mail, rcpt], window: { until: 60s }, reply: 451 4.7.1 Greylisted }\n");
  Client client(world);
  client.mail("a@a.test");
  CHECK(client.rcpt("b@b.test") == "451 4.7.1 Greylisted");
  world.now += 59s;
  CHECK(client.rcpt("b@b.test") == "451 4.7.1 Greylisted");
  world.now += 1s;
  CHECK(client.rcpt("b@b.test") == "own");
  CHECK(client.rcpt("c@b.test") == "451 4.7.1 Greylisted");
}

TEST_CASE("attempt counts a transaction once, under the rule's key") {
  World world("rules:\n  - { at: [rcpt, data], key: [mail], when: { attempt: \"1..2\" }, reply: \"451 attempt ${attempt}\" }\n");
  Client client(world);
  client.mail("a@a.test");
  CHECK(client.rcpt("b@b.test") == "451 attempt 1");
  CHECK(client.rcpt("c@b.test") == "451 attempt 1");
  CHECK(client.command(Stage::data, "DATA") == "451 attempt 1");
  client.mail("other@a.test");
  CHECK(client.rcpt("b@b.test") == "451 attempt 1");
  Client again(world);
  again.mail("a@a.test");
  CHECK(again.rcpt("b@b.test") == "451 attempt 2");
  client.mail("a@a.test");
  CHECK(client.rcpt("b@b.test") == "own");
}

TEST_CASE("state is shared by the sessions of a scenario and kept under the rule's key") {
  World world(R"(
rules:
  - { at: mail, when: { state: start }, set: seen, delay: 1ms }
  - { at: data, when: { state: seen }, reply: 451 seen }
  - { at: vrfy, key: [ip], when: { state: start }, set: asked, reply: 252 first }
  - { at: vrfy, reply: 252 again }
)");
  Client client(world);
  Client other(world, "10.0.0.1");
  CHECK(client.command(Stage::data, "DATA") == "own");
  CHECK(client.mail("a@a.test") == "own after 1ms");
  CHECK(client.mail("a@a.test") == "own");
  CHECK(other.command(Stage::data, "DATA") == "451 seen");
  CHECK(client.command(Stage::vrfy, "VRFY x") == "252 first");
  CHECK(client.command(Stage::vrfy, "VRFY x") == "252 again");
  CHECK(other.command(Stage::vrfy, "VRFY x") == "252 first");
}

TEST_CASE("a state that steps enter belongs to the deciding rule's key") {
  World world(R"(
rules:
  - { at: vrfy, key: [ip], when: { state: down }, reply: 252 down }
  - { at: noop, key: [ip], do: [ { set: down }, { reply: 250 2.0.0 Ok } ] }
)");
  Client client(world);
  Client other(world, "10.0.0.1");
  CHECK(client.command(Stage::noop, "NOOP") == "[set down] 250 2.0.0 Ok");
  client.play().enter_state("down");
  CHECK(client.command(Stage::vrfy, "VRFY x") == "252 down");
  CHECK(other.command(Stage::vrfy, "VRFY x") == "own");
}

TEST_CASE("at body each rule acts at its own offset, and the session is told the next one") {
  World world(R"(
rules:
  - { id: slow, at: body, after: 1000, delay: 1s }
  - { id: rst, at: body, when: { rcpt: '/^reset-(?<n>\d+)@/' }, after: "${n}", fault: reset }
  - { id: early, at: body, when: { mail: early@a.test, size: 0 }, fault: close }
)");
  Client client(world);
  client.mail("a@a.test");
  client.rcpt("b@b.test");
  CHECK(client.next_body_offset(0) == 1000);
  CHECK(client.next_body_offset(1001) == protocol::Director::kNever);
  CHECK(client.reached(1000) == "own after 1000ms");
  client.rcpt("reset-4096@b.test");
  CHECK(client.next_body_offset(1001) == 4096);
  CHECK(client.reached(4096) == "[reset]");
  CHECK(client.fired() == "slow rst!");
  client.mail("early@a.test");
  CHECK(client.next_body_offset(0) == 0);
  CHECK(client.reached(0) == "[close]");
}

TEST_CASE("`mail` outlives its transaction, until the next MAIL of the connection") {
  World world("rules:\n  - { at: quit, when: { mail: arm@a.test }, reply: 421 4.3.2 Armed }\n");
  Client client(world);
  CHECK(client.command(Stage::quit, "QUIT") == "own");
  client.mail("arm@a.test");
  client.rcpt("b@b.test");
  client.dot();
  CHECK(client.command(Stage::quit, "QUIT") == "421 4.3.2 Armed");
  client.mail("other@a.test");
  CHECK(client.command(Stage::quit, "QUIT") == "own");
  Client other(world);
  CHECK(other.command(Stage::quit, "QUIT") == "own");
}

TEST_CASE("rules found by the hash of an address keep their place in the file") {
  World world(R"(
rules:
  - { at: rcpt, when: { rcpt: [a@b.test, A@b.test, b@b.test] }, delay: 1ms }
  - { at: rcpt, when: { rcpt: "b@*" }, delay: 2ms }
  - { at: rcpt, when: { mail: m@m.test, rcpt: b@b.test }, reply: 550 both }
  - { at: rcpt, when: { mail: m@m.test }, reply: 550 mail }
  - { at: rcpt, when: { rcpt: B@B.TEST }, reply: 550 rcpt }
)");
  Client client(world);
  client.mail("x@m.test");
  CHECK(client.rcpt("a@b.test") == "own after 1ms");
  CHECK(client.rcpt("b@b.test") == "550 rcpt after 3ms");
  client.mail("M@m.test");
  CHECK(client.rcpt("b@b.test") == "550 both after 3ms");
  CHECK(client.rcpt("A@B.test") == "550 mail after 1ms");
  CHECK(client.rcpt("c@b.test") == "550 mail");
}

TEST_CASE("the same seed draws the same, whatever the order of other sessions") {
  const ScenarioPtr scenario = compiled(R"(
rules:
  - { at: vrfy, probability: 0.5, key: [ip], reply: 252 2.0.0 Lucky }
  - { at: noop, key: [ip], delay: { uniform: [1s, 2s] } }
)");
  const auto play = [&](std::uint64_t seed, bool disturbed) {
    World world(scenario, seed);
    Client client(world);
    Client other(world, "10.0.0.9");
    std::string out;
    for (int i = 0; i < 64; ++i) {
      if (disturbed) other.command(Stage::vrfy, "VRFY x"), other.command(Stage::noop, "NOOP");
      out += client.command(Stage::vrfy, "VRFY x") + client.command(Stage::noop, "NOOP") + "\n";
    }
    return out;
  };
  CHECK(play(1, false) == play(1, true));
  CHECK(play(1, false) != play(2, false));
  CHECK(play(1, false).find("own after 1") != std::string::npos);
}

TEST_CASE("`times` is never exceeded by sessions on several threads") {
  constexpr int kThreads = 8;
  const ScenarioPtr scenario =
      compiled("rules:\n  - { at: rcpt, times: 100, reply: 451 4.0.0 Later }\n  - { id: all, at: rcpt, delay: 1ms }\n");
  Instance instance(scenario, 1);
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      journal::Journal journal({});
      Play play(instance, journal);
      play.begin(journal.open_session("127.0.0.1:1", 2525, "test", {}));
      protocol::Facts facts;
      protocol::Moment moment{};
      moment.stage = Stage::rcpt;
      moment.facts = &facts;
      moment.rcpt = "b@b.test", moment.has_rcpt = true;
      protocol::Decision decision;
      for (int j = 0; j < 1000; ++j) {
        decision.clear();
        play.decide(moment, decision);
        refused += decision.decided;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(refused == 100);
  CHECK(instance.fired() == std::vector<std::uint64_t>{100, kThreads * 1000 - 100});
}

TEST_CASE("a rule that is turned off is not asked, in the content either, until all is reset", "[play]") {
  World world("rules: [{at: rcpt, times: 9, reply: 451}, {at: rcpt, reply: 550}, {at: body, after: 7, fault: reset}]\n");
  Client client(world);
  client.mail("a@a.test");
  world.instance.turn_off(0);
  world.instance.turn_off(2);
  CHECK(client.rcpt("b@b.test").starts_with("550"));
  CHECK(client.next_body_offset(0) == protocol::Director::kNever);
  CHECK(world.instance.fired() == std::vector<std::uint64_t>{0, 1, 0});
  world.instance.reset();
  CHECK(client.rcpt("b@b.test").starts_with("451"));
  CHECK(client.next_body_offset(0) == 7);
  CHECK(client.reached(7) == "[reset]");
}
