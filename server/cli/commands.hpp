// The table of commands, from which main, the completions and the manual page are made.
#pragma once

#include <span>

#include "cli/command.hpp"

namespace malaposta::cli {

// By name.
std::span<const Command* const> commands();

inline constexpr std::string_view kTagline = "an SMTP server that misbehaves on purpose";

// An option of a command, as completions and the manual page need it.
struct OptionText {
  std::string name;         // "smtp", without dashes
  std::string value;        // "ADDR:PORT[=SCENARIO]"; empty: it takes none
  std::string standard;     // the value that it has when it is not given; empty: none
  std::string description;
};
std::vector<OptionText> option_texts(const Command& command);

// What a shell can offer for a value: the words of "text|json|none", but for those that stand for others ("FILE").
std::vector<std::string> words_of(const std::string& value);

}  // namespace malaposta::cli
