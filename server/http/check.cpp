// The problems of a scenario, as `malaposta check` tells them, and what editors need to know of the language.
#include <boost/json.hpp>

#include "http/handlers.hpp"
#include "http/scenario_object.hpp"
#include "report/report.hpp"
#include "scenario/reader.hpp"
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

Answer schema(const Request&, Api&) {
  static const Response kSchema{200, "application/json", scenario::schema(), {}};
  return kSchema;
}

}  // namespace malaposta::http
