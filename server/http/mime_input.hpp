// What of a message goes into the MIME parser. The parser's time, memory and stack grow with what a message is made of, not with its
// size alone: a few megabytes of empty parts or of short fields take it gigabytes, and groups within groups of addresses end its
// stack. So everything that it could be made to pile up has a limit here, far beyond what mail has.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "journal/content.hpp"

namespace malaposta::http {

struct MimeBudget {
  std::size_t field_bytes = 64 * 1024;      // of one field; the rest of it is left out
  std::size_t field_colons = 1'000;         // in one field: each may begin a group of addresses within another; as is
  std::size_t fields = 20'000;              // in all header sections; those beyond are left out
  std::size_t header_bytes = 1024 * 1024;   // of all header sections; as is
  std::size_t boundaries = 10'000;          // lines that begin with two hyphens; the message ends before the next one
};

// The message within the budget. A message whose first lines are no header fields, or which has other lines before the empty one that
// ends them, gets that empty line there: the rest is its text (RFC 5322 section 2.1 has a header section in each).
std::string mime_input(const journal::Content& content, const MimeBudget& budget = {});
std::string mime_input(std::string_view content, const MimeBudget& budget = {});

}  // namespace malaposta::http
