// What a client can do against the rules of SMTP: each finding once, as data. server/verify/findings.cpp looks for them;
// docs/findings/ has a page for each.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace malaposta::catalogue {

enum class Severity : std::uint8_t { note, warning, error };
constexpr std::string_view name(Severity severity) {
  constexpr std::string_view kNames[] = {"note", "warning", "error"};
  return kNames[static_cast<std::size_t>(severity)];
}

struct FindingInfo {
  std::string_view id;        // kebab-case
  Severity severity{};
  std::string_view rule;      // where the rule stands: "RFC 5321 section 2.3.8"
  std::string_view title;     // what was done
  std::string_view meaning;   // why it matters
  std::string_view advice;    // what a correct client does
};

// By id.
std::span<const FindingInfo> findings();
// nullptr if there is none of that name.
const FindingInfo* find_finding(std::string_view id);

}  // namespace malaposta::catalogue
