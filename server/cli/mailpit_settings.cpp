#include "cli/mailpit_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/grammar.hpp"

namespace malaposta::cli {

namespace {

using Value = std::optional<std::string>;

// As Mailpit reads switches.
bool on(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), protocol::grammar::lower);
  constexpr std::array<std::string_view, 5> kOn{"1", "true", "on", "yes", "t"};
  return std::find(kOn.begin(), kOn.end(), text) != kOn.end();
}

Value same(const std::string& theirs) { return theirs; }

// There, 0 keeps all; here memory bounds it in any case.
Value how_many(const std::string& theirs) { return theirs == "0" ? "1000000000" : theirs; }

// Certificates that are made for names ("sans:a,b") are those of the scenario here.
Value file(const std::string& theirs) { return theirs.starts_with("sans:") ? Value{} : theirs; }

Value quiet(const std::string& theirs) { return on(theirs) ? Value{"none"} : Value{}; }
Value as_here(const std::string& theirs) { return on(theirs) ? Value{""} : Value{}; }

}  // namespace

const std::vector<MailpitSetting>& mailpit_settings() {
  static const std::vector<MailpitSetting> kAll{
      {"MP_DISABLE_VERSION_CHECK", "", "as it is: nobody is asked for newer versions", as_here},
      {"MP_ENABLE_CHAOS", "", "as it is: /api/v1/chaos is there", as_here},
      {"MP_MAX_MESSAGES", "keep", "--keep; 0: all, within --max-memory", how_many},
      {"MP_QUIET", "log", "--log none", quiet},
      {"MP_SMTP_AUTH", "auth", "--auth", same},
      {"MP_SMTP_AUTH_ACCEPT_ANY", "", "as it is: without users every login succeeds", as_here},
      {"MP_SMTP_AUTH_ALLOW_INSECURE", "", "as it is: AUTH is offered without TLS, too", as_here},
      {"MP_SMTP_BIND_ADDR", "smtp", "--smtp", same},
      {"MP_SMTP_DISABLE_RDNS", "", "as it is: no name is looked up", as_here},
      {"MP_SMTP_TLS_CERT", "tls-cert", "--tls-cert", file},
      {"MP_SMTP_TLS_KEY", "tls-key", "--tls-key", file},
      {"MP_UI_BIND_ADDR", "http", "--http", same},
  };
  return kAll;
}

MailpitEnvironment read_mailpit(const std::vector<std::pair<std::string, std::string>>& environment) {
  MailpitEnvironment read;
  for (const auto& [name, theirs] : environment) {
    if (!name.starts_with("MP_") || theirs.empty()) continue;
    const auto& all = mailpit_settings();
    const auto found = std::find_if(all.begin(), all.end(), [&](const MailpitSetting& one) { return one.name == name; });
    const Value value = found == all.end() ? Value{} : found->value(theirs);
    if (!value)
      read.ignored.push_back(fmt::format("{}={}", name, theirs));
    else if (!found->option.empty())
      read.options.emplace_back(found->option, *value);
  }
  std::sort(read.ignored.begin(), read.ignored.end());
  return read;
}

}  // namespace malaposta::cli
