// ESMTP parameters: SIZE=10 BODY=8BITMIME SMTPUTF8.
#include <string>
#include <vector>

#include "protocol/command.hpp"
#include "testing/catch.hpp"

using namespace malaposta::protocol;

namespace {

// "KEYWORD=value" per parameter, and "malformed" at the end if the walk ended so.
std::vector<std::string> walked(std::string_view parameters) {
  std::vector<std::string> result;
  ParameterWalk walk{parameters};
  while (const auto parameter = walk.next())
    result.push_back(std::string{parameter->keyword} + (parameter->has_value ? "=" + std::string{parameter->value} : ""));
  if (walk.malformed()) result.emplace_back("malformed");
  return result;
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("parameters are walked one by one") {
  CHECK(walked("").empty());
  CHECK(walked("SIZE=10 BODY=8BITMIME SMTPUTF8") == List{"SIZE=10", "BODY=8BITMIME", "SMTPUTF8"});
  CHECK(walked("  size=10   Body=7bit  ") == List{"size=10", "Body=7bit"});
  CHECK(walked("AUTH=<>") == List{"AUTH=<>"});
  CHECK(walked("ORCPT=rfc822;a+3Db@c NOTIFY=SUCCESS,FAILURE") == List{"ORCPT=rfc822;a+3Db@c", "NOTIFY=SUCCESS,FAILURE"});
  CHECK(walked("X-TEST=1 8BIT-") == List{"X-TEST=1", "8BIT-"});
}

TEST_CASE("a malformed parameter ends the walk") {
  for (const auto* text : {"SIZE=", "=10", "-SIZE=1", "SI_ZE=1", "SIZE=1=2", "<a@b>", "SIZE=\x01", "S\xC3\xBC=1"}) {
    INFO(text);
    CHECK(walked(text) == List{"malformed"});
    CHECK(walked("BODY=7BIT " + std::string{text} + " RET=HDRS") == List{"BODY=7BIT", "malformed"});
  }
}

TEST_CASE("a parameter is found by its keyword, in any case") {
  const std::string_view parameters = "SIZE=10 smtputf8 RET=FULL";
  CHECK(find_parameter(parameters, "size")->value == "10");
  CHECK(find_parameter(parameters, "SMTPUTF8")->has_value == false);
  CHECK_FALSE(find_parameter(parameters, "BODY"));
  CHECK_FALSE(find_parameter(parameters, "SIZ"));
  CHECK_FALSE(find_parameter("SIZE=10 == RET=FULL", "RET"));
}
