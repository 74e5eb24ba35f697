#include "cli/runner.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

#include "cli/client_process.hpp"
#include "http/server.hpp"
#include "net/ca_file.hpp"
#include "net/server.hpp"
#include "net/watch.hpp"

namespace malaposta::cli {

namespace {

using Clock = std::chrono::steady_clock;
using verify::Judgement;

// A descriptor that can be read once somebody has rung.
class Bell {
 public:
  Bell() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (descriptor_ < 0) throw std::runtime_error("no descriptor is left for an event");
  }
  ~Bell() { ::close(descriptor_); }
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  void ring() const { (void)::eventfd_write(descriptor_, 1); }
  void clear() const {
    eventfd_t count = 0;
    (void)::eventfd_read(descriptor_, &count);
  }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

bool readable(int descriptor) {
  pollfd one{descriptor, POLLIN, 0};
  return descriptor >= 0 && ::poll(&one, 1, 0) > 0;
}

std::string replaced(std::string text, const std::vector<std::pair<std::string, std::string>>& values) {
  for (const auto& [name, value] : values) {
    const std::string mark = "{" + name + "}";
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += value.size()) text.replace(at, mark.size(), value);
  }
  return text;
}

// The servers of one run, the client, and the waiting.
class Runner {
 public:
  Runner(const std::vector<scenario::ScenarioPtr>& scenarios, const RunSettings& settings)
      : scenarios_(scenarios),
        settings_(settings),
        server_(options()),
        api_(server_, api_options()),
        watch_(server_, scenarios),
        ca_file_(server_.ca_pem()) {}

  std::vector<RunResult> run() {
    std::thread thread([this] { server_.run(); });
    try {
      api_.start();
      meet();
    } catch (const std::exception& error) {
      error_ = error.what();
    }
    server_.stop();
    thread.join();
    return results();
  }

 private:
  net::ServerOptions options() {
    net::ServerOptions options;
    for (const scenario::ScenarioPtr& scenario : scenarios_) options.listeners.push_back({{"127.0.0.1", 0}, scenario});
    options.seed = settings_.seed;
    options.on_event = [this](const journal::Journal&, const journal::Event&) { bell_.ring(); };
    return options;
  }

  static http::Options api_options() {
    http::Options options;
    options.endpoint.port = 0;
    return options;
  }

  std::vector<std::pair<std::string, std::string>> values() const {
    const net::Listener first = server_.listeners().front();
    const std::string port = std::to_string(first.endpoint.port);
    return {{"host", first.endpoint.address}, {"port", port}, {"url", url(first)}, {"ca", ca_file_.path()}, {"api", api_url()}};
  }

  static std::string url(const net::Listener& listener) {
    return fmt::format("{}://{}", listener.tls == scenario::TlsMode::implicit ? "smtps" : "smtp", listener.endpoint.text());
  }

  std::string api_url() const { return "http://" + api_.endpoint().text(); }

  std::vector<std::pair<std::string, std::string>> environment() const {
    const net::Listener first = server_.listeners().front();
    const std::string port = std::to_string(first.endpoint.port);
    std::vector<std::pair<std::string, std::string>> all{{"MALAPOSTA_SMTP_HOST", first.endpoint.address},
                                                         {"MALAPOSTA_SMTP_PORT", port},
                                                         {"MALAPOSTA_SMTP_URL", url(first)},
                                                         {"MALAPOSTA_API_URL", api_url()},
                                                         {"MALAPOSTA_SCENARIO", scenarios_.front()->name()},
                                                         {"SMTP_HOST", first.endpoint.address},
                                                         {"SMTP_PORT", port}};
    if (first.tls != scenario::TlsMode::none) all.emplace_back("MALAPOSTA_TLS_PORT", port);
    if (!ca_file_.path().empty()) all.emplace_back("MALAPOSTA_CA_FILE", ca_file_.path());
    if (scenarios_.size() > 1)
      for (std::size_t i = 0; i < scenarios_.size(); ++i)
        all.emplace_back("MALAPOSTA_PORT_" + variable_name(scenarios_[i]->name()), std::to_string(server_.listeners()[i].endpoint.port));
    for (const auto& [name, text] : settings_.variables) all.emplace_back(name, replaced(text, values()));
    return all;
  }

