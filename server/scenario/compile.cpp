// From the model to rules that can be played: each stage learns which rules it may have to ask.
#include "scenario/compile.hpp"

#include <algorithm>

#include "scenario/random.hpp"

namespace malaposta::scenario {

using catalogue::Stage;
using catalogue::StageSet;

namespace {

bool is_hello(Stage stage) { return stage == Stage::helo || stage == Stage::ehlo || stage == Stage::lhlo; }

// Stages at which a transaction is open, or opens: elsewhere `mail` means the last MAIL command of the connection.
constexpr StageSet kWithinTransaction = catalogue::bit(Stage::mail) | catalogue::bit(Stage::rcpt) | catalogue::bit(Stage::data) |
                                        catalogue::bit(Stage::body) | catalogue::bit(Stage::end_of_data) | catalogue::bit(Stage::bdat);

const CompiledCondition* find(const CompiledRule& rule, Subject subject) {
  const auto found = std::find_if(rule.conditions.begin(), rule.conditions.end(),
                                  [&](const CompiledCondition& condition) { return condition.subject == subject; });
  return found == rule.conditions.end() ? nullptr : &*found;
}

// Enters the rule under each of its literals for that subject, if these are all it accepts.
bool enter_literals(const CompiledRule& rule, std::uint32_t index, Subject subject, LiteralIndex& into) {
  const CompiledCondition* condition = find(rule, subject);
  if (condition == nullptr || condition->text->literals() == nullptr) return false;
  for (const std::string& literal : *condition->text->literals()) {
    auto& rules = into[hash(literal)];
    if (rules.empty() || rules.back() != index) rules.push_back(index);
  }
  return true;
}

Candidate candidate(const CompiledRule& rule, std::uint32_t index, Stage stage) {
  Candidate candidate{index};
  for (const Subject subject : {Subject::rcpt, Subject::mail, Subject::helo}) {
    if (subject == Subject::helo && !is_hello(stage)) continue;
    const CompiledCondition* condition = find(rule, subject);
    if (condition == nullptr || condition->text->first().all()) continue;
    candidate.subject = subject;
    candidate.first = condition->text->first();
    break;
  }
  return candidate;
}

void enter(const CompiledRule& rule, std::uint32_t index, Stage stage, StageRules& into) {
  if (stage == Stage::rcpt && enter_literals(rule, index, Subject::rcpt, into.by_rcpt)) return;
  if (enter_literals(rule, index, Subject::mail, into.by_mail)) return;
  into.scan.push_back(candidate(rule, index, stage));
}

// Finds the rules of the scan whose pattern is for that subject by one index, if they are many. What cannot be entered stays.
std::optional<PatternIndex> index_patterns(const std::vector<Rule>& rules, Subject subject, std::vector<Candidate>& scan) {
  const auto pattern_of = [&](const Candidate& one) -> const TextPattern* {
    const auto found = std::ranges::find(rules[one.rule].when, subject, &Condition::subject);
    return found == rules[one.rule].when.end() ? nullptr : &found->text;
  };
  if (static_cast<std::size_t>(std::ranges::count_if(scan, pattern_of)) < kManyPatterns) return std::nullopt;
  PatternIndex index;
  std::vector<Candidate> others;
  for (const Candidate& one : scan) {
    const TextPattern* const pattern = pattern_of(one);
    if (pattern == nullptr || !index.add(*pattern, ignores_case(subject), one.rule)) others.push_back(one);
  }
  if (!index.compile()) return std::nullopt;
  scan = std::move(others);
  return index;
}

void build_stages(const Model& model, Compiled& compiled) {
  for (std::size_t s = 0; s < compiled.stages.size(); ++s) {
    const auto stage = static_cast<Stage>(s);
    for (std::uint32_t i = 0; i < compiled.rules.size(); ++i)
      if (compiled.rules[i].at & (catalogue::bit(stage) | catalogue::bit(Stage::command)))
        enter(compiled.rules[i], i, stage, compiled.stages[s]);
    StageRules& rules = compiled.stages[s];
    if (stage == Stage::rcpt) rules.like_rcpt = index_patterns(model.rules, Subject::rcpt, rules.scan);
    rules.like_mail = index_patterns(model.rules, Subject::mail, rules.scan);
  }
  compiled.remembers_mail = std::any_of(compiled.rules.begin(), compiled.rules.end(),
                                        [](const CompiledRule& rule) { return rule.wants_mail && (rule.at & ~kWithinTransaction) != 0; });
}

}  // namespace

std::string suggestion(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string_view near = nearest(word, candidates);
  return near.empty() ? std::string{} : "did you mean '" + std::string(near) + "'?";
}

ScenarioPtr compile(Model model, const CompileOptions& options, Diagnostics& diagnostics) {
  auto compiled = std::make_shared<Compiled>();
  if (model.dialog_place.line != 0) {
    compiled->dialogs = compile_dialogs(model, diagnostics);
    // A dialog that begins TLS says so itself: the server need not say it again.
    if (begins_tls(compiled->dialogs) && model.server.tls.mode == TlsMode::none) model.server.tls.mode = TlsMode::starttls;
  }
  protocol::Profile profile = make_profile(model, options, diagnostics);
  for (const Rule& rule : model.rules) compiled->rules.push_back(compile_rule(rule, model, diagnostics));
  if (!model.route.empty()) {
    Rule route;
    route.when = model.route;
    compiled->route = compile_rule(route, model, diagnostics);
  }
  lint(model, *compiled, diagnostics);
  if (diagnostics.failed()) return nullptr;
  build_stages(model, *compiled);
  return std::make_shared<const Scenario>(std::move(model), std::move(profile), std::move(compiled));
}

}  // namespace malaposta::scenario
