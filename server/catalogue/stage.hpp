// The points of an SMTP session at which something can be made to happen: the `at` of the scenario language.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace malaposta::catalogue {

enum class Stage : std::uint8_t {
  connect,      // before the greeting
  helo,
  ehlo,
  lhlo,
  starttls,
  tls,          // the handshake
  auth,         // each step of the exchange
  mail,
  rcpt,
  data,         // the DATA command
  body,         // while content arrives
  end_of_data,  // the reply to the final dot, or to BDAT … LAST
  bdat,         // each chunk
  rset,
  noop,
  vrfy,
  expn,
  help,
  etrn,         // ETRN (RFC 1985) and ATRN (RFC 2645)
  xclient,      // Postfix's extensions for proxies
  xforward,
  quit,
  unknown,      // any verb that the server does not know
  command,      // every command line, whatever its own stage is
};

inline constexpr std::array<std::string_view, 24> kStageNames{
    "connect", "helo", "ehlo", "lhlo", "starttls", "tls",  "auth", "mail",    "rcpt",     "data", "body",    "end-of-data",
    "bdat",    "rset", "noop", "vrfy", "expn",     "help", "etrn", "xclient", "xforward", "quit", "unknown", "command"};

// The stage's name in scenario files, such as "end-of-data".
constexpr std::string_view name(Stage stage) { return kStageNames[static_cast<std::size_t>(stage)]; }

// The stage of that name, if there is one. Exact spelling.
constexpr std::optional<Stage> stage_named(std::string_view text) {
  for (std::size_t i = 0; i < kStageNames.size(); ++i)
    if (kStageNames[i] == text) return static_cast<Stage>(i);
  return std::nullopt;
}

// One bit per stage; a rule's `at` list is the union of its bits.
using StageSet = std::uint32_t;
constexpr StageSet bit(Stage stage) { return StageSet{1} << static_cast<unsigned>(stage); }

}  // namespace malaposta::catalogue
