#include "scenario/play.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "scenario/compiled.hpp"
#include "scenario/outcome.hpp"
#include "scenario/random.hpp"
#include "scenario/situation.hpp"

namespace malaposta::scenario {

using catalogue::Stage;

namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
// No revision of the additions: they are looked at again.
constexpr std::uint64_t kOutdated = std::numeric_limits<std::uint64_t>::max();

std::span<const std::uint32_t> rules_for(const LiteralIndex& index, const std::optional<std::string_view>& address) {
  if (index.empty() || !address) return {};
  const auto found = index.find(hash(*address, kHashStart, true));
  if (found == index.end()) return {};
  return found->second;
}

std::span<const std::uint32_t> rules_like(const std::optional<PatternIndex>& index, const std::optional<std::string_view>& address) {
  if (!index || !address) return {};
  return index->find(*address);
}

// Calls `visit` with each rule that may apply, in file order, until it returns true.
template <typename Visit>
void walk(const StageRules& stage, Situation& situation, Visit visit) {
  const bool asks_mail = !stage.by_mail.empty() || stage.like_mail, asks_rcpt = !stage.by_rcpt.empty() || stage.like_rcpt;
  const auto mail = asks_mail ? situation.text(Subject::mail) : std::nullopt;
  const auto rcpt = asks_rcpt ? situation.text(Subject::rcpt) : std::nullopt;
  std::array<std::span<const std::uint32_t>, 4> found{rules_for(stage.by_mail, mail), rules_for(stage.by_rcpt, rcpt),
                                                      rules_like(stage.like_mail, mail), rules_like(stage.like_rcpt, rcpt)};
  auto scan = stage.scan.begin();
  for (;;) {
    while (scan != stage.scan.end() && !situation.worth_asking(*scan)) ++scan;
    std::uint32_t next = scan == stage.scan.end() ? kNone : scan->rule;
    for (const auto& rules : found)
      if (!rules.empty()) next = std::min(next, rules.front());
    if (next == kNone || visit(next)) return;
    if (scan != stage.scan.end() && next == scan->rule) ++scan;
    for (auto& rules : found)
      while (!rules.empty() && next == rules.front()) rules = rules.subspan(1);
  }
}

}  // namespace

Instance::Instance(ScenarioPtr scenario, std::uint64_t seed) : Instance(std::move(scenario), seed, make_memory_gates()) {}

Instance::Instance(ScenarioPtr scenario, std::uint64_t seed, std::unique_ptr<GateStore> store)
    : scenario_(std::move(scenario)),
      seed_(seed),
      gates_(std::move(store)),
      rules_(std::make_unique<PerRule[]>(scenario_->compiled().rules.size())) {}

std::vector<std::uint64_t> Instance::fired() const {
  std::vector<std::uint64_t> fired;
  for (std::size_t i = 0; i < scenario_->compiled().rules.size(); ++i) fired.push_back(rules_[i].fired.load(std::memory_order_relaxed));
  return fired;
}

void Instance::reset() {
  gates_->reset();
  connections_ = 0;
  for (std::size_t i = 0; i < scenario_->compiled().rules.size(); ++i) rules_[i].fired = 0, rules_[i].off = false;
}

Play::Play(Instance& instance, journal::Journal& journal, std::span<Instance* const> routes, const Additions* additions)
    : own_(instance), routes_(routes), additions_(additions), journal_(journal) {
  if (!instance.scenario().compiled().dialogs.empty()) dialog_ = std::make_unique<DialogPlay>(instance, journal, own_.connection);
}

Play::~Play() = default;

Play::Part::Part(Instance& of) : instance(&of), connection(of.next_connection()) {}
Play::Part::Part(const Additions::Addition& of) : Part(*of.rules) { kept = of.rules, addition = of.id; }
Play::Part::Part(Part&&) noexcept = default;
Play::Part& Play::Part::operator=(Part&&) noexcept = default;
Play::Part::~Part() = default;

// A session belongs to one scenario: once a route holds, no other is asked.
void Play::find_route(const protocol::Moment& moment) {
  for (Instance* candidate : routes_) {
    const Scenario& scenario = candidate->scenario();
    Situation now(moment, {own_.connection, nullptr}, candidate->gates(), own_.scratch);
    if (!now.holds(*scenario.compiled().route, kNone)) continue;
    own_ = Part(*candidate);
    routes_ = {};
    revision_ = kOutdated;
    journal_.assign(session_, scenario.name());
    journal_.append(session_, journal::Kind::note, moment.now, fmt::format("scenario '{}' applies from here on", scenario.name()));
    return;
  }
}

// Takes part in those that are new, and leaves those that are gone.
void Play::take_additions() {
  revision_ = additions_->revision();
  const Additions::List list = additions_->list();
  std::list<Part> parts;
  for (const Additions::Addition& addition : *list) {
    if (!addition.is_for(own_.instance->scenario().name())) continue;
    const auto known = std::ranges::find(added_, addition.id, &Part::addition);
    if (known == added_.end())
      parts.emplace_back(addition);
    else
      parts.splice(parts.end(), added_, known);
  }
  if (std::ranges::any_of(added_, [&](const Part& gone) { return &gone == decided_; })) decided_ = &own_;
  added_ = std::move(parts);
}

void Play::decide(const protocol::Moment& moment, protocol::Decision& out) {
  if (!routes_.empty()) find_route(moment);
  if (additions_ != nullptr && !dialog_ && additions_->revision() != revision_) take_additions();
  if (moment.stage == Stage::mail && moment.has_mail && (!added_.empty() || own_.instance->scenario().compiled().remembers_mail)) {
    last_mail_.assign(moment.mail);
    mailed_ = true;
  }
  for (Part& part : added_) {
    decide(part, moment, out);
    if (out.decided) return;
  }
  decide(own_, moment, out);
}

