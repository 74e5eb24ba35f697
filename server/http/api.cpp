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

void Api::keep_read(const std::vector<journal::MessageId>& there) {
  std::erase_if(read, [&](journal::MessageId id) { return !std::ranges::binary_search(there, id, std::ranges::greater{}); });
}

}  // namespace malaposta::http
