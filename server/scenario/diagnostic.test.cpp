// How the problems of a file look, in which order they come, and how many.
#include "scenario/diagnostic.hpp"

#include "testing/catch.hpp"

using namespace malaposta::scenario;

namespace {

std::string shown(std::string_view line, Place place, std::string hint = {}) {
  Diagnostic diagnostic;
  diagnostic.file = "a.yaml";
  diagnostic.place = place;
  diagnostic.message = "wrong";
  diagnostic.hint = std::move(hint);
  diagnostic.excerpt = line;
  return render(diagnostic);
}

}  // namespace

TEST_CASE("a problem is told with its place, the line and the way out") {
  Diagnostics diagnostics("scenarios/a.yaml", "malaposta: 1\nrules:\n  - id: a\n    at: rcpt\n    replay: 550 5.1.1\n");
  diagnostics.error({5, 5, 6}, "unknown key 'replay' in rule", "did you mean 'reply'?");
  const auto list = diagnostics.take();
  REQUIRE(list.size() == 1);
  CHECK(render(list[0]) ==
        "scenarios/a.yaml:5:5: error: unknown key 'replay' in rule\n"
        "  5 |     replay: 550 5.1.1\n"
        "    |     ^^^^^^ did you mean 'reply'?\n");
}

TEST_CASE("the gutter is as wide as the line number") {
  CHECK(shown("at: x", {12345, 5, 1}) ==
        "a.yaml:12345:5: error: wrong\n"
        "  12345 | at: x\n"
        "        |     ^\n");
}

TEST_CASE("the caret stands below its place whatever the line is made of") {
  SECTION("tabs stay tabs") { CHECK(shown("\ta:\tb", {1, 5, 1}) == "a.yaml:1:5: error: wrong\n  1 | \ta:\tb\n    | \t  \t^\n"); }
  SECTION("a character of several bytes is one column") {
    CHECK(shown("é: ü", {1, 5, 2}, "hint") == "a.yaml:1:5: error: wrong\n  1 | é: ü\n    |    ^ hint\n");
  }
  SECTION("what a terminal would obey is made visible") {
    CHECK(shown("\x1b[1m: x", {1, 6, 1}) == "a.yaml:1:6: error: wrong\n  1 | \\x1b[1m: x\n    |         ^\n");
    CHECK(shown("\xc2\x9b: x", {1, 3, 1}) == "a.yaml:1:3: error: wrong\n  1 | \\xc2\\x9b: x\n    |         ^\n");
  }
  SECTION("what is no UTF-8 is made visible, and marked in its whole width") {
    CHECK(shown("a\xff"
                "b",
                {1, 2, 1}) == "a.yaml:1:2: error: wrong\n  1 | a\\xffb\n    |  ^^^^\n");
  }
  SECTION("behind the line's end") { CHECK(shown("at:", {1, 4, 1}) == "a.yaml:1:4: error: wrong\n  1 | at:\n    |    ^\n"); }
  SECTION("a place that is longer than the line") { CHECK(shown("at:", {1, 1, 99}) == "a.yaml:1:1: error: wrong\n  1 | at:\n    | ^^^\n"); }
}

TEST_CASE("a long line is cut around the place") {
  const std::string line = std::string(300, 'a') + "HERE" + std::string(300, 'b');
  CHECK(shown(line, {1, 301, 4}) == "a.yaml:1:301: error: wrong\n  1 | …" + std::string(40, 'a') + "HERE" + std::string(76, 'b') +
                                        "…\n    |  " + std::string(40, ' ') + "^^^^\n");
  CHECK(shown("HERE" + line, {1, 1, 4}) == "a.yaml:1:1: error: wrong\n  1 | HERE" + std::string(116, 'a') + "…\n    | ^^^^\n");
}

TEST_CASE("a long line is not cut within a character") {
  std::string line;
  for (int i = 0; i < 100; ++i) line += "é";
  const std::string text = shown(line, {1, 102, 1});  // within the 51st character, as no reader would say
  CHECK(text.find("\\x") == std::string::npos);
}

