#include "shipped_codes.hpp"
#include "testing/source_dir.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace malaposta::testing {

std::set<std::string> code_scenarios() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(source_path("scenarios/codes"))) names.insert(entry.path().stem());
  return names;
}

std::string text_of(const std::string& scenario) {
  std::ifstream in(source_path("scenarios/codes/" + scenario + ".yaml"));
  return {std::istreambuf_iterator<char>(in), {}};
}

const Server& all_codes() {
  static const std::set<std::string> names = code_scenarios();
  static const Server server({names.begin(), names.end()});
  return server;
}

}  // namespace malaposta::testing
