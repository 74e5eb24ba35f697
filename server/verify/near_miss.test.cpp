// Why a rule did not fire, told from the sessions that could have met it.
#include "verify/near_miss.hpp"

#include "testing/catch.hpp"
#include "verify/evidence_fixture.hpp"
#include "verify/verdict.hpp"

using namespace malaposta::verify;
using namespace malaposta::verify::test;

namespace {

// What is told of the rule 'one' after a session that delivers a message.
std::string told(std::string_view rule, std::string_view server = "") {
  Trial trial(std::string(server) + "rules: [{id: one, " + std::string(rule) + "}]\n");
  trial.session(kEhlo, kEnvelope, kMessage, kQuit);
  std::string text;
  for (const std::string& line : near_misses(trial.scenario(), trial.evidence(), "one")) text += line + "\n";
  return text;
}

std::string nearest(std::string_view at, std::string_view line, std::string_view why) {
  return "rule 'one' (line 3): of 1 times at " + std::string(at) + ", this was nearest (session 1): " + std::string(line) + "\n" +
         std::string(why);
}

}  // namespace

TEST_CASE("near misses: the condition that did not hold, and what was there", "[near-miss]") {
  const char* rcpt = "C: RCPT TO:<b@b.test>";
  CHECK(told("at: rcpt, when: {rcpt: c@b.test}, reply: 550") ==
        nearest("rcpt", rcpt, "  'rcpt: c@b.test' did not hold: it is 'b@b.test'\n"));
  CHECK(told("at: rcpt, when: {mail: {not: '*@a.test'}, rcpt: b@b.test}, reply: 550") ==
        nearest("rcpt", rcpt, "  'mail: not *@a.test' did not hold: it is 'a@a.test'\n"));
  CHECK(told("at: rcpt, when: {helo: other.test, tls: true}, reply: 550") ==
        nearest("rcpt", rcpt,
                "  'helo: other.test' did not hold: it is 'client.example.test'\n  'tls: true' did not hold: it is in clear\n"));
  CHECK(told("at: rcpt, when: {rcpts: \">= 2\"}, reply: 550") == nearest("rcpt", rcpt, "  'rcpts: >= 2' did not hold: it is 0\n"));
  CHECK(told("at: rcpt, when: {ip: 192.0.2.0/24}, reply: 550") ==
        nearest("rcpt", rcpt, "  'ip: 192.0.2.0/24' did not hold: it is '127.0.0.1'\n"));
  CHECK(told("at: rcpt, when: {param.NOTIFY: NEVER}, reply: 550") ==
        nearest("rcpt", rcpt, "  'param.NOTIFY: NEVER' did not hold: it is not known there\n"));
  CHECK(told("at: end-of-data, when: {header.subject: goodbye}, reply: 550") ==
        nearest("end-of-data", "C: <107 bytes of content>", "  'header.subject: goodbye' did not hold: it is 'hello'\n"));
}

TEST_CASE("near misses: the moment at which most conditions held", "[near-miss]") {
  Trial trial("rules: [{id: one, at: rcpt, when: {mail: z@z.test, rcpt: c@b.test}, reply: 550}]\n");
  trial.session(kEhlo, "MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nRCPT TO:<c@b.test>\r\nRCPT TO:<d@b.test>\r\n", kQuit);
  const auto lines = near_misses(trial.scenario(), trial.evidence(), "one");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "rule 'one' (line 3): of 3 times at rcpt, this was nearest (session 1): C: RCPT TO:<c@b.test>");
  CHECK(lines[1] == "  'mail: z@z.test' did not hold: it is 'a@a.test'");
}

TEST_CASE("near misses: a stage that was not met, and gates", "[near-miss]") {
  CHECK(told("at: [auth, vrfy], reply: 535") == "rule 'one' (line 3): no session came to auth, vrfy\n");
  CHECK(told("at: rcpt, skip: 5, reply: 550") ==
        "rule 'one' (line 3): its conditions held 1 of 1 times at rcpt; its gates, or a rule above it, kept it from firing then\n");
}

TEST_CASE("near misses stand with the first failure, once for each rule that never fired", "[near-miss]") {
  Trial trial("rules: [{id: one, at: vrfy, reply: 550}, {id: two, at: quit, reply: 221}]\nexpect: [{accepted: 2}, {rule: {id: one}}]\n");
  trial.session(kEhlo, kEnvelope, kMessage, kQuit);
  const Verdict verdict = judge(trial.scenario(), trial.evidence(), {}, true, {});
  const auto lines = [&](std::size_t judgement) {
    return std::count(verdict.judgements[judgement].explanation.begin(), verdict.judgements[judgement].explanation.end(),
                      "rule 'one' (line 3): no session came to vrfy");
  };
  CHECK(lines(0) == 0);
  CHECK(lines(1) == 1);
  Trial silent("rules: [{id: one, at: vrfy, reply: 550}]\nexpect: [{accepted: 2}]\n");
  silent.session(kEhlo, kEnvelope, kMessage, kQuit);
  CHECK(judge(silent.scenario(), silent.evidence(), {}, true, {}).judgements[0].explanation.back() ==
        "rule 'one' (line 3): no session came to vrfy");
}

TEST_CASE("a rule that fired too often shows where it did last", "[near-miss]") {
  Trial trial("rules: [{id: one, at: noop, reply: 250}]\nexpect: [{rule: {id: one, fired: 1}}]\n");
  trial.session(kEhlo, "NOOP\r\n", "NOOP again\r\n", kQuit);
  const Judgement judgement = judge(trial.scenario(), trial.evidence(), {}, true, {}).judgements.at(0);
  CHECK(std::any_of(judgement.explanation.begin(), judgement.explanation.end(),
                    [](const std::string& line) { return line.starts_with("> ") && line.ends_with("rule 'one' (line 3)"); }));
}
