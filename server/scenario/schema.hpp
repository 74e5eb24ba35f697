// JSON as people read it: Boost.JSON writes it in one line only.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace malaposta::scenario {

// Two blanks for each level; short lists and objects without others in them stay on one line.
std::string pretty(const boost::json::value& value);

}  // namespace malaposta::scenario
