// What a correct server answers to a malformed argument: one row per error, one column per kind of command.
// Enhanced codes of RFC 3463 and RFC 5248: X.1.7 is a sender's, X.1.3 a recipient's address syntax, X.5.4 an argument,
// X.6.7 an address that needs SMTPUTF8 (RFC 6531 section 3.5).
#include <array>

#include "protocol/command.hpp"

namespace malaposta::protocol {
namespace {

struct Row {
  SyntaxError error;
  std::string_view sender;     // MAIL
  std::string_view recipient;  // RCPT
  std::string_view other;      // HELO, EHLO, LHLO: no enhanced code
};

constexpr std::array<Row, 19> kReplies{{
    {SyntaxError::none, "", "", ""},
    {SyntaxError::missing_keyword, "501 5.5.4 Syntax: MAIL FROM:<address>", "501 5.5.4 Syntax: RCPT TO:<address>",
     "501 Syntax error in argument"},
    {SyntaxError::missing_path, "501 5.5.4 Syntax: MAIL FROM:<address>", "501 5.5.4 Syntax: RCPT TO:<address>",
     "501 Syntax error in argument"},
    {SyntaxError::missing_brackets, "501 5.1.7 Sender address must stand between < and >",
     "501 5.1.3 Recipient address must stand between < and >", "501 Address must stand between < and >"},
    {SyntaxError::unclosed_bracket, "501 5.1.7 Sender address has unbalanced < and >", "501 5.1.3 Recipient address has unbalanced < and >",
     "501 Address has unbalanced < and >"},
    {SyntaxError::empty_path, "501 5.1.7 Sender address is empty", "501 5.1.3 Recipient address is empty", "501 Address is empty"},
    {SyntaxError::bad_local_part, "501 5.1.7 Bad local part in sender address", "501 5.1.3 Bad local part in recipient address",
     "501 Bad local part"},
    {SyntaxError::local_part_too_long, "501 5.1.7 Local part of sender address is over 64 octets",
     "501 5.1.3 Local part of recipient address is over 64 octets", "501 Local part is over 64 octets"},
    {SyntaxError::bad_domain, "501 5.1.7 Bad domain in sender address", "501 5.1.3 Bad domain in recipient address", "501 Bad domain"},
    {SyntaxError::domain_too_long, "501 5.1.7 Domain of sender address is over 255 octets",
     "501 5.1.3 Domain of recipient address is over 255 octets", "501 Domain is over 255 octets"},
    {SyntaxError::path_too_long, "501 5.1.7 Sender path is over 256 octets", "501 5.1.3 Recipient path is over 256 octets",
     "501 Path is over 256 octets"},
    {SyntaxError::bad_address_literal, "501 5.1.7 Bad address literal in sender address",
     "501 5.1.3 Bad address literal in recipient address", "501 Bad address literal"},
    {SyntaxError::bad_source_route, "501 5.1.7 Bad source route in sender address", "501 5.1.3 Bad source route in recipient address",
     "501 Bad source route"},
    {SyntaxError::bad_parameter, "501 5.5.4 Syntax error in the parameters of MAIL", "501 5.5.4 Syntax error in the parameters of RCPT",
     "501 Syntax error in parameters"},
    {SyntaxError::bad_helo_name, "501 5.5.4 Invalid host name", "501 5.5.4 Invalid host name",
     "501 Syntax: EHLO followed by a domain or an address literal"},
    {SyntaxError::space_after_colon,
     "501 5.5.4 No space allowed after FROM:", "501 5.5.4 No space allowed after TO:", "501 No space allowed after the colon"},
    {SyntaxError::eight_bit, "553 5.6.7 Sender address is not ASCII and SMTPUTF8 was not asked for",
     "553 5.6.7 Recipient address is not ASCII and SMTPUTF8 was not asked for", "501 Host name is not ASCII"},
    {SyntaxError::invalid_utf8, "501 5.1.7 Sender address is not valid UTF-8", "501 5.1.3 Recipient address is not valid UTF-8",
     "501 Not valid UTF-8"},
    {SyntaxError::control_character, "501 5.1.7 Control character in sender address", "501 5.1.3 Control character in recipient address",
     "501 Control character in argument"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kReplies.size(); ++i)
    if (kReplies[i].error != static_cast<SyntaxError>(i)) return false;
  return kReplies.back().error == SyntaxError::control_character;
}
static_assert(in_order(), "one row per SyntaxError, in its order");

}  // namespace

std::string_view syntax_error_reply(SyntaxError error, Verb verb) {
  const Row& row = kReplies[static_cast<std::size_t>(error)];
  return verb == Verb::mail ? row.sender : verb == Verb::rcpt ? row.recipient : row.other;
}

}  // namespace malaposta::protocol
