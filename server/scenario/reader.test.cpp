// The file as a whole.
#include "scenario/reader.hpp"

#include <fmt/format.h>

#include "scenario/reading_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta::scenario;
using namespace malaposta::scenario::reading_test;

namespace {

std::string name_of(std::string file) {
  Diagnostics diagnostics(file, "malaposta: 1\n");
  return read(file, "malaposta: 1\n", diagnostics).front().name.value;
}

}  // namespace

TEST_CASE("the head of a file") {
  const Model made =
      model("name: tempfail-2x\ntitle: Twice\ndescription: >\n  Then\n  accept\ncodes: [451, 250]\nvars: { a: 1, b: yes }\n");
  CHECK(made.file == "a.yaml");
  CHECK(made.name.value == "tempfail-2x");
  CHECK(made.name.place.line == 2);
  CHECK(made.title == "Twice");
  CHECK(made.description == "Then accept\n");
  CHECK(made.codes == std::vector<int>{451, 250});
  REQUIRE(made.vars.size() == 2);
  CHECK(made.vars[1].first.value == "b");
  CHECK(made.vars[1].second.value == "yes");
}

TEST_CASE("a file without a name is named after itself") {
  CHECK(name_of("scenarios/codes/550.yaml") == "550");
  CHECK(name_of("<builtin>/451-twice.yaml") == "451-twice");
  CHECK(name_of("/tmp/My_Test 2.v1.yaml") == "my-test-2-v1");
  CHECK(name_of("plain") == "plain");
  CHECK(name_of("../_.yaml") == "scenario");
}

TEST_CASE("format versions") {
  CHECK(problems_of_file("malaposta: 2\n") ==
        "a.yaml:1:12: error: format version '2' is not known\n"
        "  1 | malaposta: 2\n"
        "    |            ^ this program reads version 1\n");
  CHECK(problems_of_file("malaposta:\n") ==
        "a.yaml:1:1: error: format version '' is not known\n"
        "  1 | malaposta:\n"
        "    | ^^^^^^^^^ this program reads version 1\n");
}

TEST_CASE("files that are no mapping") {
  CHECK(problems_of_file("- a\n") ==
        "a.yaml:1:1: error: a scenario is a mapping\n"
        "  1 | - a\n"
        "    | ^ it begins with 'malaposta: 1'\n");
}

TEST_CASE("names are in kebab-case") {
  for (const std::string_view bad : {"A", "a_b", "-a", "a-", "a--b", "''", "ä", "a b"}) {
    CAPTURE(bad);
    CHECK_FALSE(problems(fmt::format("name: {}\n", bad)).empty());
  }
  CHECK(problems("name: Temp_Fail\n") ==
        "a.yaml:2:7: error: name 'Temp_Fail' is not in kebab-case\n"
        "  2 | name: Temp_Fail\n"
        "    |       ^^^^^^^^^ lower-case letters and digits, with single hyphens between\n");
}

TEST_CASE("codes are codes") {
  for (const std::string_view bad : {"99", "600", "45", "4510", "4x1", "-45", "0x1"}) {
    CAPTURE(bad);
    CHECK_FALSE(problems(fmt::format("codes: [{}]\n", bad)).empty());
  }
  CHECK(model("codes: 101\n").codes == std::vector<int>{101});
  CHECK(problems("codes: [451, 600]\n") ==
        "a.yaml:2:14: error: expected a code from 100 to 599, not '600'\n"
        "  2 | codes: [451, 600]\n"
        "    |              ^^^\n");
}

TEST_CASE("the number of rules has a limit") {
  std::string rules = "rules:\n";
  for (std::size_t i = 0; i < kMostRules; ++i) rules += "- at: rcpt\n";
  CHECK(model(rules).rules.size() == kMostRules);
  CHECK(problems(rules + "- at: mail\n") ==
        "a.yaml:20003:3: error: a scenario has 20000 rules at most\n"
        "  20003 | - at: mail\n"
        "        |   ^^\n");
}

TEST_CASE("vars have names that a template can use") {
  for (const std::string_view bad : {"''", "'a b'", "header.x", "'env:HOME'", "'a}'", "ä"}) {
    CAPTURE(bad);
    CHECK_FALSE(problems(fmt::format("vars: {{ {}: x }}\n", bad)).empty());
  }
  CHECK(model("vars: { window: 30s, a-b_2: x }\n").vars.size() == 2);
  CHECK(problems("vars: { a b: x }\n") ==
        "a.yaml:2:9: error: 'a b' cannot be used as ${…}\n"
        "  2 | vars: { a b: x }\n"
        "    |         ^^^ a name has letters, digits, '-' and '_'\n");
}

TEST_CASE("the number of vars has a limit") {
  std::string vars = "vars:\n";
  for (std::size_t i = 0; i < kMostVars; ++i) vars += fmt::format("  v{}: x\n", i);
  CHECK(model(vars).vars.size() == kMostVars);
  CHECK(problems(vars + "  more: x\n") ==
        "a.yaml:1003:3: error: a scenario has 1000 `vars` at most\n"
        "  1003 |   more: x\n"
        "       |   ^^^^\n");
}
