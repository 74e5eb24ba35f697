// Checks of what follows what: commands, replies, content, and the end (RFC 5321 section 4.1.4).
#include <algorithm>
#include <array>
#include <set>

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

// Whether that content is the last of its message: what DATA brings is whole, chunks say it (RFC 3030 section 2).
bool last_content(const SessionView& session, std::size_t index) {
  const Exchange& content = session.exchanges[index];
  if (content.verb != Verb::bdat || content.code / 100 != 2) return true;
  const std::string_view announced = session.exchanges[index - 1].line;
  return announced.size() >= 4 && protocol::equals_ignoring_case(announced.substr(announced.size() - 4), "LAST");
}

struct State {
  bool greeted = false;
  bool mailed = false;     // MAIL was sent, whatever was replied
  bool open = false;       // and accepted
  bool recipient = false;  // a recipient was accepted
};

// Walks the commands with what is true of the transaction before each.
template <typename Wrong>
std::optional<std::size_t> in_transactions(const SessionView& session, Wrong wrong) {
  State state;
  for (std::size_t i = 0; i < session.exchanges.size(); ++i) {
    const Exchange& exchange = session.exchanges[i];
    if (exchange.what == What::content && last_content(session, i)) state = {state.greeted};
    if (exchange.what != What::command) continue;
    if (wrong(exchange, state)) return exchange.event;
    const bool hello = is_hello(exchange.verb) && positive(exchange);
    if (hello || (exchange.verb == Verb::rset && positive(exchange))) state = {state.greeted || hello};
    if (exchange.verb == Verb::mail) state.mailed = true, state.open = state.open || positive(exchange);
    if (exchange.verb == Verb::rcpt && positive(exchange)) state.recipient = true;
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
    if (session.record.events[i].kind == Kind::content && (session.record.events[i].code & journal::kContentAhead) != 0) return i;
  return std::nullopt;
}

std::optional<std::size_t> data_without_recipient(const SessionView& session) {
  return in_transactions(session, [&](const Exchange& exchange, const State& state) {
    // A pipelined DATA could not know how RCPT would be answered (RFC 2920 section 3.1).
    return exchange.verb == Verb::data && !state.recipient && !ahead(session, exchange);
  });
}

std::optional<std::size_t> early_talker(const SessionView& session) {
  const bool talked = session.exchanges.size() > 1 && ahead(session, session.exchanges[1]);
  return talked ? std::optional(session.exchanges[1].event) : std::nullopt;
}

std::vector<Breach> helo_not_tried(const Evidence& evidence, const std::vector<Transaction>&) {
  std::vector<Breach> found;
  // Backwards: HELO may come on a new connection from the same host.
  std::set<std::string> tried;
  for (std::size_t i = evidence.sessions.size(); i-- > 0;) {
    const SessionRecord& session = evidence.sessions[i];
    const std::string host = session.peer.substr(0, session.peer.rfind(':'));
    std::optional<std::size_t> refused;
    for (const Exchange& exchange : exchanges(session)) {
      if (exchange.what != What::command) continue;
      if (exchange.verb == Verb::ehlo && (exchange.code == 500 || exchange.code == 502)) refused = exchange.event;
      if (exchange.verb == Verb::helo) tried.insert(host);
    }
    if (refused && session.complete && tried.count(host) == 0) found.push_back({i, *refused, {}});
  }
  return found;
}

std::optional<std::size_t> mail_before_hello(const SessionView& session) {
  return in_transactions(session,
                         [](const Exchange& exchange, const State& state) { return exchange.verb == Verb::mail && !state.greeted; });
}

std::optional<std::size_t> nested_mail(const SessionView& session) {
  return in_transactions(session, [](const Exchange& exchange, const State& state) { return exchange.verb == Verb::mail && state.open; });
}

std::optional<std::size_t> rcpt_before_mail(const SessionView& session) {
  // Behind a refused MAIL, a pipelined RCPT is to be expected.
  return in_transactions(session,
                         [](const Exchange& exchange, const State& state) { return exchange.verb == Verb::rcpt && !state.mailed; });
}

std::optional<std::size_t> no_quit(const SessionView& session) {
  const bool by_client = session.record.end == journal::End::client_closed || session.record.end == journal::End::client_reset;
  // Whoever was not greeted, or was turned away, need not say good-bye.
  if (!by_client || session.exchanges.front().code / 100 != 2) return std::nullopt;
  // Whoever goes at STARTTLS, or once it has seen the certificate, trusts nobody here.
  const Exchange& final = session.exchanges.back();
  const bool untrusted = final.what == What::command && final.verb == Verb::starttls && positive(final);
  // 421 is the server's own good-bye, whether it closes or not.
  const bool said = std::any_of(session.exchanges.begin(), session.exchanges.end(),
                                [](const Exchange& one) { return one.verb == Verb::quit || one.code == 421; });
  return said || untrusted ? std::nullopt : std::optional(session.record.events.size() - 1);
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
    // RSET gives the message up, and so may a client whose next chunk was refused.
    if (exchange.verb == Verb::rset || (exchange.verb == Verb::bdat && exchange.code / 100 >= 4)) open.reset();
    if (open && (exchange.verb == Verb::quit || exchange.verb == Verb::mail || is_hello(exchange.verb))) return open;
  }
  const bool left = session.record.end == journal::End::client_closed || session.record.end == journal::End::client_reset;
  return left ? open : std::nullopt;
}

std::optional<std::size_t> command_too_long(const SessionView& session) {
  // Responses of AUTH may be longer (RFC 4954 section 4), and so is what extensions add to MAIL and RCPT.
  constexpr std::size_t kLongest = 510;  // octets without CR LF (RFC 5321 section 4.5.3.1.4)
  for (const Exchange& exchange : session.exchanges) {
    if (exchange.what != What::command || exchange.verb == Verb::auth) continue;
    std::size_t length = exchange.line.size();
    if (exchange.verb == Verb::mail || exchange.verb == Verb::rcpt) {
      const auto parse = exchange.verb == Verb::mail ? protocol::parse_mail_argument : protocol::parse_rcpt_argument;
      length -= parse(protocol::parse_command(exchange.line).argument, protocol::Syntax::tolerant, true).parameters.size();
    }
    if (length > kLongest) return exchange.event;
  }
  return std::nullopt;
}

std::optional<std::size_t> unknown_command(const SessionView& session) {
  for (const Exchange& exchange : session.exchanges)
    if (exchange.what == What::command && exchange.verb == Verb::unknown) return exchange.event;
  return std::nullopt;
}

}  // namespace malaposta::verify::checks
