#include "cli/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options/parsers.hpp>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <map>
#include <stdexcept>

namespace malaposta::cli {

namespace po = boost::program_options;

namespace {

constexpr std::string_view kPrefix = "MALAPOSTA_";

// MALAPOSTA_MAX_MEMORY -> max-memory; empty for what is no option of the command.
std::string option_of(const po::options_description& options, const std::string& variable) {
  if (variable.rfind(kPrefix, 0) != 0) return {};
  std::string name = variable.substr(kPrefix.size());
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
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

std::uint64_t parse_size(std::string_view text) {
  static const std::map<std::string_view, std::uint64_t> kUnits{
      {"", 1}, {"B", 1}, {"kB", 1000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}, {"KiB", 1u << 10}, {"MiB", 1u << 20}, {"GiB", 1u << 30}};
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto unit = kUnits.find(std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end)));
  if (error != std::errc() || unit == kUnits.end() || number > UINT64_MAX / unit->second)
    throw std::invalid_argument(fmt::format("'{}' is no size: a number of bytes, or with kB, MB, GB, KiB, MiB or GiB, is expected", text));
  return number * unit->second;
}

}  // namespace malaposta::cli
