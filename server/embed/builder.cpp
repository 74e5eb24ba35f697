#include "malaposta/builder.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

namespace malaposta {

namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

// A scalar as it is: quoted as JSON has it, which is a part of YAML, unless nobody could misread it without.
std::string scalar(std::string_view text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
  const bool plain =
      !text.empty() && text.front() != '-' && text.front() != '.' && text.find_first_not_of(kPlain) == std::string_view::npos;
  return plain ? std::string(text) : boost::json::serialize(boost::json::string(text));
}

template <typename Words>
std::string list_of(const Words& words) {
  std::vector<std::string> all;
  for (const auto& word : words) all.push_back(scalar(word));
  return fmt::format("[{}]", fmt::join(all, ", "));
}

std::string map_of(const Entries& entries) {
  std::vector<std::string> all;
  for (const auto& [key, value] : entries) all.push_back(fmt::format("{}: {}", scalar(key), value));
  return fmt::format("{{ {} }}", fmt::join(all, ", "));
}

std::string time_of(std::chrono::milliseconds time) { return fmt::format("{}ms", time.count()); }

std::string counted(std::string_view what, const Count& count, std::initializer_list<std::string_view> same = {}) {
  Entries entries;
  if (count.least && count.least == count.most) {
    entries.emplace_back("exactly", std::to_string(*count.least));
  } else {
    if (count.least) entries.emplace_back("min", std::to_string(*count.least));
    if (count.most) entries.emplace_back("max", std::to_string(*count.most));
  }
  if (same.size() > 0) entries.emplace_back("same", list_of(same));
  return fmt::format("{}: {}", what, map_of(entries));
}

}  // namespace

Rule::Rule(std::string_view id) { (void)with("id", scalar(id)); }

Rule& Rule::with(std::string_view key, std::string_view value) {
  entries_.emplace_back(key, value);
  return *this;
}

Rule& Rule::at(std::initializer_list<std::string_view> stages) {
  return with("at", stages.size() == 1 ? scalar(*stages.begin()) : list_of(stages));
}
Rule& Rule::when(std::string_view subject, std::string_view pattern) {
  conditions_.emplace_back(subject, scalar(pattern));
  return *this;
}
Rule& Rule::times(std::uint64_t n) { return with("times", std::to_string(n)); }
Rule& Rule::skip(std::uint64_t n) { return with("skip", std::to_string(n)); }
Rule& Rule::every(std::uint64_t n) { return with("every", std::to_string(n)); }
Rule& Rule::probability(double chance) { return with("probability", fmt::format("{:f}", chance)); }
Rule& Rule::key(std::initializer_list<std::string_view> subjects) { return with("key", list_of(subjects)); }
Rule& Rule::reply(int code) { return with("reply", std::to_string(code)); }
Rule& Rule::reply(std::string_view line) { return with("reply", scalar(line)); }
Rule& Rule::fault(std::string_view name) { return with("fault", scalar(name)); }
Rule& Rule::then(std::string_view what) { return with("then", scalar(what)); }
Rule& Rule::delay(std::chrono::milliseconds time) { return with("delay", time_of(time)); }
Rule& Rule::after(std::uint64_t bytes) { return with("after", std::to_string(bytes)); }
Rule& Rule::capture(bool wanted) { return with("capture", wanted ? "true" : "false"); }
Rule& Rule::set_state(std::string_view state) { return with("set", scalar(state)); }

Expectation Expectation::connections(Count count) { return Expectation(counted("connections", count)); }
Expectation Expectation::attempts(Count count, std::initializer_list<std::string_view> same) {
  return Expectation(counted("attempts", count, same));
}
Expectation Expectation::accepted(Count count) { return Expectation(counted("accepted", count)); }
Expectation Expectation::captured(Count count) { return Expectation(counted("captured", count)); }
Expectation Expectation::commands(Count count) { return Expectation(counted("commands", count)); }
Expectation Expectation::quiet(std::chrono::milliseconds time) { return Expectation(fmt::format("quiet: {}", time_of(time))); }
Expectation Expectation::sequence(std::initializer_list<std::string_view> verbs) {
  return Expectation(fmt::format("sequence: {}", list_of(verbs)));
}
Expectation Expectation::ends(std::string_view how) { return Expectation(fmt::format("ends: {}", scalar(how))); }
Expectation Expectation::message(std::string_view subject, std::string_view pattern) {
  return Expectation(fmt::format("message: {}", map_of({{std::string(subject), scalar(pattern)}})));
}
Expectation Expectation::no_findings(std::string_view level) { return Expectation(fmt::format("findings: {{ none: {} }}", scalar(level))); }
Expectation Expectation::rule(std::string_view id, std::uint64_t fired) {
  return Expectation(fmt::format("rule: {}", map_of({{"id", scalar(id)}, {"fired", std::to_string(fired)}})));
}
Expectation Expectation::from_yaml(std::string_view entry) { return Expectation(std::string(entry)); }

ScenarioBuilder::ScenarioBuilder(std::string_view name) : name_(name) {}

ScenarioBuilder& ScenarioBuilder::with(std::string_view key, std::string_view value) {
  keys_.emplace_back(key, value);
  return *this;
}
ScenarioBuilder& ScenarioBuilder::title(std::string_view text) { return with("title", scalar(text)); }
ScenarioBuilder& ScenarioBuilder::codes(std::initializer_list<int> codes) {
  return with("codes", fmt::format("[{}]", fmt::join(codes, ", ")));
}
ScenarioBuilder& ScenarioBuilder::server(std::string_view key, std::string_view value) {
  server_.emplace_back(key, value);
  return *this;
}
ScenarioBuilder& ScenarioBuilder::rule(const Rule& rule) {
  rules_.push_back(rule);
  return *this;
}
ScenarioBuilder& ScenarioBuilder::expect(const Expectation& expectation) {
  expect_.push_back(expectation);
  return *this;
}

std::string ScenarioBuilder::text() const {
  std::string text = fmt::format("malaposta: 1\nname: {}\n", scalar(name_));
  for (const auto& [key, value] : keys_) text += fmt::format("{}: {}\n", key, value);
  if (!server_.empty()) text += "server:\n";
  for (const auto& [key, value] : server_) text += fmt::format("  {}: {}\n", key, value);
  if (!rules_.empty()) text += "rules:\n";
  for (const Rule& rule : rules_) {
    Entries entries = rule.entries_;
    if (!rule.conditions_.empty()) entries.emplace_back("when", map_of(rule.conditions_));
    std::string_view mark = "- ";
    for (const auto& [key, value] : entries) text += fmt::format("  {}{}: {}\n", std::exchange(mark, "  "), key, value);
  }
  if (!expect_.empty()) text += "expect:\n";
  for (const Expectation& one : expect_) text += fmt::format("  - {}\n", one.entry_);
  return text;
}

Scenario ScenarioBuilder::build() const { return Scenario::from_text(text(), name_ + ".yaml"); }

}  // namespace malaposta
