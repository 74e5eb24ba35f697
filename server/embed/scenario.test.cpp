#include "malaposta/scenario.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "malaposta/malaposta.hpp"
#include "testing/catch.hpp"
#include "testing/source_dir.hpp"

using namespace malaposta;

namespace {

std::string problem_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("scenarios come from what ships, from texts and from files") {
  const Scenario shipped = Scenario::shipped("451-twice");
  CHECK(shipped.name() == "451-twice");
  CHECK(shipped.title() == "451 to the final dot twice, then accept");
  CHECK(Scenario::from_text(shipped.text()).text() == shipped.text());
  const Scenario file = Scenario::from_file(malaposta::testing::source_path("scenarios/codes/451-twice.yaml"));
  CHECK(file.text() == shipped.text());
  CHECK(Scenario::load("451-twice").at(0).text() == shipped.text());
  CHECK(Scenario::load(malaposta::testing::source_path("scenarios/codes")).size() > 50);
  const std::vector<std::string_view> names = Scenario::shipped_names();
  CHECK(std::ranges::find(names, "451-twice") != names.end());
}

TEST_CASE("every scenario that ships can be had by its name, one or by its cells") {
  for (const std::string_view name : Scenario::shipped_names()) {
    CAPTURE(name);
    CHECK_FALSE(Scenario::load(std::string(name)).empty());
  }
}

TEST_CASE("what is wrong with a scenario is thrown, all at once, with its places") {
  CHECK(problem_of([] { (void)Scenario::shipped("451-twicce"); }).find("did you mean '451-twice'") != std::string::npos);
  CHECK(problem_of([] { (void)Scenario::from_file("/nonexistent.yaml"); }) == "/nonexistent.yaml: error: no such file\n");
  CHECK(problem_of([] { (void)Scenario::from_file("550"); }) == "550: error: no such file\n");
  const std::string told =
      problem_of([] { (void)Scenario::from_text("malaposta: 1\nrules:\n  - at: rcpt\n    replay: 550\n  - at: nowhere\n", "mine.yaml"); });
  CHECK(told.find("mine.yaml:4:5: error: unknown key 'replay' in rule") != std::string::npos);
  CHECK(told.find("did you mean 'reply'?") != std::string::npos);
  CHECK(told.find("mine.yaml:5:9: error:") != std::string::npos);
}

TEST_CASE("a matrix makes several scenarios") {
  const std::string text =
      "malaposta: 1\nname: codes\nmatrix: { code: [450, 550] }\nrules:\n  - id: no\n    at: rcpt\n    reply: ${matrix.code} No\n";
  CHECK(problem_of([&] { (void)Scenario::from_text(text); }).find("2 scenarios come of it") != std::string::npos);
  const std::vector<Scenario> cells = Scenario::load_text(text);
  REQUIRE(cells.size() == 2);
  CHECK(cells[0].name() == "codes[450]");
  CHECK(cells[1].name() == "codes[550]");
}

TEST_CASE("warnings do not hinder") {
  const Scenario scenario = Scenario::from_text(
      "malaposta: 1\nname: a\nrules:\n  - id: x\n    at: rcpt\n    reply: 550\n  - id: y\n    at: [rcpt, data]\n    reply: 551\n",
      "a.yaml");
  REQUIRE(scenario.warnings().size() == 1);
  CHECK(scenario.warnings()[0].starts_with("a.yaml:"));
}
