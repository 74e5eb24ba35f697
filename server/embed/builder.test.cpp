#include "malaposta/builder.hpp"

#include "embed/client_fixture.hpp"
#include "malaposta/malaposta.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using malaposta::testing::deliver;
using namespace std::chrono_literals;

TEST_CASE("a scenario built in code is written as a file would have it") {
  const ScenarioBuilder builder = ScenarioBuilder("busy")
                                      .title("Busy, then accept: \"really\"")
                                      .codes({451})
                                      .server("hostname", "mx.b.test")
                                      .rule(Rule("tempfail")
                                                .at("end-of-data")
                                                .when("rcpt", "*@b.test")
                                                .when("mail", "alice@a.test")
                                                .times(2)
                                                .reply("451 4.3.0 Try again later"))
                                      .rule(Rule("slow").at({"rcpt", "data"}).key({"ip", "mail"}).delay(20ms))
                                      .expect(Expectation::attempts(3, {"mail", "header.message-id"}))
                                      .expect(Expectation::accepted(at_least(1)));
  CHECK(builder.text() == R"(malaposta: 1
name: busy
title: "Busy, then accept: \"really\""
codes: [451]
server:
  hostname: mx.b.test
rules:
  - id: tempfail
    at: end-of-data
    times: 2
    reply: "451 4.3.0 Try again later"
    when: { rcpt: "*@b.test", mail: "alice@a.test" }
  - id: slow
    at: [rcpt, data]
    key: [ip, mail]
    delay: 20ms
expect:
  - attempts: { exactly: 3, same: [mail, header.message-id] }
  - accepted: { min: 1 }
)");
  const Scenario scenario = builder.build();
  CHECK(scenario.name() == "busy");
  CHECK(scenario.title() == "Busy, then accept: \"really\"");
  CHECK(scenario.text() == builder.text());
  const Server server = Server::start(scenario);
  for (const int code : {451, 451, 250}) CHECK(deliver(server.host(), server.port()) == code);
  CHECK(server.verify().passed());
}

TEST_CASE("every word of the builder is one of the language") {
  const Scenario scenario = ScenarioBuilder("all-words")
                                .with("vars", "{ who: you }")
                                .rule(Rule("a").at("body").after(10).fault("close").skip(1).every(2))
                                .rule(Rule("e").at("end-of-data").when("size", ">= 1MB").capture(false))
                                .rule(Rule("b").at("rcpt").reply(550).probability(0.25).set_state("later"))
                                .rule(Rule("c").at("quit").then("reset"))
                                .rule(Rule("d").at("noop").with("window", "{ after: 10s, until: 60s }").reply("250 ${who}"))
                                .expect(Expectation::connections(at_most(2)))
                                .expect(Expectation::captured({0, 1}))
                                .expect(Expectation::commands(at_most(20)))
                                .expect(Expectation::quiet(1ms))
                                .expect(Expectation::sequence({"EHLO", "MAIL"}))
                                .expect(Expectation::ends("quit"))
                                .expect(Expectation::message("header.subject", "Hel*"))
                                .expect(Expectation::no_findings())
                                .expect(Expectation::rule("a", 0))
                                .expect(Expectation::from_yaml("never: { at: auth }"))
                                .build();
  CHECK(scenario.warnings().empty());
}

TEST_CASE("what is wrong with a scenario built in code is told as of a file") {
  try {
    (void)ScenarioBuilder("mistaken").rule(Rule("a").at("recipient").reply(550)).build();
    FAIL("it was taken");
  } catch (const ScenarioError& error) {
    CHECK(std::string(error.what()).starts_with("mistaken.yaml:5:9: error:"));
  }
}
