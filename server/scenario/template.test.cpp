#include "scenario/template.hpp"

#include <cstdlib>

#include "testing/catch.hpp"

using namespace malaposta::scenario;

namespace {

// Gives each variable a value that tells which one it is.
struct Echo final : Values {
  void append(const Part& part, std::string& out) override {
    switch (part.variable) {
      case Variable::rcpt: out += "bob@b.test\r\nDATA"; break;
      case Variable::user: out += "alice"; break;
      case Variable::group: out += "group " + part.text; break;
      case Variable::header: out += "header " + part.text; break;
      case Variable::random: out += std::to_string(part.low) + " to " + std::to_string(part.high); break;
      default: out += "?"; break;
    }
  }
};

struct Parsed {
  explicit Parsed(std::string text, std::vector<std::pair<std::string, std::string>> vars = {}, std::vector<std::string> groups = {})
      : diagnostics("a.yaml", ""), names{groups} {
    for (auto& [name, value] : vars) own.emplace_back(Text{name, {}}, Text{value, {}});
    parsed = parse_template({std::move(text), {7, 3, 1}}, {&own, &names}, diagnostics);
  }
  std::string rendered(bool clean = false) {
    Echo echo;
    std::string out;
    parsed.render(echo, out, clean);
    return out;
  }
  std::string error() {
    const auto told = diagnostics.take();
    return told.empty() ? "" : told[0].message + " / " + told[0].hint;
  }
  Diagnostics diagnostics;
  GroupNames names;
  std::vector<std::pair<Text, Text>> own;
  Template parsed;
};

std::string rendered(std::string text, std::vector<std::pair<std::string, std::string>> vars = {}, std::vector<std::string> groups = {}) {
  return Parsed(std::move(text), std::move(vars), std::move(groups)).rendered();
}

}  // namespace

TEST_CASE("a text without variables is a literal") {
  CHECK(Parsed("550 No $5, {really}").parsed.is_literal());
  CHECK(rendered("550 No $5, {really}") == "550 No $5, {really}");
  CHECK(rendered("$${rcpt} costs $$") == "${rcpt} costs $$");
}

TEST_CASE("names are groups first, then vars, then built-in ones") {
  CHECK(rendered("<${user}>") == "<alice>");
  CHECK(rendered("<${user}>", {{"user", "of vars"}}) == "<of vars>");
  CHECK(rendered("<${user}>", {{"user", "of vars"}}, {"user"}) == "<group user>");
  CHECK(rendered("${header.subject} ${random:1..9}") == "header subject 1 to 9");
}

TEST_CASE("vars may use vars and variables, but not themselves") {
  CHECK(rendered("${greeting}!", {{"greeting", "hello ${whom}"}, {"whom", "${user}"}}) == "hello alice!");
  CHECK(Parsed("${a}", {{"a", "x"}}).parsed.is_literal());
  CHECK(Parsed("${a}", {{"a", "${b}"}, {"b", "${a}"}}).error().find("template is nested too deeply") == 0);
}

TEST_CASE("vars that double themselves hit the limit") {
  std::vector<std::pair<std::string, std::string>> vars{{"v0", std::string(4096, 'x')}};
  std::string tenfold;
  for (int i = 0; i < 10; ++i) tenfold += "${v0}";
  vars.emplace_back("v1", tenfold);
  std::string hundredfold;
  for (int i = 0; i < 10; ++i) hundredfold += "${v1}";
  CHECK(Parsed(hundredfold, vars).error().find("template grows beyond") == 0);
}

TEST_CASE("base64 takes a text or a template") {
  CHECK(rendered("334 ${base64:Username:}") == "334 VXNlcm5hbWU6");
  CHECK(rendered("${base64:${user}}") == "YWxpY2U=");
  CHECK(rendered("${base64:}").empty());
}

TEST_CASE("the environment is read at load") {
  ::setenv("MALAPOSTA_TEMPLATE_TEST", "set", 1);
  CHECK(rendered("${env:MALAPOSTA_TEMPLATE_TEST}") == "set");
  ::unsetenv("MALAPOSTA_TEMPLATE_TEST");
  CHECK(Parsed("${env:MALAPOSTA_TEMPLATE_TEST}").error().find("environment variable 'MALAPOSTA_TEMPLATE_TEST' is not set") == 0);
}

TEST_CASE("what is unknown or not closed is told at its place") {
  CHECK(Parsed("${rctp}").error() == "unknown template variable 'rctp' / did you mean 'rcpt'?");
  CHECK(Parsed("${}").error().find("unknown template variable ''") == 0);
  CHECK(Parsed("${rcpt").error().find("'${' is not closed") == 0);
  CHECK(Parsed("${random:9..1}").error().find("'9..1' is not a range") == 0);
  Parsed wrong("${nothing}");
  REQUIRE(wrong.diagnostics.failed());
  CHECK(wrong.diagnostics.take()[0].place.line == 7);
}

TEST_CASE("values cannot bring control characters into a reply, what the author wrote can") {
  CHECK(Parsed("550 ${rcpt}").rendered(true) == "550 bob@b.test??DATA");
  CHECK(Parsed("a\r\n${user}").rendered(true) == "a\r\nalice");
  CHECK(Parsed("550 ${rcpt}").rendered(false) == "550 bob@b.test\r\nDATA");
}
