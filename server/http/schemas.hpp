// The shapes of answers, by name, as JSON Schema (2020-12, which OpenAPI 3.1 uses).
#pragma once

#include <span>
#include <string_view>

namespace malaposta::http {

struct Schema {
  std::string_view name;
  std::string_view text;
};

std::span<const Schema> schemas();

}  // namespace malaposta::http
