// What is read of YAML, where it stands, and what is refused.
#include "scenario/yaml.hpp"

#include <fmt/format.h>

#include "scenario/reading_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta::scenario;
using namespace malaposta::scenario::reading_test;

namespace {

Node parsed(std::string_view source) {
  Diagnostics diagnostics("a.yaml", source);
  auto root = parse_yaml(source, diagnostics);
  if (!root) throw std::runtime_error(rendered(diagnostics));
  return std::move(*root);
}

std::string place(const Node& node) { return fmt::format("{}:{}+{}", node.place.line, node.place.column, node.place.length); }

std::string refused(std::string_view source) {
  Diagnostics diagnostics("a.yaml", source);
  CHECK_FALSE(parse_yaml(source, diagnostics));
  return rendered(diagnostics);
}

}  // namespace

TEST_CASE("every value has its place, in bytes from 1") {
  const Node root = parsed("é: plain text # why\n\"q\": \"a \\t b\"\nlist: [x, {y: z}]\n");
  REQUIRE(root.is_mapping());
  REQUIRE(root.children.size() == 6);
  CHECK(place(root) == "1:1+2");
  CHECK(place(root.children[0]) == "1:1+2");
  CHECK(place(root.children[1]) == "1:5+10");
  CHECK(root.children[1].text == "plain text");
  CHECK(place(root.children[2]) == "2:2+1");
  CHECK(place(root.children[3]) == "2:7+6");
  CHECK(root.children[3].text == "a \t b");
  const Node& list = root.children[5];
  CHECK(place(list) == "3:7+1");
  CHECK(place(list.children.at(0)) == "3:8+1");
  CHECK(place(list.children.at(1)) == "3:11+1");
  CHECK(place(list.children.at(1).children.at(1)) == "3:15+1");
}

TEST_CASE("the place of a block is its first line") {
  const Node root = parsed("literal: |\n    first line\n      second\nfolded: >-\n  one\n  two\n");
  const Node& literal = root.children.at(1);
  CHECK(literal.literal);
  CHECK(literal.text == "first line\n  second\n");
  CHECK(place(literal) == "2:5+10");
  const Node& folded = root.children.at(3);
  CHECK_FALSE(folded.literal);
  CHECK(folded.text == "one two");
  CHECK(place(folded) == "5:3+3");
}

TEST_CASE("lines may end with CR LF, and the file may begin with a byte order mark") {
  const Node root = parsed(
      "\xEF\xBB\xBF"
      "a: 1\r\nb: two\r\n");
  CHECK(place(root.children.at(0)) == "1:1+1");
  CHECK(place(root.children.at(3)) == "2:4+3");
  CHECK(root.children.at(3).text == "two");
}

TEST_CASE("every scalar is a text: no booleans, no octals, no null") {
  const Node root = parsed("a: [yes, 010, 0x1F, 1e3, null, ~, 'null']\n");
  std::vector<std::string> texts;
  for (const Node& item : root.children.at(1).children) texts.push_back(item.text);
  CHECK(texts == std::vector<std::string>{"yes", "010", "0x1F", "1e3", "null", "~", "null"});
}

TEST_CASE("an item of which nothing is written stands at its dash") {
  const Node root = parsed("a:\n  -\n  - # b\n  - c\n  -\n");
  const Node& list = root.children.at(1);
  REQUIRE(list.children.size() == 4);
  CHECK(place(list.children[0]) == "2:3+1");
  CHECK(place(list.children[1]) == "3:3+1");
  CHECK(place(list.children[3]) == "5:3+1");
}

// YAML 1.2 section 8.1.1.2, with blanks alone in a last line that does not end.
TEST_CASE("a block scalar without text is empty, wherever the file ends") {
  for (const std::string_view header : {"|", ">", "|-", ">-", "|2"})
    for (const std::string_view rest : {"", "\n", "\n ", "\n   ", "\n \n", "\n  \n  "}) {
      INFO(header << " and " << rest.size() << " bytes");
      CHECK(parsed(fmt::format("a: {}{}", header, rest)).children.at(1).text.empty());
    }
}

// YAML 1.2 section 7.3.2: whatever is written between single quotes, with each of its own doubled.
TEST_CASE("every text of quotes, blanks and letters can stand between single quotes") {
  constexpr std::size_t kLongest = 7;
  std::vector<std::string> texts{""};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::string quoted;
    for (const char c : texts[i]) quoted.append(c == '\'' ? 2 : 1, c);
    const Node root = parsed("- '" + quoted + "'\n- ['" + quoted + "', b]\n");
    const std::string& block = root.children.at(0).text;
    const std::string& flow = root.children.at(1).children.at(0).text;
    if (block != texts[i] || flow != texts[i]) FAIL_CHECK('\'' << quoted << "' is read as <" << block << "> and <" << flow << '>');
    if (texts[i].size() < kLongest)
      for (const char c : {'\'', ' ', 'a'}) texts.push_back(texts[i] + c);
  }
  CHECK(texts.size() == 3280);  // 3^0 + … + 3^7
}

