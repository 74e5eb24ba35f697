// A judgement as text: the first line greppable, with the place of the expectation, as the diagnostics of scenario files.
#pragma once

#include <string>

#include "verify/verdict.hpp"

namespace malaposta::verify {

// "a.yaml:9:5: failed: expected attempts: exactly 3, got 2 attempts\n  …\n".
std::string render(const Judgement& judgement);

std::string_view name(Judgement::Outcome outcome);

}  // namespace malaposta::verify
