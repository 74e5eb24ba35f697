// What lists and searches look at of each message. A message is taken apart once, however often it is listed or searched, on the API's
// thread and some at a time; the threads of SMTP only share its content. What was not needed for longest gives way to the limit, and is
// read again when it is needed.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "http/message.hpp"
#include "http/mime.hpp"
#include "journal/journal.hpp"

namespace malaposta::http {

struct Captured;

// The texts of a message that a search may name.
enum class Searched { from, to, cc, bcc, reply_to, subject, message_id, words };
inline constexpr std::size_t kSearchedCount = static_cast<std::size_t>(Searched::words) + 1;

struct Indexed {
  journal::MessageId id = 0;
  journal::TimePoint at{};
  std::size_t size = 0;  // bytes
  Mail mail;  // without texts and fields; with the blind copies of the envelope
  std::string snippet;
  std::array<std::string, kSearchedCount> searched;  // folded, each run of white space one blank

  const std::string& text(Searched which) const { return searched.at(static_cast<std::size_t>(which)); }
  std::size_t bytes() const;  // of memory, about
};
using IndexedPtr = std::shared_ptr<const Indexed>;

IndexedPtr read_indexed(const Captured& message);

// Upper and lower case are one, and each run of white space is one blank.
std::string searchable(std::string_view text);

// Recipients of the envelope that no field names were blind copies (RFC 5322 section 3.6.3); with those that Bcc names.
std::vector<Mailbox> blind_copies(const Captured& message, const Mail& mail);

class MailIndex {
 public:
  static constexpr std::size_t kMostBytes = 32u << 20;  // kept
  static constexpr std::size_t kMostAtOnce = 100;  // messages read between two visits
  static constexpr std::size_t kMostBytesAtOnce = 4u << 20;  // bytes of their contents, but the last may be longer
  static constexpr std::size_t kMostWords = 256 * 1024;  // bytes of a message's text that a search for words looks at

  // Answers with what `then` makes of these messages, in that order and without those that are gone.
  Answer with(std::vector<journal::MessageId> ids, std::function<Answer(std::vector<IndexedPtr>)> then);

  // Of a message that is at hand.
  IndexedPtr of(const Captured& message);

  std::size_t bytes() const { return bytes_; }

 private:
  struct Reading;
  Answer go_on(const std::shared_ptr<Reading>& reading);
  IndexedPtr find(journal::MessageId id);
  void keep(const IndexedPtr& entry);

  std::list<IndexedPtr> recent_;  // the one that was needed last comes first
  std::unordered_map<journal::MessageId, std::list<IndexedPtr>::iterator> places_;
  std::size_t bytes_ = 0;
};

}  // namespace malaposta::http
