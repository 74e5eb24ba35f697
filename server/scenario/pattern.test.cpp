#include "scenario/pattern.hpp"

#include <re2/re2.h>

#include "testing/catch.hpp"

using namespace malaposta::scenario;

namespace {

TextPattern pattern(std::vector<std::string> any_of, bool negated = false) {
  TextPattern pattern;
  for (std::string& text : any_of) pattern.any_of.push_back({std::move(text), {3, 5, 1}});
  pattern.negated = negated;
  return pattern;
}

struct Compiled {
  explicit Compiled(const TextPattern& pattern, bool fold = true) : diagnostics("a.yaml", ""), matcher(pattern, fold, names, diagnostics) {}
  GroupNames names;
  Diagnostics diagnostics;
  TextMatcher matcher;
};

bool matches(const std::string& written, std::string_view text, bool fold = true) {
  return Compiled(pattern({written}), fold).matcher.matches(text);
}

}  // namespace

TEST_CASE("a literal matches the whole text, ignoring case for names and addresses only") {
  CHECK(matches("alice@example.com", "Alice@Example.COM"));
  CHECK_FALSE(matches("alice@example.com", "alice@example.com.au"));
  CHECK_FALSE(matches("Hello", "hello", false));
  CHECK(ignores_case(Subject::rcpt));
  CHECK(ignores_case(Subject::command));
  CHECK_FALSE(ignores_case(Subject::user));
  CHECK_FALSE(ignores_case(Subject::header));
}

TEST_CASE("a glob matches the whole text") {
  CHECK(matches("*@blocked.example", "anyone@BLOCKED.example"));
  CHECK_FALSE(matches("*@blocked.example", "anyone@blocked.example.org"));
  CHECK(matches("user-??@*", "user-01@a.test"));
  CHECK_FALSE(matches("user-??@*", "user-1@a.test"));
  CHECK(matches("*a*b*c*", "xxaxxbxxcxx"));
  CHECK_FALSE(matches("*a*b*c*", "xxcxxbxxaxx"));
  CHECK(matches("what\\?*", "what? yes"));
  CHECK_FALSE(matches("what\\?*", "whats up"));
  CHECK(matches("*", ""));
}

TEST_CASE("a regular expression is searched for, and its named groups are values") {
  Compiled rule(pattern({R"(/^bob\+(?<tag>\w+)@/)", R"(/^(?P<tag>carol)@(?<domain>.*)/)"}));
  REQUIRE_FALSE(rule.diagnostics.failed());
  Groups groups(rule.names.names.size());
  REQUIRE(rule.matcher.matches("bob+news@a.test", &groups));
  CHECK(groups[*rule.names.find("tag")] == "news");
  CHECK(groups[*rule.names.find("domain")].empty());
  REQUIRE(rule.matcher.matches("carol@b.test", &groups));
  CHECK(groups[*rule.names.find("tag")] == "carol");
  CHECK(groups[*rule.names.find("domain")] == "b.test");
  CHECK(matches("/inv[o0]ice/", "Your INVOICE is here"));
  CHECK_FALSE(matches("/(?-i)inv[o0]ice/", "Your INVOICE is here"));
}

TEST_CASE("an optional group that took no part is empty, even if an earlier match had filled it") {
  Compiled rule(pattern({R"(/^x(?<n>\d+)?@/)"}));
  Groups groups{"left over"};
  REQUIRE(rule.matcher.matches("x@a", &groups));
  CHECK(groups[0].empty());
}

TEST_CASE("a list matches when any of it does, and 'not' turns it around") {
  const Compiled some(pattern({"a@x", "*@y"}));
  CHECK(some.matcher.matches("a@x"));
  CHECK(some.matcher.matches("b@y"));
  CHECK_FALSE(some.matcher.matches("b@x"));
  const Compiled others(pattern({"a@x", "*@y"}, true));
  CHECK_FALSE(others.matcher.matches("a@x"));
  CHECK(others.matcher.matches("b@x"));
}

TEST_CASE("a regular expression that does not compile is told at its place") {
  Compiled broken(pattern({"/(unclosed/"}));
  CHECK(broken.diagnostics.failed());
  const auto told = broken.diagnostics.take();
  REQUIRE(told.size() == 1);
  CHECK(told[0].place.line == 3);
  CHECK(told[0].message.find("missing )") != std::string::npos);
}

TEST_CASE("a regular expression beyond its memory or its number of groups is refused") {
  CHECK(Compiled(pattern({R"(/(\pL{500}){500}/)"})).diagnostics.failed());
  std::string many = "/";
  for (std::size_t i = 0; i < kMostGroups + 1; ++i) many += "(a)";
  CHECK(Compiled(pattern({many + "/"})).diagnostics.failed());
}

TEST_CASE("(?<name>…) is translated, but not in a class, a quotation or behind a backslash") {
  CHECK(translate_groups("(?<n>a)") == "(?P<n>a)");
  CHECK(translate_groups("(?P<n>a)") == "(?P<n>a)");
  CHECK(translate_groups(R"(\(?<n>a)") == R"(\(?<n>a)");
  CHECK(translate_groups("[(?<n>]") == "[(?<n>]");
  CHECK(translate_groups("[](?<n>](?<m>b)") == "[](?<n>](?P<m>b)");
  CHECK(translate_groups("[^](?<n>]") == "[^](?<n>]");
  CHECK(translate_groups("[[:alpha:](?<n>](?<m>b)") == "[[:alpha:](?<n>](?P<m>b)");
  CHECK(translate_groups(R"(\Q(?<n>\E(?<m>b))") == R"(\Q(?<n>\E(?P<m>b))");
  CHECK(translate_groups("(?<=a)(?<!b)") == "(?<=a)(?<!b)");
}

