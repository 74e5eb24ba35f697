// Reports made by hand from a small run: what each says, and that nothing from the network breaks its form.
#include "report/report.hpp"

#include "testing/catch.hpp"
#include "verify/evidence_fixture.hpp"

using namespace malaposta;
using namespace malaposta::report;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

Entry entry(std::string_view expectation, std::string name = "story") {
  verify::test::Trial trial("rules: [{id: gone, at: rcpt, fault: reset}]\nexpect: [" + std::string(expectation) + "]\n");
  trial.session("EHLO c.test\r\n", "NOOP \x01\xff]]>\r\n", verify::test::kEnvelope);
  Entry made;
  made.name = std::move(name);
  made.evidence = trial.evidence();
  made.verdict = verify::judge(trial.scenario(), made.evidence, {}, true, {});
  made.client = verify::ClientResult{1, {}, false, "", "it hurts\n"};
  return made;
}

// A transcript without what is for readers only.
std::string bare(std::string_view transcript) {
  std::string out;
  for (const std::string_view line : scenario::split_lines(transcript))
    if (!line.starts_with('#')) out += std::string(line) + "\n";
  return out;
}

// Three sessions of a client that delivers a message: what they are like with the scenario, and with their own transcript.
void check_replay(const scenario::ScenarioPtr& scenario, std::initializer_list<std::string> sent) {
  INFO(scenario->name());
  const auto met = [&](verify::test::Trial trial) {
    for (int i = 0; i < 3; ++i) trial.play(sent);
    return trial.evidence();
  };
  const std::string written = transcript(met(verify::test::Trial(scenario)));
  INFO(written);
  const scenario::Loaded loaded = scenario::load_text("transcript.txt", written, {});
  REQUIRE_FALSE(loaded.failed());
  const verify::Evidence again = met(verify::test::Trial(loaded.scenarios.at(0)));
  CHECK(bare(transcript(again)) == bare(written));
  CHECK(verify::judge(*loaded.scenarios.at(0), again, {}, true, {}).kind == verify::Verdict::Kind::passed);
}

}  // namespace

TEST_CASE("a transcript replays its session: every shipped scenario that needs no handshake") {
  const std::string envelope(verify::test::kEnvelope), message(verify::test::kMessage);
  for (const scenario::Shipped& shipped : scenario::shipped()) {
    const scenario::ScenarioPtr one = scenario::load({std::string(shipped.name())}, {}).scenarios.at(0);
    if (one->profile().tls == protocol::Tls::implicit || one->model().server.listen != scenario::Listen::accept) continue;
    check_replay(one, {"EHLO c.test\r\n", envelope.substr(0, envelope.find("DATA")), "DATA\r\n", message, "QUIT\r\n", "<eof>"});
  }
}

TEST_CASE("a transcript replays whatever bytes were sent") {
  const auto replay = [](std::string_view rules, std::initializer_list<std::string> sent) {
    check_replay(scenario::test::compiled("rules: " + std::string(rules) + "\n"), sent);
  };
  replay("[]", {"EHLO c.test\r\n", "NOOP \x01\xff ${x} ${y=/z/} \\ ...\r\n", "<eof>\r\n", "<message>\r\n", " \r\n", "NOOP  \r\n", "\r\n",
                "<eof>"});
  replay("[{at: noop, reply: '250 $${x} ... \xC3\xA9'}]", {"NOOP\r\n", "<eof>"});
  replay("[{at: noop, do: [{send: \"250-a\\n250-b\\r\"}, {wait: 1.5ms}, {send: \"250 \\\\c\\r\\n\"}]}]", {"NOOP\r\n", "QUIT\r\n"});
  replay("[{at: noop, fault: stall, for: 3s}]", {"NOOP\r\n", "<eof>"});
  replay("[]", {"EHLO c.test\r\n", std::string(verify::test::kEnvelope), "Subject: x\r\n\r\nx\r\n", "<reset>"});
  replay("[]", {"EHLO c.test\r\n", "MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\n", "BDAT 5\r\nabc\r\nBDAT 0 LAST\r\n", "<eof>"});
}

