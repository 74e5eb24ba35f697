// The steps of compiling a scenario, between the files that do them.
#pragma once

#include <string>
#include <vector>

#include "protocol/profile.hpp"
#include "scenario/compiled.hpp"
#include "scenario/diagnostic.hpp"
#include "scenario/scenario.hpp"

namespace malaposta::scenario {

// How the server presents itself (server_section.cpp).
protocol::Profile make_profile(const Model& model, const CompileOptions& options, Diagnostics& diagnostics);

// One rule (compile_rule.cpp).
CompiledRule compile_rule(const Rule& rule, const Model& model, Diagnostics& diagnostics);

// What is wrong between rules, or between rules and expectations (lint.cpp).
void lint(const Model& model, const Compiled& compiled, Diagnostics& diagnostics);

// "did you mean 'x'?", or empty.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace malaposta::scenario
