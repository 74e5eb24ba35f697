// Dates as people type them.
#pragma once

#include <optional>
#include <string_view>

#include "http/api.hpp"

namespace malaposta::http {

// "2024/2/29", "2024-02-29", "02/29/2024", and "2024-02-29 12:30:15" or "2024-02-29T12:30" with or without "Z" or "+01:00" behind it.
// Without such an offset it is a date of the time zone, UTC where that is empty. Nothing where it is none of these, or no such day.
std::optional<Calendar::Date> read_date(std::string_view text, std::string_view time_zone = {});

// Whether the system knows a time zone of that name in the tz database ("Pacific/Auckland"); empty is one.
bool is_time_zone(std::string_view name);

}  // namespace malaposta::http