TEST_CASE("many quotes in a text are as many as were written, and nothing behind them is lost") {
  const std::size_t many = GENERATE(8u, 9u, 100u, 10'000u);
  const std::string quotes(many, '\''), doubled(2 * many, '\'');
  CHECK((parsed("- 'a" + doubled + "z'\n").children.at(0).text == "a" + quotes + "z"));
  CHECK((parsed("- 'a" + doubled + "\n  " + doubled + "z'\n").children.at(0).text == "a" + quotes + " " + quotes + "z"));
  CHECK((parsed("- \"a" + quotes + "z\"\n").children.at(0).text == "a" + quotes + "z"));
  CHECK((parsed("- a" + quotes + "\n").children.at(0).text == "a" + quotes));
  CHECK((parsed("- |\n  " + quotes + "\n  " + quotes + "\n").children.at(0).text == quotes + "\n" + quotes + "\n"));
}

// YAML 1.2 sections 5.7 and 7.3.
TEST_CASE("escapes and lines of quoted texts") {
  struct Row {
    std::string written, read;
  };
  const Row row = GENERATE(values<Row>({
      {R"("\0")", std::string(1, '\0')},
      {R"("\a\b\t\n\v\f\r\e")", "\a\b\t\n\v\f\r\x1b"},
      {R"("\ \"\/\\")", " \"/\\"},
      {R"("\N\_\L\P")", "\xC2\x85\xC2\xA0\xE2\x80\xA8\xE2\x80\xA9"},
      {R"("\x41\xe9\u20ac\U0001F600")", "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
      {R"("\ud83d\ude00")", "\xF0\x9F\x98\x80"},
      {R"("\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n")", std::string(20, '\n')},
      {"\"a\\\t\"", "a\t"},
      {"\" a  \"", " a  "},
      {"\"a\n  b\n\n  c\"", "a b\nc"},
      {"\"a\\\n  b\"", "ab"},
      {"\"a \\\n  \\ b\"", "a  b"},
      {"' a\n  ''''b''\n\n  ''c '", " a ''b'\n'c "},
      {"''", ""},
      {"\"\"", ""},
  }));
  CHECK(parsed("- " + row.written + "\n").children.at(0).text == row.read);
}

TEST_CASE("escapes that are none, and quotes that do not end") {
  struct Row {
    std::string written, said;
  };
  const Row row = GENERATE(values<Row>({
      {R"("\q")", "1:4: error: not valid YAML: invalid escape 'q'"},
      {R"("\x4")", "1:"},
      {R"("\ud800")", "1:4: error: not valid YAML: double-quoted scalar has invalid UTF8 escape"},
      {R"("\U00110000")", "1:4: error: not valid YAML: double-quoted scalar has invalid UTF8 escape"},
      {"'a''", "1:4: error: not valid YAML: single-quoted scalar without closing quote"},
  }));
  CHECK_THAT(refused("- " + row.written + "\n"), Catch::Matchers::StartsWith("a.yaml:" + row.said));
}

TEST_CASE("nothing is something else than an empty text") {
  const Node root = parsed("a:\nb: ''\nc: |\n");
  CHECK(root.children.at(1).is_nothing());
  CHECK(place(root.children.at(1)) == "1:1+1");  // that of the key
  CHECK_FALSE(root.children.at(3).is_nothing());
  CHECK_FALSE(root.children.at(5).is_nothing());
}

TEST_CASE("anchors, aliases and tags hold no surprises: they are refused") {
  CHECK(refused("a: &one x\nb: *one\nc: !!str y\n") ==
        "a.yaml:1:4: error: an anchor: every value stands where it is used\n"
        "  1 | a: &one x\n"
        "    |    ^^^^ write the value itself; `vars` name what is needed twice\n"
        "a.yaml:2:4: error: an alias: every value stands where it is used\n"
        "  2 | b: *one\n"
        "    |    ^^^^ write the value itself; `vars` name what is needed twice\n"
        "a.yaml:3:4: error: a tag: every scalar is a text\n"
        "  3 | c: !!str y\n"
        "    |    ^^^^^ leave the tag out\n");
}

TEST_CASE("aliases of aliases of aliases do not explode") {
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 40; ++i) bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  CHECK(refused(bomb).starts_with("a.yaml:1:5: error: an anchor: every value stands where it is used\n"));
}

