// For tests: a scenario played by clients whose sessions are told step by step. What comes back is what a rule
// decided, in one line: the bytes it sends with \r\n left out, its other steps in brackets, its modifiers behind.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>

#include "scenario/play.hpp"
#include "scenario/scenario.hpp"

namespace malaposta::scenario::test {

inline ScenarioPtr compiled(std::string_view rules) {
  Loaded loaded = load_text("test.yaml", "malaposta: 1\nname: test\n" + std::string(rules), {});
  if (loaded.failed()) {
    std::string all;
    for (const Diagnostic& diagnostic : loaded.diagnostics) all += render(diagnostic);
    throw std::runtime_error(all);
  }
  return loaded.scenarios.at(0);
}

// The diagnostics of a scenario, as printed.
inline std::string problems(std::string_view rules) {
  std::string all;
  for (const Diagnostic& diagnostic : load_text("test.yaml", "malaposta: 1\nname: test\n" + std::string(rules), {}).diagnostics)
    all += render(diagnostic);
  return all;
}

inline std::string_view name(protocol::Step::Kind kind) {
  constexpr std::array<std::string_view, 12> kNames{"send",       "wait",  "read-bytes", "read-line", "close", "reset",
                                                    "half-close", "stall", "silence",    "set",       "go-to", "start-tls"};
  return kNames[static_cast<std::size_t>(kind)];
}

inline std::string told(const protocol::Step& step, std::string_view text) {
  if (step.kind == protocol::Step::Kind::send) {
    std::string bytes(text);
    for (std::size_t at; (at = bytes.find("\r\n")) != std::string::npos;) bytes.replace(at, 2, at + 2 == bytes.size() ? "" : "|");
    return bytes;
  }
  std::string out = "[" + std::string(name(step.kind));
  if (!text.empty()) out += " " + std::string(text);
  if (step.duration.count() != 0) out += fmt::format(" {}ms", step.duration.count() / 1'000'000);
  if (step.number != 0) out += fmt::format(" {}", step.number);
  return out + "]";
}

// "own" where the correct server answers by itself.
inline std::string told(const protocol::Decision& decision) {
  std::string out = decision.decided ? "" : "own";
  for (const protocol::Step& step : decision.steps) out += (out.empty() ? "" : " ") + told(step, decision.text_of(step));
  if (decision.duplicate) out += " duplicate";
  if (decision.truncate) out += fmt::format(" truncate {}", *decision.truncate);
  if (decision.stay) out += " stay";
  if (decision.then) out += " then " + told(*decision.then, {});
  if (decision.capture) out += *decision.capture ? " keep" : " lose";
  if (decision.delay.count() != 0) out += fmt::format(" after {}ms", decision.delay.count() / 1'000'000);
  if (decision.dribble_bytes != 0)
    out += fmt::format(" dribble {} {}ms {}ms", decision.dribble_bytes, decision.dribble_every.count() / 1'000'000,
                       decision.dribble_over.count() / 1'000'000);
  return out;
}

struct World {
  explicit World(std::string_view rules, std::uint64_t seed = 1) : World(compiled(rules), seed) {}
  explicit World(ScenarioPtr scenario, std::uint64_t seed = 1) : instance(std::move(scenario), seed), journal({}) {}
  Instance instance;
  Additions additions;
  journal::Journal journal;
  journal::TimePoint now{std::chrono::hours(1)};
};

class Client {
 public:
  explicit Client(World& world, std::string ip = "127.0.0.1") : Client(world, {}, std::move(ip)) {}
  Client(World& world, std::span<Instance* const> routes, std::string ip = "127.0.0.1")
      : world_(world), play_(world.instance, world.journal, routes, &world.additions) {
    facts.peer_ip = std::move(ip);
    facts.local_port = 2525;
    session_ = world.journal.open_session(facts.peer_ip + ":54321", facts.local_port, "test", world.now);
    play_.begin(session_);
  }

