// Messages as mail readers show them: MIME (RFC 2045 to 2049) and header fields (RFC 5322, RFC 2047) taken apart. Malformed mail is
// read as well as it goes; nothing is refused.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "journal/content.hpp"

namespace malaposta::http {

struct Mailbox {
  std::string name;     // decoded; may be empty
  std::string address;
};

// A leaf of the message that is not its text: all text in it is valid UTF-8.
struct MailPart {
  std::string id;            // "2", "1.2": where it stands in the message (IMAP's section numbers, RFC 3501 section 6.4.5)
  std::string file_name;
  std::string content_type;  // "image/png"; application/octet-stream where it is no media type
  std::string content_id;    // without angle brackets
  std::size_t size = 0;      // bytes, decoded
};

struct Mail {
  std::string message_id;  // without angle brackets
  std::string subject;
  std::vector<Mailbox> from, to, cc, bcc, reply_to;
  std::optional<std::chrono::sys_seconds> date;
  std::string text;  // of all text/plain parts that are no attachments; at most kLongestText
  std::string html;  // of the first text/html part that is none; as is
  std::vector<MailPart> inlined, attachments;
  std::vector<std::pair<std::string, std::string>> fields;  // in order, decoded

  // The beginning of the text, or of the HTML without its tags, on one line.
  std::string snippet() const;
};

inline constexpr std::size_t kSnippet = 250;                   // bytes, and the rest of the last character
inline constexpr std::size_t kLongestText = 4 * 1024 * 1024;  // bytes; the part itself has all of it

// Within the budget of mime_input().
Mail read_mail(const journal::Content& content);
Mail read_mail(std::string_view content);

struct PartContent {
  std::string content_type;  // with its charset where it is text
  std::string bytes;         // decoded
};
// The part of that id; nothing where there is none.
std::optional<PartContent> read_part(const journal::Content& content, const std::string& id);
std::optional<PartContent> read_part(std::string_view content, const std::string& id);
// Those of these ids, as long as they have no more bytes together.
std::map<std::string, PartContent> read_parts(const journal::Content& content, const std::set<std::string>& ids, std::size_t most_bytes);

// To be called before anything of the library; it keeps its tables until the process ends.
void initialise_mime();

// HTML with a blank for each tag.
std::string without_tags(std::string_view html);

// What texts are compared by where upper and lower case are one; `text` is valid UTF-8.
std::string folded(std::string_view text);

}  // namespace malaposta::http
