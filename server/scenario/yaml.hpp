// YAML as scenarios use it: lists, mappings and texts, each with its place. Nothing is resolved: no anchors, no tags,
// no types; what a value means is said by the tables of keys (fields.hpp). The only door to the YAML library.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/diagnostic.hpp"
#include "scenario/model.hpp"

namespace malaposta::scenario {

inline constexpr std::size_t kMostNodes = 500'000;  // values of one file: some 100 MB of memory

struct Node {
  enum class Kind : std::uint8_t { scalar, list, mapping };
  Kind kind = Kind::scalar;
  bool quoted = false;   // of a scalar: it stands between quotes or is a block, so that it is a text even when empty
  bool literal = false;  // of a scalar: a block (|), whose lines are the file's lines
  Place place;           // of a scalar: its text, without quotes; of a block: its first line
  std::string text;      // of a scalar
  std::vector<Node> children;  // of a list: its items; of a mapping: key, value, key, value…

  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_mapping() const { return kind == Kind::mapping; }
  // `key:` with nothing behind it.
  bool is_nothing() const { return is_scalar() && !quoted && text.empty(); }
};

// Parses the one document of a file. Empty if something was wrong, which `diagnostics` then tells.
std::optional<Node> parse_yaml(std::string_view source, Diagnostics& diagnostics);

}  // namespace malaposta::scenario
