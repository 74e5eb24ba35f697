// Armed faults: a documented code that the next commands meet, whatever the scenario says.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string>

#include "http/handlers.hpp"
#include "http/numbers.hpp"
#include "report/report.hpp"
#include "scenario/additions.hpp"
#include "scenario/fault.hpp"
#include "scenario/play.hpp"
#include "scenario/scenario.hpp"

namespace malaposta::http {

namespace {

boost::json::object object_of(const scenario::Additions::Addition& addition) {
  const scenario::Rule& rule = addition.rules->scenario().model().rules.front();
  const std::uint64_t fired = addition.rules->fired().front();
  boost::json::array at;
  for (const catalogue::Stage stage : rule.at) at.emplace_back(name(stage));
  // What embedding programs arm may have been made otherwise than from a request.
  boost::system::error_code none;
  boost::json::value match = boost::json::parse(addition.rules->scenario().model().description, none);
  if (none || !match.is_object()) match.emplace_object();
  boost::json::object object{{"id", addition.id}, {"rule", rule.id.value}, {"at", at},       {"match", match},
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
  for (const scenario::Additions::Addition& one : *all)
    if (one.scenario.empty()) list.push_back(object_of(one));
  return json({{"armed", list}});
}

Answer arm(const Request& request, Api& api) {
  boost::system::error_code problem;
  const boost::json::value content = boost::json::parse(request.body, problem);
  if (problem || !content.is_object()) return error(400, fmt::format("the content must be like {}", scenario::kFaultShape));
  std::string problems;
  const scenario::ScenarioPtr scenario = scenario::fault_of(content.get_object(), problems);
  if (!scenario) return error(400, report::valid_utf8(problems));
  const auto id = api.smtp->additions().add(scenario, api.smtp->seed());
  if (!id) return error(409, fmt::format("{} faults are armed and rules added already: take some away first", scenario::Additions::kMost));
  // Those that were armed meanwhile stand before it.
  const scenario::Additions::List all = api.smtp->additions().list();
  for (const scenario::Additions::Addition& one : *all)
    if (one.id == *id) return json(object_of(one));
  return error(409, "the fault was disarmed meanwhile");
}

Answer disarm_all(const Request&, Api& api) { return json({{"disarmed", api.smtp->additions().clear()}}); }

Answer disarm(const Request& request, Api& api) {
  const auto id = number_of<std::uint64_t>(request.segment("id"));
  const scenario::Additions::List all = api.smtp->additions().list();
  const bool there =
      id && std::ranges::any_of(*all, [&](const scenario::Additions::Addition& one) { return one.id == *id && one.scenario.empty(); });
  if (!there || !api.smtp->additions().remove(*id)) return error(404, "no fault of that id is armed; GET /api/v1/arm lists those that are");
  return json({{"disarmed", 1}});
}

}  // namespace malaposta::http
