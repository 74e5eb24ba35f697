// The moments at which a rule could have fired are put together again from what the sessions left behind.
#include "verify/near_miss.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "scenario/compiled.hpp"
#include "scenario/situation.hpp"
#include "verify/excerpt.hpp"

namespace malaposta::verify {

using catalogue::Stage;
using protocol::Verb;
using scenario::CompiledCondition;
using scenario::CompiledRule;
using scenario::Subject;

namespace {

bool is_known_afterwards(Subject subject) {
  return subject != Subject::attempt && subject != Subject::state && subject != Subject::pipelined && subject != Subject::step;
}

Stage stage_of(const Exchange& exchange) {
  switch (exchange.what) {
    case Exchange::What::connect: return Stage::connect;
    case Exchange::What::auth_response: return Stage::auth;
    case Exchange::What::content: return Stage::end_of_data;
    case Exchange::What::command: break;
  }
  return protocol::stage_of(exchange.verb);
}

// One session told again, exchange by exchange.
class Retelling {
 public:
  Retelling(const Evidence& evidence, std::size_t session) : evidence_(evidence), session_(evidence.sessions[session]) {
    facts_.peer_ip = session_.peer.substr(0, session_.peer.rfind(':'));
    facts_.local_port = session_.local_port;
  }

  // Calls `visit` with the moment of each exchange, before its reply is known.
  template <typename Visit>
  void tell(Visit visit) {
    for (const Exchange& exchange : exchanges(session_)) {
      for (; seen_ < exchange.event; ++seen_) learn(session_.events[seen_]);
      protocol::Moment moment = moment_of(exchange);
      visit(moment, exchange);
      if (exchange.code / 100 == 2) believe(exchange, moment);
    }
  }

 private:
  void learn(const Event& event) {
    if (event.kind == Kind::tls && event.code == 1) facts_.tls = true, facts_.in_transaction = false;
    if (event.kind == Kind::login) {
      facts_.authenticated = true;
      const std::size_t space = std::min(event.text.find(' '), event.text.size());
      facts_.mechanism = event.text.substr(0, space);
      facts_.user = event.text.substr(std::min(space + 1, event.text.size()));
    }
  }

  protocol::Moment moment_of(const Exchange& exchange) {
    protocol::Moment moment{};
    moment.stage = stage_of(exchange);
    moment.facts = &facts_;
    moment.is_command = exchange.what == Exchange::What::command;
    moment.line = exchange.line;
    moment.argument = protocol::parse_command(exchange.line).argument;
    if (exchange.what != Exchange::What::command) moment.argument = {};
    if (exchange.verb == Verb::mail && moment.is_command) {
      const protocol::PathArgument path = protocol::parse_mail_argument(moment.argument, protocol::Syntax::tolerant, true);
      moment.mail = path.path.text, moment.has_mail = path.error == protocol::SyntaxError::none, moment.parameters = path.parameters;
      ++facts_.transaction;
    } else {
      moment.mail = facts_.reverse_path, moment.has_mail = facts_.in_transaction;
    }
    if (exchange.verb == Verb::rcpt) {
      const protocol::PathArgument path = protocol::parse_rcpt_argument(moment.argument, protocol::Syntax::tolerant, true);
      moment.rcpt = path.path.text, moment.has_rcpt = path.error == protocol::SyntaxError::none, moment.parameters = path.parameters;
    }
    if (moment.stage == Stage::end_of_data) add_content(exchange, moment);
    return moment;
  }

  void add_content(const Exchange& exchange, protocol::Moment& moment) {
    moment.size = session_.events[exchange.event].number;
    for (std::size_t i = exchange.event; i <= exchange.last; ++i)
      if (session_.events[i].kind == Kind::message)
        if (const MessageRecord* message = evidence_.message(session_.events[i].number)) {
          content_.clear();
          content_.append(message->content);
          moment.content = &content_;
        }
  }

  void believe(const Exchange& exchange, const protocol::Moment& moment) {
    switch (moment.stage) {
      case Stage::helo:
      case Stage::ehlo:
      case Stage::lhlo: facts_.helo = moment.argument, facts_.in_transaction = false, facts_.recipients.clear(); break;
      case Stage::mail: facts_.in_transaction = true, facts_.reverse_path = moment.mail, facts_.recipients.clear(); break;
      case Stage::rcpt: facts_.recipients.emplace_back(moment.rcpt); break;
      case Stage::rset: facts_.in_transaction = false, facts_.recipients.clear(); break;
      case Stage::end_of_data:
        if (exchange.verb != Verb::bdat) facts_.in_transaction = false, facts_.recipients.clear();
        break;
      default: break;
    }
  }

