#include "cli/commands.hpp"

#include <algorithm>

#include "cli/completion.hpp"
#include "cli/man.hpp"
#include "testing/catch.hpp"

using namespace malaposta::cli;

namespace {

const OptionText& option(const std::vector<OptionText>& all, std::string_view name) {
  return *std::find_if(all.begin(), all.end(), [&](const OptionText& one) { return one.name == name; });
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the commands stand by name, each with all that --help tells") {
  const auto all = commands();
  CHECK(std::is_sorted(all.begin(), all.end(), [](const Command* a, const Command* b) { return a->name < b->name; }));
  for (const Command* command : all) {
    INFO(command->name);
    CHECK_FALSE(command->summary.empty());
    CHECK_FALSE(command->exits.empty());
  }
}

TEST_CASE("an option tells its value, what stands for it, and what it is for") {
  const std::vector<OptionText> options = option_texts(serve_command);
  CHECK(option(options, "smtp").value == "ADDR:PORT[=SCENARIO]");
  CHECK(option(options, "smtp").standard.empty());
  CHECK(option(options, "keep").value == "N");
  CHECK(option(options, "keep").standard == "10000");
  CHECK(option(options, "gallery").value == "[=BASE]");
  CHECK(option(options, "expose").value.empty());
  CHECK(option(options, "help").value.empty());
  CHECK(words_of(option(options, "log").value) == std::vector<std::string>{"text", "json", "none"});
  CHECK(words_of("FILE").empty());
}

TEST_CASE("completions and the manual page have every command and every option") {
  for (const Command* command : commands())
    for (const OptionText& one : option_texts(*command)) {
      INFO(command->name << " --" << one.name);
      CHECK(has(bash_completion(), "--" + one.name));
      CHECK(has(zsh_completion(), "'--" + one.name + "["));
      CHECK(has(fish_completion(), "-l " + one.name));
      std::string escaped = one.name;
      for (std::size_t at = 0; (at = escaped.find('-', at)) != std::string::npos; at += 2) escaped.insert(at, "\\");
      CHECK(has(manual_page(), "\\-\\-" + escaped));
    }
}
