#include "http/message.hpp"

#include <array>

#include "testing/catch.hpp"

using namespace malaposta;

TEST_CASE("what a client accepts chooses among what is offered", "[http]") {
  static constexpr std::array<std::string_view, 3> kOffered{"application/json", "application/yaml", "text/yaml"};
  struct Case {
    std::string_view accept, preferred;
  };
  for (const Case& c :
       {Case{"", "application/json"}, Case{"*/*", "application/json"}, Case{"text/html", "application/json"},
        Case{"application/yaml", "application/yaml"}, Case{"Application/YAML; charset=utf-8", "application/yaml"},
        Case{"text/*", "text/yaml"}, Case{"application/json;q=0.5, application/yaml", "application/yaml"},
        Case{"application/yaml;q=0.25,application/json ; q=0.3", "application/json"}, Case{"*/*, application/json;q=0", "application/yaml"},
        Case{"application/yaml;q=0, */*;q=0.1", "application/json"}, Case{",,;q=1,", "application/json"}}) {
    CAPTURE(c.accept);
    CHECK(http::preferred(c.accept, kOffered) == c.preferred);
  }
}

TEST_CASE("a list of entity tags names one, weak or not", "[http]") {
  CHECK(http::names_tag("\"a\"", "\"a\""));
  CHECK(http::names_tag("\"b\" , W/\"a\"", "\"a\""));
  CHECK(http::names_tag("*", "\"a\""));
  CHECK_FALSE(http::names_tag("\"ab\", a", "\"a\""));
  CHECK_FALSE(http::names_tag("", "\"a\""));
}
