// malaposta check: every problem of scenario files, before anything is started with them.
#include <fmt/format.h>

#include <cstdio>

#include "cli/command.hpp"
#include "scenario/scenario.hpp"

namespace malaposta::cli {

namespace {

int run(const std::vector<std::string>& arguments) {
  boost::program_options::variables_map values;
  int exit = kOk;
  if (!parse(check_command, arguments, values, exit)) return exit;
  if (values.count("argument") == 0) {
    std::fputs("malaposta check: no scenario is named; see 'malaposta check --help'\n", stderr);
    return kBadInput;
  }
  const scenario::Loaded loaded = scenario::load(values["argument"].as<std::vector<std::string>>(), {});
  for (const scenario::Diagnostic& diagnostic : loaded.diagnostics) std::fputs(render(diagnostic).c_str(), stderr);
  if (loaded.failed()) return kBadInput;
  const std::size_t count = loaded.scenarios.size(), warnings = loaded.diagnostics.size();
  fmt::print("{} scenario{} checked, {}\n", count, count == 1 ? "" : "s",
             warnings == 0 ? "no problem" : fmt::format("{} warning{}", warnings, warnings == 1 ? "" : "s"));
  return kOk;
}

}  // namespace

constexpr Example kExamples[] = {
    {"malaposta check tempfail.yaml", "What is wrong with a scenario, with the place and the way out"},
    {"malaposta check scenarios/", "All files *.yaml of a folder and of the folders in it"},
};

const Command check_command{"check",
                            "SCENARIO…",
                            "Checks scenario files, starts nothing",
                            "0 no error, 2 an error in a file or on the command line",
                            [] { return boost::program_options::options_description("Options"); },
                            run,
                            kExamples};

}  // namespace malaposta::cli