TEST_CASE("what is not YAML is told with line and column") {
  CHECK(refused("rules:\n\t- at: mail\n") ==
        "a.yaml:2:1: error: not valid YAML: tab character may not be used as indentation\n"
        "  2 | \t- at: mail\n"
        "    | ^ indent with spaces\n");
  CHECK(refused("reply: 550 a: b\n") ==
        "a.yaml:1:13: error: not valid YAML: invalid nested block mapping on the same line\n"
        "  1 | reply: 550 a: b\n"
        "    |             ^ a text with ': ' in it needs quotes\n");
  CHECK(refused("a: 1\n  b: 2\n") ==
        "a.yaml:1:4: error: not valid YAML: invalid multiline plain key\n"
        "  1 | a: 1\n"
        "    |    ^ is the indentation right? a text with ': ' in it needs quotes\n");
  CHECK(refused("rule: { reply: 550 ${rcpt} }\n") ==
        "a.yaml:1:21: error: not valid YAML: missing comma in flow mapping\n"
        "  1 | rule: { reply: 550 ${rcpt} }\n"
        "    |                     ^ a text with '{', '}', '[', ']' or ',' in it needs quotes here\n");
  CHECK(refused("\"ää\": @x\n") ==
        "a.yaml:1:9: error: not valid YAML: plain scalar cannot start with '@'\n"
        "  1 | \"ää\": @x\n"
        "    |       ^ put the text in quotes\n");
  CHECK(refused("a: 'it's'\n") ==
        "a.yaml:1:8: error: not valid YAML: invalid trailing content after single-quoted scalar\n"
        "  1 | a: 'it's'\n"
        "    |        ^ write '' for a quote in single quotes\n");
  CHECK(refused("a: [1\n") ==
        "a.yaml:1:6: error: not valid YAML: flow sequence without a closing bracket\n"
        "  1 | a: [1\n"
        "    |      ^\n");
}

TEST_CASE("a file is one scenario") {
  CHECK(refused("a: 1\n---\nb: 2\n") ==
        "a.yaml:2:1: error: a second document begins here\n"
        "  2 | ---\n"
        "    | ^^^ a file is one scenario\n");
  CHECK(parsed("---\na: 1\n...\n").children.size() == 2);
}

TEST_CASE("an empty file") {
  constexpr std::string_view kEmpty = "a.yaml: error: the file is empty; a scenario begins with 'malaposta: 1'\n";
  CHECK(refused("") == kEmpty);
  CHECK(refused("\n# a comment\n") == kEmpty);
  CHECK(refused("\xEF\xBB\xBF") == kEmpty);
}

TEST_CASE("bytes that may not stand in a file") {
  CHECK(refused("title: a\xff\n") ==
        "a.yaml:1:9: error: byte 0xff is not UTF-8\n"
        "  1 | title: a\\xff\n"
        "    |         ^^^^ save the file as UTF-8\n");
  CHECK(refused(std::string_view("a: b\0c\n", 7)) ==
        "a.yaml:1:5: error: byte 0x00 is a control character\n"
        "  1 | a: b\\x00c\n"
        "    |     ^^^^ inside double quotes it can be written as an escape, such as \"\\0\"\n");
  for (const std::string_view bad : {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
                                     "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\x80", "\xC2\x9B", "\x7F", "\x1B"}) {
    CAPTURE(fmt::format("{:02x}", fmt::join(bad, " ")));
    CHECK(refused("a: " + std::string(bad)).starts_with("a.yaml:1:4: error: byte 0x"));
  }
  CHECK(parsed("a: é€😀\xC2\x85\n").children.at(1).text.starts_with("é€😀"));
}

TEST_CASE("bytes that may not stand in a file can be written as escapes") {
  using namespace std::string_literals;
  CHECK(parsed("a: \"\\0\\x1b\"\n").children.at(1).text == "\0\x1b"s);
}

TEST_CASE("nesting has a limit") {
  const auto nested = [](std::size_t levels) { return "a: " + std::string(levels, '[') + std::string(levels, ']') + "\n"; };
  CHECK(parsed(nested(kDeepest - 1)).is_mapping());  // the mapping is a level of its own
  CHECK(refused(nested(kDeepest)) ==
        "a.yaml:1:35: error: nested more than 32 levels deep\n"
        "  1 | a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"
        "    |                                   ^\n");
  CHECK(refused("a: " + std::string(1'000'000, '[')).find("nested more than 32 levels deep") != std::string::npos);
}

TEST_CASE("the number of values has a limit") {
  std::string list = "a:\n";
  for (std::size_t i = 0; i < kMostNodes - 3; ++i) list += "- x\n";  // mapping, key and list are values too
  list += "- x\n";  // the first one too many
  CHECK(refused(list) ==
        "a.yaml:499999:3: error: a file has 500000 values at most\n"
        "  499999 | - x\n"
        "         |   ^ split it: a folder can be loaded at once\n");
}

TEST_CASE("the size of a file has a limit") {
  const std::string comment = "a: 1\n#";
  CHECK(parsed(comment + std::string(kLargestFile - comment.size(), '-')).is_mapping());
  CHECK(refused(comment + std::string(kLargestFile - comment.size() + 1, '-')) ==
        "a.yaml: error: is larger than 4194304 bytes; split it: a folder can be loaded at once\n");
}
