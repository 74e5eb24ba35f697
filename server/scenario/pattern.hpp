// Patterns of conditions, compiled: texts (literal, glob, /regular expression/, lists, negation) and addresses with
// CIDR. Each alternative knows which bytes a matching text can begin with, so that an ordinary command costs one look
// at a bit table and no regular expression runs.
//
// Which subjects ignore case follows from what they are (docs/scenarios.md tells it as this table does):
//   ignoring case: helo, mail, rcpt, mechanism, sni, command, argument      names, addresses and verbs (RFC 5321 section 2.4)
//   exact:         user, param.NAME, header.NAME, body, state               what people and programs wrote
// A glob or a regular expression follows its subject; (?i) and (?-i) in an expression have the last word.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "scenario/diagnostic.hpp"
#include "scenario/model.hpp"

namespace re2 {
class RE2;
}

namespace malaposta::scenario {

inline constexpr std::int64_t kRegexMemory = 2 << 20;  // bytes that one regular expression may take, its automaton included
inline constexpr std::size_t kMostGroups = 32;         // groups of one regular expression

bool ignores_case(Subject subject);

// The bytes that a matching text can begin with; a text without bytes never passes unless `empty`.
struct FirstBytes {
  std::bitset<256> bytes;
  bool empty = false;

  static FirstBytes any();
  bool allow(std::string_view text) const { return text.empty() ? empty : bytes[static_cast<unsigned char>(text[0])]; }
  void merge(const FirstBytes& other) { bytes |= other.bytes, empty = empty || other.empty; }
  bool all() const { return empty && bytes.all(); }
};

// The names of a rule's groups, and what they matched: `slots` run parallel to `names`.
struct GroupNames {
  std::vector<std::string> names;
  std::uint32_t slot(std::string_view name);  // added when it is new
  std::optional<std::uint32_t> find(std::string_view name) const;
};
using Groups = std::vector<std::string>;

struct Literal {
  std::string text;
  bool fold = false;
};
struct Glob {
  std::string text;
  bool fold = false;
  std::string tail;  // what every matching text ends with, as far as it is literal: a quick look before the long one
};
struct Regex {
  std::shared_ptr<const re2::RE2> expression;
  std::vector<std::pair<int, std::uint32_t>> groups;  // number in the expression, slot in the rule
};

class TextMatcher {
 public:
  // Problems are told at the places of the alternatives. New groups are added to `names`.
  TextMatcher(const TextPattern& pattern, bool fold, GroupNames& names, Diagnostics& diagnostics);

  // Whether the text matches. Where `groups` is given, the named groups of the alternative that matched are put there.
  bool matches(std::string_view text, Groups* groups = nullptr) const;

  // What a matching text can begin with; any() for a negated pattern.
  const FirstBytes& first() const { return first_; }
  // The literals, if there is nothing else and no negation.
  const std::vector<std::string>* literals() const { return literals_.empty() ? nullptr : &literals_; }
  bool negated() const { return negated_; }

 private:
  struct Alternative {
    std::variant<Literal, Glob, Regex> how;
    FirstBytes first;
  };
  std::vector<Alternative> any_of_;
  std::vector<std::string> literals_;
  FirstBytes first_;
  bool negated_ = false;
};

// An IPv4 or IPv6 address, or a network of them: "192.0.2.0/24", "2001:db8::/32".
struct Network {
  std::array<std::uint8_t, 16> address{};
  unsigned bits = 0;    // that have to agree
  unsigned family = 0;  // bytes of an address: 4 or 16
};
std::optional<Network> parse_network(std::string_view text);
bool contains(const Network& network, std::string_view address);

class AddressMatcher {
 public:
  AddressMatcher(const TextPattern& pattern, Diagnostics& diagnostics);
  bool matches(std::string_view address) const;

 private:
  std::vector<Network> any_of_;
  bool negated_ = false;
};

bool matches(const NumberPattern& pattern, std::uint64_t number);

// Whether `text` matches a glob: * any bytes, ? one byte, a backslash takes the next one literally.
bool glob_matches(std::string_view glob, std::string_view text, bool fold);

// "(?<n>…)" as RE2 of Debian 12 wants it, "(?P<n>…)"; escapes and classes are left alone.
std::string translate_groups(std::string_view expression);

std::string to_lower(std::string_view text);  // ASCII

}  // namespace malaposta::scenario
