#include "scenario/pattern_index.hpp"

#include "scenario/pattern.hpp"
#include "testing/catch.hpp"

using namespace malaposta::scenario;

namespace {

TextPattern pattern(const std::vector<std::string>& any_of) {
  TextPattern pattern;
  for (const std::string& text : any_of) pattern.any_of.push_back({text, {}});
  return pattern;
}

}  // namespace

TEST_CASE("an index finds every rule whose pattern a text meets, and no other, but for octets beyond ASCII") {
  const std::vector<std::vector<std::string>> patterns = {{"alice@a.test"},
                                                          {"*@b.test"},
                                                          {"u?@*"},
                                                          {"/^u\\d+@/"},
                                                          {"/test$/"},
                                                          {"bob@b.test", "carol@*"},
                                                          {"a\\*b*"},
                                                          {"a\\b"},
                                                          {"/(?<x>o)b/", "*.x"},
                                                          {"*\xc3*"},
                                                          {"/^(?i)ALICE/"},
                                                          {"x.y+z@c.test"},
                                                          {"*"},
                                                          {"/^\\Qa.b\\E$/"},
                                                          {"*a*a*a*"},
                                                          {"dave@A.TEST"}};
  const std::vector<std::string> texts = {"alice@a.test", "ALICE@A.TEST", "bob@b.test",   "u1@b.test", "u12@c.test",
                                          "a*bc",         "axbc",         "carol@x",      "o.x",       "\xc3\xa9@b.test",
                                          "\xc3@b.test",  "x.y+z@c.test", "xay+z@c.test", "a.b",       "aaxb",
                                          "banana",       "dave@a.test",  "a\\b",         ""};
  for (const bool fold : {false, true}) {
    Diagnostics diagnostics("a.yaml", "");
    PatternIndex index;
    std::vector<TextMatcher> rules;
    for (const auto& written : patterns) {
      GroupNames names;
      rules.emplace_back(pattern(written), fold, names, diagnostics);
      REQUIRE(index.add(pattern(written), fold, static_cast<std::uint32_t>(rules.size() - 1)));
    }
    REQUIRE(index.compile());
    for (const std::string& text : texts) {
      CAPTURE(fold, text);
      const auto found = index.find(text);
      CHECK(std::ranges::is_sorted(found));
      for (std::uint32_t rule = 0; rule < rules.size(); ++rule) {
        CAPTURE(patterns[rule]);
        const bool is_found = std::ranges::count(found, rule) > 0;
        const bool matches = rules[rule].matches(text);
        CHECK((is_found || !matches));
        CHECK((!is_found || matches || patterns[rule][0] == "*\xc3*"));
      }
    }
  }
}

TEST_CASE("what is negated cannot be found by an index") {
  TextPattern none = pattern({"x"});
  none.negated = true;
  PatternIndex index;
  CHECK_FALSE(index.add(none, true, 0));
  CHECK_FALSE(index.compile());
}
