#include "scenario/situation.hpp"

#include <algorithm>

#include "protocol/command.hpp"
#include "scenario/random.hpp"

namespace malaposta::scenario {

using catalogue::Stage;

namespace {

// Of so many the first bytes are looked at before a rule is asked.
constexpr std::size_t kFewRecipients = 4;

bool is_hello(Stage stage) { return stage == Stage::helo || stage == Stage::ehlo || stage == Stage::lhlo; }

std::optional<std::string_view> unless_empty(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return text;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

}  // namespace

SplitContent split_content(std::string_view content) {
  SplitContent split;
  const std::string_view header = content.substr(0, kLongestHeader);
  std::size_t at = 0;
  while (at < header.size()) {
    const std::size_t end = std::min(header.find('\n', at), header.size());
    std::string_view line = header.substr(at, end - at);
    at = std::min(end + 1, header.size());
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    if (line[0] == ' ' || line[0] == '\t') {
      if (!split.fields.empty()) split.fields.back().second.append(line);
      continue;
    }
    const std::size_t colon = std::min(line.find(':'), line.size());
    split.fields.emplace_back(trim(line.substr(0, colon)), line.substr(std::min(colon + 1, line.size())));
  }
  for (auto& field : split.fields) field.second = std::string(trim(field.second));
  split.body = content.substr(at, kLongestBody);
  return split;
}

Scratch& Situation::scratch() {
  if (scratch_ == nullptr) scratch_ = std::make_unique<Scratch>();
  return *scratch_;
}

bool Situation::worth_asking(const Candidate& candidate) const {
  switch (candidate.subject) {
    case Subject::mail: return !moment_.has_mail || candidate.first.allow(moment_.mail);
    case Subject::rcpt: {
      if (moment_.has_rcpt) return candidate.first.allow(moment_.rcpt);
      const auto& recipients = moment_.facts->recipients;
      return moment_.stage == Stage::rcpt || recipients.size() > kFewRecipients ||
             std::any_of(recipients.begin(), recipients.end(), [&](const std::string& one) { return candidate.first.allow(one); });
    }
    case Subject::helo: return !is_hello(moment_.stage) || candidate.first.allow(moment_.argument);
    default: return true;
  }
}

bool Situation::holds(const CompiledRule& rule, std::uint32_t index) {
  recipient_.reset();
  const bool all = std::all_of(rule.conditions.begin(), rule.conditions.end(),
                               [&](const CompiledCondition& condition) { return holds(condition, rule, index); });
  if (all && rule.wants_groups) capture(rule);
  return all;
}

// Matches again, for what the groups hold: rules that hold are few, so the others are spared the work.
void Situation::capture(const CompiledRule& rule) {
  Groups& groups = scratch().groups;
  groups.assign(rule.groups.names.size(), {});
  for (const CompiledCondition& condition : rule.conditions)
    if (condition.text) text_holds(condition, rule, &groups);
}

bool Situation::holds(const CompiledCondition& condition, const CompiledRule& rule, std::uint32_t index) {
  switch (condition.subject) {
    case Subject::ip: return condition.address->matches(moment_.facts->peer_ip);
    case Subject::tls: return moment_.facts->tls == condition.flag;
    case Subject::authenticated: return moment_.facts->authenticated == condition.flag;
    case Subject::pipelined: return moment_.facts->pipelined == condition.flag;
    case Subject::port:
    case Subject::size:
    case Subject::rcpts:
    case Subject::connection:
    case Subject::transaction:
    case Subject::attempt:
    case Subject::step: {
      const auto value = number(condition.subject, rule, index);
      return value && matches(condition.number, *value);
    }
    default: return text_holds(condition, rule, nullptr);
  }
}

bool Situation::text_holds(const CompiledCondition& condition, const CompiledRule& rule, Groups* groups) {
  const TextMatcher& matcher = *condition.text;
  if (condition.subject == Subject::rcpt && !moment_.has_rcpt && moment_.stage != Stage::rcpt) return any_recipient(matcher, groups);
  if (condition.subject == Subject::header) return any_field(condition, groups);
  if (condition.subject == Subject::state) {
    scratch().text = state(rule);
    return matcher.matches(scratch().text, groups);
  }
  const auto value = text(condition.subject, condition.name);
  return value && matcher.matches(*value, groups);
}

// Any of the recipients; negated: none of them.
bool Situation::any_recipient(const TextMatcher& matcher, Groups* groups) {
  const auto& recipients = moment_.facts->recipients;
  const auto fits = [&](const std::string& recipient) { return matcher.matches(recipient, groups); };
  if (matcher.negated()) return !recipients.empty() && std::all_of(recipients.begin(), recipients.end(), fits);
  const auto found = std::find_if(recipients.begin(), recipients.end(), fits);
  if (found == recipients.end()) return false;
  recipient_ = *found;
  return true;
}

// Any of the header fields of that name; negated: none of them, though there is one.
bool Situation::any_field(const CompiledCondition& condition, Groups* groups) {
  if (moment_.content == nullptr) return false;
  bool known = false;
  for (const auto& [name, value] : content().fields) {
    if (!protocol::equals_ignoring_case(name, condition.name)) continue;
    known = true;
    if (condition.text->matches(value, groups) != condition.text->negated()) return !condition.text->negated();
  }
  return known && condition.text->negated();
}

std::optional<std::string_view> Situation::text(Subject subject, std::string_view name) {
  const protocol::Facts& facts = *moment_.facts;
  switch (subject) {
    case Subject::ip: return unless_empty(facts.peer_ip);
    case Subject::helo: return unless_empty(is_hello(moment_.stage) ? moment_.argument : std::string_view(facts.helo));
    case Subject::mail:
      if (moment_.has_mail) return moment_.mail;
      if (moment_.stage == Stage::mail || session_.last_mail == nullptr) return std::nullopt;
      return *session_.last_mail;
    case Subject::rcpt:
      if (moment_.has_rcpt) return moment_.rcpt;
      if (recipient_ || moment_.stage == Stage::rcpt || facts.recipients.empty()) return recipient_;
      return facts.recipients.front();
    case Subject::user: return unless_empty(facts.user);
    case Subject::mechanism: return unless_empty(facts.mechanism);
    case Subject::sni: return unless_empty(facts.sni);
    case Subject::command: return unless_empty(moment_.line);
    case Subject::argument:
      if (!moment_.is_command) return std::nullopt;
      return moment_.argument;
    case Subject::param: {
      const auto parameter = protocol::find_parameter(moment_.parameters, name);
      if (!parameter) return std::nullopt;
      return parameter->value;
    }
    case Subject::header:
      if (moment_.content != nullptr)
        for (const auto& [field, value] : content().fields)
          if (protocol::equals_ignoring_case(field, name)) return value;
      return std::nullopt;
    case Subject::body:
      if (moment_.content == nullptr) return std::nullopt;
      return content().body;
    default: return std::nullopt;
  }
}

std::optional<std::uint64_t> Situation::number(Subject subject, const CompiledRule& rule, std::uint32_t index) {
  const protocol::Facts& facts = *moment_.facts;
  switch (subject) {
    case Subject::port: return facts.local_port;
    case Subject::size:  // at MAIL it is known when SIZE= declares it, later when content has begun
      if (moment_.size == 0 && moment_.stage != Stage::body && moment_.stage != Stage::bdat && moment_.stage != Stage::end_of_data)
        return std::nullopt;
      return moment_.size;
    case Subject::rcpts: return facts.recipients.size();
    case Subject::connection: return session_.connection;
    case Subject::transaction:
      if (facts.transaction == 0) return std::nullopt;
      return facts.transaction;
    case Subject::attempt:
      if (facts.transaction == 0) return std::nullopt;
      return attempt(rule, index);
    case Subject::step:
      if (moment_.stage != Stage::auth) return std::nullopt;
      return facts.auth_step;
    default: return std::nullopt;
  }
}

const std::string& Situation::key(const CompiledRule& rule) {
  static const std::string kOnePerScenario;
  if (rule.key.empty()) return kOnePerScenario;
  std::string& key = scratch().key;
  key.clear();
  for (const Subject subject : rule.key) {
    const std::string_view value = text(subject).value_or(std::string_view{});
    key.append(std::to_string(value.size())).push_back(' ');  // so that ("a", "bc") and ("ab", "c") differ
    key.append(ignores_case(subject) ? to_lower(value) : std::string(value));
  }
  return key;
}

std::uint64_t Situation::attempt(const CompiledRule& rule, std::uint32_t index) {
  Scratch& own = scratch();
  if (own.attempts_of != moment_.facts->transaction || own.attempts.size() >= kMostAttempts) own.attempts.clear();
  own.attempts_of = moment_.facts->transaction;
  const std::string& under = key(rule);
  const auto [entry, added] = own.attempts.try_emplace(std::to_string(index) + ' ' + under, 0);
  if (added) entry->second = gates_.next_attempt(index, under);
  return entry->second;
}

const SplitContent& Situation::content() {
  if (!content_) content_ = split_content(moment_.content->prefix(kLongestHeader + kLongestBody));
  return *content_;
}

}  // namespace malaposta::scenario
