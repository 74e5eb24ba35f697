// Each kind of expectation: met, failed with its explanation, pending while the client is at work, inconclusive.
#include "testing/catch.hpp"
#include "verify/evidence_fixture.hpp"
#include "verify/explain.hpp"
#include "verify/verdict.hpp"

using namespace malaposta::verify;
using namespace malaposta::verify::test;
using namespace std::chrono_literals;

namespace {

// A scenario with one expectation, and what came of it.
struct Tried {
  Trial trial;
  std::optional<ClientResult> client;
  bool final = true;
  std::chrono::nanoseconds later{0};

  explicit Tried(std::string_view expectation, std::string_view rules = "[]")
      : trial("rules: " + std::string(rules) + "\nexpect: [" + std::string(expectation) + "]\n") {}
  template <typename... Sent>
  Tried& session(const Sent&... sent) {
    trial.session(sent...);
    return *this;
  }
  Tried& deliver() { return session(kEhlo, kEnvelope, kMessage, kQuit); }
  Judgement judged() const {
    const Evidence evidence = trial.evidence();
    TimePoint now{};
    for (const SessionRecord& one : evidence.sessions) now = std::max(now, one.events.back().at);
    return judge(trial.scenario(), evidence, client, final, now + later).judgements.at(0);
  }
  std::string_view outcome() const { return name(judged().outcome); }
  Tried& running() {
    final = false;
    return *this;
  }
};

bool contains(const std::vector<std::string>& lines, std::string_view part) {
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("counts: exactly, min and max", "[judge]") {
  CHECK(Tried("{connections: 1}").deliver().outcome() == "passed");
  CHECK(Tried("{connections: {min: 2}}").deliver().outcome() == "failed");
  CHECK(Tried("{connections: {min: 2}}").deliver().running().outcome() == "pending");
  CHECK(Tried("{accepted: 0}").deliver().running().outcome() == "failed");  // nothing can mend it
  CHECK(Tried("{captured: {min: 1}}").deliver().outcome() == "passed");
  CHECK(Tried("{commands: {verb: NOOP, exactly: 0}}").deliver().outcome() == "passed");
  CHECK(Tried("{commands: {verb: RCPT, max: 0}}").deliver().judged().actual == "1 RCPT commands");
  CHECK(Tried("{attempts: {exactly: 2}}").deliver().judged().expected == "attempts: exactly 2");
}

TEST_CASE("attempts: a failure lists them, and shows the session of the last", "[judge]") {
  const Judgement judgement = Tried("{attempts: {exactly: 2}}", "[{at: rcpt, reply: 450}]").session(kEhlo, kEnvelope, "QUIT\r\n").judged();
  CHECK(name(judgement.outcome) == "failed");
  CHECK(judgement.actual == "1 attempts");
  CHECK(contains(judgement.explanation, "attempt 1 in session 1: from <a@a.test> to <b@b.test>: 554"));
  CHECK(contains(judgement.explanation, "C: RCPT TO:<b@b.test>"));
  CHECK(render(judgement).starts_with("test.yaml:4:10: failed: expected attempts: exactly 2; got 1 attempts\n"));
}

TEST_CASE("attempts: of the same message, and in good time", "[judge]") {
  const std::string other = "Message-ID: <2@a.test>\r\n\r\nHello.\r\n.\r\n";
  Tried same("{attempts: {min: 2, same: [mail, rcpts, header.message-id]}}");
  CHECK(same.deliver().deliver().outcome() == "passed");
  same.session(kEhlo, kEnvelope, other);
  CHECK(same.judged().actual == "header.message-id changed from '<1@a.test>' to '<2@a.test>'");

  // Who has not named the recipients yet has not named others.
  Tried early("{attempts: {exactly: 3, same: [mail, rcpts]}}");
  early.deliver().session(kEhlo, "MAIL FROM:<a@a.test>\r\n");
  CHECK(early.running().outcome() == "pending");
  early.final = true;
  CHECK(early.outcome() == "failed");
  Tried others("{attempts: {exactly: 3, same: [rcpts]}}");
  others.deliver().session(kEhlo, "MAIL FROM:<a@a.test>\r\n", "RCPT TO:<c@c.test>\r\n", "DATA\r\n");
  CHECK(others.running().judged().actual == "rcpts changed from 'b@b.test' to 'c@c.test'");

  Tried gap("{attempts: {gap: {min: 1s, max: 10s}}}");
  gap.deliver().trial.wait(2s);
  CHECK(gap.deliver().outcome() == "passed");
  gap.trial.wait(20s);
  CHECK(gap.deliver().judged().actual.ends_with("too late"));
  CHECK(Tried("{attempts: {gap: {min: 1s}}}").deliver().deliver().judged().actual.ends_with("too early"));
}

TEST_CASE("sequence: in this order, others between", "[judge]") {
  CHECK(Tried("{sequence: [EHLO, MAIL, QUIT]}").deliver().outcome() == "passed");
  const Judgement judgement = Tried("{sequence: [EHLO, RSET, QUIT]}").deliver().judged();
  CHECK(name(judgement.outcome) == "failed");
  CHECK(judgement.actual == "EHLO, MAIL, RCPT, DATA, QUIT");
  CHECK(judgement.explanation.front() == "RSET is missing after EHLO");
}

TEST_CASE("never: what no client does, at a stage, with TLS or without", "[judge]") {
  CHECK(Tried("{never: {at: auth}}").deliver().outcome() == "passed");
  const Judgement judgement = Tried("{never: {at: [auth], tls: false}}").session(kEhlo, "AUTH PLAIN AGEAYg==\r\n").judged();
  CHECK(name(judgement.outcome) == "failed");
  CHECK(judgement.actual == "C: AUTH PLAIN AGEAYg==");
  CHECK(contains(judgement.explanation, "> +"));
  CHECK(Tried("{never: {at: [auth], tls: true}}").session(kEhlo, "AUTH PLAIN AGEAYg==\r\n").outcome() == "passed");
  CHECK(Tried("{never: {at: [end-of-data]}}").deliver().outcome() == "failed");
}

TEST_CASE("message: some captured message matches", "[judge]") {
  CHECK(Tried("{message: {header.subject: hello, rcpts: [b@b.test], mail: '*@a.test', body: '/Hello/'}}").deliver().outcome() == "passed");
  CHECK(Tried("{message: {rcpts: {not: [b@b.test]}}}").deliver().outcome() == "failed");
  const Judgement judgement = Tried("{message: {header.subject: bye}}").deliver().judged();
  CHECK(judgement.actual.ends_with("header.subject is 'hello'"));
  CHECK(Tried("{message: {mail: x}}").judged().actual == "no message was kept");
}

TEST_CASE("ends: how the client left, where it was not the server who did", "[judge]") {
  CHECK(Tried("{ends: quit}").deliver().outcome() == "passed");
  CHECK(Tried("{ends: quit}").session(kEhlo, "<eof>").judged().actual == "session 1: client-closed");
  CHECK(Tried("{ends: [quit, close]}").session(kEhlo, "<eof>").outcome() == "passed");
  CHECK(Tried("{ends: reset}").session(kEhlo, "<reset>").outcome() == "passed");
  CHECK(Tried("{ends: quit}", "[{at: ehlo, fault: close}]").session(kEhlo).outcome() == "passed");
  CHECK(Tried("{ends: quit}").session(kEhlo).running().outcome() == "pending");
  CHECK(Tried("{ends: quit}").session(kEhlo).outcome() == "failed");
}

TEST_CASE("quiet: nothing more for so long", "[judge]") {
  Tried quiet("{quiet: 2s}");
  quiet.deliver().running();
  CHECK(quiet.outcome() == "pending");
  quiet.later = 2s;
  CHECK(quiet.outcome() == "passed");
}

TEST_CASE("client: how its command ended", "[judge]") {
  Tried client("{client: {exit: 0}}");
  CHECK(client.outcome() == "inconclusive");
  client.client = ClientResult{0, {}, false, {}, {}};
  CHECK(client.outcome() == "passed");
  client.client = ClientResult{3, {}, false, {}, {}};
  CHECK(client.judged().actual == "exit status 3");
  client.client = ClientResult{{}, 9, true, {}, {}};
  CHECK(client.judged().actual == "it ran out of time");
}

TEST_CASE("findings: none at a level or above", "[judge]") {
  CHECK(Tried("{findings: {none: note}}")
            .session(kEhlo, "MAIL FROM:<a@a.test> SIZE=500\r\nRCPT TO:<b@b.test>\r\nDATA\r\n", kMessage, kQuit)
            .outcome() == "passed");
  Tried spaced("{findings: {none: warning}}");
  spaced.session(kEhlo, "MAIL FROM: <a@a.test>\r\n", "QUIT\r\n");
  CHECK(spaced.judged().actual == "space-after-colon: C: MAIL FROM: <a@a.test>");
  CHECK(Tried("{findings: {none: error}}").session(kEhlo, "MAIL FROM: <a@a.test>\r\n", "QUIT\r\n").outcome() == "passed");
}

TEST_CASE("rule: how often it has fired", "[judge]") {
  const std::string_view rules = "[{id: tempfail, at: rcpt, times: 1, reply: 450}]";
  CHECK(Tried("{rule: {id: tempfail}}", rules).deliver().outcome() == "passed");
  CHECK(Tried("{rule: {id: tempfail, fired: 2}}", rules).deliver().judged().actual == "it fired 1 times");
  CHECK(Tried("{rule: {id: tempfail, fired: 0}}", rules).deliver().running().outcome() == "failed");
  CHECK(Tried("{rule: {id: tempfail}}", rules).running().outcome() == "pending");
}

TEST_CASE("without expectations: that a client connected", "[judge]") {
  Trial nobody("rules: []\n");
  const Verdict verdict = judge(nobody.scenario(), nobody.evidence(), {}, true, {});
  CHECK(name(verdict.kind) == "failed");
  CHECK(verdict.judgements.at(0).expected == "a client connects");
  nobody.session(kEhlo);
  CHECK(name(judge(nobody.scenario(), nobody.evidence(), {}, true, {}).kind) == "passed");
}

TEST_CASE("what gave way to a limit makes a verdict inconclusive, never passed", "[judge]") {
  Tried tried("{accepted: {max: 5}}");
  tried.deliver();
  Evidence evidence = tried.trial.evidence();
  evidence.evicted.events = 1;
  CHECK(name(judge(tried.trial.scenario(), evidence, {}, true, {}).kind) == "inconclusive");

  for (const std::string_view expectation :
       {"{ends: quit}", "{attempts: {same: [mail]}}", "{attempts: {gap: {max: 1s}}}", "{never: {at: auth}}", "{findings: {none: error}}"}) {
    INFO(expectation);
    Tried one(expectation);
    one.deliver().trial.wait(20s);
    one.deliver();
    Evidence gone = one.trial.evidence();
    gone.evicted.sessions = gone.evicted.events = 1;
    CHECK(name(judge(one.trial.scenario(), gone, {}, true, {}).kind) == "inconclusive");
  }
}

TEST_CASE("what nobody did proves nothing", "[judge]") {
  const auto kind = [](std::string_view expectation) {
    const Tried tried(expectation);
    return name(judge(tried.trial.scenario(), tried.trial.evidence(), {}, true, {}).kind);
  };
  CHECK(kind("{never: {at: auth}}") == "failed");
  CHECK(kind("{accepted: 0}") == "failed");
  CHECK(kind("{connections: 0}") == "passed");
}

TEST_CASE("the verdict does not depend on the number of threads", "[judge]") {
  // Two journals with a session each, and one with both.
  Trial first("rules: []\nexpect: [{accepted: 2}, {attempts: {exactly: 2, same: [mail]}}, {sequence: [MAIL, QUIT, MAIL, QUIT]}]\n");
  Trial second("rules: []\n");
  first.session(kEhlo, kEnvelope, kMessage, kQuit);
  second.wait(1s).session(kEhlo, kEnvelope, kMessage, kQuit);
  Evidence merged = second.evidence();
  const Evidence other = first.evidence();
  merged.sessions.insert(merged.sessions.end(), other.sessions.begin(), other.sessions.end());
  merged.messages.insert(merged.messages.end(), other.messages.begin(), other.messages.end());
  merged.sort();
  CHECK(merged.sessions[0].id == other.sessions[0].id);
  CHECK(name(judge(first.scenario(), merged, {}, true, {}).kind) == "passed");
  first.wait(1s).session(kEhlo, kEnvelope, kMessage, kQuit);
  CHECK(name(judge(first.scenario(), first.evidence(), {}, true, {}).kind) == "passed");
}
