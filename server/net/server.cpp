#include "net/server.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <limits>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "net/worker.hpp"

namespace malaposta::net {

namespace {

// An eighth of the memory is for events, within these bounds; the rest for messages.
constexpr std::size_t kFewestEventBytes = 256u << 10;
constexpr std::size_t kMostEventBytes = 32u << 20;

journal::Journal::Limits share_of(const ServerOptions& options) {
  journal::Journal::Limits limits;
  const std::size_t memory = options.max_memory / options.threads;
  limits.event_bytes = event_memory(options) / options.threads;
  limits.age = options.keep_for;
  limits.message_bytes = memory > limits.event_bytes ? memory - limits.event_bytes : 0;
  limits.messages = std::max<std::size_t>(1, options.keep / options.threads);
  return limits;
}

}  // namespace

// In equal parts for the threads.
std::size_t event_memory(const ServerOptions& options) {
  return std::clamp(options.max_memory / options.threads / 8, kFewestEventBytes, kMostEventBytes) * options.threads;
}

namespace {

int receive_buffer_of(const scenario::Scenario& scenario) {
  const std::uint64_t buffer = scenario.model().server.receive_buffer.value_or(0);
  return static_cast<int>(std::min<std::uint64_t>(buffer, std::numeric_limits<int>::max()));
}

// What the sessions meet that no route matches.
scenario::ScenarioPtr unrouted() { return scenario::load_text("unrouted.yaml", "malaposta: 1\nname: unrouted\n", {}).scenarios.front(); }

}  // namespace

struct Server::Shared {
  struct Opened {
    Listener listener;
    std::shared_ptr<Port> port;
  };

  ServerOptions options;
  scenario::Additions additions;
  std::deque<scenario::Instance> routed;  // of all listeners; as is
  std::function<void()> ring;  // empty: nobody asks
  std::atomic<bool> asked{false};
  std::atomic<std::uint64_t> ended{0};
  std::atomic<int> starved{0};  // acceptors that cannot accept
  std::vector<std::unique_ptr<Worker>> workers;

  mutable std::mutex mutex;
  std::vector<Opened> opened;            // under the mutex, as is:
  std::unique_ptr<Authority> authority;  // made for the first certificate that is to be minted

