// The scenarios of scenarios/codes: their names, their texts, and one server that plays them all.
#pragma once

#include <set>
#include <string>

#include "program.hpp"

namespace malaposta::testing {

std::set<std::string> code_scenarios();

// The text of one of them.
std::string text_of(const std::string& scenario);

// One process for all tests, a port each. What has a state is not for more than one test.
const Server& all_codes();

}  // namespace malaposta::testing
