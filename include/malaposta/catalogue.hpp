/// @file
/// The documented reply codes, and what a client can do against the rules of SMTP. All of it is data that never changes; views never end.
#pragma once

#include <malaposta/export.hpp>
#include <malaposta/verdict.hpp>
#include <span>
#include <string_view>
#include <vector>

namespace malaposta {

/// What kind of code it is (RFC 5321 section 4.2.1).
enum class CodeClass : std::uint8_t {
  transport,     ///< 101, 111 and 442: no reply, but something that happens to the connection
  success,       ///< 2yz
  intermediate,  ///< 3yz
  transient,     ///< 4yz: try again later
  permanent      ///< 5yz: do not
};

/// A documented code.
struct Code {
  int code = 0;                               ///< 101 to 599
  CodeClass kind = CodeClass::transport;      ///< what kind it is
  std::vector<std::string_view> stages;       ///< where it is met, as scenarios name the stages; none for 101 and 111, which are ports
  std::string_view enhanced;                  ///< the usual enhanced status code (RFC 3463, RFC 5248), or empty
  std::string_view text;                      ///< the usual text of the reply
  std::string_view meaning;                   ///< what it says
  std::string_view advice;                    ///< what the person who sees it can do
  std::string_view client;                    ///< what a correct client does
  std::string_view trigger;                   ///< the address, EHLO name or user name that makes the scenario `default` say it; or empty
  std::string_view scenario;                  ///< the shipped scenario that says it
};

/// A kind of finding.
struct FindingKind {
  std::string_view id;                 ///< "bare-lf"
  Severity severity = Severity::note;  ///< how bad it is
  std::string_view rule;               ///< where the rule stands: "RFC 5321 section 2.3.8"
  std::string_view title;              ///< what was done
  std::string_view meaning;            ///< why it matters
  std::string_view advice;             ///< what a correct client does
};

/// The tables.
class MALAPOSTA_API Catalogue {
 public:
  /// Every documented code, ascending.
  static std::span<const Code> codes();
  /// The code, or nullptr where it is not documented.
  static const Code* find(int code);
  /// Every kind of finding, by id.
  static std::span<const FindingKind> findings();
};

}  // namespace malaposta