  protocol::Facts facts;
  protocol::Decision decision;

  std::string at(protocol::Moment moment) {
    moment.now = world_.now;
    moment.facts = &facts;
    if (!moment.has_mail && facts.in_transaction) moment.mail = facts.reverse_path, moment.has_mail = true;
    decision.clear();
    play_.decide(moment, decision);
    return told(decision);
  }
  std::string command(protocol::Stage stage, std::string_view line) {
    protocol::Moment moment{};
    moment.stage = stage;
    moment.is_command = true;
    moment.line = line;
    const std::size_t blank = std::min(line.find(' '), line.size());
    moment.argument = line.substr(std::min(blank + 1, line.size()));
    return at(moment);
  }
  std::string ehlo(std::string_view name) {
    std::string told = command(protocol::Stage::ehlo, "EHLO " + std::string(name));
    facts.helo = name;
    return told;
  }
  std::string mail(std::string_view path, std::string_view parameters = {}, std::uint64_t size = 0) {
    const std::string line = fmt::format("MAIL FROM:<{}> {}", path, parameters);
    facts.recipients.clear();
    ++facts.transaction;
    protocol::Moment moment = told_by(protocol::Stage::mail, line, parameters);
    moment.mail = path, moment.has_mail = true, moment.size = size;
    std::string told = at(moment);
    facts.reverse_path = path;
    facts.in_transaction = true;
    return told;
  }
  // Recipients that the rules do not refuse are accepted.
  std::string rcpt(std::string_view path, std::string_view parameters = {}) {
    const std::string line = fmt::format("RCPT TO:<{}> {}", path, parameters);
    protocol::Moment moment = told_by(protocol::Stage::rcpt, line, parameters);
    moment.rcpt = path, moment.has_rcpt = true;
    std::string told = at(moment);
    if (!decision.decided || decision.code / 100 == 2) facts.recipients.emplace_back(path);
    return told;
  }
  std::string dot(std::string_view content = "Subject: x\r\n\r\nx\r\n") {
    journal::Content bytes;
    bytes.append(content);
    protocol::Moment moment{};
    moment.stage = protocol::Stage::end_of_data;
    moment.size = content.size();
    moment.content = &bytes;
    std::string told = at(moment);
    end_transaction();
    return told;
  }
  std::uint64_t next_body_offset(std::uint64_t from) { return play_.next_body_offset(body(from), from); }
  std::string reached(std::uint64_t size) { return at(body(size)); }
  void end_transaction() { facts.in_transaction = false, facts.reverse_path.clear(), facts.recipients.clear(); }
  Play& play() { return play_; }

  // "rule-id" or "rule-id!" if it decided, of every rule that fired so far.
  std::string fired() {
    std::string out;
    for (const journal::Event& event : world_.journal.events(session_))
      if (event.kind == journal::Kind::rule) out += (out.empty() ? "" : " ") + std::string(event.text) + (event.code == 1 ? "!" : "");
    return out;
  }
  std::string notes() {
    std::string out;
    for (const journal::Event& event : world_.journal.events(session_))
      if (event.kind == journal::Kind::note) out += std::string(event.text) + "\n";
    return out;
  }

 private:
  static protocol::Moment told_by(protocol::Stage stage, std::string_view line, std::string_view parameters) {
    protocol::Moment moment{};
    moment.stage = stage;
    moment.is_command = true;
    moment.line = line;
    moment.argument = line.substr(5);
    moment.parameters = parameters;
    return moment;
  }
  protocol::Moment body(std::uint64_t size) {
    protocol::Moment moment{};
    moment.stage = protocol::Stage::body;
    moment.now = world_.now;
    moment.facts = &facts;
    moment.mail = facts.reverse_path, moment.has_mail = facts.in_transaction;
    moment.size = size;
    return moment;
  }

  World& world_;
  Play play_;
  journal::SessionId session_ = 0;
};

}  // namespace malaposta::scenario::test
