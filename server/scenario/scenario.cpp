#include "scenario/scenario.hpp"

#include <utility>

#include "scenario/compiled.hpp"

namespace malaposta::scenario {

Scenario::Scenario(Model model, protocol::Profile profile, std::shared_ptr<const Compiled> compiled)
    : model_(std::move(model)), profile_(std::move(profile)), compiled_(std::move(compiled)) {}

}  // namespace malaposta::scenario
