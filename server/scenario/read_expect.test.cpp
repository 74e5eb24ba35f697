// What a correct client is expected to do.
#include "scenario/reading_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta::scenario;
using namespace malaposta::scenario::reading_test;
using namespace std::chrono_literals;
using Kind = Expectation::Kind;

namespace {

Expectation expectation(std::string_view source) { return model("expect:\n- " + std::string(source) + "\n").expect.at(0); }

}  // namespace

TEST_CASE("counts") {
  const Expectation exactly = expectation("accepted: { exactly: 3 }");
  CHECK((exactly.kind == Kind::accepted && exactly.count->min == 3 && exactly.count->max == 3));
  CHECK(exactly.place.line == 3);
  const Expectation plain = expectation("captured: 3");
  CHECK((plain.kind == Kind::captured && plain.count->min == 3 && plain.count->max == 3));
  const Expectation range = expectation("connections: { min: 1, max: 2 }");
  CHECK((range.kind == Kind::connections && range.count->min == 1 && range.count->max == 2));
  const Expectation least = expectation("commands: { min: 1, verb: RCPT }");
  CHECK((least.kind == Kind::commands && least.count->min == 1 && least.count->max == UINT64_MAX && least.verb.value == "RCPT"));
}

TEST_CASE("counts that contradict themselves") {
  CHECK(problems("expect: [{ accepted: { min: 3, max: 2 } }]\n") ==
        "a.yaml:2:22: error: 'min' is greater than 'max'\n"
        "  2 | expect: [{ accepted: { min: 3, max: 2 } }]\n"
        "    |                      ^\n");
  CHECK(problems("expect: [{ accepted: { exactly: 3, max: 4 } }]\n") ==
        "a.yaml:2:22: error: 'exactly' leaves nothing to 'min' and 'max'\n"
        "  2 | expect: [{ accepted: { exactly: 3, max: 4 } }]\n"
        "    |                      ^\n");
  CHECK(problems("expect: [{ accepted: {} }]\n") ==
        "a.yaml:2:22: error: how often?\n"
        "  2 | expect: [{ accepted: {} }]\n"
        "    |                      ^ say 'exactly', 'min' or 'max'\n");
  CHECK(problems("expect: [{ commands: often }]\n") ==
        "a.yaml:2:22: error: expected a number, such as 3 or 10kB, not 'often'\n"
        "  2 | expect: [{ commands: often }]\n"
        "    |                      ^^^^^\n");
}

TEST_CASE("attempts") {
  const Expectation made =
      model(
          "vars: { window: 30s }\nexpect:\n- attempts: { exactly: 3, same: [mail, rcpts, header.message-id], gap: { min: 1s, max: \"${window}\" } }\n")
          .expect.at(0);
  CHECK(made.kind == Kind::attempts);
  CHECK(made.count->min == 3);
  REQUIRE(made.same.size() == 3);
  CHECK(made.same[2].value == "header.message-id");
  CHECK(made.gap_min == 1s);
  CHECK(made.gap_max == 30s);
  CHECK_FALSE(expectation("attempts: { same: mail }").count);
  CHECK(problems("expect: [{ attempts: { same: [headers.x] } }]\n") ==
        "a.yaml:2:31: error: unknown word 'headers.x'\n"
        "  2 | expect: [{ attempts: { same: [headers.x] } }]\n"
        "    |                               ^^^^^^^^^ did you mean 'header.'?\n");
  CHECK(problems("expect: [{ attempts: { gap: { min: 3s, max: 1s } } }]\n") ==
        "a.yaml:2:29: error: 'min' is greater than 'max'\n"
        "  2 | expect: [{ attempts: { gap: { min: 3s, max: 1s } } }]\n"
        "    |                             ^\n");
}

TEST_CASE("all other expectations") {
  const Expectation quiet = expectation("quiet: 2s");
  CHECK((quiet.kind == Kind::quiet && quiet.quiet == 2s));
  const Expectation sequence = expectation("sequence: [EHLO, MAIL, RCPT, QUIT]");
  CHECK((sequence.kind == Kind::sequence && sequence.sequence.size() == 4 && sequence.sequence[3].value == "QUIT"));
  const Expectation never = expectation("never: { at: [auth, mail], tls: false }");
  CHECK((never.kind == Kind::never && never.at == std::vector<Stage>{Stage::auth, Stage::mail} && never.tls == false));
  const Expectation message = expectation("message: { header.subject: invoice, rcpts: [a@b.test, c@d.test], mail: { not: '' } }");
  CHECK((message.kind == Kind::message && message.message.size() == 3));
  const Expectation ends = expectation("ends: [quit, close]");
  CHECK((ends.kind == Kind::ends && ends.ends.size() == 2 && ends.ends[1].value == "close"));
  const Expectation client = expectation("client: { exit: 75 }");
  CHECK((client.kind == Kind::client && client.exit == 75u));
  const Expectation findings = expectation("findings: { none: warning }");
  CHECK((findings.kind == Kind::findings && findings.findings.value == "warning"));
  const Expectation fired = expectation("rule: { id: tempfail, fired: 2 }");
  CHECK((fired.kind == Kind::rule && fired.rule.value == "tempfail" && fired.fired == 2u));
}

TEST_CASE("expectations that are misspelt") {
  CHECK(problems("expect: [{ ends: quits }]\n") ==
        "a.yaml:2:18: error: unknown word 'quits'\n"
        "  2 | expect: [{ ends: quits }]\n"
        "    |                  ^^^^^ did you mean 'quit'?\n");
  CHECK(problems("expect: [{ findings: { none: fatal } }]\n") ==
        "a.yaml:2:30: error: unknown word 'fatal'\n"
        "  2 | expect: [{ findings: { none: fatal } }]\n"
        "    |                              ^^^^^ one of note, warning, error\n");
  CHECK(problems("expect: [{ client: 0 }]\n") ==
        "a.yaml:2:20: error: expected a mapping, not '0'\n"
        "  2 | expect: [{ client: 0 }]\n"
        "    |                    ^\n");
  CHECK(problems("expect: [accepted]\n") ==
        "a.yaml:2:10: error: expected a mapping with one expectation, not 'accepted'\n"
        "  2 | expect: [accepted]\n"
        "    |          ^^^^^^^^\n");
  CHECK(problems("expect: { accepted: 1 }\n") ==
        "a.yaml:2:9: error: expected a list, not a mapping\n"
        "  2 | expect: { accepted: 1 }\n"
        "    |         ^\n");
}
