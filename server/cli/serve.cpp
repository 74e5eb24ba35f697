// malaposta serve: plays scenarios on their ports until SIGINT or SIGTERM.
#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <boost/program_options.hpp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

#include "catalogue/codes.hpp"
#include "cli/command.hpp"
#include "cli/http_options.hpp"
#include "cli/log.hpp"
#include "cli/settings.hpp"
#include "journal/huge_pages.hpp"
#include "journal/sqlite_store.hpp"
#include "net/ca_file.hpp"
#include "net/server.hpp"
#include "scenario/scenario.hpp"
#include "scenario/units.hpp"

namespace malaposta::cli {

namespace po = boost::program_options;

namespace {

constexpr std::uint16_t kSmtpPort = 2525;
constexpr unsigned kMostThreads = 256;
constexpr std::string_view kDefaultScenario = "default";

po::options_description options() {
  po::options_description options("Options");
  options.add_options()                                                                                                   //
      ("smtp", po::value<std::vector<std::string>>()->value_name("ADDR:PORT[=SCENARIO]"),
       "listen there; may be given again; port 0: the system chooses; without SCENARIO: the one given as argument, or the default")  //
      ("gallery", po::value<unsigned>()->implicit_value(kGalleryBase)->value_name("BASE"),
       "one more port for each documented code: BASE+code always says that code (BASE: 20000 if not given)")                           //
      ("hostname", po::value<std::string>()->default_value("mx.example.test")->value_name("NAME"),
       "the server's name in scenarios that give none")                                                                                //
      ("auth", po::value<std::string>()->value_name("USER:PASSWORD…"),
       "who may log in, and has to before mail, where the scenario names no users; blanks between several")                           //
      ("store", po::value<std::string>()->default_value("memory")->value_name("memory|sqlite:FILE"),
       "where messages, sessions and events are kept: until the server stops, or in the file over restarts; a message is acknowledged once it is on the disk")  //
      ("keep", po::value<std::size_t>()->default_value(10'000)->value_name("N"), "messages kept; the oldest go first")  //
      ("keep-for", po::value<std::string>()->value_name("TIME"),
       "messages and ended sessions older than that go, too ('30m', '12h')")  //
      ("max-memory", po::value<std::string>()->default_value("256MiB")->value_name("SIZE"),
       "memory of journal and messages together; the oldest go first")  //
      ("seed", po::value<std::uint64_t>()->default_value(1)->value_name("N"),
       "what chance depends on: the same seed fails the same way")  //
      ("threads", po::value<unsigned>()->default_value(1)->value_name("N"), "threads that serve connections")  //
      ("exit-after", po::value<std::uint64_t>()->default_value(0)->value_name("N"), "stop after so many sessions; 0: never")  //
      ("log", po::value<std::string>()->default_value("text")->value_name("text|json|none"),
       "how sessions are shown on standard output")  //
      ("tls-cert", po::value<std::string>()->value_name("FILE"),
       "the certificate, with its chain, in PEM, of all listeners whose scenarios name none; instead of minted ones")  //
      ("tls-key", po::value<std::string>()->value_name("FILE"), "its private key, in PEM")  //
      ("tls-key-log", po::value<std::string>()->value_name("FILE"),
       "append the secrets of TLS sessions to the file, for programs that decrypt captures")  //
      ("ready-file", po::value<std::string>()->value_name("FILE"), "written, as JSON, once all listeners accept; then they are printed")  //
      ("expose", po::bool_switch(), "allow addresses other than loopback")  //
      ("config", po::value<std::string>()->value_name("FILE"), "read options from the file too, as 'option = value' lines");
  add_http_options(options);
  return options;
}

// What is wrong with the command line; told with the way to --help.
struct UsageError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

LogFormat log_format(const std::string& name) {
  if (name == "text") return LogFormat::text;
  if (name == "json") return LogFormat::json;
  if (name == "none") return LogFormat::none;
  throw UsageError(fmt::format("--log is text, json or none, not '{}'", name));
}

// Names and passwords.
using Users = std::vector<std::pair<std::string, std::string>>;

// Loads scenarios and collects what is wrong with any of them. `users` log in where a scenario names none, and have to.
class Loader {
 public:
  Loader(std::string hostname, Users users) : options_{std::move(hostname)}, users_(std::move(users)) {}

  std::vector<scenario::ScenarioPtr> load(const std::string& argument) {
    scenario::Loaded loaded = scenario::load({argument}, options_);
    failed_ |= loaded.failed();
    for (const scenario::Diagnostic& diagnostic : loaded.diagnostics) fmt::print(stderr, "{}", scenario::render(diagnostic));
    if (!users_.empty())
      for (scenario::ScenarioPtr& one : loaded.scenarios) one = with_users(one);
    return std::move(loaded.scenarios);
  }

  // The one scenario that a port plays; nullptr if it could not be loaded.
  scenario::ScenarioPtr load_one(const std::string& argument) {
    std::vector<scenario::ScenarioPtr> scenarios = load(argument);
    if (scenarios.size() > 1) throw UsageError(fmt::format("a port plays one scenario, but '{}' has {}", argument, scenarios.size()));
    return scenarios.empty() ? nullptr : scenarios.front();
  }

  bool failed() const { return failed_; }

 private:
  scenario::ScenarioPtr with_users(const scenario::ScenarioPtr& scenario) const {
    if (!scenario->model().server.users.empty()) return scenario;
    scenario::Model model = scenario->model();
    for (const auto& [user, password] : users_) model.server.users.emplace_back(scenario::Text{user, {}}, scenario::Text{password, {}});
    model.server.auth_required = true;
    // It has been compiled before: what could be told of it has been.
    scenario::Diagnostics told(model.file, {});
    scenario::ScenarioPtr compiled = scenario::compile(std::move(model), options_, told);
    if (!compiled) throw UsageError(fmt::format("--auth cannot be used with the scenario '{}'", scenario->name()));
    return compiled;
  }

  scenario::CompileOptions options_;
  Users users_;
  bool failed_ = false;
};

// "alice:secret bob:word".
Users users(const std::string& text) {
  Users all;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const std::size_t colon = word.find(':');
    if (colon == 0 || colon == std::string::npos) throw UsageError(fmt::format("--auth: '{}' is no USER:PASSWORD", word));
    all.emplace_back(word.substr(0, colon), word.substr(colon + 1));
  }
  return all;
}

net::Endpoint endpoint(const std::string& text, bool expose) {
  net::Endpoint result;
  try {
    result = net::parse_endpoint(text);
  } catch (const std::invalid_argument& error) {
    throw UsageError(fmt::format("--smtp {}: {}", text, error.what()));
  }
  if (!result.loopback() && !expose)
    throw UsageError(fmt::format("--smtp {}: the address can be reached from other machines; say --expose if that is wanted", text));
  return result;
}

// One listener per --smtp, or the default one; scenarios given as arguments each take the next port.
// Scenarios with a route go into `routed`: they share the ports of the others.
std::vector<net::ListenerOptions> smtp_listeners(const po::variables_map& values, Loader& loader,
                                                 std::vector<scenario::ScenarioPtr>& routed) {
  const bool expose = values["expose"].as<bool>();
  std::vector<scenario::ScenarioPtr> scenarios;
  if (values.count("argument") != 0)
    for (const std::string& argument : values["argument"].as<std::vector<std::string>>())
      for (scenario::ScenarioPtr& one : loader.load(argument)) (one->model().route.empty() ? scenarios : routed).push_back(std::move(one));
  std::vector<std::string> places;
  if (values.count("smtp") != 0) places = values["smtp"].as<std::vector<std::string>>();

  std::vector<net::ListenerOptions> listeners;
  std::size_t next = 0;
  for (const std::string& place : places) {
    const std::size_t equals = place.find('=');
    const net::Endpoint where = endpoint(place.substr(0, equals), expose);
    if (equals != std::string::npos)
      listeners.push_back({where, loader.load_one(place.substr(equals + 1))});
    else if (next < scenarios.size())
      listeners.push_back({where, scenarios[next++]});
    else
      listeners.push_back({where, loader.load_one(std::string(kDefaultScenario))});
  }
  // What has no --smtp of its own: the default port, and the ports after it.
  if (places.empty() && scenarios.empty() && !loader.failed()) scenarios.push_back(loader.load_one(std::string(kDefaultScenario)));
  for (auto port = static_cast<unsigned>(kSmtpPort); next < scenarios.size(); ++next, ++port)
    listeners.push_back({{"127.0.0.1", static_cast<std::uint16_t>(port)}, scenarios[next]});
  return listeners;
}

void add_gallery(unsigned base, Loader& loader, std::vector<net::ListenerOptions>& listeners) {
  if (base > 65535 - 599) throw UsageError(fmt::format("--gallery {}: the ports would go over 65535", base));
  for (const catalogue::Code& code : catalogue::codes())
    listeners.push_back(
        {{"127.0.0.1", static_cast<std::uint16_t>(base + static_cast<unsigned>(code.code))}, loader.load_one(std::string(code.scenario))});
}

void write_ready_file(const std::string& path, const std::vector<net::Listener>& listeners, const http::Server* api,
                      const std::string& ca_file) {
  boost::json::array list;
  for (const net::Listener& listener : listeners)
    list.push_back({{"kind", "smtp"},
                    {"scenario", listener.scenario},
                    {"address", listener.endpoint.address},
                    {"port", listener.endpoint.port},
                    {"tls", scenario::word_of(listener.tls)},
                    {"listen", scenario::word_of(listener.listen)}});
  if (api != nullptr)
    list.push_back({{"kind", "http"}, {"address", api->endpoint().address}, {"port", api->endpoint().port}, {"tls", "none"}});
  boost::json::object ready{{"pid", ::getpid()}, {"listeners", list}};
  if (!ca_file.empty()) ready["ca_file"] = ca_file;
  // Whoever waits for the file never sees half of it.
  const std::string temporary = fmt::format("{}.{}", path, ::getpid());
  std::ofstream(temporary) << boost::json::serialize(ready) << '\n';
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (error) throw std::runtime_error(fmt::format("--ready-file {}: {}", path, error.message()));
}

void announce(const std::vector<net::Listener>& listeners, const http::Server* api, const std::string& ca_file) {
  static constexpr std::string_view kDoes[] = {"listening", "refusing", "not answering"};
  for (const net::Listener& listener : listeners)
    fmt::print("malaposta: smtp {} on {} ({})\n", kDoes[static_cast<std::size_t>(listener.listen)], listener.endpoint.text(),
               listener.scenario);
  if (api != nullptr) fmt::print("malaposta: http listening on {}\n", api->endpoint().text());
  if (!ca_file.empty()) fmt::print("malaposta: certificates are signed by the CA in {}\n", ca_file);
}

// None where memory is enough. Opens the file.
std::shared_ptr<journal::Store> open_store(const std::string& where, const net::ServerOptions& server) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (where == "memory") return nullptr;
  if (!where.starts_with(kSqlite) || where.size() == kSqlite.size())
    throw UsageError(fmt::format("--store is memory or sqlite:FILE, not '{}'", where));
  return std::make_shared<journal::SqliteStore>(where.substr(kSqlite.size()), server.max_memory, net::event_memory(server));
}

net::ServerOptions server_options(const po::variables_map& values) {
  net::ServerOptions server;
  server.threads = values["threads"].as<unsigned>();
  if (server.threads < 1 || server.threads > kMostThreads) throw UsageError(fmt::format("--threads is 1 to {}", kMostThreads));
  server.seed = values["seed"].as<std::uint64_t>();
  server.keep = values["keep"].as<std::size_t>();
  if (values.count("tls-cert") != values.count("tls-key")) throw UsageError("--tls-cert and --tls-key belong together");
  if (values.count("tls-cert") != 0) {
    server.certificate_file = values["tls-cert"].as<std::string>();
    server.key_file = values["tls-key"].as<std::string>();
  }
  if (values.count("tls-key-log") != 0) server.tls_key_log = values["tls-key-log"].as<std::string>();
  server.exit_after = values["exit-after"].as<std::uint64_t>();
  server.stop_on_signals = true;
  const std::string& memory = values["max-memory"].as<std::string>();
  const std::optional<std::uint64_t> size = scenario::parse_size(memory);
  if (!size)
    throw UsageError(
        fmt::format("--max-memory: '{}' is no size: a number of bytes, or with kB, MB, GB, KiB, MiB or GiB, is expected", memory));
  server.max_memory = *size;
  if (values.count("keep-for") != 0) {
    const std::string& time = values["keep-for"].as<std::string>();
    const std::optional<scenario::Duration> age = scenario::parse_duration(time);
    if (!age || *age <= scenario::Duration::zero())
      throw UsageError(fmt::format("--keep-for: '{}' is no time: a number with us, ms, s, m or h is expected", time));
    server.keep_for = *age;
  }
  server.on_trouble = [](std::string_view what) { fmt::print(stderr, "malaposta: {}\n", what); };
  server.store = open_store(values["store"].as<std::string>(), server);
  const LogFormat format = log_format(values["log"].as<std::string>());
  if (format != LogFormat::none)
    server.on_event = [line = format == LogFormat::text ? text_line : json_line](const journal::Journal& journal,
                                                                                 const journal::Event& event) {
      const std::string text = line(journal.session(event.session), event);
      (void)std::fwrite(text.data(), 1, text.size(), stdout);
    };
  return server;
}

// Memory of large messages that give way is used again for the next ones, instead of going back to the system page by
// page: --max-memory is meant to be used. So the heap has room for it from the start, in large pages.
void shape_heap([[maybe_unused]] std::size_t max_memory) {
#ifdef __GLIBC__
  constexpr int kKept = 1 << 30;
  constexpr int kStep = 16 << 20;
  (void)mallopt(M_MMAP_THRESHOLD, 32 << 20);
  (void)mallopt(M_TRIM_THRESHOLD, kKept);
  (void)mallopt(M_TOP_PAD, static_cast<int>(std::min<std::size_t>(max_memory, kKept)));
  void* const begin = std::malloc(kStep);  // more than there is: the heap grows by the rest as well
  (void)mallopt(M_TOP_PAD, kStep);
  if (begin == nullptr) return;
  const auto bytes = static_cast<const std::byte*>(::sbrk(0)) - static_cast<const std::byte*>(begin);
  if (bytes >= kStep) journal::prefer_huge_pages(begin, static_cast<std::size_t>(bytes));
  std::free(begin);
#endif
}

// Each connection takes one, and shells allow 1,024 by default, although the system would give many more.
void raise_descriptor_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &files);
}

