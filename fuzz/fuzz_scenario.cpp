// Scenario files: whatever is in them, reading and compiling ends, every problem stands in the file and is told in
// whole lines, and only a file without an error makes a scenario.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "require.hpp"
#include "scenario/scenario.hpp"

using namespace malaposta::scenario;
using malaposta::fuzz::require;

namespace {

void check(const Diagnostic& diagnostic, const std::vector<std::string_view>& lines) {
  const std::string text = render(diagnostic);
  require(text.ends_with('\n'), "a problem is whole lines");
  require(std::all_of(text.begin(), text.end(), [](unsigned char c) { return c == '\n' || c == '\t' || c >= 0x20; }),
          "nothing in a problem that a terminal would obey");
  const Place& place = diagnostic.place;
  const auto breaks = std::count(text.begin(), text.end(), '\n');
  if (place.line == 0) return require(breaks == 1, "a problem of the whole file is one line");
  require(breaks == 3, "a problem is its message, the line and the caret");
  require(place.line <= lines.size(), "the line is one of the file's");
  require(place.column >= 1 && place.column <= lines[place.line - 1].size() + 1, "the column is in the line, or right behind it");
  require(place.length >= 1, "something is marked");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view source{reinterpret_cast<const char*>(data), size};
  const Loaded loaded = load_text("a.yaml", source, {});
  const std::vector<std::string_view> lines = split_lines(source);
  for (const Diagnostic& diagnostic : loaded.diagnostics) check(diagnostic, lines);
  require(loaded.diagnostics.size() <= Diagnostics::kMost + 1, "problems have a limit");
  require(loaded.failed() == loaded.scenarios.empty(), "a file has an error, or is a scenario");
  return 0;
}
