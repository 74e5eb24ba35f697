#include "malaposta/error.hpp"

namespace malaposta {

// Here, so that each has one home, and what a shared library throws is caught outside of it.
Error::~Error() = default;
ScenarioError::~ScenarioError() = default;
StartError::~StartError() = default;

}  // namespace malaposta
