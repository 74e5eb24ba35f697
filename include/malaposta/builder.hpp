/// @file
/// Scenarios built in code. They are written in the same language (docs/scenarios.md) and then read like any other, so there is nothing
/// that only one of the two can say: what has no member function here has with().
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <malaposta/export.hpp>
#include <malaposta/scenario.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace malaposta {

/// How often something is expected.
struct MALAPOSTA_API Count {
  std::optional<std::uint64_t> least;  ///< at least so often
  std::optional<std::uint64_t> most;   ///< at most so often

  /// Exactly `n`: `expect(Expectation::accepted(1))`.
  // NOLINTNEXTLINE(google-explicit-constructor): a number is what most people mean
  Count(std::uint64_t n) : least(n), most(n) {}
  /// Within both bounds; one that is missing allows everything.
  Count(std::optional<std::uint64_t> at_least, std::optional<std::uint64_t> at_most) : least(at_least), most(at_most) {}
};
/// `n` or more.
inline Count at_least(std::uint64_t n) { return {n, std::nullopt}; }
/// `n` or fewer.
inline Count at_most(std::uint64_t n) { return {std::nullopt, n}; }

/// One rule: at a stage of the session, under conditions, something happens. Rules are tried in their order; the first live match that
/// has an outcome decides.
class MALAPOSTA_API Rule {
 public:
  /// @param id its name in the journal and in failures: "tempfail"
  explicit Rule(std::string_view id);

  /// The stages where it is looked at: "connect", "ehlo", "mail", "rcpt", "data", "body", "end-of-data", …
  Rule& at(std::initializer_list<std::string_view> stages);
  /// @copydoc at
  Rule& at(std::string_view stage) { return at({stage}); }
  /// A condition; all of a rule have to hold. `subject`: "rcpt", "mail", "helo", "header.subject", "size", …; `pattern`: a literal, a
  /// glob ("*@example.test"), a regular expression between slashes, or for numbers ">= 100".
  Rule& when(std::string_view subject, std::string_view pattern);

  /// Live for so many matches; then it is spent.
  Rule& times(std::uint64_t n);
  /// Not live for the first `n` matches.
  Rule& skip(std::uint64_t n);
  /// Live for every `n`th match only.
  Rule& every(std::uint64_t n);
  /// Live by chance, between 0 and 1; the server's seed decides, so that each run decides the same.
  Rule& probability(double chance);
  /// Counters and state are kept for each distinct value of these: {"ip", "mail", "rcpt"} is greylisting's key.
  Rule& key(std::initializer_list<std::string_view> subjects);

  /// Replies with that code; enhanced status code (RFC 3463) and text come from the catalogue.
  Rule& reply(int code);
  /// Replies with that line: "550 5.1.1 <${rcpt}> User unknown".
  Rule& reply(std::string_view line);
  /// Does that to the connection: "close", "reset", "half-close", "stall", "silence", "garbage", "truncate", "discard", "duplicate".
  Rule& fault(std::string_view name);
  /// Does that behind the reply: "close", "reset", "half-close", "stall", "stay", "starttls".
  Rule& then(std::string_view what);
  /// Waits so long first.
  Rule& delay(std::chrono::milliseconds time);
  /// At "body": the fault comes behind so many bytes of content.
  Rule& after(std::uint64_t bytes);
  /// Whether the message is kept.
  Rule& capture(bool wanted);
  /// Enters that state of the scenario, which `when("state", …)` looks at.
  Rule& set_state(std::string_view state);

  /// Any other key of a rule: `with("window", "{ after: 10s, until: 60s }")`. `value` is YAML in one line.
  Rule& with(std::string_view key, std::string_view value);

 private:
  friend class ScenarioBuilder;
  std::vector<std::pair<std::string, std::string>> entries_;  // key, YAML
  std::vector<std::pair<std::string, std::string>> conditions_;
};

/// One thing that a correct client does.
class MALAPOSTA_API Expectation {
 public:
  /// So many connections.
  static Expectation connections(Count count);
  /// So many transactions that reached MAIL (RFC 5321 section 3.3); where `same` is given, all of the same message: {"mail", "rcpts",
  /// "header.message-id"}.
  static Expectation attempts(Count count, std::initializer_list<std::string_view> same = {});
  /// So many messages acknowledged with 2yz.
  static Expectation accepted(Count count);
  /// So many messages kept.
  static Expectation captured(Count count);
  /// So many commands of any kind.
  static Expectation commands(Count count);
  /// Nothing more arrives for so long.
  static Expectation quiet(std::chrono::milliseconds time);
  /// These verbs in this order; others may stand between.
  static Expectation sequence(std::initializer_list<std::string_view> verbs);
  /// How the client leaves: "quit", "close" or "reset".
  static Expectation ends(std::string_view how);
  /// Some kept message matches: `message("header.subject", "Invoice*")`; patterns as in Rule::when().
  static Expectation message(std::string_view subject, std::string_view pattern);
  /// Nothing is found about the client at that level or above: "note", "warning" or "error" (docs/findings).
  static Expectation no_findings(std::string_view level = "warning");
  /// The rule of that id fires so often.
  static Expectation rule(std::string_view id, std::uint64_t fired);
  /// Any entry of `expect`, as the language has it: "never: { at: [auth, mail], tls: false }".
  static Expectation from_yaml(std::string_view entry);

 private:
  friend class ScenarioBuilder;
  explicit Expectation(std::string entry) : entry_(std::move(entry)) {}
  std::string entry_;
};

/// Writes a scenario.
///
/// ```cpp
/// auto busy = malaposta::ScenarioBuilder("busy")
///     .rule(malaposta::Rule("tempfail").at("end-of-data").times(2).reply("451 4.3.0 Try again later"))
///     .expect(malaposta::Expectation::accepted(1))
///     .build();
/// ```
class MALAPOSTA_API ScenarioBuilder {
 public:
  /// @param name kebab-case: "tempfail-twice"
  explicit ScenarioBuilder(std::string_view name);

  /// One line for people.
  ScenarioBuilder& title(std::string_view text);
  /// The documented codes that it is about, for reports.
  ScenarioBuilder& codes(std::initializer_list<int> codes);
  /// One key of the `server` section: `server("extensions", "{ without: [PIPELINING] }")`, `server("tls", "{ mode: starttls }")`.
  /// `value` is YAML in one line.
  ScenarioBuilder& server(std::string_view key, std::string_view value);
  /// One rule more, behind those that it has.
  ScenarioBuilder& rule(const Rule& rule);
  /// One expectation more.
  ScenarioBuilder& expect(const Expectation& expectation);
  /// Any other key of a scenario: `with("vars", "{ window: 30s }")`. `value` is YAML in one line.
  ScenarioBuilder& with(std::string_view key, std::string_view value);

  /// The scenario as a file would have it.
  std::string text() const;
  /// The scenario.
  /// @throws ScenarioError with every problem of text(), as for a file of the scenario's name.
  Scenario build() const;

 private:
  std::string name_;
  std::vector<std::pair<std::string, std::string>> keys_, server_;
  std::vector<Rule> rules_;
  std::vector<Expectation> expect_;
};

}  // namespace malaposta
