// Single values: what can be written, what it means, what is refused.
#include "scenario/read_values.hpp"

#include <fmt/format.h>

#include "scenario/reading_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta::scenario;
using namespace malaposta::scenario::reading_test;
using namespace std::chrono_literals;

namespace {

Condition condition(std::string_view when) { return rule(fmt::format("{{ at: rcpt, when: {{ {} }} }}\n", when)).when.at(0); }

std::string ranges(std::string_view number) {
  std::string out;
  const NumberPattern pattern = condition(fmt::format("size: {}", number)).number;
  for (const auto& [min, max] : pattern.any_of)
    out += fmt::format("{}{}..{}", out.empty() ? "" : " ", min, max == UINT64_MAX ? std::string("inf") : std::to_string(max));
  return (pattern.negated ? "not " : "") + out;
}

std::vector<std::string> texts(const std::vector<Text>& list) {
  std::vector<std::string> values;
  for (const Text& text : list) values.push_back(text.value);
  return values;
}

}  // namespace

TEST_CASE("number patterns") {
  CHECK(ranges("3") == "3..3");
  CHECK(ranges("'>= 100'") == "100..inf");
  CHECK(ranges("'>=100'") == "100..inf");
  CHECK(ranges("'> 100'") == "101..inf");
  CHECK(ranges("'<= 100'") == "0..100");
  CHECK(ranges("'< 100'") == "0..99");
  CHECK(ranges("10..20") == "10..20");
  CHECK(ranges("'1kB .. 1MiB'") == "1000..1048576");
  CHECK(ranges("[1, '> 5']") == "1..1 6..inf");
  CHECK(ranges("{ not: 3 }") == "not 3..3");
  CHECK(ranges("{ not: [3, 5..7] }") == "not 3..3 5..7");
}

TEST_CASE("number patterns that match nothing, or are none") {
  for (const std::string_view bad :
       {"x", "20..10", "'< 0'", "'> 18446744073709551615'", "-1", "'=> 3'", "3..", "..3", "1..2..3", "1.5", "''", "'>='", "[]"}) {
    CAPTURE(bad);
    CHECK(problems(fmt::format("rules: [{{ at: rcpt, when: {{ size: {} }} }}]\n", bad)).starts_with("a.yaml:2:"));
  }
  CHECK(problems("rules: [{ at: rcpt, when: { rcpts: 20..10 } }]\n") ==
        "a.yaml:2:36: error: expected a number, such as 3, \">= 100\" or \"10..20\", not '20..10'\n"
        "  2 | rules: [{ at: rcpt, when: { rcpts: 20..10 } }]\n"
        "    |                                    ^^^^^^\n");
}

TEST_CASE("text patterns") {
  CHECK(texts(condition("rcpt: alice@example.com").text.any_of) == std::vector<std::string>{"alice@example.com"});
  CHECK(texts(condition("rcpt: ['*@a.test', '/^bob/']").text.any_of) == std::vector<std::string>{"*@a.test", "/^bob/"});
  CHECK_FALSE(condition("rcpt: x").text.negated);
  CHECK(condition("rcpt: { not: x }").text.negated);
  CHECK(texts(condition("mail: ''").text.any_of) == std::vector<std::string>{""});  // the null reverse path
  CHECK(problems("rules: [{ at: rcpt, when: { rcpt: [] } }]\n") ==
        "a.yaml:2:35: error: expected a text, a list of texts, or { not: … }, not an empty list\n"
        "  2 | rules: [{ at: rcpt, when: { rcpt: [] } }]\n"
        "    |                                   ^\n");
  CHECK(problems("rules: [{ at: rcpt, when: { rcpt: } }]\n") ==
        "a.yaml:2:29: error: expected a text, a list of texts, or { not: … }, and nothing is here\n"
        "  2 | rules: [{ at: rcpt, when: { rcpt: } }]\n"
        "    |                             ^^^^\n");
  CHECK(problems("rules: [{ at: rcpt, when: { rcpt: [a, { not: b }] } }]\n") ==
        "a.yaml:2:39: error: expected a text, not a mapping\n"
        "  2 | rules: [{ at: rcpt, when: { rcpt: [a, { not: b }] } }]\n"
        "    |                                       ^\n");
}

