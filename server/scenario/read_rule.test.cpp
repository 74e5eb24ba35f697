// Rules: their conditions, gates, outcomes and steps.
#include "scenario/reading_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta::scenario;
using namespace malaposta::scenario::reading_test;
using namespace std::chrono_literals;

TEST_CASE("a rule without id is named by its number, and stands where it begins") {
  const auto rules = model("rules:\n  - at: rcpt\n  - id: mine\n    at: data\n").rules;
  CHECK(rules.at(0).id.value == "rule-1");
  CHECK(rules.at(0).id.place.line == 3);
  CHECK(rules.at(0).place.column == 5);
  CHECK(rules.at(1).id.value == "mine");
  CHECK(rules.at(1).id.place.column == 9);
}

TEST_CASE("stages are one word or a list of them") {
  CHECK(rule("{ at: end-of-data }\n").at == std::vector<Stage>{Stage::end_of_data});
  CHECK(rule("{ at: [mail, rcpt] }\n").at == std::vector<Stage>{Stage::mail, Stage::rcpt});
  CHECK(rule("{ at: [mail, rcpt] }\n").at_place.column == 9);
  for (const std::string_view name : malaposta::catalogue::kStageNames)
    CHECK(rule("{ at: " + std::string(name) + " }\n").at.at(0) == malaposta::catalogue::stage_named(name));
  std::string names;
  for (const std::string_view name : malaposta::catalogue::kStageNames) names += (names.empty() ? "" : ", ") + std::string(name);
  CHECK(problems("rules: [{ at: enddata }]\n") ==
        "a.yaml:2:15: error: unknown stage 'enddata'\n"
        "  2 | rules: [{ at: enddata }]\n"
        "    |               ^^^^^^^ one of " +
            names + "\n");
}

TEST_CASE("conditions keep their subject, name and place") {
  const auto when = rule("{ at: rcpt, when: { header.Message-Id: x, param.SIZE: y, size: 3, tls: true } }\n").when;
  REQUIRE(when.size() == 4);
  const auto subject = [&](Subject wanted) {
    return *std::find_if(when.begin(), when.end(), [&](const Condition& condition) { return condition.subject == wanted; });
  };
  CHECK(subject(Subject::header).name == "Message-Id");
  CHECK(subject(Subject::header).place.column == 23);
  CHECK(subject(Subject::param).name == "SIZE");
  CHECK(subject(Subject::size).number.any_of.at(0).min == 3);
  CHECK(subject(Subject::tls).flag);
}

TEST_CASE("gates") {
  const Rule made = rule("{ at: rcpt, key: [ip, mail, rcpt], window: { after: 10s, until: 1m }, rate: { max: 5, per: 1m }, set: seen }\n");
  CHECK(made.key == std::vector<Subject>{Subject::ip, Subject::mail, Subject::rcpt});
  CHECK(made.window->after == 10s);
  CHECK(made.window->until == 60s);
  CHECK(made.rate->max == 5);
  CHECK(made.rate->per == 1min);
  CHECK(made.set->value == "seen");
  CHECK(problems("rules: [{ at: rcpt, key: [ip, sender] }]\n") ==
        "a.yaml:2:31: error: unknown part of a key 'sender'\n"
        "  2 | rules: [{ at: rcpt, key: [ip, sender] }]\n"
        "    |                               ^^^^^^ one of ip, helo, mail, rcpt, user, mechanism, sni\n");
  CHECK(problems("rules: [{ at: rcpt, rate: { max: 5 } }]\n") ==
        "a.yaml:2:27: error: rate has no 'per'\n"
        "  2 | rules: [{ at: rcpt, rate: { max: 5 } }]\n"
        "    |                           ^\n");
}

