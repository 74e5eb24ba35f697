#include "scenario/scenario.hpp"

#include <utility>

#include "scenario/compiled.hpp"

namespace malaposta::scenario {

Scenario::Scenario(Model model, protocol::Profile profile, std::shared_ptr<const Compiled> compiled)
    : model_(std::move(model)), profile_(std::move(profile)), compiled_(std::move(compiled)) {}

ScenarioPtr Scenario::with(std::vector<Expectation> expect) const {
  Model model = model_;
  model.expect = std::move(expect);
  return std::make_shared<const Scenario>(std::move(model), profile_, compiled_);
}

}  // namespace malaposta::scenario
