// What handlers know of the server beside the request: everything that the journals do not tell. Only the API's own thread
// reads and writes it.
#pragma once

#include <array>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "http/inbox_log.hpp"
#include "http/mail_index.hpp"
#include "http/tags.hpp"
#include "net/server.hpp"

namespace malaposta::http {

// The journals' times as the time of day. The distance is taken once, so that a moment always has the same date.
class Calendar {
 public:
  using Date = std::chrono::system_clock::time_point;
  Calendar() = default;
  Calendar(journal::TimePoint moment, Date date) : moment_(moment), date_(date) {}

  Date date(journal::TimePoint at) const { return date_ + std::chrono::duration_cast<Date::duration>(at - moment_); }
  // RFC 3339, in UTC, with milliseconds: "2024-02-29T12:00:00.250Z".
  std::string text(journal::TimePoint at) const { return text(date(at)); }
  static std::string text(Date date);

 private:
  journal::TimePoint moment_ = std::chrono::steady_clock::now();
  Date date_ = std::chrono::system_clock::now();
};

// A trigger of chaos as it was set last.
struct Chaos {
  int code = 0;                // 0: never
  int percent = 0;             // of the commands that it fails
  std::uint64_t addition = 0;  // the armed fault; 0: none
};

struct Api {
  Calendar calendar;
  journal::TimePoint started = std::chrono::steady_clock::now();
  net::Server* smtp = nullptr;        // of which it is the API
  std::string address = "127.0.0.1";  // where it listens, and opens ports
  scenario::CompileOptions compile;   // of scenarios that come over HTTP
  std::uint64_t resets = 0;           // how often everything was forgotten
  InboxLog inbox;                     // what was deleted, marked or sent
  std::uint64_t scenarios = 0;        // how often scenarios or their rules were changed
  std::uint64_t added = 0;            // how many rules were added to scenarios
  std::set<journal::MessageId> read;  // messages that are there and that somebody has opened or marked; at most kMostRead
  MailIndex index;
  Tags tags;
  journal::Store* store = nullptr;    // where marks and tags outlive the process; none: nowhere
  std::array<Chaos, 3> chaos{};       // of senders, recipients and logins

  static constexpr std::size_t kMostListeners = 256;  // beyond, no scenario gets a port of its own over HTTP
  static constexpr std::size_t kMostRead = 100'000;  // beyond, the oldest count as unread again
  void mark_read(journal::MessageId id, bool is_read);
  // The message has other tags now: whoever follows the inbox is told.
  void tagged(journal::MessageId id);
  // What the store has; before anything else.
  void restore(std::vector<journal::Mark> marks);
  // Of so many messages, how many are unread.
  std::size_t unread(std::size_t total) const;
  // Forgets the marks and tags of messages that are not there any more. `there` is sorted, the newest first; what came after it was made
  // stays, but where it is empty all are forgotten.
  void keep(const std::vector<journal::MessageId>& there);
  // The same of one that was deleted.
  void forget(journal::MessageId id);

 private:
  void bound_read();
  void store_mark(journal::MessageId id);
};

}  // namespace malaposta::http
