// The scenario files that were compiled into the binary: cmake/embed.cmake puts their bytes there and their names
// into the table that is included below.
#include <algorithm>

#include "scenario/scenario.hpp"

#define MALAPOSTA_FILE(symbol, path)      \
  extern "C" const char symbol##_begin[]; \
  extern "C" const char symbol##_end[];
#include "malaposta_scenario_files.inc"
#undef MALAPOSTA_FILE

namespace malaposta::scenario {

std::string_view Shipped::name() const {
  std::string_view name = path.substr(path.rfind('/') + 1);
  return name.substr(0, name.rfind('.'));
}

const std::vector<Shipped>& shipped() {
  static const std::vector<Shipped> files{
#define MALAPOSTA_FILE(symbol, path) {path, {symbol##_begin, static_cast<std::size_t>(symbol##_end - symbol##_begin)}},
#include "malaposta_scenario_files.inc"
#undef MALAPOSTA_FILE
  };
  return files;
}

const Shipped* find_shipped(std::string_view name) {
  const auto found = std::find_if(shipped().begin(), shipped().end(), [&](const Shipped& file) { return file.name() == name; });
  return found == shipped().end() ? nullptr : &*found;
}

}  // namespace malaposta::scenario
