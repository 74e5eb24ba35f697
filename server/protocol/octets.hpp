// Whether a text has octets that are hardly ever there: eight are looked at at once.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "protocol/grammar.hpp"

namespace malaposta::protocol {

namespace octets {

using Eight = std::uint64_t;

constexpr Eight of(unsigned char octet) { return 0x0101010101010101u * octet; }

// Not zero if one of the eight is smaller than that, which is at most 128.
constexpr Eight smaller(Eight eight, unsigned char bound) { return (eight - of(bound)) & ~eight & of(0x80); }
constexpr Eight control(Eight eight) { return smaller(eight, 32) | smaller(eight ^ of(127), 1); }
constexpr Eight eight_bit(Eight eight) { return eight & of(0x80); }

// Whether any of the text is what `find` finds among eight, and `is_one` among one.
template <Eight (*find)(Eight), bool (*is_one)(char)>
bool any(std::string_view text) {
  if (text.size() < sizeof(Eight)) {
    for (const char c : text)
      if (is_one(c)) return true;
    return false;
  }
  Eight found = 0, eight = 0;
  for (std::size_t at = 0; at + sizeof eight <= text.size(); at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    found |= find(eight);
  }
  // The last eight, some of them again.
  std::memcpy(&eight, text.data() + text.size() - sizeof eight, sizeof eight);
  return (found | find(eight)) != 0;
}

}  // namespace octets

inline bool has_control(std::string_view text) { return octets::any<octets::control, grammar::is_control>(text); }
inline bool has_eight_bit(std::string_view text) { return octets::any<octets::eight_bit, grammar::is_eight_bit>(text); }

}  // namespace malaposta::protocol
