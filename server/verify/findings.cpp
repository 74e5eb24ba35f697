// What the client did against the rules of SMTP: one table of checks, each looking at one session.
#include <algorithm>
#include <array>

#include "verify/excerpt.hpp"
#include "verify/verdict.hpp"

namespace malaposta::verify {

namespace {

using protocol::Verb;

struct Session {
  const SessionRecord& record;
  std::vector<Exchange> exchanges;
};

// The event that shows the breach; nothing if there is none.
using Check = std::optional<std::size_t> (*)(const Session&);

std::optional<std::size_t> deviating(const Session& session, protocol::Deviations deviation) {
  for (std::size_t i = 0; i < session.record.events.size(); ++i) {
    const Event& event = session.record.events[i];
    if (event.kind == Kind::command && (event.number & deviation) != 0) return i;
  }
  return std::nullopt;
}

template <protocol::Deviation kDeviation>
std::optional<std::size_t> deviates(const Session& session) {
  return deviating(session, kDeviation);
}

std::optional<std::size_t> goes_on_after_421(const Session& session) {
  for (std::size_t i = 1; i < session.exchanges.size(); ++i)
    if (session.exchanges[i - 1].code == 421 && session.exchanges[i].verb != Verb::quit) return session.exchanges[i].event;
  return std::nullopt;
}

std::optional<std::size_t> leaves_without_quit(const Session& session) {
  const bool by_client = session.record.end == journal::End::client_closed || session.record.end == journal::End::client_reset;
  // Whoever was not greeted, or was turned away, need not say good-bye.
  if (!by_client || session.exchanges.front().code / 100 != 2 || session.exchanges.back().verb == Verb::quit) return std::nullopt;
  return session.record.events.size() - 1;
}

std::optional<std::size_t> data_without_recipient(const Session& session) {
  bool asked = false, accepted = false;
  for (const Exchange& exchange : session.exchanges) {
    if (exchange.what != Exchange::What::command) continue;
    if (exchange.verb == Verb::mail) asked = accepted = false;
    if (exchange.verb == Verb::rcpt) asked = true, accepted = accepted || exchange.code / 100 == 2;
    if (exchange.verb == Verb::data && asked && !accepted) return exchange.event;
  }
  return std::nullopt;
}

struct Row {
  std::string_view id;
  Severity severity;
  Check check;
};
constexpr Row kRows[] = {
    {"bare-lf", Severity::error, deviates<protocol::kBareLineFeed>},
    {"command-after-421", Severity::error, goes_on_after_421},
    {"data-without-recipient", Severity::error, data_without_recipient},
    {"missing-brackets", Severity::warning, deviates<protocol::kMissingBrackets>},
    {"no-quit", Severity::note, leaves_without_quit},
    {"space-after-colon", Severity::warning, deviates<protocol::kSpaceAfterColon>},
};

}  // namespace

std::string_view name(Severity severity) {
  static constexpr std::array<std::string_view, 3> kNames{"note", "warning", "error"};
  return kNames.at(static_cast<std::size_t>(severity));
}

std::vector<Finding> find(const Evidence& evidence, const scenario::Scenario&) {
  std::vector<Finding> found;
  for (std::size_t i = 0; i < evidence.sessions.size(); ++i) {
    const Session session{evidence.sessions[i], exchanges(evidence.sessions[i])};
    for (const Row& row : kRows)
      if (const std::optional<std::size_t> event = row.check(session))
        found.push_back({row.id, row.severity, i, *event, line_of(session.record.events[*event])});
  }
  return found;
}

}  // namespace malaposta::verify
