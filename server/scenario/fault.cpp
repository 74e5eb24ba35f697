#include "scenario/fault.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "catalogue/codes.hpp"

namespace malaposta::scenario {

namespace {

// What the documented code is as the outcome of a rule.
void add_outcome(boost::json::object& rule, const catalogue::Code& code) {
  if (code.kind != catalogue::Class::transport) {
    rule["reply"] = code.code;
    return;
  }
  rule["fault"] = "reset";
  // Right behind the 354, an RST may hide it.
  if (rule["at"] == "body") rule["after"] = 1;
}

// Nothing but the known keys is taken.
std::string read(const boost::json::object& wanted, boost::json::object& rule) {
  for (const auto& member : wanted)
    if (member.key() != "code" && member.key() != "at" && member.key() != "times" && member.key() != "match")
      return fmt::format("unknown key '{}': a fault must be like {}", std::string_view(member.key()), kFaultShape);
  const boost::json::value* const number = wanted.if_contains("code");
  const std::int64_t* const given = number == nullptr ? nullptr : number->if_int64();
  if (given == nullptr) return fmt::format("a fault must be like {}", kFaultShape);
  const catalogue::Code* const code = *given > 0 && *given < 1000 ? catalogue::find(static_cast<int>(*given)) : nullptr;
  if (code == nullptr) return fmt::format("{} is not documented; malaposta codes lists those that are", *given);
  if (code->stages.empty())
    return fmt::format("{} is met before a session begins: serve the scenario '{}' on a port of its own", *given, code->scenario);
  rule["id"] = fmt::format("armed-{}", *given);
  rule["at"] = name(code->stages.front());
  if (const boost::json::value* at = wanted.if_contains("at")) rule["at"] = *at;
  if (const boost::json::value* match = wanted.if_contains("match")) rule["when"] = *match;
  if (const boost::json::value* times = wanted.if_contains("times")) rule["times"] = *times;
  add_outcome(rule, *code);
  return {};
}

}  // namespace

ScenarioPtr fault_of(const boost::json::object& wanted, std::string& problem) {
  boost::json::object rule;
  problem = read(wanted, rule);
  if (!problem.empty()) return nullptr;
  // Its description is the match that was asked for, so that it can be told later.
  const boost::json::value* const match = wanted.if_contains("match");
  const std::string text =
      boost::json::serialize(boost::json::object{{"malaposta", 1},
                                                 {"name", "armed"},
                                                 {"description", boost::json::serialize(match == nullptr ? boost::json::object() : *match)},
                                                 {"rules", {rule}}});
  const Loaded loaded = load_text("armed", text, {});
  problem = loaded.errors();
  return loaded.failed() ? nullptr : loaded.scenarios.front();
}

}  // namespace malaposta::scenario
