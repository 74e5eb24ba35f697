#include "cli/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options/parsers.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "protocol/grammar.hpp"

namespace malaposta::cli {

namespace po = boost::program_options;

namespace {

constexpr std::string_view kPrefix = "MALAPOSTA_";

// Names that Mailpit's users have in their environments, for what means the same here.
constexpr std::pair<std::string_view, std::string_view> kMailpitNames[] = {
    {"MP_SMTP_BIND_ADDR", "smtp"},
    {"MP_MAX_MESSAGES", "keep"},
};

// MALAPOSTA_MAX_MEMORY -> max-memory; empty for what is no option of the command. Where both name an option, ours counts.
std::string option_of(const po::options_description& options, const std::string& variable) {
  for (const auto& [theirs, ours] : kMailpitNames) {
    if (variable != theirs || options.find_nothrow(std::string(ours), false) == nullptr) continue;
    std::string own = "MALAPOSTA_" + std::string(ours);
    std::transform(own.begin(), own.end(), own.begin(), protocol::grammar::upper);
    return std::getenv(own.c_str()) == nullptr ? std::string(ours) : std::string{};
  }
  if (variable.rfind(kPrefix, 0) != 0) return {};
  std::string name = variable.substr(kPrefix.size());
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c == '_' ? '-' : protocol::grammar::lower(c); });
  return options.find_nothrow(name, false) != nullptr ? name : std::string{};
}

}  // namespace

bool add_settings(const Command& command, po::variables_map& values) {
  const po::options_description options = command.options();
  std::string source = "the environment";
  try {
    po::store(po::parse_environment(options, [&](const std::string& variable) { return option_of(options, variable); }), values);
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
