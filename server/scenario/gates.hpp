// Counters and state of the rules, per key. Behind an interface, so that several servers can share them one day.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "journal/journal.hpp"
#include "scenario/model.hpp"

namespace malaposta::scenario {

using TimePoint = journal::TimePoint;

// What a rule's gates ask, with templates already filled in.
struct Gate {
  std::uint32_t rule = 0;  // index in the scenario
  std::uint64_t times = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t skip = 0;
  std::uint64_t every = 1;
  double probability = 1;
  std::uint64_t seed = 0;
  bool has_window = false;
  Duration after{}, until{Duration::max()};
  std::uint64_t rate_max = 0;  // 0: no rate
  Duration rate_per{};
};

class GateStore {
 public:
  virtual ~GateStore() = default;

  // Counts one match of the rule under `key` and decides whether it is live: the counters move atomically, so two
  // sessions never both take the last of `times`. In order: window (since the key was first seen by this rule),
  // rate, skip, every, probability, times.
  virtual bool pass(const Gate& gate, std::string_view key, TimePoint now) = 0;

  // The ordinal, from 1, of a new transaction under the rule's key.
  virtual std::uint64_t next_attempt(std::uint32_t rule, std::string_view key) = 0;

  // The scenario's state, under `key`; "start" until set.
  virtual std::string state(std::string_view key) const = 0;
  virtual void set_state(std::string_view key, std::string_view state) = 0;

  virtual void reset() = 0;

  // Keys that were forgotten because kMostKeys was reached.
  virtual std::uint64_t evicted() const = 0;
};

inline constexpr std::size_t kMostKeys = 100'000;  // per scenario; the one seen longest ago goes first
std::unique_ptr<GateStore> make_memory_gates();

}  // namespace malaposta::scenario
