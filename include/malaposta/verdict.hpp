/// @file
/// What is to be said of a client: each expectation of the scenario, and what the client did against the rules of SMTP.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <malaposta/export.hpp>
#include <string>
#include <vector>

namespace malaposta {

/// How bad a finding is.
enum class Severity : std::uint8_t {
  note,     ///< worth knowing
  warning,  ///< against a SHOULD, or harmful to others
  error     ///< against a MUST
};

/// What one expectation came to.
struct Judgement {
  /// How it came out.
  enum class Outcome : std::uint8_t {
    passed,       ///< it holds
    failed,       ///< it does not
    inconclusive  ///< what it hangs on gave way to ServerOptions::max_memory
  };
  Outcome outcome = Outcome::passed;     ///< how it came out
  std::string expected;                  ///< "attempts: exactly 3"
  std::string actual;                    ///< "2 attempts"
  std::vector<std::string>
      explanation;  ///< of a failure: the nearest thing that did happen, rules that almost matched, lines of the session
  std::string file;                      ///< where the expectation stands
  std::uint32_t line = 0;                ///< its line there, from 1
  std::uint32_t column = 0;              ///< and the column, from 1
};

/// One breach of the rules of SMTP.
struct Finding {
  std::string id;                      ///< "bare-lf": docs/findings has a page for each
  Severity severity = Severity::note;  ///< how bad it is
  std::string rule;                    ///< "RFC 5321 section 2.3.8"
  std::string title;                   ///< "A command line that ends with LF alone"
  std::string detail;                  ///< what exactly was done: "MAIL FROM: <a@a.test>"
  std::uint64_t session = 0;           ///< the Session::id
};

/// The verdict on the clients of one server, at the moment when it was drawn.
struct Verdict {
  /// In one word.
  enum class Kind : std::uint8_t {
    passed,       ///< every expectation holds
    failed,       ///< one does not
    inconclusive  ///< what one hangs on gave way to ServerOptions::max_memory
  };

  Kind kind = Kind::passed;           ///< in one word
  std::string scenario;               ///< the scenario's name
  std::uint64_t seed = 0;             ///< what chance depended on: ServerOptions::seed
  std::vector<Judgement> judgements;  ///< one for each entry of `expect`; without any: that a client connected, that a dialog was kept
  std::vector<Finding> findings;      ///< in the order of time; they fail a scenario only where it expects that there are none
  /// All of it as `malaposta run` prints it: a line for the scenario, and below it each failure in full with what explains it, and what
  /// was found about the client. Of a verdict that passed, the one line.
  std::string explanation;

  /// Every expectation holds.
  bool passed() const noexcept { return kind == Kind::passed; }
};

/// Writes the explanation: `std::cout << server.verify()`.
MALAPOSTA_API std::ostream& operator<<(std::ostream& stream, const Verdict& verdict);

}  // namespace malaposta
