// Expectations that count: connections, attempts, messages, commands.
#include <fmt/format.h>

#include <algorithm>

#include "verify/context.hpp"
#include "verify/excerpt.hpp"

namespace malaposta::verify {

using scenario::Expectation;

namespace {

constexpr std::size_t kMostShown = 6;  // attempts that a failure lists

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

// "attempt 2, session 1: MAIL FROM:<a@a.test>, RCPT TO b@b.test: 451".
std::string told(const Context& context, std::size_t index) {
  const Transaction& one = context.transactions[index];
  const std::string became = one.acknowledged ? "accepted" : one.outcome() != 0 ? fmt::format("{}", one.outcome()) : "not finished";
  return fmt::format("attempt {} in session {}: from <{}> to {}: {}", index + 1, one.session + 1, one.mail,
                     one.recipients.empty() ? "nobody" : "<" + joined(one.paths()) + ">", became);
}

void list_attempts(const Context& context, Judgement& judgement) {
  for (std::size_t i = 0; i < std::min(context.transactions.size(), kMostShown); ++i) judgement.explanation.push_back(told(context, i));
  if (context.transactions.size() > kMostShown)
    judgement.explanation.push_back(fmt::format("and {} more", context.transactions.size() - kMostShown));
  if (context.transactions.empty()) return;
  const Transaction& last = context.transactions.back();
  for (std::string& line : excerpt(context.evidence, last.session, last.last)) judgement.explanation.push_back(std::move(line));
}

// The value that `same` compares.
std::optional<std::string> value_of(const Transaction& one, const std::string& subject) {
  if (subject == "mail") return one.mail;
  if (subject == "rcpts") {
    std::vector<std::string> paths = one.paths();
    std::sort(paths.begin(), paths.end());
    return joined(paths);
  }
  if (one.message == nullptr) return std::nullopt;
  return header_field(one.message->content, std::string_view(subject).substr(std::string_view("header.").size())).value_or("(none)");
}

void fail(Judgement& judgement, const Context& context, const Transaction& at, std::string actual) {
  judgement.outcome = Outcome::failed;
  judgement.actual = std::move(actual);
  judgement.explanation.clear();
  for (std::string& line : excerpt(context.evidence, at.session, at.first)) judgement.explanation.push_back(std::move(line));
}

// More recipients may follow: the client is at work, and has not come to the content.
bool naming_recipients(const Context& context, const Transaction& one) {
  const SessionRecord& session = context.evidence.sessions[one.session];
  return !context.final && session.end == journal::End::open && one.last + 1 == session.events.size() && one.data_code == 0 && !one.content;
}

// Attempts that did not get as far as their content do not tell of its header.
void judge_same(const Expectation& expectation, const Context& context, Judgement& judgement) {
  for (const scenario::Text& subject : expectation.same) {
    const Transaction* first = nullptr;
    std::string expected;
    for (const Transaction& one : context.transactions) {
      const std::optional<std::string> value = value_of(one, subject.value);
      if (!value || (subject.value == "rcpts" && naming_recipients(context, one))) continue;
      if (first == nullptr) {
        first = &one;
        expected = *value;
      } else if (*value != expected) {
        fail(judgement, context, one, fmt::format("{} changed from '{}' to '{}'", subject.value, expected, *value));
        return;
      }
    }
  }
}

double seconds(scenario::Duration duration) { return std::chrono::duration<double>(duration).count(); }

void judge_gap(const Expectation& expectation, const Context& context, Judgement& judgement) {
  for (std::size_t i = 1; i < context.transactions.size(); ++i) {
    const Transaction& one = context.transactions[i];
    const auto gap = one.begun - context.transactions[i - 1].ended;
    const bool early = expectation.gap_min && gap < *expectation.gap_min, late = expectation.gap_max && gap > *expectation.gap_max;
    // An attempt between the two may be among what is gone.
    if (!early && (!late || !context.evidence.complete())) continue;
    fail(judgement, context, one,
         fmt::format("attempt {} came {:.3f} s after the one before: too {}", i + 1, seconds(gap), early ? "early" : "late"));
    return;
  }
}

}  // namespace

std::string in_words(const scenario::Count& count) {
  if (count.min == count.max) return fmt::format("exactly {}", count.min);
  if (count.max == UINT64_MAX) return fmt::format("at least {}", count.min);
  if (count.min == 0) return fmt::format("at most {}", count.max);
  return fmt::format("{} to {}", count.min, count.max);
}

Judgement counted(const Expectation& expectation, const Context& context, const std::string& what, std::uint64_t actual) {
  const scenario::Count count = expectation.count.value_or(scenario::Count{});
  Judgement judgement = judgement_of(expectation, context, expectation.count ? what + ": " + in_words(count) : what);
  judgement.actual = fmt::format("{} {}", actual, what);
  if (actual > count.max)
    judgement.outcome = Outcome::failed;
  else if (actual < count.min)
    judgement.outcome = not_met(context);
  else if (count.max != UINT64_MAX && !context.evidence.complete())
    judgement.outcome = Outcome::inconclusive;
  return judgement;
}

Judgement judge_connections(const Expectation& expectation, const Context& context) {
  Judgement judgement = counted(expectation, context, "connections", context.evidence.sessions.size());
  if (judgement.outcome == Outcome::passed) return judgement;
  for (const SessionRecord& session : context.evidence.sessions)
    judgement.explanation.push_back(fmt::format("from {}: {}", session.peer, name(session.end)));
  return judgement;
}

Judgement judge_attempts(const Expectation& expectation, const Context& context) {
  Judgement judgement = counted(expectation, context, "attempts", context.transactions.size());
  for (const scenario::Text& subject : expectation.same) judgement.expected += ", the same " + subject.value;
  if (expectation.gap_min) judgement.expected += fmt::format(", at least {:g} s apart", seconds(*expectation.gap_min));
  if (expectation.gap_max) judgement.expected += fmt::format(", at most {:g} s apart", seconds(*expectation.gap_max));
  if (judgement.outcome != Outcome::passed && judgement.outcome != Outcome::pending) list_attempts(context, judgement);
  if (judgement.outcome == Outcome::failed) return judgement;
  judge_same(expectation, context, judgement);
  if (judgement.outcome != Outcome::failed) judge_gap(expectation, context, judgement);
  const bool compares = !expectation.same.empty() || expectation.gap_min || expectation.gap_max;
  if (judgement.outcome == Outcome::passed && compares && !context.evidence.complete()) judgement.outcome = Outcome::inconclusive;
  return judgement;
}

Judgement judge_accepted(const Expectation& expectation, const Context& context) {
  const auto accepted =
      std::count_if(context.transactions.begin(), context.transactions.end(), [](const Transaction& one) { return one.acknowledged; });
  Judgement judgement = counted(expectation, context, "messages accepted", static_cast<std::uint64_t>(accepted));
  if (judgement.outcome == Outcome::failed || judgement.outcome == Outcome::inconclusive) list_attempts(context, judgement);
  return judgement;
}

Judgement judge_captured(const Expectation& expectation, const Context& context) {
  const auto& messages = context.evidence.messages;
  const auto captured = std::count_if(messages.begin(), messages.end(), [](const MessageRecord& one) { return one.captured; });
  Judgement judgement = counted(expectation, context, "messages kept", static_cast<std::uint64_t>(captured));
  if (judgement.outcome == Outcome::failed || judgement.outcome == Outcome::inconclusive) list_attempts(context, judgement);
  return judgement;
}

Judgement judge_commands(const Expectation& expectation, const Context& context) {
  const protocol::Verb wanted = protocol::parse_command(expectation.verb.value).verb;
  std::uint64_t found = 0;
  std::size_t session = 0, event = 0;
  for (std::size_t i = 0; i < context.evidence.sessions.size(); ++i)
    for (const Exchange& exchange : exchanges(context.evidence.sessions[i])) {
      const bool counts = exchange.what == Exchange::What::command && (expectation.verb.value.empty() || exchange.verb == wanted);
      if (counts) ++found, session = i, event = exchange.event;
    }
  Judgement judgement =
      counted(expectation, context, expectation.verb.value.empty() ? "commands" : expectation.verb.value + " commands", found);
  if (judgement.outcome == Outcome::failed && found > 0) judgement.explanation = excerpt(context.evidence, session, event);
  return judgement;
}

}  // namespace malaposta::verify
