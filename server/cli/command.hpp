// A command of the program: one file and one row in commands.cpp's table each. The option tables make the parser, --help, the
// completions and the manual pages.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/variables_map.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace malaposta::cli {

// What the program exits with.
enum Exit : int {
  kOk = 0,
  kFailed = 1,       // an expectation failed
  kBadInput = 2,     // bad command line or scenario: nothing was started
  kClientFailed = 4,  // of run: the client was killed or ran out of time, while every expectation held
  kNothingRan = 5,    // of run
  kInterrupted = 130,  // of run: 128 and SIGINT
  kHarness = 3,      // the program could not do its work: a port in use, a file that cannot be written
};

// A command line and what it is good for, as a sentence without its full stop.
struct Example {
  std::string_view line;
  std::string_view purpose;
};

// A variable of the environment, for the manual page.
struct Variable {
  std::string_view name;
  std::string_view meaning;
};

struct Command {
  std::string_view name;
  std::string_view arguments;  // for the usage line: "[CODE…]"
  std::string_view summary;    // one line
  std::string_view exits;      // the exit codes, for --help: "0 stopped, 2 bad command line"
  boost::program_options::options_description (*options)();
  // `arguments` are those after the command's name. Prints its own errors to stderr. Returns an Exit.
  int (*run)(const std::vector<std::string>& arguments);
  std::span<const Example> examples = {};
  bool settings = false;  // options may also come from MALAPOSTA_<OPTION>, and from the file of --config (settings.hpp)
  std::span<const Variable> variables = {};  // what it puts into the environment of a program that it starts
};

extern const Command check_command;
extern const Command codes_command;
extern const Command completion_command;
extern const Command man_command;
extern const Command readyz_command;
extern const Command run_command;
extern const Command schema_command;
extern const Command serve_command;
extern const Command version_command;

// Parses `arguments` by the command's options; what is no option is in "argument" as a vector of strings. On a bad
// command line, prints the error and the way to --help to stderr and returns false; on --help prints it and returns
// false with `exit` kOk. Where the command has settings, they are in `values`, too.
bool parse(const Command& command, const std::vector<std::string>& arguments, boost::program_options::variables_map& values, int& exit);

// What --help of a command prints.
std::string help(const Command& command);

}  // namespace malaposta::cli
