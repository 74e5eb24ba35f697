// malaposta version: what this binary is made of, for bug reports.
#include <boost/version.hpp>
#include <cstdio>

#include "cli/command.hpp"
#include "malaposta/version.hpp"

namespace malaposta::cli {

namespace {

int run(const std::vector<std::string>& arguments) {
  boost::program_options::variables_map values;
  int exit = kOk;
  if (!parse(version_command, arguments, values, exit)) return exit;
  std::printf("malaposta %s\ncompiler %s\nboost %d.%d.%d\n", MALAPOSTA_VERSION, __VERSION__, BOOST_VERSION / 100000,
              BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100);
  return kOk;
}

}  // namespace

const Command version_command{"version",
                              "",
                              "Prints the version, the compiler and the libraries",
                              "0",
                              [] { return boost::program_options::options_description("Options"); },
                              run};

}  // namespace malaposta::cli
