#include "scenario/units.hpp"

#include "testing/catch.hpp"

using namespace malaposta::scenario;
using namespace std::chrono_literals;

TEST_CASE("durations have a unit and may have a fraction") {
  CHECK(parse_duration("250us") == 250us);
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration("1.5s") == 1500ms);
  CHECK(parse_duration("0.1m") == 6s);
  CHECK(parse_duration("2h") == 2h);
  CHECK(parse_duration("0") == 0s);
  for (const auto* wrong : {"", "5", "s", "1.s", ".5s", "-1s", "1 s", "1d", "1s ", "99999999999999h", "1234567890123456s"})
    CHECK_FALSE(parse_duration(wrong));
}

TEST_CASE("sizes may have a unit") {
  CHECK(parse_size("0") == 0u);
  CHECK(parse_size("4096") == 4096u);
  CHECK(parse_size("10MB") == 10'000'000u);
  CHECK(parse_size("64KiB") == 65536u);
  for (const auto* wrong : {"", "MB", "-1", "1 kB", "1mb", "1.5MB", "99999999999999999999", "99999999999999999GB"})
    CHECK_FALSE(parse_size(wrong));
}