void Play::decide(Part& part, const protocol::Moment& moment, protocol::Decision& out) {
  const Compiled& compiled = part.instance->scenario().compiled();
  const StageRules& stage = compiled.stages[static_cast<std::size_t>(moment.stage)];
  if (stage.empty()) return;
  Situation now = situation(part, moment);
  walk(stage, now, [&](std::uint32_t index) {
    const CompiledRule& rule = compiled.rules[index];
    const bool applies = (rule.at & catalogue::bit(moment.stage)) != 0 || moment.is_command;
    if (!applies || part.instance->is_off(index) || !now.holds(rule, index)) return false;
    if (moment.stage == Stage::body && body_offset(part, rule, index, now) != moment.size) return false;
    const std::uint64_t ordinal = passes(part, rule, index, now);
    if (ordinal == 0) return false;
    fire(part, rule, index, ordinal, now, out);
    return rule.decides;
  });
}

Situation Play::situation(Part& part, const protocol::Moment& moment) {
  return Situation(moment, {part.connection, mailed_ ? &last_mail_ : nullptr}, part.instance->gates(), part.scratch);
}

// How often the rule has been live, this time included; 0 if a gate holds it back.
std::uint64_t Play::passes(Part& part, const CompiledRule& rule, std::uint32_t index, Situation& situation) {
  Instance& instance = *part.instance;
  if (!rule.gated) return instance.rules_[index].fired.fetch_add(1, std::memory_order_relaxed) + 1;
  protocol::Decision unused;
  Firing settings(instance, rule, index, 0, situation, unused);
  Gate gate;
  gate.rule = index;
  gate.times = settings.number(rule.times);
  gate.skip = settings.number(rule.skip);
  gate.every = settings.number(rule.every);
  gate.probability = rule.probability;
  gate.seed = rule_seed(instance.seed(), rule.id);
  if (rule.window) {
    gate.has_window = true;
    gate.after = rule.window->after;
    gate.until = rule.window->until.value_or(Duration::max());
  }
  if (rule.rate) gate.rate_max = rule.rate->max, gate.rate_per = rule.rate->per;
  note(rule, settings.problem(), situation.moment().now);
  const std::uint64_t ordinal = instance.gates().pass(gate, situation.key(rule), situation.moment().now);
  if (ordinal != 0) instance.rules_[index].fired.fetch_add(1, std::memory_order_relaxed);
  return ordinal;
}

void Play::fire(Part& part, const CompiledRule& rule, std::uint32_t index, std::uint64_t ordinal, Situation& situation,
                protocol::Decision& out) {
  Firing firing(*part.instance, rule, index, ordinal, situation, out);
  firing.take_effect();
  if (rule.decides) {
    firing.decide();
    decided_ = &part;
    if (part.scratch != nullptr) part.scratch->decided_key = situation.key(rule);
  }
  const TimePoint now = situation.moment().now;
  // What was added stands in no file.
  const std::uint64_t line = part.addition == 0 ? rule.line : 0;
  journal_.append(session_, journal::Kind::rule, now, rule.id, line, rule.decides ? 1 : 0);
  note(rule, firing.problem(), now);
}

void Play::note(const CompiledRule& rule, std::string_view problem, TimePoint now) {
  if (!problem.empty()) journal_.append(session_, journal::Kind::note, now, fmt::format("rule '{}': {}", rule.id, problem));
}

// The count of content bytes at which a rule at `body` that holds acts.
std::uint64_t Play::body_offset(Part& part, const CompiledRule& rule, std::uint32_t index, Situation& situation) {
  if (!rule.after.text) return rule.after.fixed;
  protocol::Decision unused;
  return Firing(*part.instance, rule, index, 0, situation, unused).number(rule.after);
}

std::uint64_t Play::next_body_offset(const protocol::Moment& moment, std::uint64_t from) {
  if (additions_ != nullptr && !dialog_ && additions_->revision() != revision_) take_additions();
  std::uint64_t least = next_body_offset(own_, moment, from);
  for (Part& part : added_) least = std::min(least, next_body_offset(part, moment, from));
  return least;
}

std::uint64_t Play::next_body_offset(Part& part, const protocol::Moment& moment, std::uint64_t from) {
  const Compiled& compiled = part.instance->scenario().compiled();
  const StageRules& stage = compiled.stages[static_cast<std::size_t>(Stage::body)];
  std::uint64_t least = kNever;
  if (stage.empty()) return least;
  protocol::Moment then = moment;  // a condition on `size` looks at the size that will have been reached
  Situation situation = this->situation(part, then);
  walk(stage, situation, [&](std::uint32_t index) {
    const CompiledRule& rule = compiled.rules[index];
    if (part.instance->is_off(index)) return false;
    then.size = rule.after.text ? moment.size : rule.after.fixed;
    if ((!rule.after.text && rule.after.fixed < from) || !situation.holds(rule, index)) return false;
    const std::uint64_t offset = body_offset(part, rule, index, situation);
    if (offset >= from) least = std::min(least, offset);
    return false;
  });
  return least;
}

void Play::enter_state(std::string_view state) {
  const Scratch* scratch = decided_->scratch.get();
  decided_->instance->gates().set_state(scratch == nullptr ? std::string_view{} : scratch->decided_key, state);
}

}  // namespace malaposta::scenario
