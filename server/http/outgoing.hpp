// A message that is written here, for POST /api/v1/send.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/mime.hpp"

namespace malaposta::http {

struct OutgoingPart {
  std::string file_name;     // UTF-8
  std::string content_type;  // "image/png"
  std::string content_id;    // without angle brackets; empty: an attachment, else within the HTML
  std::string bytes;
};

// All texts are UTF-8 without control characters, all addresses are paths that SMTP takes.
struct Outgoing {
  Mailbox from;
  std::vector<Mailbox> to, cc, reply_to;
  std::string subject, text, html;
  std::vector<std::pair<std::string, std::string>> fields;  // further ones, their names as RFC 5322 has them
  std::vector<OutgoingPart> parts;
};

// As it would come over SMTP: with Date and Message-ID, CRLF at each line's end, and no line that is too long.
std::string written(const Outgoing& message);

// The media type that the first bytes of a file show, text/plain where it is UTF-8 without control characters, or else
// application/octet-stream.
std::string_view detected_type(std::string_view bytes);

}  // namespace malaposta::http
