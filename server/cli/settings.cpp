#include "cli/settings.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/program_options/parsers.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/mailpit_settings.hpp"
#include "protocol/grammar.hpp"

namespace malaposta::cli {

namespace po = boost::program_options;

namespace {

constexpr std::string_view kPrefix = "MALAPOSTA_";

// MALAPOSTA_MAX_MEMORY -> max-memory; empty for what is no option of the command.
std::string option_of(const po::options_description& options, const std::string& variable) {
  if (variable.rfind(kPrefix, 0) != 0) return {};
  std::string name = variable.substr(kPrefix.size());
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c == '_' ? '-' : protocol::grammar::lower(c); });
  return options.find_nothrow(name, false) != nullptr ? name : std::string{};
}

std::vector<std::pair<std::string, std::string>> environment() {
  std::vector<std::pair<std::string, std::string>> all;
  for (char** one = environ; one != nullptr && *one != nullptr; ++one) {
    const std::string_view text = *one;
    if (const std::size_t equals = text.find('='); equals != std::string_view::npos)
      all.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return all;
}

// Behind ours, which counts where both name an option. What Mailpit would have done, and we do not, is told once.
void add_mailpit(const Command& command, const po::options_description& options, po::variables_map& values) {
  MailpitEnvironment read = read_mailpit(environment());
  po::basic_parsed_options<char> parsed(&options);
  for (auto& [name, value] : read.options)
    if (options.find_nothrow(name, false) != nullptr) parsed.options.emplace_back(name, std::vector<std::string>{std::move(value)});
  po::store(parsed, values);
  if (!read.ignored.empty())
    fmt::print(stderr, "malaposta {}: Mailpit's {} {} nothing here\n", command.name, fmt::join(read.ignored, ", "),
               read.ignored.size() == 1 ? "means" : "mean");
}

}  // namespace

bool add_settings(const Command& command, po::variables_map& values) {
  const po::options_description options = command.options();
  std::string source = "the environment";
  try {
    po::store(po::parse_environment(options, [&](const std::string& variable) { return option_of(options, variable); }), values);
    // What the program serves is what Mailpit would serve; the other commands have nothing to do with it.
    if (options.find_nothrow("smtp", false) != nullptr) add_mailpit(command, options, values);
    if (values.count("config") != 0) {
      source = values["config"].as<std::string>();
      std::ifstream file(source);
      if (!file) throw po::error("the file cannot be read");
      po::store(po::parse_config_file(file, options), values);
    }
    po::notify(values);
  } catch (const po::error& error) {
    fmt::print(stderr, "malaposta {}: {}: {}; see 'malaposta {} --help'\n", command.name, source, error.what(), command.name);
    return false;
  }
  return true;
}

}  // namespace malaposta::cli
