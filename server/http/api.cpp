#include "http/api.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace malaposta::http {

std::string Calendar::text(Date date) {
  const auto whole = std::chrono::floor<std::chrono::milliseconds>(date);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(whole);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), (whole - seconds).count());
}

void Api::mark_read(journal::MessageId id, bool is_read) {
  const bool changed = is_read ? read.insert(id).second : read.erase(id) > 0;
  if (changed) inbox.add(InboxChange::What::read, id);
  if (read.size() > kMostRead) read.erase(read.begin());
}

std::size_t Api::unread(std::size_t total) const { return total - std::min(total, read.size()); }

void Api::keep(const std::vector<journal::MessageId>& there) {
  const auto gone = [&](journal::MessageId id) {
    return there.empty() || (id <= there.front() && !std::ranges::binary_search(there, id, std::ranges::greater{}));
  };
  std::erase_if(read, gone);
  tags.forget_if(gone);
}

void Api::forget(journal::MessageId id) {
  read.erase(id);
  tags.forget(id);
}

}  // namespace malaposta::http
