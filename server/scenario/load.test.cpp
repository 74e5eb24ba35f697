#include <filesystem>
#include <fstream>
#include <set>

#include "scenario/reader.hpp"
#include "scenario/scenario.hpp"
#include "testing/catch.hpp"

using namespace malaposta::scenario;
namespace fs = std::filesystem;

namespace {

// A folder of its own, gone with the test.
struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "malaposta-load-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  std::string file(const std::string& name, std::string_view text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << text;
    return (path / name).string();
  }
  fs::path path;
};

constexpr std::string_view kFine = "malaposta: 1\nrules:\n  - { at: rcpt, reply: 550 5.1.1 No }\n";

std::vector<std::string> names(const Loaded& loaded) {
  std::vector<std::string> names;
  for (const ScenarioPtr& scenario : loaded.scenarios) names.push_back(scenario->name());
  return names;
}

}  // namespace

TEST_CASE("a file, a folder by name order, and a shipped name are loaded") {
  const Folder folder;
  const std::string file = folder.file("alone.yaml", kFine);
  folder.file("all/b.yaml", kFine);
  folder.file("all/deep/c.yaml", kFine);
  folder.file("all/a.yaml", kFine);
  folder.file("all/README.md", "no scenario");
  const Loaded loaded = load({file, (folder.path / "all").string(), "default"}, {});
  CHECK_FALSE(loaded.failed());
  CHECK(names(loaded) == std::vector<std::string>{"alone", "a", "b", "c", "default"});
}

TEST_CASE("every problem of every file is told, and only those scenarios are missing") {
  const Folder folder;
  const std::string one = folder.file(
      "one.yaml", "malaposta: 1\nrules:\n  - { at: rcpt, reply: \"550 ${rctp}\" }\n  - { at: data, when: { mail: '/(/' }, reply: 550 }\n");
  const std::string two = folder.file("two.yaml", kFine);
  const std::string three = folder.file("three.yaml", "malaposta: 1\nserver: { greeting: hello }\n");
  const Loaded loaded = load({one, two, three}, {});
  CHECK(loaded.failed());
  CHECK(names(loaded) == std::vector<std::string>{"two"});
  REQUIRE(loaded.diagnostics.size() == 3);
  CHECK(loaded.diagnostics[0].file == one);
  CHECK(loaded.diagnostics[0].place.line == 3);
  CHECK(loaded.diagnostics[1].place.line == 4);
  CHECK(loaded.diagnostics[2].file == three);
}

TEST_CASE("what is no file, folder or shipped name is told with the nearest one") {
  const Loaded loaded = load({"defalt"}, {});
  REQUIRE(loaded.failed());
  CHECK(loaded.diagnostics[0].file == "defalt");
  CHECK(loaded.diagnostics[0].hint == "did you mean 'default'?");
  const Folder folder;
  CHECK(load({folder.path.string()}, {}).diagnostics.at(0).message.find("no scenario is below this folder") == 0);
}

TEST_CASE("names are unique in one run") {
  const Folder folder;
  const Loaded loaded = load({folder.file("x/same.yaml", kFine), folder.file("y/same.yaml", kFine)}, {});
  REQUIRE(loaded.failed());
  CHECK(loaded.diagnostics[0].message.find("another scenario is named 'same'") == 0);
}

TEST_CASE("a file beyond the limit is refused unread") {
  const Folder folder;
  const Loaded loaded = load({folder.file("large.yaml", std::string(kLargestFile + 1, '#'))}, {});
  REQUIRE(loaded.failed());
  CHECK(loaded.diagnostics[0].message.find("is larger than") == 0);
}

TEST_CASE("a file that cannot be read is told") {
  const Folder folder;
  fs::create_symlink("loop", folder.path / "loop");
  CHECK(load({(folder.path / "loop").string()}, {}).failed());
}

TEST_CASE("all shipped scenarios load together, without a warning, under names of their own") {
  std::set<std::string_view> seen;
  for (const Shipped& file : shipped()) {
    INFO(file.path);
    CHECK(seen.insert(file.name()).second);
    const Loaded loaded = load({std::string(file.name())}, {});
    for (const Diagnostic& diagnostic : loaded.diagnostics) FAIL_CHECK(render(diagnostic));
    REQUIRE(loaded.scenarios.size() == 1);
    CHECK(loaded.scenarios[0]->name() == file.name());
  }
  CHECK(find_shipped("default") != nullptr);
  CHECK(find_shipped("nothing-of-the-kind") == nullptr);
}
