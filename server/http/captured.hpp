// Captured messages as handlers look at them. The journals' threads copy what they give away of a message, so many bytes at each visit: a
// large message holds up no SMTP session.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "http/api.hpp"
#include "http/message.hpp"

namespace malaposta::http {

inline constexpr std::size_t kMostCopiedAtOnce = 4 * 1024 * 1024;  // bytes of content, at one visit

// A message as it was when its journal was looked at.
struct Captured {
  journal::MessageId id = 0;
  journal::TimePoint at{};
  std::string reverse_path;
  std::vector<std::string> recipients;
  journal::Content content;
  std::size_t size = 0;  // bytes that the content will have

  bool complete() const { return content.size() == size; }
  // Goes on where the last visit to the same message has ended, within the budget, which gets smaller.
  void copy_from(const journal::Message& message, std::size_t& budget);
};

// Looks for the message that the path names, or for the newest that `query` finds where it says "latest", and answers with what `told`
// makes of it. The message is read then.
Answer with_message(const Request& request, Api& api, std::function<Answer(Captured&)> told);
// The same with the name that stands in the path.
Answer with_message(const std::string& name, const Request& request, Api& api, std::function<Answer(Captured&)> told);

// Answers with what `then` makes of all messages that there are, the newest first; their tags are known then.
Answer with_inbox(Api& api, std::function<Answer(std::vector<journal::MessageId>)> then);

// Deletes these messages, some at each visit, and answers with what `then` makes of it.
Answer delete_all(std::vector<journal::MessageId> ids, Api& api, std::function<Answer()> then);

}  // namespace malaposta::http