TEST_CASE("faults and what follows the reply") {
  struct Row {
    std::string name;
    FaultKind fault;
  };
  for (const Row& row : {Row{"close", FaultKind::close}, Row{"reset", FaultKind::reset}, Row{"half-close", FaultKind::half_close},
                         Row{"stall", FaultKind::stall}, Row{"silence", FaultKind::silence}, Row{"garbage", FaultKind::garbage},
                         Row{"truncate", FaultKind::truncate}, Row{"discard", FaultKind::discard}, Row{"duplicate", FaultKind::duplicate}})
    CHECK(rule("{ at: rcpt, fault: " + row.name + " }\n").fault == row.fault);
  struct EndRow {
    std::string name;
    Then then;
  };
  for (const EndRow& row : {EndRow{"stay", Then::stay}, EndRow{"close", Then::close}, EndRow{"reset", Then::reset},
                            EndRow{"half-close", Then::half_close}, EndRow{"stall", Then::stall}, EndRow{"starttls", Then::starttls}})
    CHECK(rule("{ at: rcpt, then: " + row.name + " }\n").then == row.then);
  const Rule made = rule("{ at: rcpt, fault: stall, for: 60s, bytes: 64, after: 4kB, capture: true }\n");
  CHECK(made.fault_place.column == 22);
  CHECK(made.hold->fixed == Duration(60s));
  CHECK(made.bytes->fixed == 64u);
  CHECK(made.after->fixed == 4000u);
  CHECK(made.capture == true);
  CHECK(problems("rules: [{ at: rcpt, fault: resett }]\n") ==
        "a.yaml:2:28: error: unknown fault 'resett'\n"
        "  2 | rules: [{ at: rcpt, fault: resett }]\n"
        "    |                            ^^^^^^ did you mean 'reset'?\n");
  CHECK(problems("rules: [{ at: rcpt, then: vanish }]\n") ==
        "a.yaml:2:27: error: unknown end 'vanish'\n"
        "  2 | rules: [{ at: rcpt, then: vanish }]\n"
        "    |                           ^^^^^^ one of stay, close, reset, half-close, stall, starttls\n");
}

TEST_CASE("delays") {
  CHECK(rule("{ at: rcpt, delay: 2s }\n").delay->fixed.fixed == Duration(2s));
  CHECK(rule("{ at: rcpt, delay: '${t}' }\n").delay->fixed.text.value == "${t}");
  const Delay uniform = *rule("{ at: rcpt, delay: { uniform: [1s, 3s] } }\n").delay;
  CHECK((uniform.kind == Delay::Kind::uniform && uniform.low == 1s && uniform.high == 3s));
  const Delay normal = *rule("{ at: rcpt, delay: { normal: { mean: 1s, sd: 200ms } } }\n").delay;
  CHECK((normal.kind == Delay::Kind::normal && normal.mean == 1s && normal.sd == 200ms));
  const Delay lognormal = *rule("{ at: rcpt, delay: { lognormal: { median: 90ms, sigma: 0.4, max: 2s } } }\n").delay;
  CHECK((lognormal.kind == Delay::Kind::lognormal && lognormal.median == 90ms && lognormal.sigma == 0.4 && lognormal.max == 2s));
  CHECK(lognormal.place.column == 22);
  CHECK(problems("rules: [{ at: rcpt, delay: soon }]\n") ==
        "a.yaml:2:28: error: expected a time, such as 500ms or 2s, or a distribution of times, not 'soon'\n"
        "  2 | rules: [{ at: rcpt, delay: soon }]\n"
        "    |                            ^^^^\n");
  CHECK(problems("rules: [{ at: rcpt, delay: { uniform: 1s } }]\n") ==
        "a.yaml:2:39: error: expected a list of two times, such as [1s, 3s], not '1s'\n"
        "  2 | rules: [{ at: rcpt, delay: { uniform: 1s } }]\n"
        "    |                                       ^^\n");
  CHECK(problems("rules: [{ at: rcpt, delay: { uniform: [3s, 1s] } }]\n") ==
        "a.yaml:2:40: error: the first time is longer than the second\n"
        "  2 | rules: [{ at: rcpt, delay: { uniform: [3s, 1s] } }]\n"
        "    |                                        ^^\n");
  CHECK(problems("rules: [{ at: rcpt, delay: { normal: 1s } }]\n") ==
        "a.yaml:2:38: error: expected a mapping, not '1s'\n"
        "  2 | rules: [{ at: rcpt, delay: { normal: 1s } }]\n"
        "    |                                      ^^\n");
}