int serve(const po::variables_map& values) {
  raise_descriptor_limit();
  net::ServerOptions options = server_options(values);
  shape_heap(options.max_memory);
  Loader loader(values["hostname"].as<std::string>(), values.count("auth") == 0 ? Users{} : users(values["auth"].as<std::string>()));
  options.listeners = smtp_listeners(values, loader, options.routed);
  if (values.count("gallery") != 0) add_gallery(values["gallery"].as<unsigned>(), loader, options.listeners);
  std::optional<http::Options> http = http_options(values);
  if (http) http->compile.hostname = values["hostname"].as<std::string>();
  if (loader.failed()) return kBadInput;

  // One line at a time reaches whoever reads our output through a pipe.
  (void)std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  std::vector<std::string> routed;
  for (const scenario::ScenarioPtr& scenario : options.routed) routed.push_back(scenario->name());
  const std::shared_ptr<journal::Store> store = options.store;
  net::Server server(std::move(options));
  std::unique_ptr<http::Server> api;
  if (http) api = std::make_unique<http::Server>(server, std::move(*http));
  const net::CaFile ca_file(server.ca_pem());
  // Before the first line: whoever has read that need not wait for the file.
  if (values.count("ready-file") != 0)
    write_ready_file(values["ready-file"].as<std::string>(), server.listeners(), api.get(), ca_file.path());
  announce(server.listeners(), api.get(), ca_file.path());
  if (store) fmt::print("malaposta: messages, sessions and events are kept in {}\n", store->status().file);
  for (const std::string& name : routed) fmt::print("malaposta: {} applies to the sessions that its route matches\n", name);
  if (api) api->start();
  server.run();
  api.reset();
  if (store) store->finish();
  const net::Totals totals = server.totals();
  fmt::print("malaposta: stopped after {} sessions: {} messages accepted, {} kept\n", totals.sessions, totals.accepted, totals.kept);
  if (store) {
    const journal::Store::Status status = store->status();
    fmt::print("malaposta: kept in {}\n", status.file);
    if (!status.trouble.empty()) fmt::print("malaposta: the last could not be written there: {}\n", status.trouble);
    if (status.dropped_events != 0) fmt::print("malaposta: {} sessions and events had no room there\n", status.dropped_events);
  }
  if (totals.evicted.messages != 0 || totals.evicted.events != 0)
    fmt::print("malaposta: --keep, --keep-for and --max-memory made {} messages and {} events give way\n", totals.evicted.messages,
               totals.evicted.events);
  return kOk;
}

