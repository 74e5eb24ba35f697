// What the parts of the hot path cost by themselves, without sockets: the parsers, the session, the rules.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "journal/journal.hpp"
#include "protocol/command.hpp"
#include "protocol/effects.hpp"
#include "protocol/session.hpp"
#include "scenario/play.hpp"
#include "scenario/scenario.hpp"

namespace {

using namespace malaposta;

constexpr std::size_t kEventBytes = 16u << 20;
constexpr std::size_t kMessageBytes = 64u << 20;

void parse_command(benchmark::State& state) {
  std::string_view line = "RCPT TO:<recipient@example.org>";
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(line);
    benchmark::DoNotOptimize(protocol::parse_command(line));
  }
}
BENCHMARK(parse_command);

void parse_mail_argument(benchmark::State& state, std::string_view argument) {
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(argument);
    benchmark::DoNotOptimize(protocol::parse_mail_argument(argument, protocol::Syntax::tolerant, false));
  }
}
BENCHMARK_CAPTURE(parse_mail_argument, plain, "FROM:<sender@example.com>");
BENCHMARK_CAPTURE(parse_mail_argument, parameters, "FROM:<sender@example.com> SIZE=1024 BODY=8BITMIME");

scenario::ScenarioPtr load(std::string_view name) {
  scenario::Loaded loaded = scenario::load({std::string(name)}, {});
  if (loaded.failed() || loaded.scenarios.size() != 1) std::abort();
  return loaded.scenarios.front();
}

std::string with_lines(std::size_t size) {
  std::string text = "Subject: micro\r\n\r\n";
  while (text.size() < size) text += "The quick brown fox jumps over the lazy dog, and then jumps back over it again\r\n";
  return text;
}

// As bench/rules makes them: none of them is met by the mail of the benchmarks.
scenario::ScenarioPtr with_rules(std::int64_t count) {
  std::string text = "malaposta: 1\nname: many-rules\nrules:\n";
  for (std::int64_t i = 0; i < count; ++i) {
    const std::array<std::string, 4> patterns{fmt::format("user{}@example.net", i), fmt::format("*@domain{}.example.net", i),
                                              fmt::format("/^robot-{}(\\+[a-z]+)?@/", i), fmt::format("/(red|green){}@/", i)};
    const std::string_view subject = i / 4 % 2 == 0 ? "rcpt" : "mail";
    const std::string& pattern = patterns[static_cast<std::size_t>(i % 4)];
    text += fmt::format("  - {{ id: r{}, at: {}, when: {{ {}: '{}' }}, reply: 550 }}\n", i, subject, subject, pattern);
  }
  scenario::Loaded loaded = scenario::load_text("rules.yaml", text, {});
  if (loaded.failed()) std::abort();
  return loaded.scenarios.front();
}

// A session that is past EHLO, with its journal, playing a scenario.
class Conversation {
 public:
  explicit Conversation(scenario::ScenarioPtr scenario = load("default"))
      : scenario_(std::move(scenario)), play_(instance_, journal_), session_(scenario_->profile(), play_, journal_, id_, facts()) {
    play_.begin(id_);
    session_.start(now(), effects_);
    give("EHLO client.example.com\r\n");
  }

  void give(std::string_view bytes) {
    effects_.clear();
    if (session_.receive(now(), bytes, effects_) != bytes.size() || effects_.empty()) std::abort();
  }

  std::uint64_t messages() const { return session_.facts().messages; }

  // The decisions that one message takes, without the session around them.
  void decide(catalogue::Stage stage, std::string_view line, std::string_view rcpt, protocol::Decision& decision) {
    protocol::Moment moment{};
    moment.stage = stage;
    moment.now = now();
    moment.facts = &session_.facts();
    moment.is_command = true;
    moment.line = line;
    moment.mail = "sender@example.com";
    moment.rcpt = rcpt;
    moment.has_mail = true;
    moment.has_rcpt = !rcpt.empty();
    decision.clear();
    play_.decide(moment, decision);
  }

 private:
  static protocol::TimePoint now() { return std::chrono::steady_clock::now(); }
  static protocol::Facts facts() {
    protocol::Facts facts;
    facts.peer_ip = "127.0.0.1";
    return facts;
  }

  scenario::ScenarioPtr scenario_;
  scenario::Instance instance_{scenario_, 1};
  journal::Journal journal_{{.event_bytes = kEventBytes, .message_bytes = kMessageBytes}};
  journal::SessionId id_ = journal_.open_session("127.0.0.1:1", 25, scenario_->name(), now());
  protocol::Effects effects_;
  scenario::Play play_;
  protocol::Session session_;
};

void session_message(benchmark::State& state) {
  Conversation conversation;
  const std::string content = with_lines(static_cast<std::size_t>(state.range(0))) + ".\r\n";
  for ([[maybe_unused]] auto _ : state) {
    conversation.give("MAIL FROM:<sender@example.com>\r\n");
    conversation.give("RCPT TO:<recipient@example.org>\r\n");
    conversation.give("DATA\r\n");
    conversation.give(content);
  }
  if (conversation.messages() != static_cast<std::uint64_t>(state.iterations())) state.SkipWithError("a message was not acknowledged");
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(session_message)->Arg(1024)->Arg(1 << 20);

void decide_all(benchmark::State& state, Conversation& conversation) {
  protocol::Decision decision;
  for ([[maybe_unused]] auto _ : state) {
    conversation.decide(catalogue::Stage::mail, "MAIL FROM:<sender@example.com>", {}, decision);
    conversation.decide(catalogue::Stage::rcpt, "RCPT TO:<recipient@example.org>", "recipient@example.org", decision);
    conversation.decide(catalogue::Stage::data, "DATA", {}, decision);
  }
}

void match_default_rules(benchmark::State& state) {
  Conversation conversation;
  decide_all(state, conversation);
}
BENCHMARK(match_default_rules);

void match_rules(benchmark::State& state) {
  Conversation conversation(with_rules(state.range(0)));
  decide_all(state, conversation);
}
BENCHMARK(match_rules)->Arg(1)->Arg(1'000);

}  // namespace

BENCHMARK_MAIN();