  const Evidence& evidence_;
  const SessionRecord& session_;
  protocol::Facts facts_;
  journal::Content content_;
  std::size_t seen_ = 0;
};

std::string key_of(const scenario::Condition& condition) {
  return std::string(scenario::kSubjectKeys.at(static_cast<std::size_t>(condition.subject))) + condition.name;
}

// What the condition asks for, as the file says it.
std::string wanted(const scenario::Rule& rule, const CompiledCondition& condition) {
  const auto found = std::find_if(rule.when.begin(), rule.when.end(), [&](const scenario::Condition& one) {
    return one.subject == condition.subject && one.name == condition.name;
  });
  if (found == rule.when.end()) return {};
  std::string text = written(found->text);
  if (text.empty()) text = found->number.any_of.empty() ? (found->flag ? "true" : "false") : written(found->number);
  return fmt::format("'{}: {}'", key_of(*found), text);
}

std::string actual(const CompiledCondition& condition, const CompiledRule& rule, std::uint32_t index, scenario::Situation& situation) {
  const protocol::Facts& facts = *situation.moment().facts;
  if (condition.subject == Subject::tls) return facts.tls ? "it is encrypted" : "it is in clear";
  if (condition.subject == Subject::authenticated) return facts.authenticated ? "somebody is logged in" : "nobody is logged in";
  if (condition.subject == Subject::ip) return fmt::format("it is '{}'", facts.peer_ip);
  if (const auto number = situation.number(condition.subject, rule, index)) return fmt::format("it is {}", *number);
  if (const auto text = situation.text(condition.subject, condition.name)) return fmt::format("it is '{}'", visible(*text));
  return "it is not known there";
}

// The moment at which the fewest conditions failed.
struct Nearest {
  std::size_t met = 0;     // moments at the rule's stages
  std::size_t held = 0;    // … at which all its conditions held
  std::size_t failed = SIZE_MAX;
  std::size_t session = 0, event = 0;
  std::vector<std::string> why;  // a line for each condition that failed
};

class Search {
 public:
  Search(const scenario::Scenario& scenario, const Evidence& evidence, std::uint32_t index)
      : evidence_(evidence),
        compiled_(scenario.compiled().rules.at(index)),
        written_(scenario.model().rules.at(index)),
        index_(index),
        gates_(scenario::make_memory_gates()) {}

  Nearest run() {
    for (std::size_t i = 0; i < evidence_.sessions.size(); ++i)
      Retelling(evidence_, i).tell([&](const protocol::Moment& moment, const Exchange& exchange) { look(moment, exchange, i); });
    return std::move(nearest_);
  }

 private:
  bool applies(const protocol::Moment& moment) const {
    constexpr catalogue::StageSet kContent = catalogue::bit(Stage::body) | catalogue::bit(Stage::bdat) | catalogue::bit(Stage::end_of_data);
    const bool content = moment.stage == Stage::end_of_data && (compiled_.at & kContent) != 0;
    const bool command = moment.is_command && (compiled_.at & catalogue::bit(Stage::command)) != 0;
    return content || command || (compiled_.at & catalogue::bit(moment.stage)) != 0;
  }

  void look(const protocol::Moment& moment, const Exchange& exchange, std::size_t session) {
    if (!applies(moment)) return;
    ++nearest_.met;
    scenario::Situation situation(moment, {session + 1, nullptr}, *gates_, scratch_);
    std::vector<std::string> why;
    for (const CompiledCondition& condition : compiled_.conditions)
      if (is_known_afterwards(condition.subject) && !situation.holds(condition, compiled_, index_))
        why.push_back(fmt::format("{} did not hold: {}", wanted(written_, condition), actual(condition, compiled_, index_, situation)));
    if (why.empty()) ++nearest_.held;
    if (why.size() >= nearest_.failed) return;
    nearest_.failed = why.size(), nearest_.session = session, nearest_.event = exchange.event;
    nearest_.why = std::move(why);
  }

  const Evidence& evidence_;
  const CompiledRule& compiled_;
  const scenario::Rule& written_;
  std::uint32_t index_;
  std::unique_ptr<scenario::GateStore> gates_;
  std::unique_ptr<scenario::Scratch> scratch_;
  Nearest nearest_;
};

std::string stages_in_words(catalogue::StageSet stages) {
  std::string text;
  for (std::size_t i = 0; i < catalogue::kStageNames.size(); ++i)
    if ((stages >> i & 1) != 0) text += (text.empty() ? "" : ", ") + std::string(catalogue::kStageNames[i]);
  return text;
}

}  // namespace

std::string written(const scenario::TextPattern& pattern) {
  std::string text = pattern.negated ? "not " : "";
  for (const scenario::Text& one : pattern.any_of) text += (&one == &pattern.any_of.front() ? "" : ", ") + one.value;
  return text;
}

std::string written(const scenario::NumberPattern& pattern) {
  std::string text = pattern.negated ? "not " : "";
  for (const auto& [min, max] : pattern.any_of) {
    if (&min != &pattern.any_of.front().min) text += ", ";
    text += min == max ? fmt::format("{}", min) : max == UINT64_MAX ? fmt::format(">= {}", min) : fmt::format("{}..{}", min, max);
  }
  return text;
}

std::vector<std::string> near_misses(const scenario::Scenario& scenario, const Evidence& evidence, std::string_view rule) {
  const std::vector<CompiledRule>& rules = scenario.compiled().rules;
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const CompiledRule& one) { return one.id == rule; });
  if (found == rules.end()) return {};
  const auto index = static_cast<std::uint32_t>(found - rules.begin());
  const Nearest nearest = Search(scenario, evidence, index).run();
  const std::string name = rule_words(rule, found->line), stages = stages_in_words(found->at);
  if (nearest.met == 0) return {fmt::format("{}: no session came to {}", name, stages)};
  if (nearest.held > 0)
    return {fmt::format("{}: its conditions held {} of {} times at {}; its gates, or a rule above it, kept it from firing then", name,
                        nearest.held, nearest.met, stages)};
  std::vector<std::string> lines{fmt::format("{}: of {} times at {}, this was nearest (session {}): {}", name, nearest.met, stages,
                                             nearest.session + 1, line_of(evidence.sessions[nearest.session].events[nearest.event]))};
  for (const std::string& why : nearest.why) lines.push_back("  " + why);
  return lines;
}

std::vector<std::string> last_firing(const Evidence& evidence, std::string_view rule) {
  for (std::size_t i = evidence.sessions.size(); i-- > 0;) {
    const std::vector<Event>& events = evidence.sessions[i].events;
    for (std::size_t k = events.size(); k-- > 0;)
      if (events[k].kind == Kind::rule && events[k].text == rule) return excerpt(evidence, i, k);
  }
  return {};
}

}  // namespace malaposta::verify
