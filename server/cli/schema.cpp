// malaposta schema: the JSON Schema of scenario files, for editors.
#include <cstdio>

#include "cli/command.hpp"
#include "scenario/reader.hpp"

namespace malaposta::cli {

namespace {

int run(const std::vector<std::string>& arguments) {
  boost::program_options::variables_map values;
  int exit = kOk;
  if (!parse(schema_command, arguments, values, exit)) return exit;
  const std::string text = scenario::schema();
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return kOk;
  std::fputs("malaposta schema: standard output cannot be written\n", stderr);
  return kHarness;
}

}  // namespace

const Command schema_command{"schema",
                             "",
                             "Prints the JSON Schema (draft-07) of scenario files",
                             "0",
                             [] { return boost::program_options::options_description("Options"); },
                             run};

}  // namespace malaposta::cli
