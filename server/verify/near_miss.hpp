// Why a rule did not fire: how often its stage was met, and where most of its conditions held.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenario/scenario.hpp"
#include "verify/evidence.hpp"

namespace malaposta::verify {

inline constexpr std::size_t kMostIdleRules = 5;  // that a failure explains

// A pattern as a person would write it: "alice@a.test, *@b.test", "not >= 3".
std::string written(const scenario::TextPattern& pattern);
std::string written(const scenario::NumberPattern& pattern);

// A line or two about the rule: "rule 'full' (line 4) did not fire: …". Conditions that only the running server can judge (attempt,
// state, pipelined, step) count as held.
std::vector<std::string> near_misses(const scenario::Scenario& scenario, const Evidence& evidence, std::string_view rule);

// The lines of the session where the rule fired last; empty if it never did.
std::vector<std::string> last_firing(const Evidence& evidence, std::string_view rule);

}  // namespace malaposta::verify