TEST_CASE("console: a line for what passed, the defect first for what failed") {
  CHECK(console(entry("{connections: 1}"), false) == "ok     story (0.00 s)\n");
  const std::string failed = console(entry("{accepted: 1}"), false);
  CHECK(failed.starts_with(
      "FAILED story (0.00 s)\n  test.yaml:4:10: failed: expected messages accepted: exactly 1; got 0 messages accepted\n"));
  CHECK(has(failed, "the client ended with status 1\n    it hurts\n"));
  CHECK(has(console(entry("{accepted: 1}"), true), "\x1b[31mFAILED\x1b[0m"));
  CHECK(console_summary({entry("{connections: 1}"), entry("{accepted: 1}")}, 7, false) == "2 scenarios: 1 passed, 1 failed; seed 7\n");
}

TEST_CASE("console: a client does not write to the terminal") {
  Entry made = entry("{accepted: 1}");
  made.client->errors = "\x1b]0;title\x07 \x1b[2J\rok \xc2\x9b\xff\tin\n\xe2\x80\xaeon two lines\n";
  made.verdict.findings = {{"bare-lf", catalogue::Severity::error, 0, 1, "C: NOOP \x1b[1A"}};
  made.verdict.judgements.front().actual = "\x1b[32mpassed";
  const std::string text = console(made, false);
  CHECK(has(text, "    \\x1B]0;title\\x07 \\x1B[2J\\x0Dok \\x9B\xef\xbf\xbd\tin\n    \\u202Eon two lines\n"));
  CHECK(has(text, "bare-lf in session 1: C: NOOP \\x1B[1A\n"));
  CHECK(has(text, "got \\x1B[32mpassed\n"));
  made.error = "\x1b[2J: not found";
  CHECK(console(made, false) == "FAILED story (0.00 s)\n  \\x1B[2J: not found\n");
}

TEST_CASE("transcript: the syntax of dialogs, whatever bytes were sent") {
  const std::string text = transcript(entry("{connections: 1}").evidence);
  CHECK(text.starts_with("# session 1 from 127.0.0.1:54321\nS: 220 mx.example.test ESMTP Malaposta ready\nC: EHLO c.test\n"));
  CHECK(has(text, "C: NOOP \\x01\\xFF]]>\n"));
  CHECK(has(text, "# rule 'gone' (line 3)\n!: reset\n# ended: server-reset\n"));
}

TEST_CASE("each form stays what it is, whatever bytes were sent") {
  const std::vector<Entry> entries{entry("{accepted: 1}", "a#1|2:3,4")};
  CHECK(has(junit(entries), "<testcase name=\"a#1|2:3,4\""));
  CHECK(has(junit(entries), "NOOP \\x01\\xFF]]&gt;"));
  CHECK(has(tap(entries), "not ok 1 - a\\#1|2:3,4\n  ---\n  verdict: failed\n"));
  CHECK(has(github_annotations(entries), "title=a#1|2%3A3%2C4::expected messages accepted: exactly 1"));
  CHECK(has(github_summary(entries), "| a#1\\|2:3,4 | failed |"));
  CHECK(has(json(entries, 1), "\"verdict\":\"failed\""));
  CHECK(has(events_ndjson(entries[0].evidence), "\"text\":\"NOOP \\u0001\xef\xbf\xbd]]>\""));
}

TEST_CASE("what is no UTF-8 is replaced, byte by byte") {
  CHECK(valid_utf8("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\xae") == "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\xae");
  CHECK(valid_utf8("\xc0\xaf") == "\xef\xbf\xbd\xef\xbf\xbd");              // overlong
  CHECK(valid_utf8("\xed\xa0\x80") == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // a surrogate
  CHECK(valid_utf8("\xe2\x82") == "\xef\xbf\xbd\xef\xbf\xbd");              // cut
}