TEST_CASE("dribbles have a time between pieces, or one for all") {
  const Dribble every = *rule("{ at: rcpt, dribble: { bytes: 3, every: 50ms } }\n").dribble;
  CHECK((every.bytes == 3 && every.every == 50ms && !every.over));
  const Dribble over = *rule("{ at: rcpt, dribble: { over: 3s } }\n").dribble;
  CHECK((over.bytes == 1 && over.over == 3s));
  CHECK(problems("rules: [{ at: rcpt, dribble: { every: 1s, over: 3s } }]\n") ==
        "a.yaml:2:30: error: dribble has both 'every' and 'over'\n"
        "  2 | rules: [{ at: rcpt, dribble: { every: 1s, over: 3s } }]\n"
        "    |                              ^ 'every' is the time between two pieces, 'over' that of all of them\n");
  CHECK(problems("rules: [{ at: rcpt, dribble: { bytes: 3 } }]\n") ==
        "a.yaml:2:30: error: dribble has neither 'every' nor 'over'\n"
        "  2 | rules: [{ at: rcpt, dribble: { bytes: 3 } }]\n"
        "    |                              ^ 'every' is the time between two pieces, 'over' that of all of them\n");
}

TEST_CASE("steps") {
  using Kind = DoStep::Kind;
  const auto steps =
      rule(
          "{ at: rcpt, do: [{ send: \"250-half\\r\\n\" }, { reply: 250 }, { wait: 2s }, { read: 10 }, { read: line }, close, reset, half-close, { set: x }] }\n")
          .steps;
  std::vector<Kind> kinds;
  for (const DoStep& step : steps) kinds.push_back(step.kind);
  CHECK(kinds == std::vector<Kind>{Kind::send, Kind::reply, Kind::wait, Kind::read_bytes, Kind::read_line, Kind::close, Kind::reset,
                                   Kind::half_close, Kind::set});
  CHECK(steps.at(0).text.value == "250-half\r\n");
  CHECK(steps.at(1).reply.lines.at(0).value == "250");
  CHECK(steps.at(3).number == 10);
  CHECK(steps.at(5).place.length == 5);
  CHECK(steps.at(8).text.value == "x");
  CHECK(problems("rules: [{ at: rcpt, do: [clos] }]\n") ==
        "a.yaml:2:26: error: unknown step 'clos'\n"
        "  2 | rules: [{ at: rcpt, do: [clos] }]\n"
        "    |                          ^^^^ did you mean 'close'?\n");
  CHECK(problems("rules: [{ at: rcpt, do: [{ read: all }] }]\n") ==
        "a.yaml:2:34: error: expected a number of bytes from 1, or line, not 'all'\n"
        "  2 | rules: [{ at: rcpt, do: [{ read: all }] }]\n"
        "    |                                  ^^^\n");
  CHECK(problems("rules: [{ at: rcpt, do: [[close]] }]\n") ==
        "a.yaml:2:26: error: expected a step, such as wait: 2s or close, not a list\n"
        "  2 | rules: [{ at: rcpt, do: [[close]] }]\n"
        "    |                          ^\n");
  CHECK(problems("rules: [{ at: rcpt, do: [] }]\n") ==
        "a.yaml:2:25: error: expected a list of steps, not an empty list\n"
        "  2 | rules: [{ at: rcpt, do: [] }]\n"
        "    |                         ^\n");
}

TEST_CASE("a rule in which something is wrong is not blamed for what is missing because of that") {
  const std::string file = "malaposta: 1\nrules:\n  - at: rcpt\n    fault: stal\n    for: 3s\n";
  Diagnostics diagnostics("a.yaml", file);
  const Model made = read("a.yaml", file, diagnostics).front();
  CHECK(diagnostics.errors() == 1);
  CHECK_FALSE(made.rules.at(0).hold);
}
