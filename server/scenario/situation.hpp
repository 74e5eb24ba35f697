// One moment as the rules see it: what each subject's value is and whether it is known, and whether a rule's
// conditions hold. A condition on what is not known (yet) does not hold, negated or not.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "protocol/decision.hpp"
#include "scenario/compiled.hpp"
#include "scenario/gates.hpp"

namespace malaposta::scenario {

inline constexpr std::size_t kLongestHeader = 256 * 1024;  // bytes of the header section that conditions look at
inline constexpr std::size_t kLongestBody = 1024 * 1024;   // bytes of the body that conditions look at
inline constexpr std::size_t kMostAttempts = 1000;         // keys whose attempt is remembered during one transaction

// What a session keeps for rules that need more than the moment gives. Made when the first such rule is met.
struct Scratch {
  Groups groups;                                            // of the rule that is being looked at
  std::string key;                                          // of that rule
  std::string text;                                         // a state that is being compared
  std::unordered_map<std::string, std::uint64_t> attempts;  // by rule and key, of `attempts_of`
  std::uint64_t attempts_of = 0;                            // a transaction
  std::string decided_key;                                  // of the rule whose steps the session carries out
};

// Message content as conditions look at it. The body is the text as it was sent: transfer encodings stay.
struct SplitContent {
  std::vector<std::pair<std::string, std::string>> fields;  // name and value: unfolded (RFC 5322 section 2.2.3), outer blanks cut
  std::string body;                                         // what follows the empty line
};
SplitContent split_content(std::string_view content);

class Situation {
 public:
  struct Session {
    std::uint64_t connection = 0;
    const std::string* last_mail = nullptr;  // reverse path of the last MAIL command, if there was one
  };

  Situation(const protocol::Moment& moment, Session session, GateStore& gates, std::unique_ptr<Scratch>& scratch)
      : moment_(moment), session_(session), gates_(gates), scratch_(scratch) {}

  const protocol::Moment& moment() const { return moment_; }

  // Whether the candidate's text can match at all: one look at a table.
  bool worth_asking(const Candidate& candidate) const;

  // Whether every condition of the rule holds. Its groups are in groups() afterwards.
  bool holds(const CompiledRule& rule, std::uint32_t index);

  bool holds(const CompiledCondition& condition, const CompiledRule& rule, std::uint32_t index);

  // The value of a text, or nothing if it is not known. Valid until the next call.
  std::optional<std::string_view> text(Subject subject, std::string_view name = {});
  std::optional<std::uint64_t> number(Subject subject, const CompiledRule& rule, std::uint32_t index);

  // The rule's key: the values that it names, "" without any.
  const std::string& key(const CompiledRule& rule);
  // The ordinal of this transaction under the rule's key.
  std::uint64_t attempt(const CompiledRule& rule, std::uint32_t index);
  std::string state(const CompiledRule& rule) { return gates_.state(key(rule)); }
  const Groups& groups() { return scratch().groups; }

 private:
  Scratch& scratch();
  const SplitContent& content();
  void capture(const CompiledRule& rule);
  bool text_holds(const CompiledCondition& condition, const CompiledRule& rule, Groups* groups);
  bool any_recipient(const TextMatcher& matcher, Groups* groups);
  bool any_field(const CompiledCondition& condition, Groups* groups);

  const protocol::Moment& moment_;
  Session session_;
  GateStore& gates_;
  std::unique_ptr<Scratch>& scratch_;
  std::optional<std::string_view> recipient_;  // the one that a condition on rcpt has found
  std::optional<SplitContent> content_;        // once a condition or a template has asked
};

}  // namespace malaposta::scenario
