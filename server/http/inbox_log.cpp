#include "http/inbox_log.hpp"

#include <algorithm>

namespace malaposta::http {

void InboxLog::add(InboxChange::What what, journal::MessageId id) {
  changes_.push_back({what, id});
  ++number_;
  if (changes_.size() > kMost) changes_.pop_front();
}

std::vector<InboxChange> InboxLog::since(std::uint64_t number, bool& complete) const {
  const std::uint64_t missed = number_ - std::min(number, number_);
  const std::uint64_t there = std::min<std::uint64_t>(missed, changes_.size());
  complete = there == missed;
  return {changes_.end() - static_cast<std::ptrdiff_t>(there), changes_.end()};
}

}  // namespace malaposta::http
