// Which of many patterns a text may meet, at about the cost of one: all of them in one automaton.
#pragma once

#include <re2/re2.h>
#include <re2/set.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "scenario/model.hpp"

namespace malaposta::scenario {

inline constexpr std::int64_t kIndexMemory = 16 << 20;  // bytes that the automaton may take

class PatternIndex {
 public:
  // In ascending order of the rules. `fold`: case is ignored. False where the pattern cannot be found in this way: it is negated.
  bool add(const TextPattern& pattern, bool fold, std::uint32_t rule);
  // After the last. False where there is nothing to be found, or the automaton becomes too large.
  bool compile();

  // The rules that the text may meet, ascending, some perhaps more than once; whether it does, each has to be asked. Valid for the next
  // kFound - 1 calls on the same thread. Nothing is allocated where there is none.
  std::span<const std::uint32_t> find(std::string_view text) const;
  static constexpr std::size_t kFound = 8;

 private:
  std::unique_ptr<re2::RE2::Set> set_;
  std::vector<std::uint32_t> rules_;  // by their entries in the set
};

}  // namespace malaposta::scenario
