// Chance that can be repeated: everything that a scenario leaves to chance is drawn from a hash of the run's seed,
// the rule, its key and the ordinal, so that the same seed gives the same run, whatever the threads do.
// The functions are fixed for good (FNV-1a, SplitMix64), unlike std::hash and the standard distributions, whose
// results differ between libraries.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

#include "protocol/grammar.hpp"

namespace malaposta::scenario {

constexpr std::uint64_t kHashStart = 0xcbf29ce484222325;

// FNV-1a, 64 bits. `fold`: letters of ASCII count as their lower case.
constexpr std::uint64_t hash(std::string_view bytes, std::uint64_t start = kHashStart, bool fold = false) {
  for (const char c : bytes) {
    const char folded = fold ? protocol::grammar::lower(c) : c;
    start = (start ^ static_cast<unsigned char>(folded)) * 0x100000001b3;
  }
  return start;
}

// The output function of SplitMix64: spreads every bit over all of them.
constexpr std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// What is drawn for one firing of one rule.
class Draws {
 public:
  Draws(std::uint64_t rule_seed, std::string_view key, std::uint64_t ordinal) : state_(mix(rule_seed ^ mix(hash(key))) + ordinal * kStep) {
    state_ = mix(state_);
  }

  std::uint64_t next() { return mix(state_ += kStep); }
  // In [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  // In [low, high].
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    const std::uint64_t width = high - low + 1;
    return width == 0 ? next() : low + next() % width;
  }
  // Standard normal (Box and Muller).
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - unit()));
    return radius * std::cos(2 * std::numbers::pi * unit());
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;
  std::uint64_t state_;
};

// The seed of one rule in one run.
constexpr std::uint64_t rule_seed(std::uint64_t seed, std::string_view id) { return mix(seed + hash(id)); }

}  // namespace malaposta::scenario
