// The verdict on a dialog: which session left it where, and both lines side by side.
#include "testing/catch.hpp"
#include "verify/evidence_fixture.hpp"
#include "verify/verdict.hpp"

using namespace malaposta;
using namespace malaposta::verify;
using namespace malaposta::verify::test;

namespace {

Judgement judged(std::string_view dialog, const std::vector<std::vector<std::string>>& sessions) {
  Trial trial(scenario::load_text("d.txt", dialog, {}).scenarios.at(0));
  for (const std::vector<std::string>& session : sessions) trial.play(session);
  return judge(trial.scenario(), trial.evidence(), {}, true, {}).judgements.at(0);
}

}  // namespace

TEST_CASE("dialog: each session is kept to its end, and there are as many as it has", "[dialog]") {
  const char* one = "S: 220 x\nC: QUIT\nS: 221 x\n";
  const char* two = "# session 1\nS: 421 x\n# session 2\nS: 220 x\nC: QUIT\nS: 221 x\n";
  CHECK(judged(one, {{"QUIT\r\n"}}).outcome == Judgement::Outcome::passed);
  CHECK(judged(one, {{"QUIT\r\n"}, {"QUIT\r\n"}}).outcome == Judgement::Outcome::passed);
  CHECK(judged(one, {{"QUIT\r\n"}, {"QUIT\r\n"}}).actual == "2 of 2 sessions kept to it");
  CHECK(judged(one, {}).actual == "no client connected");
  CHECK(judged(two, {{""}}).outcome == Judgement::Outcome::failed);
  CHECK(judged(two, {{""}, {"QUIT\r\n"}}).outcome == Judgement::Outcome::passed);
}

TEST_CASE("dialog: a mismatch names the line, and shows where the two part", "[dialog]") {
  const Judgement other = judged("S: 220 x\nC: MAIL FROM:<alice@a.test>\nS: 250 x\n", {{"mail from:<alise@a.test>\r\n"}});
  CHECK(other.outcome == Judgement::Outcome::failed);
  CHECK(other.line == 2);
  CHECK(other.explanation.at(0) == "expected  C: MAIL FROM:<alice@a.test>");
  CHECK(other.explanation.at(1) == "received  C: mail from:<alise@a.test>");
  CHECK(other.explanation.at(2) == "                           ^");
  const Judgement cased = judged("S: 220 x\nC: MAIL FROM:<Alice@a.test>\nS: 250 x\n", {{"MAIL FROM:<alice@a.test>\r\n"}});
  CHECK(cased.explanation.at(2) == "                        ^");
  const Judgement gone = judged("S: 220 x\nC: QUIT\nS: 221 x\n", {{"<eof>"}});
  CHECK(gone.explanation.at(1) == "received  <eof>");
  CHECK(gone.explanation.at(2) == "session 1 from 127.0.0.1:54321:");
}

TEST_CASE("dialog: expectations come on top", "[dialog]") {
  Trial trial("dialog: |\n  S: 220 x\n  C: QUIT\n  S: 221 x\nexpect: [{connections: 1}, {accepted: 1}]\n");
  trial.session("QUIT\r\n");
  const Verdict verdict = judge(trial.scenario(), trial.evidence(), {}, true, {});
  CHECK(verdict.kind == Verdict::Kind::failed);
  REQUIRE(verdict.judgements.size() == 3);
  CHECK(verdict.judgements[2].expected == "the client keeps to the dialog");
  CHECK(verdict.judgements[2].outcome == Judgement::Outcome::passed);
}