TEST_CASE("booleans are exactly true and false") {
  CHECK(condition("tls: true").flag);
  CHECK_FALSE(condition("tls: false").flag);
  CHECK(problems("rules: [{ at: rcpt, when: { tls: yes } }]\n") ==
        "a.yaml:2:34: error: expected true or false, not 'yes'\n"
        "  2 | rules: [{ at: rcpt, when: { tls: yes } }]\n"
        "    |                                  ^^^\n");
}

TEST_CASE("times have a unit") {
  CHECK(model("expect: [{ quiet: 1.5s }]\n").expect.at(0).quiet == 1500ms);
  CHECK(model("expect: [{ quiet: 0 }]\n").expect.at(0).quiet == 0ms);
  CHECK(problems("expect:\n  - quiet: 5\n") ==
        "a.yaml:3:12: error: expected a time with its unit, such as 500ms or 2s, not '5'\n"
        "  3 |   - quiet: 5\n"
        "    |            ^\n");
}

TEST_CASE("numbers") {
  CHECK(model("server: { limits: { recipients: 010 } }\n").server.recipients == 10u);  // no octals
  CHECK(model("server: { extensions: { size: 10MB } }\n").server.size == 10'000'000u);
  CHECK(problems("server: { limits: { recipients: -1 } }\n") ==
        "a.yaml:2:33: error: expected a number, such as 3 or 10kB, not '-1'\n"
        "  2 | server: { limits: { recipients: -1 } }\n"
        "    |                                 ^^\n");
  CHECK(problems("server: { limits: { line: 0 } }\n") ==
        "a.yaml:2:27: error: expected a number from 1, not '0'\n"
        "  2 | server: { limits: { line: 0 } }\n"
        "    |                           ^\n");
}

TEST_CASE("probabilities and factors are plain decimals") {
  CHECK(rule("{ at: rcpt, probability: 0.25 }\n").probability == 0.25);
  CHECK(rule("{ at: rcpt, probability: 1 }\n").probability == 1.0);
  for (const std::string_view bad : {"1.01", "-0", "1e-1", "inf", "nan", "25%", ".", "''"}) {
    CAPTURE(bad);
    CHECK_FALSE(problems(fmt::format("rules: [{{ at: rcpt, probability: {} }}]\n", bad)).empty());
  }
  CHECK(problems("rules: [{ at: rcpt, probability: 25% }]\n") ==
        "a.yaml:2:34: error: expected a number from 0 to 1, such as 0.25, not '25%'\n"
        "  2 | rules: [{ at: rcpt, probability: 25% }]\n"
        "    |                                  ^^^\n");
  CHECK(problems("rules: [{ at: rcpt, delay: { lognormal: { median: 1s, sigma: x } } }]\n") ==
        "a.yaml:2:62: error: expected a number, such as 0.4, not 'x'\n"
        "  2 | rules: [{ at: rcpt, delay: { lognormal: { median: 1s, sigma: x } } }]\n"
        "    |                                                              ^\n");
}

TEST_CASE("vars may stand for numbers and times, wherever they are written in the file") {
  const Model made = model("server: { limits: { timeout: '${n}${unit}', recipients: '${n}' } }\nvars: { n: 30, unit: s }\n");
  CHECK(made.server.timeout == 30s);
  CHECK(made.server.recipients == 30u);
  CHECK(problems("vars: { window: 30s }\nexpect:\n  - quiet: \"${windo}\"\n") ==
        "a.yaml:4:13: error: unknown template variable 'windo'\n"
        "  4 |   - quiet: \"${windo}\"\n"
        "    |             ^^^^^^^^ did you mean 'window'?\n");
  CHECK(problems("vars: { window: soon }\nexpect:\n  - quiet: ${window}\n") ==
        "a.yaml:4:12: error: expected a time with its unit, such as 500ms or 2s, not '${window}'\n"
        "  4 |   - quiet: ${window}\n"
        "    |            ^^^^^^^^^\n");
  CHECK(problems("expect:\n  - quiet: ${rcpt}\n") ==
        "a.yaml:3:12: error: only `vars` and ${env:NAME} are known here: the value is needed when the file is loaded\n"
        "  3 |   - quiet: ${rcpt}\n"
        "    |            ^^^^^^^\n");
}

