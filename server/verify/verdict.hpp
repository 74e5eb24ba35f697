// The verdict on a client: what each expectation came to, what the client did against the rules of SMTP, and how the
// client itself ended. Reports print it; `run` draws its exit status from it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/findings.hpp"
#include "scenario/scenario.hpp"
#include "verify/evidence.hpp"

namespace malaposta::verify {

using catalogue::Severity;

// One breach of the rules, met in one session.
struct Finding {
  std::string_view id;            // "bare-lf": a row of the table of findings
  Severity severity = Severity::note;
  std::size_t session = 0;        // index into Evidence::sessions
  std::size_t event = 0;          // index into its events: the line in question
  std::string detail;             // what exactly was done: "MAIL FROM: <a@a.test>"
};

// One expectation of the scenario.
struct Judgement {
  enum class Outcome : std::uint8_t {
    passed,
    failed,
    inconclusive,  // the evidence that it hangs on gave way to a limit
    pending,       // while the client is still at work: not met yet, but it may be
  };
  Outcome outcome = Outcome::passed;
  std::string expected;  // "attempts: exactly 3"
  std::string actual;    // "2 attempts"
  // What explains a failure: the nearest thing that did happen, rules that almost matched, lines of the session.
  std::vector<std::string> explanation;
  std::string file;      // of the expectation
  std::uint32_t line = 0, column = 0;
};

// How the client command of `run` ended.
struct ClientResult {
  std::optional<int> exit;    // its status
  std::optional<int> signal;  // that killed it
  bool timed_out = false;
  std::string output, errors;  // what it wrote, up to a limit
};

struct Verdict {
  enum class Kind : std::uint8_t { passed, failed, inconclusive, error };
  Kind kind = Kind::passed;
  std::string scenario, cell;  // cell: of its matrix, "" without one
  std::uint64_t seed = 0;
  std::vector<Judgement> judgements;  // a scenario without `expect` has one: that a client connected, or that its dialog was kept
  std::vector<Finding> findings;
};
std::string_view name(Verdict::Kind kind);

// Judges what has happened so far. `final`: the client is done, so that nothing is pending any more. `now` serves `quiet`.
Verdict judge(const scenario::Scenario& scenario, const Evidence& evidence, const std::optional<ClientResult>& client, bool final,
              TimePoint now);

// Whether something may still be met.
bool pending(const Verdict& verdict);

// Whether it is expected that nothing happens for some time: that is met without an event.
bool awaits_quiet(const scenario::Scenario& scenario);

// All findings in the evidence, in the order of time.
std::vector<Finding> find(const Evidence& evidence, const scenario::Scenario& scenario);

}  // namespace malaposta::verify