TEST_CASE("what a text can begin with never excludes a text that matches") {
  const std::vector<std::string> expressions{
      "^rcpt(?<c>\\d{3})@",
      "^(?<c>[2-5]\\d\\d)@",
      "^a|b",
      "^(a|b)c",
      "^(?i)k",
      "^[^x]y",
      "^",
      "^$",
      "^a*b",
      "^(?:drop|reset)@",
      "^\\w+@",
      "^(?m)^a",
      "^.x",
      "^s?t",
      "x",
      "^\\x{212a}",
      "^(?i)\\x{17f}",
      "^[^a]",
      "^(?i)\\x{212a}",
      "^[k-s]",
      "^\\d*@",
      "^(|a)",
      "^é",
      "^(?:a?)(?:b?)c",
      "^\\pL",
      "(?m)^a",
      "(?i)^q",
      "^[[:alpha:]]1",
      "^[^]x|]a|b",
      "^[|]\\|a",
      "^?a",
      "^a(?:x|y)|z",
      "^ß",
      "^a{0,2}z",
      "^\\Qa.b\\E",
      "^(^a|b)",
      "^(?s).",
      "^reset-\\d+@",
      "^sick@",
      "^r\\x{17f}x",
      "^(?i)sk",
      "^(?:rcpt|s|reset-)\\d+@",
      "^(?:reset|r|sick)",
      "^(?:ab|k)?y",
      "^(?:a|)b",
      "^(?:a|z)?",
      "^(?:a|z)|y",
  };
  for (const std::string& expression : expressions)
    for (const bool fold : {false, true}) {
      const Compiled rule(pattern({"/" + expression + "/"}), fold);
      RE2::Options options;
      options.set_case_sensitive(!fold);
      const RE2 plain(translate_groups(expression), options);
      REQUIRE(plain.ok());
      for (int first = -1; first < 256; ++first)
        for (const std::string rest : {"",
                                       "123@",
                                       "y",
                                       "c",
                                       "bc",
                                       "\xc3\xa9",
                                       "\x84\xaa",
                                       "\xbf",
                                       "\na",
                                       "rcpt550@",
                                       "RCPT550@",
                                       "rop@",
                                       "cpt550@",
                                       "CPT550@",
                                       "1",
                                       ".b",
                                       "zz",
                                       "reset-1@",
                                       "RESET-1@",
                                       "re\xc5\xbf"
                                       "et-1@",
                                       "eset-1@",
                                       "ESET-1@",
                                       "ick@",
                                       "ic\xe2\x84\xaa"
                                       "@",
                                       "sx",
                                       "k",
                                       "\xe2\x84\xaa"}) {
          const std::string text = first < 0 ? rest : static_cast<char>(first) + rest;
          INFO(expression << " " << fold << " " << first << " " << rest);
          REQUIRE(rule.matcher.matches(text) == RE2::PartialMatch(text, plain));
        }
    }
}

TEST_CASE("what a text can begin with is narrow for anchored expressions, globs and literals") {
  const auto count = [](const std::string& written, bool fold) { return Compiled(pattern({written}), fold).matcher.first().bytes.count(); };
  CHECK(count("alice@a", false) == 1);
  CHECK(count("alice@a", true) == 2);
  CHECK(count("ali*", true) == 2);
  CHECK(count("/^[2-5]\\d\\d@/", false) <= 5);
  CHECK(count("/^drop@/", false) <= 2);
  CHECK(count("/^(?:mail|rcpt)x/", false) == 2);
  CHECK(count("/drop@/", false) == 256);
}

TEST_CASE("addresses match by network") {
  CHECK(contains(*parse_network("192.0.2.0/24"), "192.0.2.200"));
  CHECK_FALSE(contains(*parse_network("192.0.2.0/24"), "192.0.3.1"));
  CHECK(contains(*parse_network("192.0.2.128/25"), "192.0.2.129"));
  CHECK_FALSE(contains(*parse_network("192.0.2.128/25"), "192.0.2.1"));
  CHECK(contains(*parse_network("0.0.0.0/0"), "203.0.113.9"));
  CHECK(contains(*parse_network("2001:db8::/32"), "2001:db8:1::1"));
  CHECK_FALSE(contains(*parse_network("2001:db8::/32"), "2001:db9::1"));
  CHECK_FALSE(contains(*parse_network("::/0"), "192.0.2.1"));
  CHECK(contains(*parse_network("127.0.0.1"), "127.0.0.1"));
  CHECK(contains(*parse_network("192.0.2.0/24"), "::ffff:192.0.2.7"));
  CHECK_FALSE(parse_network("192.0.2.0/33"));
  CHECK_FALSE(parse_network("192.0.2.0/"));
  CHECK_FALSE(parse_network("192.0.2"));
  Diagnostics diagnostics("a.yaml", "");
  const AddressMatcher broken(pattern({"localhost"}), diagnostics);
  CHECK(diagnostics.failed());
}

TEST_CASE("numbers match by ranges") {
  NumberPattern some;
  some.any_of = {{3, 3}, {10, 20}};
  CHECK(matches(some, 3));
  CHECK(matches(some, 20));
  CHECK_FALSE(matches(some, 21));
  some.negated = true;
  CHECK(matches(some, 21));
}
