// The small words of the SMTP grammar that command arguments share: local parts, domains, address literals
// (RFC 5321 section 4.1.2 and 4.1.3) and UTF-8 (RFC 3629). Each looks at one word that somebody else has cut out;
// octets above 127 pass as letters (RFC 6531 section 3.3), whether they were allowed is asked elsewhere.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace malaposta::protocol::grammar {

inline constexpr std::size_t kLabelLimit = 63;      // octets, RFC 1035 section 2.3.4
inline constexpr std::size_t kLocalPartLimit = 64;  // octets, RFC 5321 section 4.5.3.1.1
inline constexpr std::size_t kDomainLimit = 255;    // octets, section 4.5.3.1.2
inline constexpr std::size_t kPathLimit = 256;      // octets with punctuation, section 4.5.3.1.3

// How well a word fits its rule. What is odd breaks the rule and can still be understood: tolerant servers take it.
enum class Fit : std::uint8_t { exact, odd, wrong };

// Odd: characters of an atom other than letters, digits and hyphens (underscores are common), a hyphen at the end of a
// label, a label over 63 octets, a dot at the end, an IPv4 address without its brackets. Wrong: empty labels, specials.
Fit domain(std::string_view text);

// Exact: dot-string or quoted-string. Odd: dots at the ends or in a row, specials without quotes, quotes in the middle.
Fit local_part(std::string_view text);

// "[127.0.0.1]", "[IPv6:::1]", "[tag:content]"; with its brackets.
bool address_literal(std::string_view text);

// The length of the quoted string that `text` begins with, quotes included; 0 if it is not closed or not allowed.
std::size_t quoted_string_length(std::string_view text);

bool valid_utf8(std::string_view text);

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }
constexpr bool is_eight_bit(char c) { return static_cast<unsigned char>(c) > 127; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
// ASCII only, whatever the locale.
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
constexpr bool is_alphanumeric(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z'); }

// Sets of octets as tables: each octet of each path is looked up.
using Octets = std::array<bool, 256>;
constexpr Octets octets_of(bool (*is_one)(char)) {
  Octets table{};
  for (int octet = 0; octet < 256; ++octet) table[static_cast<std::size_t>(octet)] = is_one(static_cast<char>(octet));
  return table;
}
constexpr bool contains(const Octets& table, char c) { return table[static_cast<unsigned char>(c)]; }

// What labels of domains are made of (RFC 5321 section 4.1.2: let-dig and hyphens), with octets above 127.
inline constexpr Octets kLabelCharacters = octets_of([](char c) { return is_alphanumeric(c) || c == '-' || is_eight_bit(c); });
// atext of RFC 5322 section 3.2.3, with octets above 127.
inline constexpr Octets kAtomCharacters = octets_of(
    [](char c) { return contains(kLabelCharacters, c) || std::string_view{"!#$%&'*+/=?^_`{|}~"}.find(c) != std::string_view::npos; });
constexpr bool is_atom_character(char c) { return contains(kAtomCharacters, c); }

}  // namespace malaposta::protocol::grammar
