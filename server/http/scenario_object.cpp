#include "http/scenario_object.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>

#include "report/report.hpp"
#include "scenario/play.hpp"
#include "scenario/random.hpp"

namespace malaposta::http {

namespace {

// The one of that name among those of its file: a file with a matrix has one for each cell.
scenario::ScenarioPtr find_shipped(std::string_view name) {
  const std::string_view file = name.substr(0, name.find('['));
  if (scenario::find_shipped(file) == nullptr) return nullptr;
  const scenario::Loaded loaded = scenario::load({std::string(file)}, {});
  const auto found =
      std::ranges::find(loaded.scenarios, name, [](const scenario::ScenarioPtr& one) { return std::string_view(one->name()); });
  return found == loaded.scenarios.end() ? nullptr : *found;
}

boost::json::array listeners_of(const Named& named) {
  boost::json::array list;
  for (const net::Playing& one : named.places)
    if (one.listener)
      list.push_back({{"address", one.listener->endpoint.address},
                      {"port", one.listener->endpoint.port},
                      {"tls", scenario::word_of(one.listener->tls)},
                      {"listen", scenario::word_of(one.listener->listen)},
                      {"state", report::valid_utf8(one.instance->gates().state({}))}});
  return list;
}

boost::json::array stages_of(const scenario::Rule& rule) {
  boost::json::array at;
  for (const catalogue::Stage stage : rule.at) at.emplace_back(name(stage));
  return at;
}

}  // namespace

std::optional<Named> find_scenario(const Api& api, std::string_view name) {
  Named named;
  for (net::Playing& one : api.smtp->playing())
    if (one.instance->scenario().name() == name) named.places.push_back(std::move(one));
  if (named.places.empty()) {
    named.scenario = find_shipped(name);
    return named.scenario ? std::optional(std::move(named)) : std::nullopt;
  }
  named.scenario = named.places.front().instance->scenario_pointer();
  const scenario::Additions::List all = api.smtp->additions().list();
  std::ranges::copy_if(*all, std::back_inserter(named.added),
                       [&](const scenario::Additions::Addition& one) { return one.scenario == name; });
  return named;
}

Response no_scenario() {
  return error(404, "no scenario of that name is played or ships with malaposta; GET /api/v1/scenarios lists those that do");
}

std::string revision_of(const Named& named) {
  const scenario::Model& model = named.scenario->model();
  std::uint64_t hash = scenario::hash(model.source ? *model.source : std::string{});
  for (const ListedRule& listed : rules_of(named))
    hash = scenario::hash(fmt::format("{} {}\n", listed.rule->id.value, listed.addition), hash);
  return fmt::format("{:016x}", hash);
}

std::string tag_of(const Named& named) { return fmt::format("\"{}\"", revision_of(named)); }

std::optional<Response> outdated(const Request& request, const std::optional<Named>& present) {
  const bool there = present && present->is_played();
  const std::string tag = present ? tag_of(*present) : std::string{};
  if (!request.if_match.empty() && (!present || !names_tag(request.if_match, tag)))
    return error(412, "the scenario was changed meanwhile: look at it again before you change it");
  if (!request.if_none_match.empty() && there && names_tag(request.if_none_match, tag))
    return error(412, "a scenario of that name is played already");
  return std::nullopt;
}

std::optional<Response> not_changeable(const Request& request, const std::optional<Named>& named) {
  if (!named) return no_scenario();
  if (!named->is_played()) return error(404, "the scenario is not played: PUT it first");
  return outdated(request, named);
}

std::vector<ListedRule> rules_of(const Named& named) {
  std::vector<ListedRule> list;
  for (const scenario::Additions::Addition& one : named.added) {
    const scenario::Model& model = one.rules->scenario().model();
    list.push_back({&model.rules.front(), one.rules->fired().front(), one.id, model.source.get()});
  }
  const std::size_t added = list.size();
  const std::vector<scenario::Rule>& rules = named.scenario->model().rules;
  const auto is_off = [&](std::size_t rule) { return named.is_played() && named.places.front().instance->is_off(rule); };
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (!is_off(i)) list.push_back({&rules[i]});
  // Places of one name mostly play the same text, but need not.
  for (const net::Playing& place : named.places) {
    if (place.instance->scenario().model().rules.size() != rules.size()) continue;
    const std::vector<std::uint64_t> fired = place.instance->fired();
    for (std::size_t i = 0, at = added; i < rules.size(); ++i)
      if (!is_off(i)) list[at++].fired += fired[i];
  }
  return list;
}

boost::json::object rule_object(const ListedRule& listed) {
  const scenario::Rule& rule = *listed.rule;
  boost::json::object object{
      {"id", report::valid_utf8(rule.id.value)}, {"at", stages_of(rule)}, {"fired", listed.fired}, {"times", nullptr}, {"line", nullptr},
      {"added", listed.addition != 0},           {"rule", nullptr}};
  if (rule.times && rule.times->fixed) object["times"] = *rule.times->fixed;
  if (listed.addition == 0)
    object["line"] = rule.place.line;
  else
    object["rule"] = boost::json::parse(*listed.text).at("rules").at(0);
  return object;
}

boost::json::array rule_list(const Named& named) {
  boost::json::array list;
  for (const ListedRule& one : rules_of(named)) list.push_back(rule_object(one));
  return list;
}

boost::json::object scenario_line(const Named& named) {
  const scenario::Model& model = named.scenario->model();
  return {{"name", report::valid_utf8(named.scenario->name())},
          {"title", report::valid_utf8(model.title)},
          {"codes", boost::json::value_from(model.codes)},
          {"file", report::valid_utf8(model.file)},
          {"played", named.is_played()},
          {"shared", named.is_shared()},
          {"listeners", listeners_of(named)}};
}

boost::json::object scenario_object(const Named& named) {
  boost::json::object object = scenario_line(named);
  const scenario::Model& model = named.scenario->model();
  const std::string source = model.source ? *model.source : std::string{};
  boost::json::array diagnostics;
  for (const scenario::Diagnostic& one : scenario::load_text(model.file, source, {}).diagnostics)
    diagnostics.push_back(diagnostic_object(one));
  object["description"] = report::valid_utf8(model.description);
  object["dialog"] = model.dialog_place.line != 0;
  object["revision"] = revision_of(named);
  object["rules"] = rule_list(named);
  object["diagnostics"] = std::move(diagnostics);
  object["source"] = report::valid_utf8(source);
  return object;
}

boost::json::object diagnostic_object(const scenario::Diagnostic& diagnostic) {
  return {{"severity", diagnostic.severity == scenario::Diagnostic::Severity::error ? "error" : "warning"},
          {"file", report::valid_utf8(diagnostic.file)},
          {"line", diagnostic.place.line},
          {"column", diagnostic.place.column},
          {"message", report::valid_utf8(diagnostic.message)},
          {"hint", report::valid_utf8(diagnostic.hint)},
          {"text", report::valid_utf8(scenario::render(diagnostic))}};
}

Response refused_scenario(const scenario::Loaded& loaded, std::string_view message) {
  boost::json::array list;
  for (const scenario::Diagnostic& one : loaded.diagnostics) list.push_back(diagnostic_object(one));
  return json({{"error", report::valid_utf8(message.empty() ? loaded.errors() : message)}, {"diagnostics", list}}, 422);
}

}  // namespace malaposta::http
