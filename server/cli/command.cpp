#include "cli/command.hpp"

#include <boost/program_options/parsers.hpp>
#include <cstdio>
#include <sstream>

#include "cli/settings.hpp"

namespace malaposta::cli {

namespace po = boost::program_options;

namespace {

po::options_description visible_options(const Command& command) {
  po::options_description all = command.options();
  all.add_options()("help,h", "print this help");
  return all;
}

}  // namespace

std::string help(const Command& command) {
  std::ostringstream out;
  out << "usage: malaposta " << command.name << " [OPTION…]";
  if (!command.arguments.empty()) out << ' ' << command.arguments;
  out << "\n\n" << command.summary << ".\n\n" << visible_options(command);
  if (command.settings) out << "\nEach option can also be given as MALAPOSTA_<OPTION> in the environment; flags go before.\n";
  if (!command.examples.empty()) out << "\nExamples:\n";
  for (const Example& example : command.examples) out << "  " << example.line << "\n      " << example.purpose << ".\n";
  out << "\nExit codes: " << command.exits << ".\n";
  return out.str();
}

bool parse(const Command& command, const std::vector<std::string>& arguments, po::variables_map& values, int& exit) {
  po::options_description all = visible_options(command);
  all.add_options()("argument", po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add("argument", -1);
  try {
    // No guessing: an abbreviation that works today would be ambiguous with tomorrow's option.
    const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(arguments).options(all).positional(positional).style(style).run(), values);
    po::notify(values);
  } catch (const po::error& error) {
    std::fprintf(stderr, "malaposta %s: %s; see 'malaposta %s --help'\n", std::string(command.name).c_str(), error.what(),
                 std::string(command.name).c_str());
    exit = kBadInput;
    return false;
  }
  if (command.arguments.empty() && values.count("argument") != 0) {
    std::fprintf(stderr, "malaposta %s: it takes no argument; see 'malaposta %s --help'\n", std::string(command.name).c_str(),
                 std::string(command.name).c_str());
    exit = kBadInput;
    return false;
  }
  if (values.count("help") != 0) {
    std::fputs(help(command).c_str(), stdout);
    exit = kOk;
    return false;
  }
  if (command.settings && !add_settings(command, values)) {
    exit = kBadInput;
    return false;
  }
  return true;
}

}  // namespace malaposta::cli
