#include "cli/commands.hpp"

#include <algorithm>
#include <sstream>

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
  CHECK(words_of("ADDR:PORT|off") == std::vector<std::string>{"off"});
}

TEST_CASE("completions and the manual pages have every command and every option") {
  for (const Command* command : commands()) {
    CHECK(has(manual_page(), "malaposta\\-" + std::string(command->name) + "\\fR(1)"));
    for (const OptionText& one : option_texts(*command)) {
      INFO(command->name << " --" << one.name);
      CHECK(has(bash_completion(), "--" + one.name));
      CHECK(has(zsh_completion(), "'--" + one.name + "["));
      CHECK(has(fish_completion(), "-l " + one.name));
      std::string escaped = one.name;
      for (std::size_t at = 0; (at = escaped.find('-', at)) != std::string::npos; at += 2) escaped.insert(at, "\\");
      CHECK(has(manual_page(*command), "\\-\\-" + escaped));
    }
  }
}

TEST_CASE("a command's manual page has an entry for each exit code, and where its settings come from") {
  const std::string page = manual_page(run_command);
  for (const char* entry : {"\\fB0\\fR\nall passed\n", "\\fB4\\fR\nthe client was killed or ran out of time while every expectation held\n",
                            "\\fB130\\fR\ninterrupted\n", "\\fBMALAPOSTA_CA_FILE\\fR\n"})
    CHECK(has(page, entry));
  CHECK_FALSE(has(page, "MALAPOSTA_JUNIT"));
  CHECK(has(manual_page(schema_command), "\\fB0\\fR\nsuccess\n"));
  CHECK(has(manual_page(readyz_command), "\\fBMALAPOSTA_TIMEOUT\\fR\nas \\fB\\-\\-timeout\\fR\n"));
  CHECK_FALSE(has(manual_page(readyz_command), "MP_"));
  CHECK(has(manual_page(serve_command), "\\fBMP_MAX_MESSAGES\\fR\n"));
  CHECK(has(manual_page(serve_command), "\\fBMALAPOSTA_EXPOSE\\fR\nas \\fB\\-\\-expose\\fR: 1 or 0\n"));
}

TEST_CASE("the examples of a command are of that command, with options that it has") {
  for (const Command* command : commands())
    for (const Example& example : command->examples) {
      INFO(example.line);
      CHECK(has(help(*command), std::string(example.line)));
      CHECK(has(manual_page(*command), ".SH EXAMPLES\n"));
      const std::string call = "malaposta " + std::string(command->name);
      REQUIRE(has(std::string(example.line), call));
      // Options behind -- are the client's.
      std::istringstream words(std::string(example.line.substr(0, example.line.find(" -- "))));
      const std::vector<OptionText> options = option_texts(*command);
      for (std::string word; words >> word;)
        if (word.starts_with("--"))
          CHECK(std::any_of(options.begin(), options.end(), [&](const OptionText& one) { return "--" + one.name == word; }));
    }
}
