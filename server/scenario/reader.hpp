// From YAML to the model. The tables of keys behind it are also where the JSON Schema comes from.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "scenario/diagnostic.hpp"
#include "scenario/model.hpp"

namespace malaposta::scenario {

inline constexpr std::size_t kLargestFile = 4u << 20;  // bytes of a scenario file
inline constexpr std::size_t kDeepest = 32;            // levels of nesting
inline constexpr std::size_t kMostRules = 20'000;
inline constexpr std::size_t kMostVars = 1'000;  // each use looks through them

inline constexpr std::size_t kMostCells = 1'000;  // of a matrix

// Reads a file: one scenario, or with a `matrix` one for each of its cells; at least one. A file that is the text of a dialog, as
// transcripts are, is a scenario with that dialog and nothing else. They are complete only if
// `diagnostics` has not failed; cells behind one with an error are left out.
std::vector<Model> read(const std::string& file, std::string_view source, Diagnostics& diagnostics);

// The JSON Schema (draft-07) of scenario files, pretty printed.
std::string schema();

}  // namespace malaposta::scenario
