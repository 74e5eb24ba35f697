// What one expectation is judged with. Each kind of expectation is a function from its entry and this to a judgement;
// judge.cpp has the table.
#pragma once

#include <string>
#include <vector>

#include "verify/verdict.hpp"

namespace malaposta::verify {

struct Context {
  const scenario::Scenario& scenario;
  const Evidence& evidence;
  const std::vector<Transaction>& transactions;
  const std::vector<Finding>& findings;
  const std::optional<ClientResult>& client;
  bool final = false;
  TimePoint now;
};

using Outcome = Judgement::Outcome;

// The judgement of an expectation whose wording is `expected`; the rest is the caller's.
Judgement judgement_of(const scenario::Expectation& expectation, const Context& context, std::string expected);

// Judges a number by the expectation's `count`, and says both in words: "attempts: exactly 3", "2 attempts".
Judgement counted(const scenario::Expectation& expectation, const Context& context, const std::string& what, std::uint64_t actual);

// "exactly 3", "at least 1", "at most 2", "2 to 3".
std::string in_words(const scenario::Count& count);

// Not met now: pending while the client is at work, then failed, or inconclusive where evidence is gone.
Outcome not_met(const Context& context);

// The expectations, by subject.
Judgement judge_connections(const scenario::Expectation& expectation, const Context& context);
Judgement judge_attempts(const scenario::Expectation& expectation, const Context& context);
Judgement judge_accepted(const scenario::Expectation& expectation, const Context& context);
Judgement judge_captured(const scenario::Expectation& expectation, const Context& context);
Judgement judge_commands(const scenario::Expectation& expectation, const Context& context);
Judgement judge_quiet(const scenario::Expectation& expectation, const Context& context);
Judgement judge_sequence(const scenario::Expectation& expectation, const Context& context);
Judgement judge_never(const scenario::Expectation& expectation, const Context& context);
Judgement judge_message(const scenario::Expectation& expectation, const Context& context);
Judgement judge_ends(const scenario::Expectation& expectation, const Context& context);
Judgement judge_client(const scenario::Expectation& expectation, const Context& context);
Judgement judge_findings(const scenario::Expectation& expectation, const Context& context);
Judgement judge_rule(const scenario::Expectation& expectation, const Context& context);

// Of a scenario with a dialog: that each of its sessions came and was kept to the end.
Judgement judge_dialog(const Context& context);

}  // namespace malaposta::verify
