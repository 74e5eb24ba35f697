// What is named when a scenario is loaded, and where.
#include "scenario/compile.hpp"

#include "scenario/play_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta::scenario;
using namespace malaposta::scenario::test;

namespace {

// Whether the problems of the rules have `text` in them, and how many lines they are told in.
bool tells(std::string_view rules, std::string_view text) {
  const std::string all = problems(rules);
  INFO(all);
  CHECK(all.find(text) != std::string::npos);
  return all.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a scenario without problems has none") {
  CHECK(problems("rules:\n  - { id: a, at: rcpt, times: 2, reply: 451 4.7.1 Later }\n  - { id: b, at: rcpt, reply: 550 5.1.1 No }\n")
            .empty());
}

TEST_CASE("unreachable rules are errors; where only some stages are lost, warnings") {
  const std::string all = problems(
      "rules:\n  - { id: first, at: [rcpt, data], reply: 451 4.7.1 Later }\n  - { id: second, at: rcpt, when: { rcpt: a@b }, reply: 550 5.1.1 No }\n");
  CHECK(all.find("test.yaml:5:") == 0);
  CHECK(all.find("error: rule 'second' can never be reached: rule 'first' on line 4 always decides before it") != std::string::npos);
  CHECK(tells("rules:\n  - { id: a, at: rcpt, fault: reset }\n  - { id: b, at: [mail, rcpt], reply: 550 5.1.1 No }\n",
              "warning: rule 'b' can never be reached at rcpt"));
  CHECK(tells("rules:\n  - { id: a, at: command, fault: reset }\n  - { id: b, at: mail, reply: 550 5.1.1 No }\n", "error: rule 'b'"));
}

TEST_CASE("a rule with a gate or a condition, or without an outcome, hides nothing; nor do rules at body") {
  const auto fine = [](std::string_view first, std::string_view at) {
    return problems("rules:\n  - { id: a, " + std::string(first) + " }\n  - { id: b, at: " + std::string(at) + ", reply: 550 5.1.1 No }\n")
        .empty();
  };
  CHECK(fine("at: rcpt, times: 1, fault: reset", "rcpt"));
  CHECK(fine("at: rcpt, probability: 0.5, fault: reset", "rcpt"));
  CHECK(fine("at: rcpt, when: { tls: true }, fault: reset", "rcpt"));
  CHECK(fine("at: rcpt, delay: 1s", "rcpt"));
  CHECK(fine("at: body, after: 10, fault: reset", "body"));
  CHECK(fine("at: command, fault: reset", "connect"));
  CHECK(fine("at: mail, fault: reset", "command"));
}

TEST_CASE("patterns, addresses and templates that make no sense are told at their places") {
  CHECK(tells("rules:\n  - at: rcpt\n    when:\n      rcpt: '/(bob/'\n    reply: 550\n",
              "test.yaml:6:14: error: regular expression does not compile"));
  CHECK(tells("rules:\n  - { at: rcpt, when: { ip: 10.0.0.0/33 }, reply: 550 }\n", "not an IP address or network: '10.0.0.0/33'"));
  CHECK(tells("rules:\n  - { at: rcpt, reply: \"550 ${rctp}\" }\n", "unknown template variable 'rctp'"));
  CHECK(tells("rules:\n  - { at: rcpt, reply: \"550 ${rctp}\" }\n", "did you mean 'rcpt'?"));
  CHECK(tells("vars: { wait: soon }\nrules:\n  - { at: rcpt, delay: \"${wait}\" }\n", "'soon' is not a duration"));
  CHECK(tells("rules:\n  - { at: rcpt, fault: reset, set: \"${code}\" }\n", "${code} has no meaning here"));
}

TEST_CASE("replies that no client could parse are named, and lines that are too long") {
  CHECK(tells("rules:\n  - { at: rcpt, reply: 999 Nonsense }\n", "error:"));
  CHECK(tells("rules:\n  - { at: rcpt, reply: No code }\n", "error:"));
  CHECK(tells("rules:\n  - at: rcpt\n    reply:\n      - 550 first\n      - 551 second\n", "test.yaml:7:"));
  CHECK(tells("rules:\n  - { at: rcpt, reply: \"650 ${rcpt}\" }\n", "error:"));
  CHECK(tells("rules:\n  - { at: rcpt, reply: \"550 " + std::string(510, 'x') + "\" }\n", "warning: this reply line has 516 octets"));
}

TEST_CASE("what contradicts itself or has no meaning where it stands is named") {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"at: rcpt, reply: 250, fault: reset", "a fault of the connection comes instead of a reply"},
      {"at: rcpt, reply: 250, fault: garbage", "garbage comes instead of a reply"},
      {"at: rcpt, reply: 250, do: [ close ]", "'do' comes instead"},
      {"at: rcpt, fault: reset, for: 3s", "'for' says how long"},
      {"at: rcpt, reply: 250, bytes: 3", "'bytes' belongs to"},
      {"at: rcpt, fault: truncate", "how much of the reply"},
      {"at: rcpt, reply: 250, after: 3", "needs 'at: body'"},
      {"at: rcpt, fault: discard", "only a message can be discarded"},
      {"at: rcpt, reply: 250, capture: true", "'capture' says what becomes of a message"},
      {"at: end-of-data, fault: discard, capture: true", "both discarded and captured"},
      {"at: rcpt, fault: garbage, bytes: 2000000", "at most 1048576 bytes of garbage"},
      {"at: rcpt, every: 0, reply: 250", "every: 0 never comes"},
      {"at: rcpt, times: 0, reply: 250", "times: 0 never comes"},
      {"at: rcpt, rate: { max: 1001, per: 1m }, reply: 250", "a rate needs max from 1 to 1000"},
      {"at: rcpt, window: { after: 5s, until: 5s }, reply: 250", "the window ends before it begins"},
  };
  for (const auto& [rule, told] : wrong) {
    INFO(rule);
    CHECK(tells("rules:\n  - { " + rule + " }\n", told));
  }
}

