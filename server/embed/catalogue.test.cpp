#include "malaposta/catalogue.hpp"

#include "malaposta/scenario.hpp"
#include "testing/catch.hpp"

using namespace malaposta;

TEST_CASE("the catalogue knows each code, and the scenario that says it") {
  const Code* const code = Catalogue::find(452);
  REQUIRE(code != nullptr);
  CHECK(code->kind == CodeClass::transient);
  CHECK(code->stages.front() == "rcpt");
  CHECK(code->enhanced.starts_with("4."));
  CHECK_FALSE(code->advice.empty());
  CHECK(Catalogue::find(999) == nullptr);
  for (const Code& one : Catalogue::codes()) CHECK(Scenario::shipped(one.scenario).name() == one.scenario);
}

TEST_CASE("the catalogue knows each kind of finding, and the rule behind it") {
  CHECK(Catalogue::findings().size() > 30);
  for (const FindingKind& one : Catalogue::findings()) {
    CAPTURE(one.id);
    CHECK(one.rule.find("RFC") != std::string_view::npos);
  }
}