  void meet() {
    begun_ = Clock::now();
    const Clock::time_point deadline = begun_ + std::chrono::duration_cast<Clock::duration>(settings_.timeout);
    if (settings_.client.empty()) {
      announce();
      while (!interrupted_ && Clock::now() < deadline && !watch_.settled()) wait(nullptr, deadline);
      return;
    }
    std::vector<std::string> arguments;
    for (const std::string& argument : settings_.client) arguments.push_back(replaced(argument, values()));
    ClientProcess client(arguments, environment());
    while (!client.ended() && !interrupted_ && Clock::now() < deadline && !over()) wait(&client, deadline);
    if (!client.ended()) {
      client.result().timed_out = !interrupted_ && Clock::now() >= deadline;
      const bool early = !client.result().timed_out && !interrupted_;
      client.stop();
      // What we ended ourselves is no fault of the client.
      if (early) client.result().signal.reset();
    }
    client_ = std::move(client.result());
    const Clock::time_point settle = std::min(deadline, Clock::now() + net::kSettle);
    while (!interrupted_ && watch_.open_sessions() && Clock::now() < settle) wait(nullptr, settle);
    while (!interrupted_ && Clock::now() < deadline && !watch_.quiet(client_))
      wait(nullptr, std::min(deadline, Clock::now() + net::kJudgeEvery));
  }

  // Until something happens, and a little longer where much does.
  void wait(ClientProcess* client, Clock::time_point until) {
    const bool after_event = readable(bell_.descriptor());
    bell_.clear();
    // A `quiet` that is under way ends by itself.
    const Clock::time_point soon =
        std::min(until, Clock::now() + (watch_.awaits_quiet() || after_event ? net::kJudgeEvery : std::chrono::milliseconds(60'000)));
    if (client != nullptr) {
      (void)client->wait(soon, {bell_.descriptor(), settings_.interrupted});
    } else {
      pollfd watched[] = {{bell_.descriptor(), POLLIN, 0}, {settings_.interrupted, POLLIN, 0}};
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(soon - Clock::now()).count() + 1;
      (void)::poll(watched, 2, static_cast<int>(std::clamp<long>(left, 0, 60'000)));
    }
    if (readable(settings_.interrupted)) interrupted_ = true;
  }

  // The client need not be waited for: everything is as expected, and has been quiet for as long as is asked.
  bool over() const { return watch_.awaits_quiet() && watch_.settled(); }

  void announce() const {
    for (const net::Listener& listener : server_.listeners())
      fmt::print("malaposta: {} waits for a client on {}\n", listener.scenario, listener.endpoint.text());
    (void)std::fflush(stdout);
  }

  std::vector<RunResult> results() {
    std::vector<RunResult> all;
    for (std::size_t i = 0; i < scenarios_.size(); ++i) {
      RunResult& result = all.emplace_back();
      result.scenario = scenarios_[i];
      result.evidence = server_.evidence(i);
      result.client = client_;
      result.verdict = verify::judge(*scenarios_[i], result.evidence, client_, true, Clock::now());
      result.verdict.seed = settings_.seed;
      result.duration = Clock::now() - begun_;
      result.error = error_;
      result.interrupted = interrupted_;
      if (!error_.empty()) result.verdict.kind = verify::Verdict::Kind::error;
      if (settings_.strict) require_rules(result);
    }
    return all;
  }

  static void require_rules(RunResult& result) {
    for (const verify::RuleCount& rule : result.evidence.rules) {
      if (rule.fired > 0) continue;
      Judgement judgement;
      judgement.outcome = Judgement::Outcome::failed;
      judgement.expected = fmt::format("rule '{}' fires (--strict)", rule.id);
      judgement.actual = "it never did";
      judgement.file = result.scenario->model().file, judgement.line = rule.line, judgement.column = 1;
      result.verdict.judgements.push_back(std::move(judgement));
      if (result.verdict.kind != verify::Verdict::Kind::error) result.verdict.kind = verify::Verdict::Kind::failed;
    }
  }

  const std::vector<scenario::ScenarioPtr>& scenarios_;
  const RunSettings& settings_;
  Bell bell_;
  net::Server server_;
  http::Server api_;
  net::Watch watch_;
  net::CaFile ca_file_;
  Clock::time_point begun_ = Clock::now();
  std::optional<verify::ClientResult> client_;
  std::string error_;
  bool interrupted_ = false;
};

}  // namespace

std::vector<RunResult> run_together(const std::vector<scenario::ScenarioPtr>& scenarios, const RunSettings& settings) {
  try {
    return Runner(scenarios, settings).run();
  } catch (const std::exception& error) {
    // No server: a port that cannot be opened, a certificate that cannot be read.
    std::vector<RunResult> all;
    for (const scenario::ScenarioPtr& scenario : scenarios) {
      RunResult& result = all.emplace_back();
      result.scenario = scenario;
      result.verdict = verify::judge(*scenario, result.evidence, {}, true, Clock::now());
      result.verdict.seed = settings.seed;
      result.verdict.kind = verify::Verdict::Kind::error;
      result.error = error.what();
    }
    return all;
  }
}

std::string variable_name(const std::string& scenario) {
  std::string name;
  for (const char c : scenario)
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : '_';
  return name;
}

}  // namespace malaposta::cli
