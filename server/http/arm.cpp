// Armed faults: a documented code that the next commands meet, whatever the scenario says.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <string>

#include "catalogue/codes.hpp"
#include "http/handlers.hpp"
#include "http/numbers.hpp"
#include "report/report.hpp"
#include "scenario/additions.hpp"
#include "scenario/play.hpp"
#include "scenario/scenario.hpp"

namespace malaposta::http {

namespace {

constexpr std::string_view kShape =
    R"(the content must be like {"code": 451, "at": "rcpt", "times": 2, "match": {"rcpt": "*@example.test"}}; only "code" is needed)";

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

// One rule of the scenario language, so that a fault is checked and played as any other; nothing but the known keys is taken.
std::optional<Response> read_rule(const boost::json::object& wanted, boost::json::object& rule) {
  for (const auto& member : wanted)
    if (member.key() != "code" && member.key() != "at" && member.key() != "times" && member.key() != "match")
      return error(400, fmt::format("unknown key '{}': {}", report::valid_utf8(member.key()), kShape));
  const boost::json::value* const number = wanted.if_contains("code");
  const std::int64_t* const given = number == nullptr ? nullptr : number->if_int64();
  if (given == nullptr) return error(400, kShape);
  const catalogue::Code* const code = *given > 0 && *given < 1000 ? catalogue::find(static_cast<int>(*given)) : nullptr;
  if (code == nullptr) return error(400, fmt::format("{} is not documented; GET /api/v1/codes lists the codes that are", *given));
  if (code->stages.empty())
    return error(400,
                 fmt::format("{} is met before a session begins: serve the scenario '{}' on a port of its own", *given, code->scenario));
  rule["id"] = fmt::format("armed-{}", *given);
  rule["at"] = name(code->stages.front());
  if (const boost::json::value* at = wanted.if_contains("at")) rule["at"] = *at;
  if (const boost::json::value* match = wanted.if_contains("match")) rule["when"] = *match;
  if (const boost::json::value* times = wanted.if_contains("times")) rule["times"] = *times;
  add_outcome(rule, *code);
  return std::nullopt;
}

scenario::ScenarioPtr compiled(const boost::json::object& rule, std::string& problems) {
  const std::string text = boost::json::serialize(boost::json::object{{"malaposta", 1}, {"name", "armed"}, {"rules", {rule}}});
  const scenario::Loaded loaded = scenario::load_text("armed", text, {});
  problems = loaded.errors();
  return loaded.failed() ? nullptr : loaded.scenarios.front();
}

boost::json::object object_of(const scenario::Additions::Addition& addition) {
  const scenario::Rule& rule = addition.rules->scenario().model().rules.front();
  const std::uint64_t fired = addition.rules->fired().front();
  boost::json::array at;
  for (const catalogue::Stage stage : rule.at) at.emplace_back(name(stage));
  boost::json::object object{{"id", addition.id}, {"rule", rule.id.value}, {"at", at},
                             {"times", nullptr},  {"fired", fired},        {"left", nullptr}};
  if (rule.times && rule.times->fixed) {
    object["times"] = *rule.times->fixed;
    object["left"] = *rule.times->fixed - std::min(fired, *rule.times->fixed);
  }
  return object;
}

}  // namespace

Answer armed(const Request&, Api& api) {
  const scenario::Additions::List all = api.smtp->additions().list();
  boost::json::array list;
  for (const scenario::Additions::Addition& one : *all) list.push_back(object_of(one));
  return json({{"armed", list}});
}

Answer arm(const Request& request, Api& api) {
  boost::system::error_code problem;
  const boost::json::value content = boost::json::parse(request.body, problem);
  if (problem || !content.is_object()) return error(400, kShape);
  boost::json::object rule;
  if (auto refusal = read_rule(content.get_object(), rule)) return std::move(*refusal);
  std::string problems;
  const scenario::ScenarioPtr scenario = compiled(rule, problems);
  if (!scenario) return error(400, report::valid_utf8(problems));
  const auto id = api.smtp->additions().add(scenario, api.smtp->seed());
  if (!id) return error(409, fmt::format("{} faults are armed already: disarm some first", scenario::Additions::kMost));
  // Those that were armed meanwhile stand before it.
  const scenario::Additions::List all = api.smtp->additions().list();
  for (const scenario::Additions::Addition& one : *all)
    if (one.id == *id) return json(object_of(one));
  return error(409, "the fault was disarmed meanwhile");
}

Answer disarm_all(const Request&, Api& api) { return json({{"disarmed", api.smtp->additions().clear()}}); }

Answer disarm(const Request& request, Api& api) {
  const auto id = number_of<std::uint64_t>(request.segment("id"));
  if (!id || !api.smtp->additions().remove(*id)) return error(404, "no fault of that id is armed; GET /api/v1/arm lists those that are");
  return json({{"disarmed", 1}});
}

}  // namespace malaposta::http
