#include "embed/running.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <future>
#include <utility>

#include "catalogue/findings.hpp"
#include "report/report.hpp"
#include "scenario/play.hpp"

namespace malaposta {

namespace {

constexpr unsigned kMostThreads = 256;

// The client is a part of the program here: there is no command whose exit status could be judged.
scenario::ScenarioPtr without_client(const scenario::ScenarioPtr& scenario) {
  std::vector<scenario::Expectation> expect = scenario->model().expect;
  if (std::erase_if(expect, [](const scenario::Expectation& one) { return one.kind == scenario::Expectation::Kind::client; }) == 0)
    return scenario;
  return scenario->with(std::move(expect));
}

net::ServerOptions options_of(const scenario::ScenarioPtr& scenario, const ServerOptions& options) {
  net::ServerOptions wanted;
  wanted.listeners.push_back({{options.address, options.port}, scenario});
  wanted.threads = std::clamp(options.threads, 1u, kMostThreads);
  wanted.seed = options.seed;
  wanted.max_memory = options.max_memory;
  wanted.keep = options.keep;
  return wanted;
}

std::string url_of(const net::Listener& listener) {
  return fmt::format("{}://{}", listener.tls == scenario::TlsMode::implicit ? "smtps" : "smtp", listener.endpoint.text());
}

// A signal is for the program's own threads.
std::thread without_signals(std::function<void()> work) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(work));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

Judgement::Outcome outcome_of(verify::Judgement::Outcome outcome) {
  using Outcome = verify::Judgement::Outcome;
  return outcome == Outcome::passed   ? Judgement::Outcome::passed
         : outcome == Outcome::failed ? Judgement::Outcome::failed
                                      : Judgement::Outcome::inconclusive;
}

Verdict::Kind kind_of(verify::Verdict::Kind kind) {
  using Kind = verify::Verdict::Kind;
  return kind == Kind::passed ? Verdict::Kind::passed : kind == Kind::failed ? Verdict::Kind::failed : Verdict::Kind::inconclusive;
}

Finding finding_of(const verify::Finding& found, const verify::Evidence& evidence) {
  Finding finding;
  finding.id = found.id, finding.severity = static_cast<Severity>(found.severity), finding.detail = found.detail;
  finding.session = evidence.sessions.at(found.session).id;
  if (const catalogue::FindingInfo* info = catalogue::find_finding(found.id)) finding.rule = info->rule, finding.title = info->title;
  return finding;
}

}  // namespace

Journal::Running::Running(const scenario::ScenarioPtr& played, const ServerOptions& options)
    : scenario(without_client(played)),
      server(options_of(scenario, options)),
      ca_file(server.ca_pem()),
      ca_pem(server.ca_pem()),
      listener(server.listeners().front()),
      url(url_of(listener)) {
  server.on_activity([this] {
    const std::lock_guard lock(mutex_);
    ++rings_;
    rung_.notify_all();
  });
  thread_ = without_signals([this] { server.run(); });
}

bool Journal::Running::wait(Clock::time_point deadline, bool ticks, const std::function<bool()>& done) {
  while (true) {
    std::unique_lock lock(mutex_);
    const std::uint64_t rings = rings_;
    const bool last = stopped_;
    lock.unlock();
    // Before the look, so that nothing goes unnoticed behind it.
    server.call_once();
    const Clock::time_point begin = Clock::now();
    if (done()) return true;
    const Clock::time_point end = Clock::now();
    if (last || end >= deadline) return false;
    const Clock::time_point until = ticks ? std::min(deadline, end + net::kJudgeEvery) : deadline;
    lock.lock();
    rung_.wait_until(lock, until, [&] { return rings_ != rings || stopped_; });
    // Where much happens, looking takes no more than half of the time.
    rung_.wait_until(lock, std::min(deadline, end + (end - begin)), [&] { return stopped_; });
  }
}

Verdict Journal::Running::verify(const scenario::ScenarioPtr& judged, std::chrono::milliseconds timeout) {
  const std::vector<scenario::ScenarioPtr> scenarios{judged};
  const net::Watch watch(server, scenarios);
  const Clock::time_point deadline = Clock::now() + timeout;
  const bool ticks = watch.awaits_quiet();
  (void)wait(deadline, ticks, [&] {
    const verify::Verdict verdict = watch.judged(0);
    return verdict.kind == verify::Verdict::Kind::failed || !verify::pending(verdict);
  });
  (void)wait(std::min(deadline, Clock::now() + net::kSettle), false, [&] { return !watch.open_sessions(); });
  (void)wait(deadline, ticks, [&] { return watch.quiet(); });
  return told(judged);
}

Verdict Journal::Running::told(const scenario::ScenarioPtr& judged) const {
  report::Entry entry;
  entry.name = judged->name();
  entry.evidence = evidence();
  // What is said of an address that nobody came to is about `malaposta run`.
  entry.evidence.address.clear();
  entry.verdict = verify::judge(*judged, entry.evidence, std::nullopt, true, Clock::now());
  {
    const std::lock_guard lock(mutex_);
    entry.duration = Clock::now() - begun_;
  }
  // Expectations that were given apart stand in no file.
  if (judged != scenario)
    for (verify::Judgement& one : entry.verdict.judgements) one.file = "expect";
  Verdict verdict;
  verdict.kind = kind_of(entry.verdict.kind);
  verdict.scenario = judged->name();
  verdict.seed = server.seed();
  for (const verify::Judgement& one : entry.verdict.judgements)
    verdict.judgements.push_back({outcome_of(one.outcome), one.expected, one.actual, one.explanation, one.file, one.line, one.column});
  for (const verify::Finding& one : entry.verdict.findings) verdict.findings.push_back(finding_of(one, entry.evidence));
  verdict.explanation = report::console(entry, false);
  return verdict;
}

void Journal::Running::reset() {
  server.reset();
  std::promise<void> done;
  server.visit([](journal::Journal& journal) { journal.clear(); }, [&] { done.set_value(); });
  done.get_future().wait();
  const std::lock_guard lock(mutex_);
  begun_ = Clock::now();
}

void Journal::Running::stop() {
  const std::lock_guard once(stopping_);
  if (!thread_.joinable()) return;
  server.stop();
  thread_.join();
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  rung_.notify_all();
}

}  // namespace malaposta
