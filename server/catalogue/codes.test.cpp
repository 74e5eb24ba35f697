#include "catalogue/codes.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include "testing/catch.hpp"
#include "testing/source_dir.hpp"

using namespace malaposta::catalogue;

namespace {

// The codes that have a scenario of their own, CODE.yaml. client_tests/protocol/codes.test.cpp meets each of these files.
std::set<int> played_codes() {
  std::set<int> codes;
  for (const auto& entry : std::filesystem::directory_iterator(malaposta::testing::source_path("scenarios/codes")))
    if (const std::string name = entry.path().stem(); name.size() == 3) codes.insert(std::stoi(name));
  return codes;
}

Class class_of(int code) {
  switch (code / 100) {
    case 2: return Class::success;
    case 3: return Class::intermediate;
    case 4: return Class::transient;
    case 5: return Class::permanent;
    default: return Class::transport;
  }
}

}  // namespace

TEST_CASE("the catalogue has every code that a scenario plays once, in ascending order, and no other") {
  std::vector<int> found;
  for (const Code& code : codes()) found.push_back(code.code);
  const std::set<int> played = played_codes();
  CHECK(found == std::vector<int>(played.begin(), played.end()));
  CHECK(found.size() >= 57);
}

TEST_CASE("find: every code, and nothing else") {
  const std::set<int> documented = played_codes();
  for (int code = -1; code <= 1000; ++code) {
    const Code* found = find(code);
    CHECK((found != nullptr) == documented.contains(code));
    if (found != nullptr) CHECK(found->code == code);
  }
}

TEST_CASE("each row is whole") {
  for (const Code& code : codes()) {
    CAPTURE(code.code);
    CHECK((code.code == 442 ? code.kind == Class::transport : code.kind == class_of(code.code)));
    CHECK_FALSE(code.origin.empty());
    CHECK(code.scenario == std::to_string(code.code));
    for (const Text& text : {code.meaning, code.advice, code.client}) {
      CHECK_FALSE(text.en.empty());
      CHECK_FALSE(text.it.empty());
      CHECK(text.en != text.it);
      CHECK((text.en.back() == '.' && text.it.back() == '.'));
      for (const std::string_view one : {text.en, text.it})
        CHECK(std::none_of(one.begin(), one.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }));
    }
    CHECK(std::set<Stage>(code.stages.begin(), code.stages.end()).size() == code.stages.size());
    const bool a_reply = code.code >= 200;
    CHECK(code.stages.empty() != a_reply);
    CHECK(code.text.empty() != a_reply);
    CHECK((code.trigger.empty() || code.trigger.find("example") != std::string_view::npos));
  }
}

TEST_CASE("an enhanced code's class is its reply's (RFC 3463)") {
  for (const Code& code : codes()) {
    CAPTURE(code.code);
    if (code.enhanced.empty()) continue;
    CHECK(code.enhanced.front() == static_cast<char>('0' + code.code / 100));
    CHECK(std::count(code.enhanced.begin(), code.enhanced.end(), '.') == 2);
  }
}

TEST_CASE("default texts fit into reply lines of 512 octets (RFC 5321 section 4.5.3.1.5)") {
  for (const Code& code : codes()) {
    CAPTURE(code.code);
    std::string_view rest = code.text;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      CHECK(line.size() + code.enhanced.size() + std::string_view("550  \r\n").size() <= 512);
      CHECK(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; }));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
  }
}

TEST_CASE("classes have names") {
  CHECK(name(Class::transport) == "transport");
  CHECK(name(Class::permanent) == "permanent");
}
