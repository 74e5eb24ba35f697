// The rules of a scenario that is played, and how often each fired. Rules can be added, and taken away, while sessions run.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "http/handlers.hpp"
#include "http/scenario_object.hpp"
#include "report/report.hpp"
#include "scenario/play.hpp"

namespace malaposta::http {

namespace {

constexpr std::string_view kShape = R"(the content must be one rule, like {"id": "busy", "at": "rcpt", "times": 2, "reply": 451})";

Response no_rule() { return error(404, "the scenario has no rule of that id; GET the path above lists those that it has"); }

void take_away(const ListedRule& listed, const Named& named, Api& api) {
  if (listed.addition != 0) {
    (void)api.smtp->additions().remove(listed.addition);
    return;
  }
  for (const net::Playing& place : named.places) {
    const std::vector<scenario::Rule>& rules = place.instance->scenario().model().rules;
    for (std::size_t i = 0; i < rules.size(); ++i)
      if (rules[i].id.value == listed.rule->id.value) place.instance->turn_off(i);
  }
}

const ListedRule* find(const std::vector<ListedRule>& list, std::string_view id) {
  const auto found = std::ranges::find(list, id, [](const ListedRule& one) { return std::string_view(one.rule->id.value); });
  return found == list.end() ? nullptr : &*found;
}

Response told(const Named& named) {
  Response response = json({{"revision", revision_of(named)}, {"rules", rule_list(named)}});
  response.headers.emplace_back("ETag", "W/" + tag_of(named));
  return response;
}

}  // namespace

Answer rules(const Request& request, Api& api) {
  const auto named = find_scenario(api, request.segment("name"));
  return named ? told(*named) : no_scenario();
}

Answer rule(const Request& request, Api& api) {
  const auto named = find_scenario(api, request.segment("name"));
  if (!named) return no_scenario();
  const std::vector<ListedRule> list = rules_of(*named);
  const ListedRule* const one = find(list, request.segment("id"));
  return one == nullptr ? no_rule() : json(rule_object(*one));
}

Answer add_rule(const Request& request, Api& api) {
  const auto named = find_scenario(api, request.segment("name"));
  if (auto refused = not_changeable(request, named)) return std::move(*refused);
  if (named->scenario->model().dialog_place.line != 0) return error(409, "a scenario with a dialog has no rules");
  boost::system::error_code problem;
  const boost::json::value content = boost::json::parse(request.body, problem);
  if (problem || !content.is_object()) return error(400, kShape);
  boost::json::object rule = content.get_object();
  if (!rule.contains("id")) rule["id"] = fmt::format("added-{}", ++api.added);
  const scenario::Loaded loaded = scenario::load_text(
      "rule", boost::json::serialize(boost::json::object{{"malaposta", 1}, {"name", "rule"}, {"rules", {rule}}}), api.compile);
  if (loaded.failed()) return refused_scenario(loaded);
  const std::string& id = loaded.scenarios.front()->model().rules.front().id.value;
  if (find(rules_of(*named), id) != nullptr) return error(409, fmt::format("the scenario has a rule '{}': give it another id", id));
  if (!api.smtp->additions().add(loaded.scenarios.front(), api.smtp->seed(), named->scenario->name()))
    return error(409, fmt::format("{} faults are armed and rules added already: take some away first", scenario::Additions::kMost));
  ++api.scenarios;
  const auto after = find_scenario(api, named->scenario->name());
  Response response = json(rule_object(*find(rules_of(*after), id)), 201);
  response.headers.emplace_back("ETag", "W/" + tag_of(*after));
  return response;
}

Answer remove_rule(const Request& request, Api& api) {
  const auto named = find_scenario(api, request.segment("name"));
  if (auto refused = not_changeable(request, named)) return std::move(*refused);
  const std::vector<ListedRule> list = rules_of(*named);
  const ListedRule* const one = find(list, request.segment("id"));
  if (one == nullptr) return no_rule();
  take_away(*one, *named, api);
  ++api.scenarios;
  return told(*find_scenario(api, named->scenario->name()));
}

Answer remove_rules(const Request& request, Api& api) {
  const auto named = find_scenario(api, request.segment("name"));
  if (auto refused = not_changeable(request, named)) return std::move(*refused);
  for (const ListedRule& one : rules_of(*named)) take_away(one, *named, api);
  ++api.scenarios;
  return told(*find_scenario(api, named->scenario->name()));
}

}  // namespace malaposta::http
