// For tests of the reader: a model from a text, and its problems as they are printed.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "scenario/reader.hpp"

namespace malaposta::scenario::reading_test {

inline std::string rendered(Diagnostics& diagnostics) {
  std::string all;
  for (const Diagnostic& diagnostic : diagnostics.take()) all += render(diagnostic);
  return all;
}

// The problems of a whole file; empty if there are none.
inline std::string problems_of_file(std::string_view source) {
  Diagnostics diagnostics("a.yaml", source);
  read("a.yaml", source, diagnostics);
  return rendered(diagnostics);
}

// The problems of a file that begins as it should; what is given begins on line 2.
inline std::string problems(std::string_view source) { return problems_of_file("malaposta: 1\n" + std::string(source)); }

// The model of such a file, which has no problem.
inline Model model(std::string_view source) {
  const std::string whole = "malaposta: 1\n" + std::string(source);
  Diagnostics diagnostics("a.yaml", whole);
  Model made = read("a.yaml", whole, diagnostics).front();
  if (const std::string all = rendered(diagnostics); !all.empty()) throw std::runtime_error(all);
  return made;
}

// The one rule of such a file, given without the dash before it.
inline Rule rule(std::string_view source) { return model("rules:\n- " + std::string(source)).rules.at(0); }

}  // namespace malaposta::scenario::reading_test
