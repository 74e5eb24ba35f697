#include "http/api.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace malaposta::http {

std::string Calendar::text(journal::TimePoint at) const {
  const auto whole = std::chrono::floor<std::chrono::milliseconds>(date(at));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(whole);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), (whole - seconds).count());
}

}  // namespace malaposta::http
