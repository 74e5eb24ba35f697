// Searches in the inbox.
#pragma once

#include <functional>
#include <vector>

#include "http/api.hpp"
#include "http/mail_index.hpp"
#include "http/message.hpp"
#include "http/page.hpp"

namespace malaposta::http {

// What a search has found, the newest first.
struct Matches {
  std::vector<journal::MessageId> ids;
  std::vector<IndexedPtr> page;  // those that the page shows
  std::size_t unread = 0;        // of all that were found
  std::size_t total = 0;         // messages that there are
};

// Answers with what `then` makes of the messages that `query` of the request finds, with its `tz`; 400 where it cannot be understood.
Answer search(const Request& request, Api& api, std::function<Answer(const Matches&)> then);
// The same with a query from elsewhere, and one page of what is found.
Answer search(std::string_view query, const Request& request, const Page& page, Api& api, std::function<Answer(const Matches&)> then);

}  // namespace malaposta::http
