// Counts of all that ever happened on one thread, for metrics: unlike events they give way to nothing. Plain numbers of that thread, fed
// from its journal's events, so that an ordinary command neither locks nor allocates for them.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "journal/journal.hpp"

namespace malaposta::net {

// How long things took, by powers of ten.
struct Durations {
  static constexpr std::array<std::chrono::nanoseconds, 7> kBounds{
      std::chrono::microseconds(100), std::chrono::milliseconds(1), std::chrono::milliseconds(10), std::chrono::milliseconds(100),
      std::chrono::seconds(1),        std::chrono::seconds(10),     std::chrono::seconds(100)};

  std::array<std::uint64_t, kBounds.size() + 1> counts{};  // up to each bound and above the one before it; the last: above all
  std::chrono::nanoseconds sum{};

  void add(std::chrono::nanoseconds duration) noexcept;
  Durations& operator+=(const Durations& other) noexcept;
};

struct Counts {
  static constexpr std::size_t kCodes = 1000;  // reply codes; 0: bytes that have none
  static constexpr std::size_t kEnds = static_cast<std::size_t>(journal::End::shut_down) + 1;
  // What Kind::fault events say.
  static constexpr std::array<std::string_view, 5> kFaults{"close", "reset", "half-close", "stall", "silence"};

  std::uint64_t opened = 0;  // sessions
  std::uint64_t commands = 0;
  std::uint64_t accepted = 0;  // messages acknowledged
  std::uint64_t received = 0;  // bytes from clients, as they came over the network
  std::uint64_t sent = 0;      // bytes to clients, as is
  std::array<std::uint64_t, kEnds> ended{};     // sessions, by End
  std::array<std::uint64_t, kCodes> replies{};  // by code
  std::array<std::uint64_t, kFaults.size()> faults{};
  Durations reply_times;    // from a command, a content or the connection to the first bytes of the reply
  Durations session_times;  // from the connection to its end

  Counts& operator+=(const Counts& other) noexcept;
};

// Keeps the counts of the thread that owns the journal, until it goes.
class Tally {
 public:
  explicit Tally(const journal::Journal& journal);
  ~Tally();
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;

  // Called for each event of the thread's journal. Only the beginning of a session allocates.
  void count(const journal::Event& event);
  // So many bytes were received from clients and sent to them.
  void transferred(std::size_t received, std::size_t sent) noexcept {
    counts_.received += received;
    counts_.sent += sent;
  }
  const Counts& counts() const { return counts_; }

 private:
  struct Open {
    journal::TimePoint opened{};
    journal::TimePoint asked{};  // when the client did what no reply has followed yet
    bool waits = false;          // there is such a thing
  };

  Open* find(journal::SessionId session);

  const journal::Journal& journal_;
  Counts counts_;
  std::unordered_map<journal::SessionId, Open> open_;  // sessions that run: as many as there are connections
  journal::SessionId last_ = 0;                        // whose events come one after the other …
  Open* found_ = nullptr;                              // … is searched once
};

// What has been counted beside the journal; nothing where nobody counts. To be read on the journal's thread, as net::Server::visit() calls.
Counts counts_of(const journal::Journal& journal);

}  // namespace malaposta::net
