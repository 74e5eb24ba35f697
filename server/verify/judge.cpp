// The table of expectations, and the verdict that they make together; expectations about messages, findings and rules.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenario/compiled.hpp"
#include "scenario/pattern.hpp"
#include "verify/context.hpp"
#include "verify/excerpt.hpp"
#include "verify/near_miss.hpp"

namespace malaposta::verify {

using scenario::Expectation;

namespace {

using Judge = Judgement (*)(const Expectation&, const Context&);
// In the order of Expectation::Kind.
constexpr std::array<Judge, 13> kJudges{judge_connections, judge_attempts, judge_accepted, judge_captured, judge_commands,
                                        judge_quiet,       judge_sequence, judge_never,    judge_message,  judge_ends,
                                        judge_client,      judge_findings, judge_rule};
static_assert(kJudges.size() == static_cast<std::size_t>(Expectation::Kind::rule) + 1);

constexpr std::array<std::string_view, 4> kVerdicts{"passed", "failed", "inconclusive", "error"};

bool matches(const scenario::TextPattern& pattern, std::string_view text, bool fold) {
  scenario::GroupNames unused;
  scenario::Diagnostics checked_at_load("", "");
  return scenario::TextMatcher(pattern, fold, unused, checked_at_load).matches(text);
}

// Each of the list is among the recipients; of `not`, none.
bool recipients_match(const scenario::TextPattern& pattern, const std::vector<std::string>& recipients) {
  const auto met = [&](const scenario::Text& one) {
    return std::any_of(recipients.begin(), recipients.end(), [&](const std::string& path) { return matches({{one}, false}, path, true); });
  };
  return pattern.negated ? std::none_of(pattern.any_of.begin(), pattern.any_of.end(), met)
                         : std::all_of(pattern.any_of.begin(), pattern.any_of.end(), met);
}

// The first part of the pattern that the message does not match; empty if it matches.
std::string mismatch(const MessageRecord& message, const Expectation& expectation) {
  for (const auto& [subject, pattern] : expectation.message) {
    bool met = false;
    std::string actual;
    if (subject.value == "rcpts") {
      met = recipients_match(pattern, message.recipients);
      actual = fmt::format("{}", fmt::join(message.recipients, ", "));
    } else if (subject.value == "mail") {
      actual = message.reverse_path;
      met = matches(pattern, actual, true);
    } else if (subject.value == "body") {
      const std::size_t end = message.content.find("\r\n\r\n");
      actual = end == std::string::npos ? std::string{} : message.content.substr(end + 4);
      met = matches(pattern, actual, false);
    } else {
      const auto value = header_field(message.content, std::string_view(subject.value).substr(std::string_view("header.").size()));
      actual = value.value_or("(no such field)");
      met = value && matches(pattern, *value, false);
    }
    if (!met) return fmt::format("{} is '{}'", subject.value, actual.substr(0, kLongestShown));
  }
  return {};
}

// Without `expect`: that a client connected.
Judgement somebody_connected(const Context& context) {
  Judgement judgement;
  judgement.file = context.scenario.model().file;
  judgement.line = judgement.column = 1;
  judgement.expected = "a client connects";
  judgement.actual = fmt::format("{} connections", context.evidence.sessions.size());
  if (!context.evidence.sessions.empty()) return judgement;
  judgement.outcome = not_met(context);
  if (context.evidence.address.empty()) return judgement;
  judgement.actual = "nobody came to " + context.evidence.address;
  judgement.explanation.emplace_back(
      "is that the address that the client was given? It is in MALAPOSTA_SMTP_HOST and _PORT, and in {host} and {port}");
  return judgement;
}

// A failure may have its cause in a rule that did not fire: where it was nearest to it stands with the first failure.
void explain_idle_rules(const Context& context, std::vector<Judgement>& judgements) {
  const auto failed =
      std::find_if(judgements.begin(), judgements.end(), [](const Judgement& one) { return one.outcome == Outcome::failed; });
  const auto is_about = [](const Judgement& one, const RuleCount& rule) { return one.expected.starts_with("rule '" + rule.id + "'"); };
  std::size_t told = 0;
  for (const RuleCount& rule : context.evidence.rules) {
    const bool known = std::any_of(judgements.begin(), judgements.end(), [&](const Judgement& one) { return is_about(one, rule); });
    if (rule.fired > 0 || known || context.evidence.sessions.empty() || ++told > kMostIdleRules) continue;
    for (std::string& line : near_misses(context.scenario, context.evidence, rule.id)) failed->explanation.push_back(std::move(line));
  }
}

Verdict::Kind together(const std::vector<Judgement>& judgements) {
  const auto any = [&](Outcome outcome) {
    return std::any_of(judgements.begin(), judgements.end(), [&](const Judgement& one) { return one.outcome == outcome; });
  };
  if (any(Outcome::failed)) return Verdict::Kind::failed;
  return any(Outcome::inconclusive) || any(Outcome::pending) ? Verdict::Kind::inconclusive : Verdict::Kind::passed;
}

}  // namespace

std::string_view name(Verdict::Kind kind) { return kVerdicts.at(static_cast<std::size_t>(kind)); }

Outcome not_met(const Context& context) {
  if (!context.final) return Outcome::pending;
  return context.evidence.complete() ? Outcome::failed : Outcome::inconclusive;
}

Judgement judgement_of(const Expectation& expectation, const Context& context, std::string expected) {
  Judgement judgement;
  judgement.file = context.scenario.model().file;
  judgement.line = expectation.place.line;
  judgement.column = expectation.place.column;
  judgement.expected = std::move(expected);
  return judgement;
}

Judgement judge_message(const Expectation& expectation, const Context& context) {
  std::string wanted;
  for (const auto& [subject, pattern] : expectation.message)
    wanted += (wanted.empty() ? "" : ", ") + fmt::format("{}: {}", subject.value, written(pattern));
  Judgement judgement = judgement_of(expectation, context, "a message with " + wanted);
  judgement.actual = "no message was kept";
  for (const MessageRecord& message : context.evidence.messages) {
    if (!message.captured) continue;
    const std::string why = mismatch(message, expectation);
    judgement.actual = fmt::format("message {}: {}", message.id, why.empty() ? "matches" : why);
    if (why.empty()) {
      judgement.explanation.clear();
      judgement.outcome = Outcome::passed;
      return judgement;
    }
    judgement.explanation.push_back(judgement.actual);
  }
  judgement.outcome = not_met(context);
  if (judgement.outcome == Outcome::failed && !context.transactions.empty()) {
    const Transaction& last = context.transactions.back();
    for (std::string& line : excerpt(context.evidence, last.session, last.last)) judgement.explanation.push_back(std::move(line));
  }
  return judgement;
}

Judgement judge_findings(const Expectation& expectation, const Context& context) {
  const std::string& level = expectation.findings.value;
  Judgement judgement = judgement_of(expectation, context, fmt::format("findings: none at '{}' or above", level));
  std::size_t found = 0;
  const Finding* first = nullptr;
  for (const Finding& finding : context.findings) {
    // note < warning < error
    const bool counts = finding.severity == Severity::error || name(finding.severity) == level || level == name(Severity::note);
    if (!counts) continue;
    if (first == nullptr) first = &finding;
    ++found;
    judgement.explanation.push_back(
        fmt::format("{}: {} (session {}): {}", name(finding.severity), finding.id, finding.session + 1, finding.detail));
  }
  judgement.actual = found == 0 ? "none" : fmt::format("{}: {}", first->id, first->detail);
  if (found > 0) {
    judgement.outcome = Outcome::failed;
    for (std::string& line : excerpt(context.evidence, first->session, first->event)) judgement.explanation.push_back(std::move(line));
  } else if (!context.evidence.complete()) {
    judgement.outcome = Outcome::inconclusive;
  }
  return judgement;
}

Judgement judge_rule(const Expectation& expectation, const Context& context) {
  const std::string& id = expectation.rule.value;
  const std::string often = expectation.fired ? fmt::format("{} times", *expectation.fired) : "at least once";
  Judgement judgement = judgement_of(expectation, context, fmt::format("rule '{}' fires {}", id, often));
  const auto found =
      std::find_if(context.evidence.rules.begin(), context.evidence.rules.end(), [&](const RuleCount& one) { return one.id == id; });
  const std::uint64_t fired = found == context.evidence.rules.end() ? 0 : found->fired;
  judgement.actual = fmt::format("it fired {} times", fired);
  if (expectation.fired && fired > *expectation.fired) {
    judgement.outcome = Outcome::failed;
    judgement.explanation = last_firing(context.evidence, id);
  } else if (fired < expectation.fired.value_or(1)) {
    judgement.outcome = context.final ? Outcome::failed : Outcome::pending;  // counters do not give way
    if (context.final) judgement.explanation = near_misses(context.scenario, context.evidence, id);
  }
  return judgement;
}

bool pending(const Verdict& verdict) {
  return std::ranges::any_of(verdict.judgements, [](const Judgement& one) { return one.outcome == Judgement::Outcome::pending; });
}

bool awaits_quiet(const scenario::Scenario& scenario) {
  return std::ranges::any_of(scenario.model().expect, [](const Expectation& one) { return one.kind == Expectation::Kind::quiet; });
}

Verdict judge(const scenario::Scenario& scenario, const Evidence& evidence, const std::optional<ClientResult>& client, bool final,
              TimePoint now) {
  const std::vector<Transaction> attempts = transactions(evidence);
  Verdict verdict;
  verdict.scenario = scenario.name().substr(0, scenario.name().find('['));
  verdict.cell = scenario.model().cell;
  verdict.findings = find(evidence, scenario);
  const Context context{scenario, evidence, attempts, verdict.findings, client, final, now};
  for (const Expectation& expectation : scenario.model().expect)
    verdict.judgements.push_back(kJudges.at(static_cast<std::size_t>(expectation.kind))(expectation, context));
  // What nobody did is no proof of anything: a client that never came passes only where that is what is expected.
  const auto& expected = scenario.model().expect;
  const bool about_connections =
      std::any_of(expected.begin(), expected.end(), [](const Expectation& one) { return one.kind == Expectation::Kind::connections; });
  const bool dialog = !scenario.compiled().dialogs.empty();
  if (dialog) verdict.judgements.push_back(judge_dialog(context));
  if ((expected.empty() && !dialog) || (evidence.sessions.empty() && !about_connections))
    verdict.judgements.push_back(somebody_connected(context));
  verdict.kind = together(verdict.judgements);
  if (final && verdict.kind == Verdict::Kind::failed) explain_idle_rules(context, verdict.judgements);
  return verdict;
}

}  // namespace malaposta::verify
