// SMTP replies (RFC 5321 section 4.2, enhanced status codes RFC 2034 and 3463): from what a person writes to the
// bytes on the wire. Rendering happens when a scenario is loaded, not when a client waits.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace malaposta::protocol {

struct Reply {
  int code = 0;                    // 200..599
  std::string enhanced;            // "5.1.1", or empty
  std::vector<std::string> lines;  // at least one; without code, enhanced code and line end
};

// What is wrong with a reply that a person wrote, and in which of its lines (from 0).
struct ReplyError {
  std::string message;
  std::size_t line = 0;
};

// Parses written reply lines. The first begins with the code: "550", "550 5.1.1 No such user", "550-5.1.1 First".
// A bare code takes enhanced code and text from the catalogue. Further lines may begin with the same code (and "-"
// or " "), or not. The class of an enhanced code must be the code's own. Errors: no code, a code outside 200..599,
// differing codes, control characters, a bare code that the catalogue does not have.
std::variant<Reply, ReplyError> parse_reply(std::span<const std::string_view> lines);

// "550-5.1.1 a\r\n550 5.1.1 b\r\n". The enhanced code stands on every line (RFC 2034 section 4).
std::string render(const Reply& reply);

// A code given at run time (from a template), as render(parse_reply()) would do it with a bare code and optional
// enhanced code and text; codes without a catalogue entry get a plain text.
std::string render_code(int code, std::string_view enhanced = {}, std::string_view text = {});

// The code of the last complete-looking reply line ("250 ok", "250", with or without line end) in raw bytes; 0 if
// there is none, or if the last line is a continuation ("250-").
int last_code(std::string_view wire);

}  // namespace malaposta::protocol
