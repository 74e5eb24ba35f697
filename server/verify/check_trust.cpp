// Checks of trust: what was let in from outside, what was left in clear before TLS, and whom the client took for its server.
#include <algorithm>
#include <array>

#include "verify/findings.hpp"

namespace malaposta::verify::checks {

using protocol::Verb;
using What = Exchange::What;

namespace {

bool ahead(const SessionView& session, const Exchange& exchange) {
  const Event& event = session.record.events[exchange.event];
  return exchange.what == What::command && event.kind == Kind::command && (event.number & protocol::kAhead) != 0;
}

// Whether the listener showed a certificate that no client takes which verifies it. One with a weak key is a matter of policy,
// and what one from a file is worth is not known. A listener shows its scenario's certificate in every session.
bool worthless_certificate(const SessionView& session) {
  using enum scenario::CertificateKind;
  constexpr std::array kWorthless{self_signed, expired, not_yet_valid, wrong_host, untrusted_root, incomplete_chain};
  const scenario::TlsSection& tls = session.scenario.model().server.tls;
  return tls.certificate && tls.certificate_file.value.empty() &&
         std::find(kWorthless.begin(), kWorthless.end(), *tls.certificate) != kWorthless.end();
}

// The first command of TLS with such a certificate that `tells` is true of.
template <typename Tells>
std::optional<std::size_t> trusting(const SessionView& session, Tells tells) {
  if (!worthless_certificate(session)) return std::nullopt;
  const auto& events = session.record.events;
  const auto tls = std::find_if(events.begin(), events.end(), [](const Event& one) { return one.kind == Kind::tls && one.code == 1; });
  const auto begun = static_cast<std::size_t>(tls - events.begin());
  for (const Exchange& exchange : session.exchanges)
    if (exchange.what == What::command && exchange.event > begun && tells(exchange)) return exchange.event;
  return std::nullopt;
}

// Whether the line has the end of a path whose beginning is elsewhere.
bool closes_path(std::string_view line) {
  const std::size_t end = line.find('>');
  return end != std::string_view::npos && end < line.find('<');
}

bool opens_path(std::string_view line) {
  const std::size_t begin = line.find('<');
  return begin != std::string_view::npos && line.find('>', begin) == std::string_view::npos;
}

}  // namespace

std::optional<std::size_t> certificate_not_verified(const SessionView& session) {
  return trusting(session, [](const Exchange& exchange) { return exchange.verb == Verb::mail; });
}

std::optional<std::size_t> login_without_verified_certificate(const SessionView& session) {
  return trusting(session, [](const Exchange& exchange) { return tells_password(exchange); });
}

std::optional<std::size_t> clear_behind_starttls(const SessionView& session) {
  const auto& events = session.record.events;
  for (std::size_t i = 0; i < events.size(); ++i)
    if (events[i].kind == Kind::note && events[i].text == journal::kClearBehindStartTls) return i;
  return std::nullopt;
}

std::optional<std::size_t> line_end_in_address(const SessionView& session) {
  for (std::size_t i = 0; i < session.exchanges.size(); ++i) {
    const Exchange& exchange = session.exchanges[i];
    if (exchange.what != What::command || (exchange.verb != Verb::mail && exchange.verb != Verb::rcpt)) continue;
    // Within the line: a server that takes LF for a line end has cut it there, and the second half follows.
    if (exchange.line.find_first_of("\r\n") != std::string_view::npos) return exchange.event;
    if (!opens_path(exchange.line)) continue;
    for (std::size_t next = i + 1; next < session.exchanges.size() && ahead(session, session.exchanges[next]); ++next)
      if (closes_path(session.exchanges[next].line)) return exchange.event;
  }
  return std::nullopt;
}

std::optional<std::size_t> dots_not_stuffed(const SessionView& session) {
  const auto& events = session.record.events;
  for (std::size_t i = 0; i < events.size(); ++i)
    if (events[i].kind == Kind::content && (events[i].code & journal::kDotNotDoubled) != 0) return i;
  return std::nullopt;
}

std::optional<std::size_t> content_ended_early(const SessionView& session) {
  constexpr std::array kOrderly{Verb::mail, Verb::rset, Verb::quit, Verb::ehlo, Verb::helo, Verb::lhlo};
  std::optional<std::size_t> ended;  // the last content by DATA, while what follows may be more of it
  for (const Exchange& exchange : session.exchanges) {
    if (exchange.what == What::content) ended = exchange.verb == Verb::data ? std::optional(exchange.event) : std::nullopt;
    if (exchange.what != What::command || !ended) continue;
    // No command is a dot: it was to end the content.
    if (exchange.line == ".") return exchange.event;
    if (std::find(kOrderly.begin(), kOrderly.end(), exchange.verb) != kOrderly.end()) ended.reset();
  }
  return std::nullopt;
}

}  // namespace malaposta::verify::checks