int run(const std::vector<std::string>& arguments) {
  po::variables_map values;
  int exit = kOk;
  if (!parse(serve_command, arguments, values, exit)) return exit;
  try {
    return serve(values);
  } catch (const std::invalid_argument& error) {
    fmt::print(stderr, "malaposta serve: {}; see 'malaposta serve --help'\n", error.what());
    return kBadInput;
  } catch (const journal::StoreError& error) {
    fmt::print(stderr, "malaposta serve: --store: {}\n", error.what());
    return kHarness;
  } catch (const net::BindError& error) {
    fmt::print(stderr, "malaposta serve: {}\n", error.what());
    return kHarness;
  }
}

}  // namespace

constexpr Example kExamples[] = {
    {"malaposta serve", "Takes all mail on localhost:2525, and makes the trouble that an address asks for: 550@example.test"},
    {"malaposta serve tempfail.yaml --log none", "Plays a scenario, and prints nothing but the listeners"},
    {"malaposta serve --smtp 127.0.0.1:2525=550 --smtp 127.0.0.1:2526=451-twice", "Plays two scenarios, on a port each"},
    {"malaposta serve --gallery", "Has a port for each code as well: 20550 always says 550"},
    {"malaposta serve --smtp 127.0.0.1:0 --ready-file ready.json", "Takes a port that is free, and tells scripts in a file which"},
};

const Command serve_command{
    "serve",
    "[SCENARIO…]",
    "Plays scenarios on SMTP ports until SIGINT or SIGTERM; without one, takes and keeps all mail and obeys the address triggers",
    "0 stopped, 2 bad command line or scenario, 3 a port or file could not be opened",
    options,
    run,
    kExamples,
    true};

}  // namespace malaposta::cli
