// The tags of messages: those that their field X-Tags names, or that were set through the API. Mailpit's rules: letters, digits, blanks,
// hyphens, dots and underscores; anything else is a blank.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"
#include "journal/journal.hpp"

namespace malaposta::http {

// The tag without what none may have; empty where nothing is left. Cut to Tags::kLongest.
std::string clean_tag(std::string_view tag);

class Tags {
 public:
  static constexpr std::size_t kMost = 100;           // of one message; those beyond are left out
  static constexpr std::size_t kLongest = 100;        // bytes of a tag
  static constexpr std::size_t kHeader = 8 * 1024;    // bytes of a message in which X-Tags is looked for
  static constexpr std::size_t kMostAtOnce = 500;     // messages looked at between two visits

  // Answers with what `then` makes of these messages once their tags are known.
  Answer with(std::vector<journal::MessageId> ids, std::function<Answer(std::vector<journal::MessageId>)> then);

  // Those that the message itself names, where none are known yet.
  void learn(journal::MessageId id, const journal::Content& content);

  void forget(journal::MessageId id);
  void forget_if(const std::function<bool(journal::MessageId)>& gone);

  // Those that were set in an earlier process.
  void restore(journal::MessageId id, std::vector<std::string> tags);

  // nullptr where those that the message names itself have not been looked for yet.
  const std::vector<std::string>* known(journal::MessageId id) const;
  // Sorted. Of a message that is not known: none.
  const std::vector<std::string>& of(journal::MessageId id) const;
  // Each tag that a message has, and how many have it.
  std::map<std::string, std::size_t> all() const;

  // Of a message that is known; those that are no tags are left out.
  void set(journal::MessageId id, const std::vector<std::string>& tags);
  // Without a new name, the tag is taken from all messages. The messages that had it.
  std::vector<journal::MessageId> rename(std::string_view tag, std::string_view new_name = {});

 private:
  std::map<journal::MessageId, std::vector<std::string>> tags_;
};

}  // namespace malaposta::http
