#include "http/dates.hpp"

#include "testing/catch.hpp"

using namespace malaposta::http;

TEST_CASE("dates are read as people type them") {
  struct Case {
    std::string_view text, date;
  };
  for (const Case& c : {Case{"2024/2/29", "2024-02-29T00:00:00.000Z"}, Case{"2024-02-29", "2024-02-29T00:00:00.000Z"},
                        Case{"02/29/2024", "2024-02-29T00:00:00.000Z"}, Case{"2024-02-29 7:05", "2024-02-29T07:05:00.000Z"},
                        Case{"2024-02-29T12:30:15", "2024-02-29T12:30:15.000Z"}, Case{"2024-02-29T12:30:15Z", "2024-02-29T12:30:15.000Z"},
                        Case{"2024-02-29T12:30:15+01:30", "2024-02-29T11:00:15.000Z"}}) {
    CAPTURE(c.text);
    const auto date = read_date(c.text);
    REQUIRE(date.has_value());
    CHECK(Calendar::text(*date) == c.date);
  }
  for (const std::string_view none :
       {"", "yesterday", "2024", "2023-02-29", "13/01/2024", "2024-02-29 24:00", "2024-02-29T12", "2024-02-29 x"}) {
    CAPTURE(none);
    CHECK_FALSE(read_date(none).has_value());
  }
}

TEST_CASE("a date without an offset is one of the time zone") {
  CHECK(is_time_zone(""));
  CHECK(is_time_zone("UTC"));
  CHECK_FALSE(is_time_zone("Nowhere/Atall"));
  CHECK_FALSE(read_date("2024-02-29", "Nowhere/Atall").has_value());
  CHECK(read_date("2024-02-29T00:00Z", "-05:00") == read_date("2024-02-29"));
  CHECK(Calendar::text(*read_date("2024-02-29", "-05:00")) == "2024-02-29T05:00:00.000Z");
}
