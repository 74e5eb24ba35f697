#include "http/api.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace malaposta::http {

std::string Calendar::text(Date date) {
  const auto whole = std::chrono::floor<std::chrono::milliseconds>(date);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(whole);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), (whole - seconds).count());
}

void Api::mark_read(journal::MessageId id, bool is_read) {
  const bool changed = is_read ? read.insert(id).second : read.erase(id) > 0;
  if (!changed) return;
  inbox.add(InboxChange::What::read, id);
  store_mark(id);
  bound_read();
}

void Api::tagged(journal::MessageId id) {
  inbox.add(InboxChange::What::tagged, id);
  store_mark(id);
}

void Api::restore(std::vector<journal::Mark> marks) {
  for (journal::Mark& mark : marks) {
    if (mark.read) read.insert(mark.message);
    if (mark.tags) tags.restore(mark.message, std::move(*mark.tags));
  }
  bound_read();
}

void Api::bound_read() {
  while (read.size() > kMostRead) read.erase(read.begin());
}

void Api::store_mark(journal::MessageId id) {
  if (store == nullptr) return;
  const std::vector<std::string>* const known = tags.known(id);
  store->keep(journal::Mark{id, read.contains(id), known == nullptr ? std::nullopt : std::optional(*known)});
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
