// What stands behind a Scenario of the API.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "malaposta/scenario.hpp"
#include "scenario/scenario.hpp"

namespace malaposta {

struct Scenario::Impl {
  scenario::ScenarioPtr scenario;
  std::string text;
  std::vector<std::string> warnings;

  // Throws ScenarioError with all that is wrong. `text`: of a shipped scenario or of a text; empty: that of each scenario's file.
  static std::vector<Scenario> from(scenario::Loaded loaded, std::string_view text);
};

}  // namespace malaposta
