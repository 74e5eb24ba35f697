// An event of a session as the API tells it, in a list and in the stream.
#pragma once

#include <boost/json/object.hpp>

#include "verify/evidence.hpp"

namespace malaposta::http {

boost::json::object event_object(const verify::Event& event, journal::TimePoint opened);

}  // namespace malaposta::http
