// Environment variables that Mailpit's users, compose files and Testcontainers modules set, for `malaposta serve`: those that mean the
// same here are understood.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace malaposta::cli {

struct MailpitSetting {
  std::string_view name;     // "MP_MAX_MESSAGES"
  std::string_view option;   // "keep"; empty: what it asks for is what this server does anyway
  std::string_view meaning;  // for the manual page
  // The option's value; nothing where this value of theirs means something else.
  std::optional<std::string> (*value)(const std::string& theirs);
};

// All that are understood, by name.
const std::vector<MailpitSetting>& mailpit_settings();

// What the environment says in Mailpit's words.
struct MailpitEnvironment {
  std::vector<std::pair<std::string, std::string>> options;  // name and value
  std::vector<std::string> ignored;                          // "MP_MAX_AGE=1d": what means nothing here, as it was set
};
MailpitEnvironment read_mailpit(const std::vector<std::pair<std::string, std::string>>& environment);

}  // namespace malaposta::cli
