// The problems of a scenario, as `malaposta check` tells them.
#include <boost/json.hpp>

#include "http/handlers.hpp"
#include "http/scenario_object.hpp"
#include "report/report.hpp"
#include "scenario/scenario.hpp"

namespace malaposta::http {

Answer check(const Request& request, Api&) {
  const std::string file(request.parameter("file", "scenario.yaml"));
  const scenario::Loaded loaded = scenario::load_text(file, request.body, {});
  boost::json::array list;
  for (const scenario::Diagnostic& one : loaded.diagnostics) list.push_back(diagnostic_object(one));
  boost::json::array names;
  for (const scenario::ScenarioPtr& one : loaded.scenarios) names.emplace_back(report::valid_utf8(one->name()));
  return json({{"valid", !loaded.failed()}, {"scenarios", names}, {"diagnostics", list}});
}

}  // namespace malaposta::http
