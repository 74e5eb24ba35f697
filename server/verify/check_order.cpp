// Checks of what follows what: commands, replies, content, and the end (RFC 5321 section 4.1.4).
#include <algorithm>
#include <array>

#include "verify/findings.hpp"

namespace malaposta::verify::checks {

using protocol::Verb;
using What = Exchange::What;

namespace {

bool is_hello(Verb verb) { return verb == Verb::helo || verb == Verb::ehlo || verb == Verb::lhlo; }
bool positive(const Exchange& exchange) { return exchange.code / 100 == 2; }

bool ahead(const SessionView& session, const Exchange& exchange) {
  const Event& event = session.record.events[exchange.event];
  return exchange.what == What::command && event.kind == Kind::command && (event.number & protocol::kAhead) != 0;
}

// Walks the commands with what is true of the transaction before each.
template <typename Wrong>
std::optional<std::size_t> in_transactions(const SessionView& session, Wrong wrong) {
  bool greeted = false, open = false;
  for (const Exchange& exchange : session.exchanges) {
    if (exchange.what == What::content) open = open && exchange.verb == Verb::bdat && exchange.code / 100 == 2;
    if (exchange.what != What::command) continue;
    if (wrong(exchange, greeted, open)) return exchange.event;
    if (is_hello(exchange.verb) && positive(exchange)) greeted = true, open = false;
    if (exchange.verb == Verb::mail && positive(exchange)) open = true;
    if (exchange.verb == Verb::rset && positive(exchange)) open = false;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::size_t> deviating(const SessionView& session, protocol::Deviations deviation) {
  for (const Exchange& exchange : session.exchanges) {
    if (exchange.what != What::command) continue;
    const Event& event = session.record.events[exchange.event];
    if ((event.number & deviation) != 0) return exchange.event;
  }
  return std::nullopt;
}

std::optional<std::size_t> command_after_421(const SessionView& session) {
  for (std::size_t i = 1; i < session.exchanges.size(); ++i)
    // What was on its way when the 421 came could not know of it.
    if (session.exchanges[i - 1].code == 421 && session.exchanges[i].verb != Verb::quit && !ahead(session, session.exchanges[i]))
      return session.exchanges[i].event;
  return std::nullopt;
}

std::optional<std::size_t> content_after_refused_data(const SessionView& session) {
  for (std::size_t i = 1; i + 1 < session.exchanges.size(); ++i) {
    const Exchange& data = session.exchanges[i];
    const Exchange& next = session.exchanges[i + 1];
    if (data.what == What::command && data.verb == Verb::data && data.code / 100 >= 4 && next.what == What::command &&
        next.verb == Verb::unknown && next.line.find(':') != std::string_view::npos)
      return next.event;
  }
  return std::nullopt;
}

std::optional<std::size_t> content_before_354(const SessionView& session) {
  for (std::size_t i = 0; i < session.record.events.size(); ++i)
    if (session.record.events[i].kind == Kind::content && session.record.events[i].code == 1) return i;
  return std::nullopt;
}

std::optional<std::size_t> data_without_recipient(const SessionView& session) {
  bool accepted = false;
  for (const Exchange& exchange : session.exchanges) {
    if (exchange.what == What::content) accepted = false;
    if (exchange.what != What::command) continue;
    if (exchange.verb == Verb::mail || (exchange.verb == Verb::rset && positive(exchange))) accepted = false;
    if (exchange.verb == Verb::rcpt) accepted = accepted || positive(exchange);
    // A pipelined DATA could not know how RCPT would be answered (RFC 2920 section 3.1).
    if (exchange.verb == Verb::data && !accepted && !ahead(session, exchange)) return exchange.event;
  }
  return std::nullopt;
}

std::optional<std::size_t> early_talker(const SessionView& session) {
  const bool talked = session.exchanges.size() > 1 && ahead(session, session.exchanges[1]);
  return talked ? std::optional(session.exchanges[1].event) : std::nullopt;
}

std::optional<std::size_t> mail_before_hello(const SessionView& session) {
  return in_transactions(session, [](const Exchange& exchange, bool greeted, bool) { return exchange.verb == Verb::mail && !greeted; });
}

std::optional<std::size_t> nested_mail(const SessionView& session) {
  return in_transactions(session, [](const Exchange& exchange, bool, bool open) { return exchange.verb == Verb::mail && open; });
}

std::optional<std::size_t> rcpt_before_mail(const SessionView& session) {
  // Behind a refused MAIL, a pipelined RCPT is to be expected.
  bool mailed = false;
  for (const Exchange& exchange : session.exchanges) {
    const bool command = exchange.what == What::command;
    if (command && exchange.verb == Verb::mail) mailed = true;
    if (command && exchange.verb == Verb::rcpt && !mailed) return exchange.event;
    const bool ended = (exchange.what == What::content && exchange.verb == Verb::data) ||
                       (command && (exchange.verb == Verb::rset || is_hello(exchange.verb)) && positive(exchange));
    if (ended) mailed = false;
  }
  return std::nullopt;
}

std::optional<std::size_t> no_quit(const SessionView& session) {
  const bool by_client = session.record.end == journal::End::client_closed || session.record.end == journal::End::client_reset;
  // Whoever was not greeted, was turned away, or does not trust the certificate need not say good-bye.
  if (!by_client || session.exchanges.front().code / 100 != 2 || session.exchanges.back().code == 421) return std::nullopt;
  const auto distrusted = [](const Event& event) { return event.kind == Kind::tls && event.code == 0; };
  if (std::any_of(session.record.events.begin(), session.record.events.end(), distrusted)) return std::nullopt;
  const bool said =
      std::any_of(session.exchanges.begin(), session.exchanges.end(), [](const Exchange& one) { return one.verb == Verb::quit; });
  return said ? std::nullopt : std::optional(session.record.events.size() - 1);
}

std::optional<std::size_t> pipelining_not_offered(const SessionView& session) {
  for (std::size_t i = 2; i < session.exchanges.size(); ++i)
    if (ahead(session, session.exchanges[i]) && !offered(session, i, "PIPELINING")) return session.exchanges[i].event;
  return std::nullopt;
}

std::optional<std::size_t> pipelining_past_group_end(const SessionView& session) {
  constexpr std::array kLast{Verb::ehlo, Verb::helo, Verb::lhlo, Verb::starttls, Verb::auth,
                             Verb::data, Verb::vrfy, Verb::expn, Verb::noop,     Verb::quit};
  for (std::size_t i = 2; i < session.exchanges.size(); ++i) {
    const Exchange& before = session.exchanges[i - 1];
    const bool last = before.what == What::command && std::find(kLast.begin(), kLast.end(), before.verb) != kLast.end();
    if (last && ahead(session, session.exchanges[i])) return session.exchanges[i].event;
  }
  return std::nullopt;
}

std::optional<std::size_t> bdat_without_last(const SessionView& session) {
  std::optional<std::size_t> open;
  bool last = false;
  for (const Exchange& exchange : session.exchanges) {
    const std::string_view line = exchange.line;
    if (exchange.what == What::content && exchange.verb == Verb::bdat)
      open = last || !positive(exchange) ? std::nullopt : std::optional(exchange.event);
    if (exchange.what != What::command) continue;
    if (exchange.verb == Verb::bdat) last = line.size() > 5 && protocol::equals_ignoring_case(line.substr(line.size() - 5), " LAST");
    if (exchange.verb == Verb::rset) open.reset();
    if (open && (exchange.verb == Verb::quit || exchange.verb == Verb::mail)) return open;
  }
  const bool left = session.record.end == journal::End::client_closed || session.record.end == journal::End::client_reset;
  return left ? open : std::nullopt;
}

std::optional<std::size_t> command_too_long(const SessionView& session) {
  // Extensions that add to the length of a command add it to MAIL, RCPT and AUTH.
  constexpr std::size_t kLongest = 510;  // octets without CR LF (RFC 5321 section 4.5.3.1.4)
  for (const Exchange& exchange : session.exchanges) {
    const bool longer = exchange.verb == Verb::mail || exchange.verb == Verb::rcpt || exchange.verb == Verb::auth;
    if (exchange.what == What::command && !longer && exchange.line.size() > kLongest) return exchange.event;
  }
  return std::nullopt;
}

std::optional<std::size_t> unknown_command(const SessionView& session) {
  for (const Exchange& exchange : session.exchanges)
    if (exchange.what == What::command && exchange.verb == Verb::unknown) return exchange.event;
  return std::nullopt;
}

}  // namespace malaposta::verify::checks