TEST_CASE("ids and verbs that expectations name have to exist, and ids are unique") {
  const std::string rule = "rules:\n  - { id: tempfail, at: rcpt, times: 1, reply: 451 }\n";
  CHECK(tells(rule + "expect:\n  - rule: { id: tempfial, fired: 1 }\n", "no rule has the id 'tempfial'"));
  CHECK(tells(rule + "expect:\n  - rule: { id: tempfial, fired: 1 }\n", "did you mean 'tempfail'?"));
  CHECK(tells(rule + "expect:\n  - sequence: [EHLO, MIAL]\n", "unknown verb 'MIAL'"));
  CHECK(tells(rule + "  - { id: tempfail, at: data, reply: 451 }\n", "rule id 'tempfail' is taken: by the rule on line 4"));
}

TEST_CASE("a rule that does nothing is a warning, unless an expectation asks how often it fired") {
  const std::string rule = "rules:\n  - { id: seen, at: vrfy }\n";
  CHECK(problems(rule).starts_with("test.yaml:4:11: warning: rule 'seen' does nothing\n"));
  CHECK(problems(rule + "expect:\n  - rule: { id: seen, fired: 0 }\n").empty());
  CHECK(problems("rules:\n  - { at: vrfy, then: close }\n").empty());
}

TEST_CASE("the server section becomes the profile") {
  const auto profile = compiled(R"(
vars: { domain: a.test }
server:
  hostname: mx.${domain}
  protocol: lmtp
  syntax: strict
  greeting: [220-mx.a.test first, second]
  extensions: { size: 32kB, auth: [PLAIN], without: [PIPELINING], extra: [XFOO bar] }
  auth: { users: { alice: secret }, required: true }
  limits: { recipients: 3, line: 600, connections: 7, timeout: 9s }
)")
                           ->profile();
  CHECK(profile.hostname == "mx.a.test");
  CHECK(profile.lmtp);
  CHECK(profile.syntax == malaposta::protocol::Syntax::strict);
  CHECK(profile.greeting == "220-mx.a.test first\r\n220 second\r\n");
  CHECK(profile.ehlo_reply.find("250-mx.a.test\r\n") == 0);
  CHECK(profile.ehlo_reply.find("PIPELINING") == std::string::npos);
  CHECK(profile.ehlo_reply.find("SIZE 32000\r\n") != std::string::npos);
  CHECK(profile.ehlo_reply.find("AUTH PLAIN\r\n") != std::string::npos);
  CHECK(profile.ehlo_reply.find("250 XFOO bar\r\n") != std::string::npos);
  CHECK(profile.size_limit == 32000);
  CHECK(profile.users.at(0).second == "secret");
  CHECK(profile.auth_required);
  CHECK(profile.limits.recipients == 3);
  CHECK(profile.limits.line == 600);
  CHECK(profile.limits.connections == 7);
  CHECK(profile.limits.timeout == std::chrono::seconds(9));
}

TEST_CASE("extensions as a list are exactly what is offered") {
  CHECK(compiled("server: { hostname: mx.test, extensions: [PIPELINING, SIZE 32] }\n")->profile().ehlo_reply ==
        "250-mx.test\r\n250-PIPELINING\r\n250 SIZE 32\r\n");
  CHECK(compiled("server: { hostname: mx.test, extensions: [] }\n")->profile().ehlo_reply == "250 mx.test\r\n");
}

TEST_CASE("what the server section gets wrong is told") {
  CHECK(tells("server: { extensions: { without: [PIPELNING] } }\n", "did you mean 'PIPELINING'?"));
  CHECK(tells("server: { greeting: hello }\n", "error:"));
  CHECK(tells("server: { hostname: \"mx.${ip}\" }\n", "only `vars` and ${env:NAME} are known"));
}

TEST_CASE("SCRAM without users is a warning: no login by it could succeed") {
  const std::string told = "SCRAM-SHA-256 has to know the passwords";
  CHECK(tells("server: { extensions: { auth: [PLAIN, SCRAM-SHA-256] } }\n", told));
  CHECK(tells("server: { extensions: [\"AUTH PLAIN SCRAM-SHA-256\"] }\n", told));
  CHECK(tells("server: { extensions: { extra: [\"AUTH=SCRAM-SHA-1 SCRAM-SHA-256\"] } }\n", told));
  CHECK(problems("server: { extensions: { auth: [PLAIN, CRAM-MD5] } }\n").empty());
  CHECK(problems("server: { extensions: { auth: [SCRAM-SHA-256] }, auth: { users: { alice: secret } } }\n").empty());
}

TEST_CASE("a mechanism that the server does not know is a warning: it is offered, and refused") {
  CHECK(problems("server: { extensions: { auth: [CRAMMD5] } }\n") ==
        "test.yaml:3:32: warning: the server does not know the mechanism 'CRAMMD5': it offers it, and refuses it with 504\n"
        "  3 | server: { extensions: { auth: [CRAMMD5] } }\n"
        "    |                                ^^^^^^^ did you mean 'CRAM-MD5'?\n");
  CHECK(problems("server: { extensions: { extra: [\"AUTH GSSAPI\"] } }\n").empty());  // said on purpose
}
