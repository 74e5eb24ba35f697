// Problems that show between rules, or between rules and expectations: rules that can never be reached, names that
// nothing has.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "protocol/command.hpp"
#include "scenario/compile.hpp"

namespace malaposta::scenario {

using catalogue::Stage;
using catalogue::StageSet;

namespace {

constexpr StageSet bits(std::initializer_list<Stage> stages) {
  StageSet set = 0;
  for (const Stage stage : stages) set |= catalogue::bit(stage);
  return set;
}

// Stages whose moments are all command lines: what decides at `command` decides there. AUTH also has continuation lines, BDAT its content.
constexpr StageSet kCommands = ((StageSet{1} << catalogue::kStageNames.size()) - 1) &
                               ~bits({Stage::connect, Stage::tls, Stage::auth, Stage::body, Stage::end_of_data, Stage::bdat});

// Where the rule decides whatever happens. At `body` rules act at different places, so none stands before another.
StageSet always_decides(const CompiledRule& rule) {
  if (!rule.decides || rule.gated || !rule.conditions.empty()) return 0;
  StageSet set = rule.at & ~catalogue::bit(Stage::body);
  if (set & catalogue::bit(Stage::command)) set |= kCommands;
  return set;
}

void unreachable(const Model& model, const Compiled& compiled, Diagnostics& diagnostics) {
  StageSet taken = 0;
  std::array<std::size_t, catalogue::kStageNames.size()> by{};  // which rule has taken each stage
  for (std::size_t i = 0; i < compiled.rules.size(); ++i) {
    const CompiledRule& rule = compiled.rules[i];
    if (const StageSet lost = rule.at & taken; lost != 0) {
      const auto stage = static_cast<std::size_t>(std::countr_zero(lost));
      const CompiledRule& first = compiled.rules[by[stage]];
      const std::string why = "rule '" + first.id + "' on line " + std::to_string(first.line) + " always decides before it";
      const Place place = model.rules[i].id.place;
      if (lost == rule.at)
        diagnostics.error(place, "rule '" + rule.id + "' can never be reached: " + why,
                          "put it above, or give the other one a condition or a gate");
      else
        diagnostics.warning(place,
                            "rule '" + rule.id + "' can never be reached at " + std::string(catalogue::kStageNames[stage]) + ": " + why);
    }
    const StageSet takes = always_decides(rule) & ~taken;
    for (std::size_t stage = 0; stage < by.size(); ++stage)
      if (takes >> stage & 1) by[stage] = i;
    taken |= takes;
  }
}

void unique_ids(const Model& model, Diagnostics& diagnostics) {
  std::unordered_map<std::string_view, std::uint32_t> lines;
  for (const Rule& rule : model.rules) {
    const auto [first, added] = lines.emplace(rule.id.value, rule.id.place.line);
    if (!added)
      diagnostics.error(rule.id.place, "rule id '" + rule.id.value + "' is taken: by the rule on line " + std::to_string(first->second),
                        "ids are unique in a file");
  }
}

// A rule that only counts is of use where an expectation asks for the count.
void idle(const Model& model, Diagnostics& diagnostics) {
  std::unordered_set<std::string_view> watched;
  for (const Expectation& expectation : model.expect)
    if (expectation.kind == Expectation::Kind::rule) watched.insert(expectation.rule.value);
  for (const Rule& rule : model.rules)
    if (!rule.has_outcome() && !rule.delay && !rule.dribble && !rule.read && !rule.set && !rule.then && !rule.capture &&
        watched.count(rule.id.value) == 0)
      diagnostics.warning(rule.id.place, "rule '" + rule.id.value + "' does nothing",
                          "give it a reply, a fault or 'do', or expect it to fire");
}

void verb(const Text& text, Diagnostics& diagnostics) {
  if (text.value.empty() || protocol::parse_command(text.value).verb != protocol::Verb::unknown) return;
  std::vector<std::string_view> candidates;
  constexpr int kVerbs = static_cast<int>(protocol::Verb::unknown);
  candidates.reserve(kVerbs);
  for (int i = 0; i < kVerbs; ++i) candidates.push_back(protocol::name(static_cast<protocol::Verb>(i)));
  diagnostics.error(text.place, "unknown verb '" + text.value + "'", suggestion(text.value, candidates));
}

void expectations(const Model& model, Diagnostics& diagnostics) {
  std::vector<std::string_view> ids;
  ids.reserve(model.rules.size());
  for (const Rule& rule : model.rules) ids.push_back(rule.id.value);
  for (const Expectation& expectation : model.expect) {
    for (const Text& word : expectation.sequence) verb(word, diagnostics);
    if (expectation.kind == Expectation::Kind::commands) verb(expectation.verb, diagnostics);
    if (expectation.kind == Expectation::Kind::rule && std::find(ids.begin(), ids.end(), expectation.rule.value) == ids.end())
      diagnostics.error(expectation.rule.place, "no rule has the id '" + expectation.rule.value + "'",
                        suggestion(expectation.rule.value, ids));
  }
}

// What is known of a session at large; the rest is a matter of rules.
constexpr Subject kRoutable[] = {Subject::ip,   Subject::port,      Subject::helo, Subject::mail,
                                 Subject::rcpt, Subject::mechanism, Subject::user, Subject::sni};

void route(const Model& model, Diagnostics& diagnostics) {
  if (model.route.empty()) return;
  for (const Condition& condition : model.route)
    if (std::find(std::begin(kRoutable), std::end(kRoutable), condition.subject) == std::end(kRoutable))
      diagnostics.error(condition.place, "a route does not look at this",
                        "it looks at ip, port, helo, mail, rcpt, user, mechanism and sni");
  if (model.server_place.line != 0)
    diagnostics.error(model.server_place, "a scenario with 'route' has no 'server'",
                      "the port's own scenario presents the server before it is known which one a session belongs to");
}

// A dialog says everything that happens.
void dialog(const Model& model, Diagnostics& diagnostics) {
  if (model.dialog_place.line == 0) return;
  if (!model.rules.empty())
    diagnostics.error(model.dialog_place, "a scenario has 'rules' or a 'dialog', not both",
                      "put what is not in the dialog into another scenario");
  if (!model.route.empty())
    diagnostics.error(model.route_place, "a scenario with a 'dialog' has no 'route'",
                      "its greeting is sent before anything is known of the session: give it a port of its own");
}

}  // namespace

void lint(const Model& model, const Compiled& compiled, Diagnostics& diagnostics) {
  unique_ids(model, diagnostics);
  route(model, diagnostics);
  dialog(model, diagnostics);
  expectations(model, diagnostics);
  if (diagnostics.failed()) return;  // a part that was not understood would mislead here
  unreachable(model, compiled, diagnostics);
  idle(model, diagnostics);
}

}  // namespace malaposta::scenario
