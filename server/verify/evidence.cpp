#include "verify/evidence.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "protocol/reply.hpp"
#include "scenario/situation.hpp"
#include "verify/evidence_add.hpp"

namespace malaposta::verify {

using protocol::Verb;

Event copy_of(const journal::Event& event) { return {event.kind, event.at, event.code, event.number, std::string(event.text)}; }

SessionRecord record_of(const journal::Journal& journal, const journal::Session& session) {
  SessionRecord record;
  record.id = session.id, record.peer = session.peer, record.local_port = session.local_port, record.scenario = session.scenario;
  record.opened = session.opened, record.closed = session.closed, record.end = session.end;
  for (const journal::Event& event : journal.events(session.id, &record.complete)) record.events.push_back(copy_of(event));
  return record;
}

void Evidence::add(const journal::Journal& journal, std::uint16_t local_port, std::string_view scenario) {
  add_if(*this, journal, [&](const journal::Session& session) {
    return (local_port == 0 || session.local_port == local_port) && (scenario.empty() || session.scenario == scenario);
  });
}

void add_if(Evidence& evidence, const journal::Journal& journal, const std::function<bool(const journal::Session&)>& wanted) {
  std::set<journal::SessionId> here;
  for (const journal::Session& session : journal.sessions()) {
    if (!wanted(session)) continue;
    here.insert(session.id);
    evidence.sessions.push_back(record_of(journal, session));
  }
  for (const auto* kept : {&journal.messages(), &journal.uncaptured()})
    for (const journal::Message& message : *kept)
      if (here.count(message.session) != 0)
        evidence.messages.push_back({message.id, message.session, message.at, message.reverse_path, message.recipients,
                                     message.content.str(), message.acknowledged, message.captured});
  const journal::Journal::Evicted more = journal.evicted();
  evidence.evicted.events += more.events, evidence.evicted.messages += more.messages;
  evidence.evicted.uncaptured += more.uncaptured, evidence.evicted.sessions += more.sessions;
  evidence.sort();
}

void Evidence::sort() {
  // Ids are given in the order of time, by all threads together.
  std::sort(sessions.begin(), sessions.end(), [](const SessionRecord& a, const SessionRecord& b) { return a.id < b.id; });
  std::sort(messages.begin(), messages.end(), [](const MessageRecord& a, const MessageRecord& b) { return a.id < b.id; });
}

const MessageRecord* Evidence::message(journal::MessageId id) const {
  const auto found = std::lower_bound(messages.begin(), messages.end(), id,
                                      [](const MessageRecord& one, journal::MessageId wanted) { return one.id < wanted; });
  return found != messages.end() && found->id == id ? &*found : nullptr;
}

bool Evidence::complete() const { return evicted.events == 0 && evicted.messages == 0 && evicted.uncaptured == 0 && evicted.sessions == 0; }

std::vector<Exchange> exchanges(const SessionRecord& session) {
  std::vector<Exchange> found(1);
  for (std::size_t i = 0; i < session.events.size(); ++i) {
    const Event& event = session.events[i];
    if (event.kind == Kind::command || event.kind == Kind::content) {
      Exchange next;
      next.event = i;
      if (event.kind == Kind::content) {
        next.what = Exchange::What::content;
        next.verb = event.text == "BDAT" ? Verb::bdat : Verb::data;
      } else {
        // A line after 334 answers the challenge, whatever it looks like (RFC 4954 section 4).
        const bool challenged = found.back().code == 334;
        next.what = challenged ? Exchange::What::auth_response : Exchange::What::command;
        next.verb = challenged ? Verb::auth : protocol::parse_command(event.text).verb;
        next.line = event.text;
      }
      found.push_back(std::move(next));
    } else if (event.kind == Kind::reply) {
      // A reply may leave in pieces: only together they have a code.
      found.back().reply += event.text;
      found.back().code = protocol::last_code(found.back().reply);
    }
    found.back().last = i;
  }
  return found;
}

std::vector<std::string> Transaction::paths() const {
  std::vector<std::string> all;
  for (const Recipient& recipient : recipients) all.push_back(recipient.path);
  return all;
}

int Transaction::outcome() const {
  if (final_code != 0) return final_code;
  if (mail_code / 100 >= 4) return mail_code;
  if (data_code / 100 >= 4) return data_code;
  const auto refused = std::find_if(recipients.rbegin(), recipients.rend(), [](const Recipient& one) { return one.code / 100 >= 4; });
  return refused == recipients.rend() ? 0 : refused->code;
}

namespace {

// The path of MAIL or RCPT without its brackets; what was written instead where there is none.
std::string path_of(const Exchange& exchange) {
  const protocol::Command command = protocol::parse_command(exchange.line);
  const auto parse = exchange.verb == Verb::mail ? protocol::parse_mail_argument : protocol::parse_rcpt_argument;
  const protocol::PathArgument argument = parse(command.argument, protocol::Syntax::tolerant, true);
  return std::string(argument.error == protocol::SyntaxError::none ? argument.path.text : command.argument);
}

// Walks the exchanges of one session and cuts them into transactions.
class Cutter {
 public:
  Cutter(const Evidence& evidence, std::size_t session, std::vector<Transaction>& out)
      : evidence_(evidence), session_(session), out_(out) {}

