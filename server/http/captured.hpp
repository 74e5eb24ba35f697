// Captured messages as handlers look at them. They share the content with the journal: nothing of it is copied, and it lives until the
// answer has gone, though the message may give way meanwhile.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "http/api.hpp"
#include "http/message.hpp"

namespace malaposta::http {

// A message as it was when its journal was looked at.
struct Captured {
  journal::MessageId id = 0;
  journal::TimePoint at{};
  std::string reverse_path;
  std::vector<std::string> recipients;
  journal::Content content;
};

// To be called where the message's journal may be read.
Captured captured_of(const journal::Message& message);

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
