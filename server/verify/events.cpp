// Expectations about what happened and in which order: quiet, sequence, never, ends, and how the client command ended.
#include <fmt/format.h>

#include <algorithm>

#include "verify/context.hpp"
#include "verify/excerpt.hpp"

namespace malaposta::verify {

using scenario::Expectation;

namespace {

// A command of any session, in the order of time.
struct Said {
  TimePoint at{};
  std::size_t session = 0, event = 0;
  protocol::Verb verb{};
};

std::vector<Said> commands_in(const Evidence& evidence) {
  std::vector<Said> all;
  for (std::size_t i = 0; i < evidence.sessions.size(); ++i)
    for (const Exchange& exchange : exchanges(evidence.sessions[i]))
      if (exchange.what == Exchange::What::command)
        all.push_back({evidence.sessions[i].events[exchange.event].at, i, exchange.event, exchange.verb});
  std::stable_sort(all.begin(), all.end(), [](const Said& a, const Said& b) { return a.at < b.at; });
  return all;
}

catalogue::StageSet stages_of(const Exchange& exchange) {
  using catalogue::Stage;
  switch (exchange.what) {
    case Exchange::What::connect: return catalogue::bit(Stage::connect);
    case Exchange::What::auth_response: return catalogue::bit(Stage::auth);
    case Exchange::What::content:
      return catalogue::bit(Stage::body) | catalogue::bit(Stage::end_of_data) |
             (exchange.verb == protocol::Verb::bdat ? catalogue::bit(Stage::bdat) : 0);
    case Exchange::What::command: break;
  }
  return catalogue::bit(protocol::stage_of(exchange.verb)) | catalogue::bit(Stage::command);
}

// Whether TLS protected the session at that event.
bool in_tls(const SessionRecord& session, std::size_t event) {
  return std::any_of(session.events.begin(), session.events.begin() + static_cast<std::ptrdiff_t>(event),
                     [](const Event& one) { return one.kind == Kind::tls && one.code == 1; });
}

std::string_view left(journal::End end) {
  switch (end) {
    case journal::End::quit: return "quit";
    case journal::End::client_closed: return "close";
    case journal::End::client_reset: return "reset";
    default: return {};  // the server ended it
  }
}

}  // namespace

Judgement judge_quiet(const Expectation& expectation, const Context& context) {
  Judgement judgement =
      judgement_of(expectation, context, fmt::format("quiet for {:g} s", std::chrono::duration<double>(expectation.quiet).count()));
  TimePoint last{};
  for (const SessionRecord& session : context.evidence.sessions)
    for (const Event& event : session.events) last = std::max(last, event.at);
  const auto quiet = context.now - last;
  judgement.actual = context.evidence.sessions.empty()
                         ? "nothing arrived at all"
                         : fmt::format("the last thing happened {:.3f} s ago", std::chrono::duration<double>(quiet).count());
  if (!context.evidence.sessions.empty() && quiet < expectation.quiet) judgement.outcome = not_met(context);
  return judgement;
}

Judgement judge_sequence(const Expectation& expectation, const Context& context) {
  std::string wanted;
  for (const scenario::Text& verb : expectation.sequence) wanted += (wanted.empty() ? "" : ", ") + verb.value;
  Judgement judgement = judgement_of(expectation, context, "sequence: " + wanted);
  const std::vector<Said> all = commands_in(context.evidence);
  std::size_t met = 0;
  std::string said;
  const Said* last_met = nullptr;
  for (const Said& one : all) {
    if (said.size() < kLongestShown) said += (said.empty() ? "" : ", ") + std::string(protocol::name(one.verb));
    if (met == expectation.sequence.size() || protocol::parse_command(expectation.sequence[met].value).verb != one.verb) continue;
    ++met;
    last_met = &one;
  }
  judgement.actual = said.empty() ? "no command at all" : said;
  if (met == expectation.sequence.size()) return judgement;
  judgement.outcome = not_met(context);
  judgement.explanation.push_back(
      fmt::format("{} is missing{}", expectation.sequence[met].value, met == 0 ? "" : " after " + expectation.sequence[met - 1].value));
  if (last_met != nullptr)
    for (std::string& line : excerpt(context.evidence, last_met->session, last_met->event))
      judgement.explanation.push_back(std::move(line));
  return judgement;
}

Judgement judge_never(const Expectation& expectation, const Context& context) {
  catalogue::StageSet stages = 0;
  std::string names;
  for (const catalogue::Stage stage : expectation.at) {
    stages |= catalogue::bit(stage);
    names += (names.empty() ? "" : ", ") + std::string(catalogue::name(stage));
  }
  if (expectation.tls) names += *expectation.tls ? " inside TLS" : " without TLS";
  Judgement judgement = judgement_of(expectation, context, "never: " + names);
  judgement.actual = "none";
  for (std::size_t i = 0; i < context.evidence.sessions.size(); ++i) {
    const SessionRecord& session = context.evidence.sessions[i];
    for (const Exchange& exchange : exchanges(session)) {
      if ((stages_of(exchange) & stages) == 0) continue;
      if (expectation.tls && in_tls(session, exchange.event) != *expectation.tls) continue;
      judgement.outcome = Outcome::failed;
      judgement.actual = session.events.empty() ? "it happened" : line_of(session.events[exchange.event]);
      judgement.explanation = excerpt(context.evidence, i, exchange.event);
      return judgement;
    }
  }
  if (!context.evidence.complete()) judgement.outcome = Outcome::inconclusive;
  return judgement;
}

Judgement judge_ends(const Expectation& expectation, const Context& context) {
  std::string wanted;
  for (const scenario::Text& end : expectation.ends) wanted += (wanted.empty() ? "" : " or ") + end.value;
  Judgement judgement = judgement_of(expectation, context, "ends: " + wanted);
  judgement.actual = "no session";
  if (context.evidence.sessions.empty()) judgement.outcome = not_met(context);
  for (std::size_t i = 0; i < context.evidence.sessions.size(); ++i) {
    const SessionRecord& session = context.evidence.sessions[i];
    const std::string_view how = left(session.end);
    judgement.actual = fmt::format("session {}: {}", i + 1, session.end == journal::End::open ? "still connected" : name(session.end));
    const bool as_wanted =
        std::any_of(expectation.ends.begin(), expectation.ends.end(), [&](const scenario::Text& end) { return end.value == how; });
    const bool by_server = how.empty() && session.end != journal::End::open && session.end != journal::End::shut_down;
    if (as_wanted || by_server) continue;
    const bool open = session.end == journal::End::open || session.end == journal::End::shut_down;
    judgement.outcome = open ? not_met(context) : Outcome::failed;
    if (!session.events.empty()) judgement.explanation = excerpt(context.evidence, i, session.events.size() - 1);
    return judgement;
  }
  if (judgement.outcome == Outcome::passed && context.evidence.evicted.sessions != 0) judgement.outcome = Outcome::inconclusive;
  return judgement;
}

Judgement judge_client(const Expectation& expectation, const Context& context) {
  Judgement judgement = judgement_of(expectation, context, fmt::format("client: exit status {}", expectation.exit.value_or(0)));
  if (!context.client) {
    judgement.outcome = context.final ? Outcome::inconclusive : Outcome::pending;
    judgement.actual = "no client command was run";
    return judgement;
  }
  const ClientResult& client = *context.client;
  if (client.timed_out)
    judgement.actual = "it ran out of time";
  else if (client.signal)
    judgement.actual = fmt::format("signal {}", *client.signal);
  else
    judgement.actual = fmt::format("exit status {}", client.exit.value_or(0));
  const bool met = !client.timed_out && client.exit && static_cast<std::uint64_t>(*client.exit) == expectation.exit.value_or(0);
  if (!met) judgement.outcome = Outcome::failed;
  return judgement;
}

}  // namespace malaposta::verify