  void cut() {
    for (const Exchange& exchange : exchanges(record())) take(exchange);
  }

 private:
  const SessionRecord& record() const { return evidence_.sessions[session_]; }

  void take(const Exchange& exchange) {
    if (exchange.verb == Verb::mail && exchange.what == Exchange::What::command) {
      begin(exchange);
      return;
    }
    if (!open_) return;
    Transaction& now = out_.back();
    switch (exchange.verb) {
      case Verb::rcpt: now.recipients.push_back({path_of(exchange), exchange.code}); break;
      case Verb::data:
        if (exchange.what == Exchange::What::content)
          content(exchange);
        else
          now.data_code = exchange.code;
        break;
      case Verb::bdat:
        if (exchange.what == Exchange::What::content) content(exchange);
        break;
      case Verb::rset:
      case Verb::helo:
      case Verb::ehlo:
      case Verb::lhlo:
      case Verb::quit: open_ = false; return;
      default: break;
    }
    extend(exchange);
  }

  void begin(const Exchange& exchange) {
    open_ = true;
    Transaction& now = out_.emplace_back();
    now.session = session_;
    now.first = exchange.event;
    now.begun = record().events[exchange.event].at;
    now.mail = path_of(exchange);
    now.mail_code = exchange.code;
    extend(exchange);
  }

  void content(const Exchange& exchange) {
    Transaction& now = out_.back();
    now.content = true;
    now.final_code = exchange.code;
    for (std::size_t i = exchange.event; i <= exchange.last; ++i) {
      const Event& event = record().events[i];
      if (event.kind != Kind::message) continue;
      now.acknowledged = !event.text.empty();
      now.message = evidence_.message(event.number);
      open_ = false;
    }
    // A refused chunk leaves the transaction to RSET; refused content ends it.
    if (exchange.verb == Verb::data) open_ = false;
  }

  void extend(const Exchange& exchange) {
    out_.back().last = exchange.last;
    out_.back().ended = record().events[exchange.last].at;
  }

  const Evidence& evidence_;
  std::size_t session_;
  std::vector<Transaction>& out_;
  bool open_ = false;
};

}  // namespace

std::vector<Transaction> transactions(const Evidence& evidence) {
  std::vector<Transaction> found;
  for (std::size_t i = 0; i < evidence.sessions.size(); ++i) Cutter(evidence, i, found).cut();
  std::stable_sort(found.begin(), found.end(), [](const Transaction& a, const Transaction& b) { return a.begun < b.begun; });
  return found;
}

std::optional<std::string> header_field(std::string_view content, std::string_view name) {
  for (const auto& [field, value] : scenario::split_content(content).fields)
    if (protocol::equals_ignoring_case(field, name)) return value;
  return std::nullopt;
}

}  // namespace malaposta::verify
