// Evidence of chosen sessions only.
#pragma once

#include <functional>

#include "verify/evidence.hpp"

namespace malaposta::verify {

// As Evidence::add, of those sessions that are `wanted`.
void add_if(Evidence& evidence, const journal::Journal& journal, const std::function<bool(const journal::Session&)>& wanted);

}  // namespace malaposta::verify
