#include "scenario/expectations.hpp"

#include <boost/json.hpp>

namespace malaposta::scenario {

ScenarioPtr with_expectations(const Scenario& scenario, std::string_view expect, const std::vector<std::string>& rules,
                              std::string& problems) {
  // A whole file, so that there is one reader. Its rules only lend their ids.
  boost::json::array ids;
  for (const std::string& id : rules) ids.push_back({{"id", id}, {"at", "noop"}});
  const std::string file =
      "{\"malaposta\": 1, \"name\": \"expect\", \"rules\": " + boost::json::serialize(ids) + ", \"expect\": " + std::string(expect) + "}";
  const Loaded loaded = load_text("expect", file, {});
  problems = loaded.errors();
  return loaded.failed() ? nullptr : scenario.with(loaded.scenarios.front()->model().expect);
}

}  // namespace malaposta::scenario
