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
  std::uint64_t seed = 0;  // of this rule in this run
  bool has_window = false;
  Duration after{}, until{Duration::max()};
  std::uint64_t rate_max = 0;  // 0: no rate
  Duration rate_per{};
};

class GateStore {
 public:
  virtual ~GateStore() = default;

  // Counts one match of the rule under `key` and decides whether it is live: the counters move atomically, so two
  // sessions never both take the last of `times`. The gates are passed one after the other, and a match that one of
  // them stops is not counted by those behind it: window (`after` <= time since the key was first seen < `until`),
  // rate (more than `max` matches within `per`, this one included), skip (the first N), every (the N-th, 2N-th, …),
  // probability, times. Returns how often the rule has now been live under the key; 0 if it is not.
  virtual std::uint64_t pass(const Gate& gate, std::string_view key, TimePoint now) = 0;

  // The ordinal, from 1, of a new transaction under the rule's key.
  virtual std::uint64_t next_attempt(std::uint32_t rule, std::string_view key) = 0;

  // The scenario's state, under `key`; "start" until set.
  virtual std::string state(std::string_view key) const = 0;
  virtual void set_state(std::string_view key, std::string_view state) = 0;

  virtual void reset() = 0;

  // Keys that were forgotten because kMostKeys was reached.
  virtual std::uint64_t evicted() const = 0;
};

// Keys per scenario. Beyond that, the one seen longest ago gives way (of the new key's shard, to be exact).
inline constexpr std::size_t kMostKeys = 100'000;
inline constexpr std::uint64_t kMostRate = 1000;  // `max` of a rate: a key keeps one more point in time than that

std::unique_ptr<GateStore> make_memory_gates();

}  // namespace malaposta::scenario