TEST_CASE("a problem of the file as a whole is one line") {
  Diagnostics diagnostics("a.yaml", "");
  diagnostics.error({}, "the file is empty", "a scenario begins with 'malaposta: 1'");
  diagnostics.warning({}, "nothing happens");
  const auto list = diagnostics.take();
  CHECK(render(list.at(0)) == "a.yaml: error: the file is empty; a scenario begins with 'malaposta: 1'\n");
  CHECK(render(list.at(1)) == "a.yaml: warning: nothing happens\n");
}

TEST_CASE("what a message quotes cannot break its line") {
  Diagnostics diagnostics("a\n.yaml", "x\n");
  diagnostics.error({1, 1, 1}, "unknown '\r\n'", "\x1b]");
  CHECK(render(diagnostics.take().at(0)) == "a\\x0a.yaml:1:1: error: unknown '\\x0d\\x0a'\n  1 | x\n    | ^ \\x1b]\n");
}

TEST_CASE("a message that quotes very much is cut") {
  Diagnostics diagnostics("a.yaml", "x\n");
  diagnostics.error({}, std::string(5'000, 'y'));
  CHECK(render(diagnostics.take().at(0)) == "a.yaml: error: " + std::string(600, 'y') + "…\n");
}

TEST_CASE("problems come in the order of their places") {
  Diagnostics diagnostics("a.yaml", "one\ntwo\nthree\n");
  diagnostics.error({3, 1, 1}, "c");
  diagnostics.warning({1, 2, 1}, "b");
  diagnostics.error({1, 1, 1}, "a");
  const auto list = diagnostics.take();
  CHECK(list.at(0).message == "a");
  CHECK(list.at(1).message == "b");
  CHECK(list.at(2).message == "c");
  CHECK(list.at(2).excerpt == "three");
}

TEST_CASE("only errors make a file fail") {
  Diagnostics diagnostics("a.yaml", "one\n");
  diagnostics.warning({1, 1, 1}, "a");
  CHECK_FALSE(diagnostics.failed());
  diagnostics.error({1, 1, 1}, "b");
  CHECK(diagnostics.failed());
  CHECK(diagnostics.errors() == 1);
}

TEST_CASE("the problems of one file have a limit, and what was left out is counted") {
  Diagnostics diagnostics("a.yaml", "one\n");
  for (std::size_t i = 0; i < Diagnostics::kMost; ++i) diagnostics.warning({1, 1, 1}, "a");
  SECTION("at the limit nothing is left out") { CHECK(diagnostics.take().size() == Diagnostics::kMost); }
  SECTION("beyond it a last line says so") {
    diagnostics.warning({1, 1, 1}, "a");
    diagnostics.error({1, 1, 1}, "b");
    const auto list = diagnostics.take();
    REQUIRE(list.size() == Diagnostics::kMost + 1);
    CHECK(render(list.back()) == "a.yaml: error: 2 more problems are not shown\n");
  }
}

TEST_CASE("lines end with LF or CR LF, and a byte order mark belongs to none") {
  CHECK(split_lines("\xEF\xBB\xBF"
                    "a\r\nb\n\nc") == std::vector<std::string_view>{"a", "b", "", "c"});
  CHECK(split_lines("").empty());
}

TEST_CASE("the nearest word is one that a typing error away") {
  const std::vector<std::string_view> keys{"reply", "rate", "times", "header.", "end-of-data"};
  CHECK(nearest("replay", keys) == "reply");
  CHECK(nearest("repyl", keys) == "reply");  // two letters swapped
  CHECK(nearest("REPLY", keys) == "reply");
  CHECK(nearest("time", keys) == "times");
  CHECK(nearest("endofdata", keys) == "end-of-data");
  CHECK(nearest("x", keys).empty());
  CHECK(nearest("replicate", keys).empty());
  CHECK(nearest("", keys).empty());
  CHECK(nearest("reply", {}).empty());
  CHECK(nearest(std::string(100'000, 'r'), {std::string_view("reply")}).empty());
}
