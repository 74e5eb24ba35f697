// Checks of extensions, TLS and AUTH: that only what was offered is used, and in the way that it asks for.
#include <algorithm>
#include <charconv>
#include <set>

#include "protocol/base64.hpp"
#include "protocol/grammar.hpp"
#include "protocol/profile.hpp"
#include "verify/findings.hpp"

namespace malaposta::verify::checks {

using protocol::Verb;
using What = Exchange::What;

namespace {

bool is_hello(Verb verb) { return verb == Verb::helo || verb == Verb::ehlo || verb == Verb::lhlo; }

std::optional<std::size_t> tls_begun(const SessionView& session) {
  for (std::size_t i = 0; i < session.record.events.size(); ++i)
    if (session.record.events[i].kind == Kind::tls && session.record.events[i].code == 1) return i;
  return std::nullopt;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

// What EHLO said last before that exchange, in upper case: a line for each keyword.
std::string offer_before(const SessionView& session, std::size_t index) {
  for (std::size_t i = index; i-- > 0;) {
    const Exchange& exchange = session.exchanges[i];
    if (exchange.what == What::command && is_hello(exchange.verb) && exchange.code / 100 == 2)
      return exchange.verb == Verb::helo ? std::string{} : upper(exchange.reply);
  }
  return {};
}

// The words behind a keyword that EHLO offered; nothing if it did not.
std::optional<std::string> offered(const std::string& offer, std::string_view keyword) {
  for (std::size_t begin = 0; begin < offer.size();) {
    const std::size_t end = std::min(offer.find("\r\n", begin), offer.size());
    const std::string_view line = std::string_view(offer).substr(begin, end - begin);
    begin = end + 2;
    if (line.size() < 4 || !line.substr(4).starts_with(keyword)) continue;
    const std::string_view rest = line.substr(4 + keyword.size());
    if (rest.empty() || rest.front() == ' ' || rest.front() == '=') return std::string(rest.substr(rest.empty() ? 0 : 1));
  }
  return std::nullopt;
}

// The keyword that has to be offered for a parameter to be used.
struct Needs {
  std::string_view parameter, keyword;
};
constexpr Needs kNeeds[] = {{"SIZE", "SIZE"},
                            {"BODY", "8BITMIME"},
                            {"SMTPUTF8", "SMTPUTF8"},
                            {"AUTH", "AUTH"},
                            {"RET", "DSN"},
                            {"ENVID", "DSN"},
                            {"NOTIFY", "DSN"},
                            {"ORCPT", "DSN"},
                            {"BY", "DELIVERBY"},
                            {"HOLDFOR", "FUTURERELEASE"},
                            {"HOLDUNTIL", "FUTURERELEASE"},
                            {"MT-PRIORITY", "MT-PRIORITY"},
                            {"REQUIRETLS", "REQUIRETLS"}};

// The limit that EHLO told before that exchange, in octets; 0 if none.
std::uint64_t told_limit(const SessionView& session, std::size_t index) {
  const std::optional<std::string> limit = offered(offer_before(session, index), "SIZE");
  std::uint64_t most = 0;
  if (limit) (void)std::from_chars(limit->data(), limit->data() + limit->size(), most);
  return most;
}

// A message is large that takes more than this part of the limit: half of it.
constexpr std::uint64_t kLargeShare = 2;

// 552 may tell of a full mailbox too, and then has another enhanced code than 5.2.3 and 5.3.4 (RFC 3463 sections 3.3 and 3.4).
bool refused_for_size(const Exchange& exchange) {
  constexpr std::size_t kText = 4;  // behind the code and its space
  if (exchange.code != 552 || exchange.reply.size() < kText) return false;
  const std::string_view text = std::string_view(exchange.reply).substr(kText);
  return !text.starts_with("5.") || text.starts_with("5.3.4") || text.starts_with("5.2.3");
}

protocol::PathArgument argument_of(const Exchange& exchange) {
  const protocol::Command command = protocol::parse_command(exchange.line);
  const auto parse = exchange.verb == Verb::mail ? protocol::parse_mail_argument : protocol::parse_rcpt_argument;
  return parse(command.argument, protocol::Syntax::tolerant, true);
}

bool has_path(const Exchange& exchange) {
  return exchange.what == What::command && (exchange.verb == Verb::mail || exchange.verb == Verb::rcpt);
}

}  // namespace

bool offered(const SessionView& session, std::size_t before, std::string_view keyword) {
  return offered(offer_before(session, before), keyword).has_value();
}

bool tells_password(const Exchange& exchange) {
  if (exchange.what != What::command || exchange.verb != Verb::auth) return false;
  const std::string argument = upper(exchange.line.substr(std::min<std::size_t>(exchange.line.size(), 5)));
  return argument.starts_with("PLAIN") || argument.starts_with("LOGIN") || argument.starts_with("XOAUTH2") ||
         argument.starts_with("OAUTHBEARER");
}

std::optional<std::size_t> auth_after_auth(const SessionView& session) {
  bool done = false;
  for (const Exchange& exchange : session.exchanges) {
    if (exchange.what == What::command && exchange.verb == Verb::auth && done) return exchange.event;
    done = done || (exchange.verb == Verb::auth && exchange.code == 235);
    if (exchange.verb == Verb::starttls && exchange.code == 220) done = false;
  }
  return std::nullopt;
}

std::optional<std::size_t> bad_base64(const SessionView& session) {
  for (const Exchange& exchange : session.exchanges)
    if (exchange.what == What::auth_response && exchange.line != "*" && !protocol::decode_base64(exchange.line)) return exchange.event;
  return std::nullopt;
}

std::optional<std::size_t> ehlo_not_repeated(const SessionView& session) {
  const auto& tls = session.scenario.profile().tls;
  const std::optional<std::size_t> begun = tls_begun(session);
  if (!begun || tls == protocol::Tls::implicit) return std::nullopt;
  for (const Exchange& exchange : session.exchanges)
    if (exchange.what == What::command && exchange.event > *begun)
      return is_hello(exchange.verb) || exchange.verb == Verb::quit ? std::nullopt : std::optional(exchange.event);
  return std::nullopt;
}

std::optional<std::size_t> password_in_clear(const SessionView& session) {
  const std::optional<std::size_t> begun = tls_begun(session);
  for (std::size_t i = 0; i < session.exchanges.size(); ++i) {
    const Exchange& exchange = session.exchanges[i];
    if (!tells_password(exchange) || (begun && *begun < exchange.event)) continue;
    if (offered(offer_before(session, i), "STARTTLS")) return exchange.event;
  }
  return std::nullopt;
}

std::optional<std::size_t> size_over_limit(const SessionView& session) {
  for (std::size_t i = 0; i < session.exchanges.size(); ++i) {
    const Exchange& exchange = session.exchanges[i];
    if (exchange.what != What::content) continue;
    const std::uint64_t most = told_limit(session, i);
    if (most != 0 && session.record.events[exchange.event].number > most) return exchange.event;
  }
  return std::nullopt;
}

std::optional<std::size_t> size_not_declared(const SessionView& session) {
  std::optional<std::size_t> undeclared;  // MAIL
  for (std::size_t i = 0; i < session.exchanges.size(); ++i) {
    const Exchange& exchange = session.exchanges[i];
    if (exchange.what == What::command && exchange.verb == Verb::mail) {
      const bool declared = protocol::find_parameter(argument_of(exchange).parameters, "SIZE").has_value();
      undeclared = declared || !offered(session, i, "SIZE") ? std::nullopt : std::optional(exchange.event);
    }
    if (exchange.what != What::content || !undeclared) continue;
    const std::uint64_t most = told_limit(session, i);
    const bool large = most != 0 && session.record.events[exchange.event].number > most / kLargeShare;
    if (large || refused_for_size(exchange)) return undeclared;
  }
  return std::nullopt;
}

std::vector<Breach> clear_after_refused_starttls(const Evidence& evidence, const std::vector<Transaction>&) {
  std::vector<Breach> found;
  std::set<std::string> failed;  // hosts whose handshake failed: what they do in clear on a new connection counts too
  for (std::size_t i = 0; i < evidence.sessions.size(); ++i) {
    const SessionRecord& session = evidence.sessions[i];
    if (!session.complete) continue;
    const std::string host = session.peer.substr(0, session.peer.rfind(':'));
    const auto tls = [&](int code) {
      return std::any_of(session.events.begin(), session.events.end(),
                         [code](const Event& event) { return event.kind == Kind::tls && event.code == code; });
    };
    if (tls(1)) failed.erase(host);
    bool refused = failed.count(host) != 0;
    for (const Exchange& exchange : exchanges(session)) {
      if (exchange.what != What::command || tls(1)) continue;
      if (exchange.verb == Verb::starttls) refused = refused || exchange.code / 100 >= 4;
      if (!refused || (exchange.verb != Verb::mail && exchange.verb != Verb::auth)) continue;
      found.push_back({i, exchange.event, {}});
      break;
    }
    if (tls(0)) failed.insert(host);
  }
  return found;
}

std::optional<std::size_t> xoauth2_error_unanswered(const SessionView& session) {
  constexpr std::string_view kPrompt = "334 ";
  // Where the server ended the session, or it still goes on, the client had no time to answer.
  const journal::End end = session.record.end;
  const bool left = end == journal::End::client_closed || end == journal::End::client_reset || end == journal::End::timed_out;
  bool xoauth2 = false;
  for (std::size_t i = 0; i < session.exchanges.size(); ++i) {
    const Exchange& exchange = session.exchanges[i];
    if (exchange.what == What::command) xoauth2 = exchange.verb == Verb::auth && upper(exchange.line).starts_with("AUTH XOAUTH2");
    if (!xoauth2 || exchange.code != 334 || !exchange.reply.starts_with(kPrompt)) continue;
    std::string_view challenge = exchange.reply;
    challenge = challenge.substr(kPrompt.size(), challenge.find('\r') - kPrompt.size());
    const std::optional<std::string> error = protocol::decode_base64(challenge);
    if (!error || !error->starts_with('{')) continue;  // JSON; the first challenge is empty
    if (i + 1 == session.exchanges.size()) return left ? std::optional(exchange.event) : std::nullopt;
    const Exchange& answer = session.exchanges[i + 1];
    if (!answer.line.empty() && answer.line != "*") return answer.event;
  }
  return std::nullopt;
}

std::optional<std::size_t> starttls_in_tls(const SessionView& session) {
  const std::optional<std::size_t> begun = tls_begun(session);
  for (const Exchange& exchange : session.exchanges)
    if (begun && exchange.what == What::command && exchange.verb == Verb::starttls && exchange.event > *begun) return exchange.event;
  return std::nullopt;
}

std::optional<std::size_t> unoffered_parameter(const SessionView& session) {
  for (std::size_t i = 0; i < session.exchanges.size(); ++i) {
    const Exchange& exchange = session.exchanges[i];
    if (!has_path(exchange)) continue;
    const std::string offer = offer_before(session, i);
    protocol::ParameterWalk walk(argument_of(exchange).parameters);
    while (const std::optional<protocol::Parameter> parameter = walk.next()) {
      const std::string keyword = upper(parameter->keyword);
      const auto* const needs =
          std::find_if(std::begin(kNeeds), std::end(kNeeds), [&](const Needs& one) { return one.parameter == keyword; });
      if (needs != std::end(kNeeds) && !offered(offer, needs->keyword)) return exchange.event;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> utf8_address(const SessionView& session) {
  bool declared = false;
  for (const Exchange& exchange : session.exchanges) {
    if (!has_path(exchange)) continue;
    const protocol::PathArgument argument = argument_of(exchange);
    if (exchange.verb == Verb::mail) declared = protocol::find_parameter(argument.parameters, "SMTPUTF8").has_value();
    const bool ascii =
        std::all_of(argument.path.text.begin(), argument.path.text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!ascii && !declared) return exchange.event;
  }
  return std::nullopt;
}

}  // namespace malaposta::verify::checks
