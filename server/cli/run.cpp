// malaposta run: scenarios against a client, with a verdict on the client.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <boost/program_options.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <thread>

#include "cli/command.hpp"
#include "cli/runner.hpp"
#include "cli/settings.hpp"
#include "report/report.hpp"
#include "scenario/pattern.hpp"
#include "scenario/units.hpp"

namespace malaposta::cli {

namespace po = boost::program_options;

namespace {

constexpr unsigned kMostJobs = 64;

po::options_description options() {
  po::options_description options("Options");
  options.add_options()                                                                                                              //
      ("junit", po::value<std::string>()->value_name("FILE"), "write the results as JUnit XML")                                      //
      ("tap", po::value<std::string>()->value_name("FILE"), "write the results as TAP version 14")                                   //
      ("json", po::value<std::string>()->value_name("FILE"), "write the results as JSON")                                            //
      ("html", po::value<std::string>()->value_name("FILE"),
       "write the results as one HTML page, with each session as a ladder diagram") //
      ("artifacts", po::value<std::string>()->value_name("DIR"),
       "write a folder for each scenario: transcript, events, messages, what the client wrote, verdict")                             //
      ("jobs", po::value<unsigned>()->default_value(1)->value_name("N"), "scenarios at the same time, each with a client of its own")  //
      ("timeout", po::value<std::string>()->default_value("60s")->value_name("TIME"), "of each scenario; the client is then stopped")  //
      ("seed", po::value<std::uint64_t>()->default_value(1)->value_name("N"), "what chance depends on")                              //
      ("once", po::bool_switch(), "all scenarios at once, a port each, and one client command: ports in MALAPOSTA_PORT_<NAME>")      //
      ("filter", po::value<std::string>()->value_name("GLOB"), "only scenarios with such a name")                                    //
      ("strict", po::bool_switch(), "a rule that never fired fails")                                                                 //
      ("env", po::value<std::vector<std::string>>()->value_name("NAME=VALUE"),
       "one more environment variable of the client; the value is host, port, url, ca or api, or has {host}, {port}, {url}, {ca}, {api} in it")  //
      ("color", po::value<std::string>()->default_value("auto")->value_name("auto|always|never"), "colour in the output");
  return options;
}

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Rung by SIGINT and SIGTERM, and never silenced: whoever waits for it finds it.
int interrupt_bell = -1;
void on_signal(int) { (void)::eventfd_write(interrupt_bell, 1); }

void watch_signals() {
  interrupt_bell = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

std::pair<std::string, std::string> variable(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos) throw UsageError(fmt::format("--env {}: NAME=VALUE is expected", text));
  std::string value = text.substr(equals + 1);
  for (const std::string_view word : {"host", "port", "url", "ca", "api"})
    if (value == word) value = fmt::format("{{{}}}", word);
  return {text.substr(0, equals), value};
}

// The command line: scenarios before "--", the client behind it.
struct Request {
  std::vector<std::string> scenarios;
  RunSettings settings;
  unsigned jobs = 1;
  bool once = false, colour = false;
};

bool wants_colour(const std::string& word) {
  if (word == "always") return true;
  if (word == "never") return false;
  if (word != "auto") throw UsageError(fmt::format("--color is auto, always or never, not '{}'", word));
  const char* refused = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0');
}

Request request(const po::variables_map& values, std::vector<std::string> client) {
  Request request;
  if (values.count("argument") != 0) request.scenarios = values["argument"].as<std::vector<std::string>>();
  if (request.scenarios.empty()) throw UsageError("no scenario is named");
  request.settings.client = std::move(client);
  request.settings.seed = values["seed"].as<std::uint64_t>();
  request.settings.strict = values["strict"].as<bool>();
  request.settings.interrupted = interrupt_bell;
  const std::string& timeout = values["timeout"].as<std::string>();
  const auto time = scenario::parse_duration(timeout);
  if (!time || time->count() <= 0) throw UsageError(fmt::format("--timeout: '{}' is no time: 500ms, 60s, 5m are", timeout));
  request.settings.timeout = *time;
  if (values.count("env") != 0)
    for (const std::string& text : values["env"].as<std::vector<std::string>>()) request.settings.variables.push_back(variable(text));
  request.jobs = values["jobs"].as<unsigned>();
  if (request.jobs < 1 || request.jobs > kMostJobs) throw UsageError(fmt::format("--jobs is 1 to {}", kMostJobs));
  request.once = values["once"].as<bool>();
  request.colour = wants_colour(values["color"].as<std::string>());
  return request;
}

report::Entry entry_of(RunResult result) {
  return {result.scenario->name(), std::move(result.verdict), std::move(result.evidence),   std::move(result.client),
          result.duration,         std::move(result.error),   result.scenario->model().file};
}

void show(const report::Entry& entry, bool colour) {
  fmt::print("{}", report::console(entry, colour));
  (void)std::fflush(stdout);
}

// Each scenario by itself, up to `jobs` at the same time; shown in their order.
std::vector<report::Entry> run_each(const std::vector<scenario::ScenarioPtr>& scenarios, const Request& request, bool& client_failed) {
  std::vector<std::optional<report::Entry>> done(scenarios.size());
  std::mutex mutex;
  std::size_t next = 0, shown = 0;
  const auto work = [&] {
    while (true) {
      std::size_t mine = 0;
      {
        const std::lock_guard lock(mutex);
        if (next == scenarios.size()) return;
        mine = next++;
      }
      RunResult result = run_together({scenarios[mine]}, request.settings).front();
      const std::lock_guard lock(mutex);
      if (result.interrupted) {
        next = scenarios.size();
        return;
      }
      client_failed = client_failed || result.client_failed();
      done[mine] = entry_of(std::move(result));
      for (; shown < done.size() && done[shown]; ++shown) show(*done[shown], request.colour);
    }
  };
  std::vector<std::thread> others;
  for (unsigned i = 1; i < request.jobs && i < scenarios.size(); ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
  std::vector<report::Entry> entries;
  for (std::optional<report::Entry>& entry : done)
    if (entry) entries.push_back(std::move(*entry));
  return entries;
}

std::vector<report::Entry> run_at_once(const std::vector<scenario::ScenarioPtr>& scenarios, const Request& request, bool& client_failed) {
  std::vector<report::Entry> entries;
  for (RunResult& result : run_together(scenarios, request.settings)) {
    if (result.interrupted) return {};
    client_failed = client_failed || result.client_failed();
    entries.push_back(entry_of(std::move(result)));
    show(entries.back(), request.colour);
  }
  return entries;
}

void write(const po::variables_map& values, const char* option, const std::string& content) {
  if (values.count(option) == 0) return;
  const std::string& file = values[option].as<std::string>();
  std::ofstream out(file, std::ios::binary);
  out << content;
  out.close();
  if (!out) throw std::runtime_error(fmt::format("--{} {}: the file cannot be written", option, file));
}

// What of the command line a client meets, so that a scenario can be repeated.
report::Start start_of(const po::variables_map& values, const Request& request) {
  report::Start start{request.settings.seed, {}, request.settings.client, request.once};
  if (!values["timeout"].defaulted()) start.options.insert(start.options.end(), {"--timeout", values["timeout"].as<std::string>()});
  if (request.settings.strict) start.options.emplace_back("--strict");
  if (values.count("env") != 0)
    for (const std::string& variable : values["env"].as<std::vector<std::string>>())
      start.options.insert(start.options.end(), {"--env", variable});
  return start;
}

void write_reports(const po::variables_map& values, const std::vector<report::Entry>& entries, const Request& request) {
  const std::uint64_t seed = request.settings.seed;
  write(values, "junit", report::junit(entries));
  write(values, "tap", report::tap(entries));
  write(values, "json", report::json(entries, seed));
  write(values, "html", report::html(entries, start_of(values, request)));
  if (values.count("artifacts") != 0) report::write_artifacts(values["artifacts"].as<std::string>(), entries);
  const char* actions = std::getenv("GITHUB_ACTIONS");
  if (actions == nullptr || std::string_view(actions) != "true") return;
  fmt::print("{}", report::github_annotations(entries));
  if (const char* summary = std::getenv("GITHUB_STEP_SUMMARY"); summary != nullptr && *summary != '\0')
    std::ofstream(summary, std::ios::app) << report::github_summary(entries);
}

int exit_of(const std::vector<report::Entry>& entries, bool client_failed) {
  using verify::Verdict;
  bool failed = false, error = false;
  for (const report::Entry& entry : entries) {
    failed = failed || entry.verdict.kind == Verdict::Kind::failed || entry.verdict.kind == Verdict::Kind::inconclusive;
    error = error || entry.verdict.kind == Verdict::Kind::error;
  }
  return error ? kHarness : failed ? kFailed : client_failed ? kClientFailed : kOk;
}

int run_scenarios(const po::variables_map& values, std::vector<std::string> client) {
  watch_signals();
  const Request wanted = request(values, std::move(client));
  scenario::Loaded loaded = scenario::load(wanted.scenarios, {});
  for (const scenario::Diagnostic& diagnostic : loaded.diagnostics) fmt::print(stderr, "{}", scenario::render(diagnostic));
  if (loaded.failed()) return kBadInput;
  std::vector<scenario::ScenarioPtr> scenarios;
  for (scenario::ScenarioPtr& one : loaded.scenarios)
    if (values.count("filter") == 0 || scenario::glob_matches(values["filter"].as<std::string>(), one->name(), false))
      scenarios.push_back(std::move(one));
  if (scenarios.empty()) {
    fmt::print(stderr, "malaposta run: no scenario has a name like that: nothing ran\n");
    return kNothingRan;
  }
  bool client_failed = false;
  const std::vector<report::Entry> entries = (wanted.once ? run_at_once : run_each)(scenarios, wanted, client_failed);
  if (entries.size() < scenarios.size()) {
    fmt::print(stderr, "malaposta run: interrupted\n");
    return kInterrupted;
  }
  fmt::print("{}", report::console_summary(entries, wanted.settings.seed, wanted.colour));
  write_reports(values, entries, wanted);
  return exit_of(entries, client_failed);
}

int run(const std::vector<std::string>& arguments) {
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  std::vector<std::string> client;
  if (dashes != arguments.end()) client.assign(dashes + 1, arguments.end());
  po::variables_map values;
  int exit = kOk;
  if (!parse(run_command, {arguments.begin(), dashes}, values, exit)) return exit;
  try {
    if (dashes != arguments.end() && client.empty()) throw UsageError("no client command follows '--'");
    return run_scenarios(values, std::move(client));
  } catch (const UsageError& error) {
    fmt::print(stderr, "malaposta run: {}; see 'malaposta run --help'\n", error.what());
    return kBadInput;
  }
}

}  // namespace

constexpr Example kExamples[] = {
    {"malaposta run 451-twice -- ./mailer --smtp {host}:{port}",
     "Whether a mailer that met two temporary failures tries again, with the same message"},
    {"malaposta run scenarios/ --jobs 4 --junit mail.xml -- ./mailer {host} {port}",
     "The stories of a folder, four at a time, with a report for CI"},
    {"malaposta run 550 --timeout 5m", "Without a client: prints the port, and judges whoever connects"},
};

// What the runner sets; client_tests/run/run_test holds the two together.
constexpr Variable kVariables[] = {
    {"MALAPOSTA_SMTP_HOST", "the server's address"},
    {"MALAPOSTA_SMTP_PORT", "its port"},
    {"SMTP_HOST", "as MALAPOSTA_SMTP_HOST"},
    {"SMTP_PORT", "as MALAPOSTA_SMTP_PORT"},
    {"MALAPOSTA_SMTP_URL", "both, as smtp://HOST:PORT, or smtps:// where TLS begins at once"},
    {"MALAPOSTA_TLS_PORT", "the port, where the scenario has TLS"},
    {"MALAPOSTA_CA_FILE", "where it has TLS: the file, in PEM, with the certificate that the client has to trust"},
    {"MALAPOSTA_API_URL", "the server's HTTP API"},
    {"MALAPOSTA_SCENARIO", "the scenario's name; with --once, that of the first"},
    {"MALAPOSTA_PORT_<NAME>", "with --once, the port of each scenario: MALAPOSTA_PORT_451_TWICE"},
};

const Command run_command{
    "run",
    "SCENARIO… [-- CLIENT [ARG…]]",
    "Runs a client against scenarios, a fresh server for each, and judges what it did; {host} and {port} in ARG are the server's",
    "0 all passed, 1 an expectation failed, 2 bad command line or scenario, 3 the harness failed, 4 the client was killed or ran out of time "
    "while every expectation held, 5 nothing ran, 130 interrupted",
    options,
    run,
    kExamples,
    false,
    kVariables};

}  // namespace malaposta::cli
