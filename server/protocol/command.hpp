// Command lines and their arguments: RFC 5321 section 4.1, with the spellings that are met in the wild. Nothing here
// allocates: results are views into the line.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "catalogue/stage.hpp"

namespace malaposta::protocol {

enum class Verb : std::uint8_t {
  helo,
  ehlo,
  lhlo,
  mail,
  rcpt,
  data,
  bdat,
  rset,
  noop,
  quit,
  vrfy,
  expn,
  help,
  etrn,
  atrn,
  auth,
  starttls,
  xclient,
  xforward,
  unknown
};
std::string_view name(Verb verb);             // "HELO" …; "unknown"
catalogue::Stage stage_of(Verb verb);

// Strict: what RFC 5321 allows a client to send. Tolerant: also what real clients get wrong and real servers
// accept; each such thing is told as a deviation, and becomes a finding about the client.
enum class Syntax : std::uint8_t { tolerant, strict };

// Departures from the grammar that were met, as bits.
using Deviations = std::uint32_t;
enum Deviation : Deviations {
  kSpaceAfterColon = 1u << 0,      // MAIL FROM: <a@b>
  kMissingBrackets = 1u << 1,      // MAIL FROM:a@b
  kTrailingSpace = 1u << 2,        // "DATA "
  kBareLineFeed = 1u << 3,         // line ended by LF alone
  kBareCarriageReturn = 1u << 4,   // CR inside the line
  kEightBit = 1u << 5,             // octet above 127 where SMTPUTF8 was not asked for
  kControlCharacter = 1u << 6,     // NUL or another control character
  kArgumentNotAllowed = 1u << 7,   // argument to DATA, RSET, QUIT, STARTTLS
  kSourceRoute = 1u << 8,          // <@a,@b:c@d>: obsolete, to be accepted (RFC 5321 appendix C)
  kBareAddress = 1u << 9,          // no domain: "postmaster" aside, only local names
  kExtraSpace = 1u << 10,          // more than one space between words
  kDotlessOrOddDomain = 1u << 11,  // a domain with characters or lengths that RFC 5321 section 4.1.2 does not allow
  kOddLocalPart = 1u << 12,        // a local part that is neither dot-string nor quoted-string
  kOddHeloName = 1u << 13,         // neither a domain nor an address literal
  kAhead = 1u << 15,               // sent before the reply to what came before it
  kNoLineEnd = 1u << 16,           // bytes that a script awaits without a line end: no breach of anything
  kTooLong = 1u << 14,             // a local part, domain or path over the limits of RFC 5321 section 4.5.3.1
};

struct Command {
  Verb verb = Verb::unknown;
  std::string_view verb_text;  // as sent
  std::string_view argument;   // what follows the verb and its space, trailing blanks cut
  Deviations deviations = 0;
};

// Cuts a line (without its line end) into verb and argument. Never fails: what is no known verb is Verb::unknown.
// Verbs are matched case-insensitively (RFC 5321 section 2.4).
Command parse_command(std::string_view line);

// Why an argument was refused. Each has a reply in syntax_error_reply().
enum class SyntaxError : std::uint8_t {
  none,
  missing_keyword,   // no "FROM:" or "TO:"
  missing_path,      // nothing after the colon
  missing_brackets,  // strict only
  unclosed_bracket,
  empty_path,        // <> in RCPT
  bad_local_part,
  local_part_too_long,  // over 64 octets (RFC 5321 section 4.5.3.1.1): refused in strict mode only
  bad_domain,
  domain_too_long,      // over 255 octets (section 4.5.3.1.2): refused in strict mode only
  path_too_long,        // over 256 octets with brackets (section 4.5.3.1.3): refused in strict mode only
  bad_address_literal,
  bad_source_route,
  bad_parameter,
  bad_helo_name,
  space_after_colon,    // strict only
  eight_bit,            // octets above 127 without SMTPUTF8, strict only
  invalid_utf8,         // octets above 127 with SMTPUTF8, but not UTF-8 (RFC 6531 section 3.3)
  control_character,
};

// The reply of a correct server to that error in the argument of `verb`, without line end: "501 5.1.7 …" for MAIL,
// "501 5.1.3 …" for RCPT, "501 …" without enhanced code for HELO and EHLO (RFC 2034 section 4). Never empty but for `none`.
std::string_view syntax_error_reply(SyntaxError error, Verb verb);

struct Path {
  std::string_view text;        // between the brackets, source route left out: "alice@example.com"; empty for <>
  std::string_view local_part;  // as sent, quotes included
  std::string_view domain;      // with brackets for an address literal; empty for <>, <postmaster> and bare names
};

struct PathArgument {
  SyntaxError error = SyntaxError::none;
  Path path;
  std::string_view parameters;  // what follows the path, blanks cut
  Deviations deviations = 0;
};

// `argument` of MAIL ("FROM:<a@b> SIZE=1") and of RCPT ("TO:<a@b> NOTIFY=NEVER").
// `utf8`: octets above 127 are allowed in paths (RFC 6531: SMTPUTF8 was given; the parser of MAIL finds the parameter by
// itself). The parameters of a result without error are well-formed: walking them ends without malformed().
PathArgument parse_mail_argument(std::string_view argument, Syntax syntax, bool utf8);
PathArgument parse_rcpt_argument(std::string_view argument, Syntax syntax, bool utf8);

// The argument of HELO and EHLO: a domain or an address literal. Tolerant mode accepts any non-empty word and says so.
struct HeloArgument {
  SyntaxError error = SyntaxError::none;
  std::string_view name;
  Deviations deviations = 0;
};
HeloArgument parse_helo_argument(std::string_view argument, Syntax syntax);

// Walks the ESMTP parameters of a command one by one: "SIZE=10 BODY=8BITMIME SMTPUTF8".
struct Parameter {
  std::string_view keyword;  // as sent; compare with equals_ignoring_case
  std::string_view value;    // without '='; empty if none
  bool has_value = false;
};
class ParameterWalk {
 public:
  explicit ParameterWalk(std::string_view parameters) : rest_(parameters) {}
  // The next one; nullopt at the end or at a malformed one, which malformed() then tells.
  std::optional<Parameter> next();
  bool malformed() const { return malformed_; }

 private:
  std::string_view rest_;
  bool malformed_ = false;
};

// The value of one parameter, keyword compared case-insensitively; nullopt if it is not there.
std::optional<Parameter> find_parameter(std::string_view parameters, std::string_view keyword);

bool equals_ignoring_case(std::string_view a, std::string_view b);  // ASCII

}  // namespace malaposta::protocol