  void listen_to(Worker& worker) {
    worker.journal().on_event([this, &worker](const journal::Event& event) {
      worker.tally().count(event);
      if (options.on_event) options.on_event(worker.journal(), event);
      if (asked.load(std::memory_order_relaxed) && asked.exchange(false)) ring();
    });
  }
  // Once for all of them, however many there are.
  void starving(int error) {
    const bool changed = error != 0 ? starved.fetch_add(1) == 0 : starved.fetch_sub(1) == 1;
    if (!changed || !options.on_trouble) return;
    options.on_trouble(error == 0 ? "connections are accepted again"
                                  : "connections have to wait until others end: " + std::generic_category().message(error));
  }
  void session_ended(Server& server) {
    const std::uint64_t count = ended.fetch_add(1, std::memory_order_relaxed) + 1;
    if (options.exit_after != 0 && count >= options.exit_after) server.stop();
  }
  void visit_from(std::size_t worker, std::function<void(journal::Journal&)> look, std::function<void()> done);
  Listener open(const ListenerOptions& wanted);
  ProgrammePtr programme(const scenario::ScenarioPtr& scenario);
  Identity identity(const scenario::TlsSection& tls, const std::string& hostname);
};

Identity Server::Shared::identity(const scenario::TlsSection& tls, const std::string& hostname) {
  if (!tls.certificate_file.value.empty()) return load_identity(tls.certificate_file.value, tls.key_file.value);
  if (!tls.certificate && !options.certificate_file.empty()) return load_identity(options.certificate_file, options.key_file);
  if (!authority) authority = std::make_unique<Authority>();
  return authority->issue(tls.certificate.value_or(scenario::CertificateKind::valid), hostname);
}

ProgrammePtr Server::Shared::programme(const scenario::ScenarioPtr& scenario) {
  auto programme = std::make_shared<Programme>();
  programme->played = programme->first = std::make_shared<scenario::Instance>(scenario, options.seed);
  if (!scenario->model().route.empty()) {
    programme->first = std::make_shared<scenario::Instance>(unrouted(), options.seed);
    programme->routes.push_back(programme->played.get());
  }
  for (scenario::Instance& one : routed) programme->routes.push_back(&one);
  const scenario::TlsSection& tls = scenario->model().server.tls;
  if (tls.mode != scenario::TlsMode::none)
    programme->tls = std::make_shared<TlsContext>(tls, identity(tls, scenario->profile().hostname), options.tls_key_log);
  return programme;
}

Listener Server::Shared::open(const ListenerOptions& wanted) {
  const scenario::ServerSection& section = wanted.scenario->model().server;
  const scenario::Listen listen = section.listen;
  const int receive_buffer = receive_buffer_of(*wanted.scenario);
  Endpoint endpoint = wanted.endpoint;
  std::vector<BoundSocket> sockets;
  const bool shared = options.threads > 1 && listen == scenario::Listen::accept;
  if (shared) require_free(endpoint);
  const std::size_t count = shared ? options.threads : 1;
  for (std::size_t i = 0; i < count; ++i) sockets.push_back(open_socket(endpoint, listen, shared, receive_buffer));
  const auto port = std::make_shared<Port>(endpoint, programme(wanted.scenario), additions);
  for (std::size_t i = 0; i < sockets.size(); ++i) workers[i]->add(port, std::move(sockets[i]));
  opened.push_back({{endpoint, wanted.scenario->name(), listen, section.tls.mode}, port});
  return opened.back().listener;
}

Server::Server(ServerOptions options) : shared_(std::make_unique<Shared>()) {
  shared_->options = std::move(options);
  shared_->options.threads = std::max(1u, shared_->options.threads);
  for (unsigned i = 0; i < shared_->options.threads; ++i) {
    Worker& worker = *shared_->workers.emplace_back(std::make_unique<Worker>(
        share_of(shared_->options),
        Worker::Calls{[this] { shared_->session_ended(*this); }, [this](int error) { shared_->starving(error); }}));
    if (shared_->options.store) worker.keep_in(*shared_->options.store);
  }
  if (shared_->options.store) {
    std::vector<journal::Journal*> journals;
    for (const auto& worker : shared_->workers) journals.push_back(&worker->journal());
    shared_->options.store->load(journals);
  }
  if (shared_->options.on_event)
    for (const auto& worker : shared_->workers) shared_->listen_to(*worker);
  for (const scenario::ScenarioPtr& routed : shared_->options.routed) shared_->routed.emplace_back(routed, shared_->options.seed);
  const std::lock_guard lock(shared_->mutex);
  for (const ListenerOptions& listener : shared_->options.listeners) (void)shared_->open(listener);
  if (shared_->options.stop_on_signals) shared_->workers.front()->on_signals([this] { stop(); });
}

Server::~Server() {
  // Messages come back to the workers as long as it works.
  if (shared_->options.store) shared_->options.store->finish();
}

std::vector<Listener> Server::listeners() const {
  const std::lock_guard lock(shared_->mutex);
  std::vector<Listener> list;
  for (const Shared::Opened& one : shared_->opened) list.push_back(one.listener);
  return list;
}

Listener Server::open(const ListenerOptions& wanted) {
  const std::lock_guard lock(shared_->mutex);
  return shared_->open(wanted);
}

bool Server::replace(const scenario::ScenarioPtr& scenario) {
  const std::lock_guard lock(shared_->mutex);
  std::vector<std::pair<Shared::Opened*, ProgrammePtr>> next;
  for (Shared::Opened& one : shared_->opened) {
    if (one.listener.scenario != scenario->name()) continue;
    const scenario::Scenario& before = one.port->programme()->played->scenario();
    if (one.listener.listen != scenario->model().server.listen || receive_buffer_of(before) != receive_buffer_of(*scenario)) return false;
    next.emplace_back(&one, shared_->programme(scenario));
  }
  for (auto& [opened, programme] : next) {
    opened->port->play(std::move(programme));
    opened->listener.tls = scenario->model().server.tls.mode;
  }
  return !next.empty();
}

std::size_t Server::close(std::string_view scenario) {
  const std::lock_guard lock(shared_->mutex);
  return std::erase_if(shared_->opened, [&](const Shared::Opened& one) {
    if (one.listener.scenario != scenario) return false;
    for (const auto& worker : shared_->workers) worker->remove(one.port);
    return true;
  });
}

scenario::Additions& Server::additions() { return shared_->additions; }

void Server::on_activity(std::function<void()> ring) {
  shared_->ring = std::move(ring);
  for (const auto& worker : shared_->workers) shared_->listen_to(*worker);
}

void Server::ring() {
  if (shared_->ring) shared_->ring();
}

void Server::call_once() {
  if (shared_->ring) shared_->asked = true;
}

std::vector<Playing> Server::playing() const {
  const std::lock_guard lock(shared_->mutex);
  std::vector<Playing> all;
  for (const Shared::Opened& one : shared_->opened) all.push_back({one.port->programme()->played, one.listener});
  // These live as long as the server.
  for (scenario::Instance& one : shared_->routed) all.push_back({{std::shared_ptr<void>(), &one}, std::nullopt});
  return all;
}

void Server::reset() {
  (void)shared_->additions.clear();
  for (const Playing& one : playing()) {
    one.instance->reset();
    (void)shared_->additions.clear(one.instance->scenario().name());
  }
}

void Server::starving(int error) { shared_->starving(error); }

std::uint64_t Server::seed() const { return shared_->options.seed; }

void Server::run() {
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < shared_->workers.size(); ++i) threads.emplace_back([worker = shared_->workers[i].get()] { worker->run(); });
  shared_->workers.front()->run();
  for (std::thread& thread : threads) thread.join();
}