TEST_CASE("where a template is filled in when the rule fires, it is kept as written") {
  const Rule made = rule("{ at: rcpt, times: '${n}', skip: 2, do: [{ wait: '${t}s' }, { wait: 2s }] }\n");
  CHECK_FALSE(made.times->fixed);
  CHECK(made.times->text.value == "${n}");
  CHECK(made.skip->fixed == 2u);
  CHECK_FALSE(made.steps.at(0).duration.fixed);
  CHECK(made.steps.at(0).duration.text.value == "${t}s");
  CHECK(made.steps.at(1).duration.fixed == Duration(2s));
}

TEST_CASE("replies have a line for each line, each with its place") {
  SECTION("a scalar") {
    const ReplyText reply = *rule("{ at: rcpt, reply: 550 5.1.1 No }\n").reply;
    REQUIRE(reply.lines.size() == 1);
    CHECK(reply.lines[0].value == "550 5.1.1 No");
    CHECK(reply.lines[0].place.column == 22);
  }
  SECTION("a block") {
    const ReplyText reply = *rule("at: rcpt\n  reply: |\n    550-5.1.1 One\n     550 5.1.1 Two\n").reply;
    CHECK(texts(reply.lines) == std::vector<std::string>{"550-5.1.1 One", " 550 5.1.1 Two"});
    CHECK(reply.lines[1].place.line == 6);
    CHECK(reply.lines[1].place.column == 5);
    CHECK(reply.lines[1].place.length == 14);
  }
  SECTION("a list") {
    const ReplyText reply = *rule("{ at: rcpt, reply: [550 One, 550 Two] }\n").reply;
    CHECK(texts(reply.lines) == std::vector<std::string>{"550 One", "550 Two"});
    CHECK(reply.lines[1].place.column == 32);
  }
  SECTION("escapes") {
    CHECK(texts(rule("{ at: rcpt, reply: \"550 One\\n550 Two\" }\n").reply->lines) == std::vector<std::string>{"550 One", "550 Two"});
  }
  SECTION("no lines are no reply") {
    CHECK(problems("rules: [{ at: rcpt, reply: [] }]\n") ==
          "a.yaml:2:28: error: expected a reply, such as 550 5.1.1 User unknown, or a list of its lines, not an empty list\n"
          "  2 | rules: [{ at: rcpt, reply: [] }]\n"
          "    |                            ^\n");
  }
}

TEST_CASE("words of a list") {
  CHECK(problems("server: { listen: refused }\n") ==
        "a.yaml:2:19: error: unknown way to listen 'refused'\n"
        "  2 | server: { listen: refused }\n"
        "    |                   ^^^^^^^ did you mean 'refuse'?\n");
  CHECK(problems("server: { listen: loudly }\n") ==
        "a.yaml:2:19: error: unknown way to listen 'loudly'\n"
        "  2 | server: { listen: loudly }\n"
        "    |                   ^^^^^^ one of accept, refuse, ignore\n");
  CHECK(problems("server: { listen: [refuse] }\n") ==
        "a.yaml:2:19: error: expected one of accept, refuse, ignore, not a list\n"
        "  2 | server: { listen: [refuse] }\n"
        "    |                   ^\n");
}

TEST_CASE("names, and lines of the protocol, are not empty and hold no line end") {
  for (const std::string_view bad :
       {"rules: [{ at: rcpt, id: '' }]", "rules: [{ at: rcpt, set: '' }]", "rules: [{ at: rcpt, do: [{ set: '' }] }]",
        "server: { hostname: '' }", R"(server: { hostname: "mx\r\nx" })", R"(server: { extensions: ["A\nB"] })",
        R"(server: { extensions: { extra: ["A\0"] } })", "server: { extensions: { auth: [''] } }",
        "expect: [{ commands: { exactly: 1, verb: '' } }]", "expect: [{ sequence: [''] }]", "expect: [{ rule: { id: '' } }]"}) {
    CAPTURE(bad);
    CHECK(problems(fmt::format("{}\n", bad)).find("error: expected a text of one line, not '") != std::string::npos);
  }
}
