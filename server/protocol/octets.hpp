// Whether a text has octets that are hardly ever there. All of it is looked at, so that the compiler takes many octets at once.
#pragma once

#include <string_view>

#include "protocol/grammar.hpp"

namespace malaposta::protocol {

constexpr bool has_control(std::string_view text) {
  bool found = false;
  for (const char c : text) found |= grammar::is_control(c);
  return found;
}

constexpr bool has_eight_bit(std::string_view text) {
  bool found = false;
  for (const char c : text) found |= grammar::is_eight_bit(c);
  return found;
}

}  // namespace malaposta::protocol
