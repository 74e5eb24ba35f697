#include "net/counts.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

namespace malaposta::net {

namespace {

template <std::size_t kSize>
void add(std::array<std::uint64_t, kSize>& to, const std::array<std::uint64_t, kSize>& more) noexcept {
  std::ranges::transform(to, more, to.begin(), std::plus{});
}

// Whoever looks at a journal finds what is counted beside it. Locked only when a thread begins or ends and when metrics are read.
struct Tallies {
  std::mutex mutex;
  std::map<const journal::Journal*, const Tally*> by_journal;
};

Tallies& tallies() {
  static Tallies all;
  return all;
}

std::size_t fault_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::find(Counts::kFaults, text) - Counts::kFaults.begin());
}

std::size_t end_of(std::string_view text) noexcept {
  std::size_t end = 0;
  while (end < Counts::kEnds && journal::name(static_cast<journal::End>(end)) != text) ++end;
  return end;
}

}  // namespace

void Durations::add(std::chrono::nanoseconds duration) noexcept {
  ++counts[static_cast<std::size_t>(std::ranges::lower_bound(kBounds, duration) - kBounds.begin())];
  sum += duration;
}

Durations& Durations::operator+=(const Durations& other) noexcept {
  net::add(counts, other.counts);
  sum += other.sum;
  return *this;
}

Counts& Counts::operator+=(const Counts& other) noexcept {
  opened += other.opened;
  commands += other.commands;
  accepted += other.accepted;
  received += other.received;
  sent += other.sent;
  add(ended, other.ended);
  add(replies, other.replies);
  add(faults, other.faults);
  reply_times += other.reply_times;
  session_times += other.session_times;
  return *this;
}

Tally::Tally(const journal::Journal& journal) : journal_(journal) {
  const std::lock_guard lock(tallies().mutex);
  tallies().by_journal[&journal] = this;
}

Tally::~Tally() {
  const std::lock_guard lock(tallies().mutex);
  tallies().by_journal.erase(&journal_);
}

Counts counts_of(const journal::Journal& journal) {
  const std::lock_guard lock(tallies().mutex);
  const auto found = tallies().by_journal.find(&journal);
  return found == tallies().by_journal.end() ? Counts{} : found->second->counts();
}

// nullptr where the session does not run.
Tally::Open* Tally::find(journal::SessionId session) {
  if (session == last_) return found_;
  const auto known = open_.find(session);
  if (known == open_.end()) return nullptr;
  last_ = session;
  return found_ = &known->second;
}

void Tally::count(const journal::Event& event) {
  using journal::Kind;
  const auto ask = [&] {
    if (Open* const session = find(event.session)) session->asked = event.at, session->waits = true;
  };
  switch (event.kind) {
    case Kind::opened:
      ++counts_.opened;
      open_[event.session] = {event.at, event.at, true};
      break;
    case Kind::command:
      ++counts_.commands;
      ask();
      break;
    case Kind::content: ask(); break;
    case Kind::reply: {
      ++counts_.replies[event.code > 0 && event.code < static_cast<int>(Counts::kCodes) ? static_cast<std::size_t>(event.code) : 0];
      Open* const session = find(event.session);
      if (session != nullptr && std::exchange(session->waits, false)) counts_.reply_times.add(event.at - session->asked);
      break;
    }
    case Kind::message:
      if (!event.text.empty()) ++counts_.accepted;
      break;
    case Kind::fault:
      if (const std::size_t kind = fault_of(event.text); kind < counts_.faults.size()) ++counts_.faults[kind];
      break;
    case Kind::closed: {
      if (const std::size_t end = end_of(event.text); end < Counts::kEnds) ++counts_.ended[end];
      const auto session = open_.find(event.session);
      if (session == open_.end()) break;
      counts_.session_times.add(event.at - session->second.opened);
      open_.erase(session);
      last_ = 0;
      break;
    }
    default: break;
  }
}

}  // namespace malaposta::net
