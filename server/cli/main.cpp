// The command line's entry: finds the command by its name in one table.
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"

namespace {

using namespace malaposta::cli;

void print_usage(std::FILE* out) {
  std::fprintf(out, "malaposta: %s\n", std::string(kTagline).c_str());
  std::fputs("\nusage: malaposta COMMAND [OPTION…] [ARGUMENT…]\n\n", out);
  for (const Command* command : commands())
    std::fprintf(out, "  %-10s %s\n", std::string(command->name).c_str(), std::string(command->summary).c_str());
  std::fputs("\n'malaposta COMMAND --help' tells a command's options and exit codes.\n", out);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) {
    print_usage(stderr);
    return kBadInput;
  }
  // `malaposta help run` is `malaposta run --help`.
  if (arguments.size() == 2 && arguments.front() == "help") arguments = {arguments.back(), "--help"};
  std::string_view wanted = arguments.front();
  if (wanted == "--help" || wanted == "-h" || wanted == "help") {
    print_usage(stdout);
    return kOk;
  }
  if (wanted == "--version") wanted = "version";
  for (const Command* command : commands()) {
    if (command->name != wanted) continue;
    try {
      return command->run({arguments.begin() + 1, arguments.end()});
    } catch (const std::exception& error) {
      std::fprintf(stderr, "malaposta %s: %s\n", arguments.front().c_str(), error.what());
      return kHarness;
    }
  }
  std::fprintf(stderr, "malaposta: unknown command '%s'; see 'malaposta --help'\n", arguments.front().c_str());
  return kBadInput;
}