void Server::stop() {
  for (const auto& worker : shared_->workers) worker->stop();
}

std::string Server::ca_pem() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->authority ? shared_->authority->root_pem() : std::string{};
}

std::vector<verify::RuleCount> rule_counts(const scenario::Instance& instance) {
  std::vector<verify::RuleCount> counts;
  const std::vector<scenario::Rule>& rules = instance.scenario().model().rules;
  const std::vector<std::uint64_t> fired = instance.fired();
  for (std::size_t i = 0; i < rules.size(); ++i) counts.push_back({rules[i].id.value, rules[i].place.line, fired[i]});
  return counts;
}

verify::Evidence Server::evidence(std::size_t listener) const {
  const Shared::Opened opened = [&] {
    const std::lock_guard lock(shared_->mutex);
    return shared_->opened.at(listener);
  }();
  verify::Evidence evidence;
  evidence.address = opened.listener.endpoint.text();
  for (const auto& worker : shared_->workers)
    worker->inspect(
        [&](const journal::Journal& journal) { evidence.add(journal, opened.listener.endpoint.port, opened.listener.scenario); });
  evidence.rules = rule_counts(*opened.port->programme()->played);
  return evidence;
}

verify::Evidence Server::routed_evidence(std::size_t routed) const {
  const scenario::Instance& instance = shared_->routed.at(routed);
  verify::Evidence evidence;
  for (const auto& worker : shared_->workers)
    worker->inspect([&](const journal::Journal& journal) { evidence.add(journal, 0, instance.scenario().name()); });
  evidence.rules = rule_counts(instance);
  return evidence;
}

void Server::Shared::visit_from(std::size_t worker, std::function<void(journal::Journal&)> look, std::function<void()> done) {
  if (worker == workers.size()) return done();
  workers[worker]->visit([this, worker, look = std::move(look), done = std::move(done)](journal::Journal& journal) {
    look(journal);
    visit_from(worker + 1, look, done);
  });
}

void Server::visit(std::function<void(journal::Journal&)> look, std::function<void()> done) {
  shared_->visit_from(0, std::move(look), std::move(done));
}

journal::Store* Server::store() const { return shared_->options.store.get(); }

Totals Server::totals() const {
  Totals totals;
  for (const auto& worker : shared_->workers) {
    totals.sessions += worker->sessions();
    totals.accepted += worker->accepted();
    totals.kept += worker->journal().messages().size();
    const journal::Journal::Evicted& evicted = worker->journal().evicted();
    totals.evicted.events += evicted.events;
    totals.evicted.messages += evicted.messages;
    totals.evicted.sessions += evicted.sessions;
  }
  return totals;
}

}  // namespace malaposta::net
