#include "http/dates.hpp"

#include <glib.h>
#include <re2/re2.h>

#include <memory>
#include <string>

namespace malaposta::http {

namespace {

struct FreeZone {
  void operator()(GTimeZone* zone) const { g_time_zone_unref(zone); }
};
using Zone = std::unique_ptr<GTimeZone, FreeZone>;

struct FreeDate {
  void operator()(GDateTime* date) const { g_date_time_unref(date); }
};

Zone zone_of(std::string_view name) {
  return name.empty() ? Zone(g_time_zone_new_utc()) : Zone(g_time_zone_new_identifier(std::string(name).c_str()));
}

}  // namespace

bool is_time_zone(std::string_view name) { return zone_of(name) != nullptr; }

std::optional<Calendar::Date> read_date(std::string_view text, std::string_view time_zone) {
  static const RE2 kPattern(
      R"((?:(\d{4})([-/])(\d{1,2})[-/](\d{1,2})|(\d{1,2})/(\d{1,2})/(\d{4}))(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?(Z|[-+]\d{2}:\d{2})?)?)");
  int year = 0, month = 0, day = 0, us_month = 0, us_day = 0, us_year = 0, hour = 0, minute = 0, second = 0;
  std::string separator, offset;
  // A group that takes no part leaves its number at zero.
  const auto optional = [](int& number) {
    return RE2::Arg(&number, [](const char* digits, std::size_t size, void* into) {
      *static_cast<int*>(into) = size == 0 ? 0 : std::stoi(std::string(digits, size));
      return true;
    });
  };
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), kPattern, optional(year), &separator, optional(month), optional(day),
                      optional(us_month), optional(us_day), optional(us_year), optional(hour), optional(minute), optional(second), &offset))
    return std::nullopt;
  const Zone zone = zone_of(offset.empty() ? time_zone : std::string_view(offset));
  if (!zone) return std::nullopt;
  const std::unique_ptr<GDateTime, FreeDate> date(
      g_date_time_new(zone.get(), year + us_year, month + us_month, day + us_day, hour, minute, second));
  if (!date) return std::nullopt;
  return Calendar::Date(std::chrono::seconds(g_date_time_to_unix(date.get())));
}

}  // namespace malaposta::http
