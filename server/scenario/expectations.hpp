// Expectations that come apart from a scenario's file: what a test asks of a server that runs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenario/scenario.hpp"

namespace malaposta::scenario {

// The scenario with other expectations: `expect` as a scenario file has it, YAML or JSON. `rules`: the ids that a `rule` expectation
// may name. nullptr where they cannot be read; `problems` then tells why, in one line.
ScenarioPtr with_expectations(const Scenario& scenario, std::string_view expect, const std::vector<std::string>& rules,
                              std::string& problems);

}  // namespace malaposta::scenario
