// A documented code as a rule of its own, that can be added to what is played: an armed fault.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "scenario/scenario.hpp"

namespace malaposta::scenario {

// How a fault is written.
inline constexpr std::string_view kFaultShape =
    R"({"code": 451, "at": "rcpt", "times": 2, "match": {"rcpt": "*@example.test"}}; only "code" is needed)";

// One rule of the scenario language, so that a fault is checked and played as any other: "armed-451", at `at` (a stage or a list of
// them; otherwise the first where the code is documented), live for `times` matches (otherwise until it is taken away) of what
// `match` says, as a rule's `when`. nullptr where it is none; `problem` then tells why, in one line.
ScenarioPtr fault_of(const boost::json::object& wanted, std::string& problem);

}  // namespace malaposta::scenario
