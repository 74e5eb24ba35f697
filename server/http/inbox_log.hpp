// What requests have changed in the inbox: for whoever follows it. The last changes are kept; who was away for longer looks at everything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "journal/event.hpp"

namespace malaposta::http {

struct InboxChange {
  enum class What : std::uint8_t {
    sent,     // a message was put into the inbox, by another way than SMTP
    deleted,  // that message
    emptied,  // all messages were deleted
    read,     // that message was marked as read, or as unread
    tagged,   // that message has other tags
  };
  What what = What::sent;
  journal::MessageId id = 0;  // 0 where all are meant
};

class InboxLog {
 public:
  static constexpr std::size_t kMost = 1'000;  // changes kept

  void add(InboxChange::What what, journal::MessageId id = 0);

  // How many changes there were so far.
  std::uint64_t number() const { return number_; }
  // Those after the first `number`, the oldest first; `complete` tells whether they are all still there.
  std::vector<InboxChange> since(std::uint64_t number, bool& complete) const;

 private:
  std::deque<InboxChange> changes_;  // the last ones
  std::uint64_t number_ = 0;
};

}  // namespace malaposta::http
