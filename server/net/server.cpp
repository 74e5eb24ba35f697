#include "net/server.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
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
  limits.event_bytes = std::clamp(memory / 8, kFewestEventBytes, kMostEventBytes);
  limits.message_bytes = memory > limits.event_bytes ? memory - limits.event_bytes : 0;
  limits.messages = std::max<std::size_t>(1, options.keep / options.threads);
  return limits;
}

// What the sessions meet that no route matches.
scenario::ScenarioPtr unrouted() { return scenario::load_text("unrouted.yaml", "malaposta: 1\nname: unrouted\n", {}).scenarios.front(); }

}  // namespace

struct Server::Shared {
  ServerOptions options;
  scenario::Additions additions;
  std::vector<std::unique_ptr<Port>> ports;  // outlive the workers
  std::deque<scenario::Instance> routed;     // of all listeners, then of single ones; as is
  std::vector<Listener> listeners;
  std::vector<std::unique_ptr<Worker>> workers;
  std::unique_ptr<Authority> authority;  // made for the first certificate that is to be minted
  std::atomic<std::uint64_t> ended{0};
  std::function<void()> ring;  // empty: nobody asks
  std::atomic<bool> asked{false};

  void listen_to(Worker& worker) {
    worker.journal().on_event([this, &worker](const journal::Event& event) {
      if (options.on_event) options.on_event(worker.journal(), event);
      if (asked.load(std::memory_order_relaxed) && asked.exchange(false)) ring();
    });
  }
  // What is played at a listener.
  scenario::Instance& played(std::size_t listener) {
    Port& port = *ports.at(listener);
    return port.instance.scenario().name() == listeners.at(listener).scenario ? port.instance : *port.routes.front();
  }
  // At all listeners, and then what shares them.
  std::vector<scenario::Instance*> instances();
  void session_ended(Server& server) {
    const std::uint64_t count = ended.fetch_add(1, std::memory_order_relaxed) + 1;
    if (options.exit_after != 0 && count >= options.exit_after) server.stop();
  }
  void visit_from(std::size_t worker, std::function<void(journal::Journal&)> look, std::function<void()> done);
  void open(ListenerOptions& wanted);
  Identity identity(const scenario::TlsSection& tls, const std::string& hostname);
};

Identity Server::Shared::identity(const scenario::TlsSection& tls, const std::string& hostname) {
  if (!tls.certificate_file.value.empty()) return load_identity(tls.certificate_file.value, tls.key_file.value);
  if (!tls.certificate && !options.certificate_file.empty()) return load_identity(options.certificate_file, options.key_file);
  if (!authority) authority = std::make_unique<Authority>();
  return authority->issue(tls.certificate.value_or(scenario::CertificateKind::valid), hostname);
}

void Server::Shared::open(ListenerOptions& wanted) {
  const scenario::Listen listen = wanted.scenario->model().server.listen;
  const std::uint64_t buffer = wanted.scenario->model().server.receive_buffer.value_or(0);
  const int receive_buffer = static_cast<int>(std::min<std::uint64_t>(buffer, std::numeric_limits<int>::max()));
  Endpoint endpoint = wanted.endpoint;
  std::vector<BoundSocket> sockets;
  const bool shared = options.threads > 1 && listen == scenario::Listen::accept;
  // Sockets that share a port bind beside any other that shares it too: only one that does not finds out whether
  // the port is free.
  sockets.push_back(open_socket(endpoint, listen, false, receive_buffer));
  if (shared) {
    sockets.clear();
    for (unsigned i = 0; i < options.threads; ++i) sockets.push_back(open_socket(endpoint, listen, true, receive_buffer));
  }
  const bool routes = !wanted.scenario->model().route.empty();
  Port& port = *ports.emplace_back(std::make_unique<Port>(endpoint, routes ? unrouted() : wanted.scenario, options.seed, additions));
  if (routes) port.routes.push_back(&routed.emplace_back(wanted.scenario, options.seed));
  for (std::size_t i = 0; i < options.routed.size(); ++i) port.routes.push_back(&routed[i]);
  const scenario::TlsSection& tls = wanted.scenario->model().server.tls;
  if (tls.mode != scenario::TlsMode::none)
    port.tls = std::make_unique<TlsContext>(tls, identity(tls, wanted.scenario->profile().hostname), options.tls_key_log);
  for (std::size_t i = 0; i < sockets.size(); ++i) workers[i]->add(port, std::move(sockets[i]));
  listeners.push_back({endpoint, wanted.scenario->name(), listen, tls.mode});
}

Server::Server(ServerOptions options) : shared_(std::make_unique<Shared>()) {
  shared_->options = std::move(options);
  shared_->options.threads = std::max(1u, shared_->options.threads);
  for (unsigned i = 0; i < shared_->options.threads; ++i) {
    Worker& worker =
        *shared_->workers.emplace_back(std::make_unique<Worker>(share_of(shared_->options), [this] { shared_->session_ended(*this); }));
    if (shared_->options.on_event) shared_->listen_to(worker);
  }
  for (const scenario::ScenarioPtr& routed : shared_->options.routed) shared_->routed.emplace_back(routed, shared_->options.seed);
  for (ListenerOptions& listener : shared_->options.listeners) shared_->open(listener);
  if (shared_->options.stop_on_signals) shared_->workers.front()->on_signals([this] { stop(); });
}

Server::~Server() = default;

const std::vector<Listener>& Server::listeners() const { return shared_->listeners; }

scenario::Additions& Server::additions() { return shared_->additions; }

void Server::on_activity(std::function<void()> ring) {
  shared_->ring = std::move(ring);
  for (const auto& worker : shared_->workers) shared_->listen_to(*worker);
}

void Server::call_once() {
  if (shared_->ring) shared_->asked = true;
}

std::vector<scenario::Instance*> Server::Shared::instances() {
  std::vector<scenario::Instance*> all;
  for (std::size_t i = 0; i < ports.size(); ++i) all.push_back(&played(i));
  for (std::size_t i = 0; i < options.routed.size(); ++i) all.push_back(&routed[i]);
  return all;
}

void Server::reset_scenarios() {
  shared_->additions.clear();
  for (scenario::Instance* instance : shared_->instances()) instance->reset();
}

std::vector<scenario::ScenarioPtr> Server::scenarios() const {
  std::vector<scenario::ScenarioPtr> all;
  for (const scenario::Instance* instance : shared_->instances()) all.push_back(instance->scenario_pointer());
  return all;
}

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

std::string Server::ca_pem() const { return shared_->authority ? shared_->authority->root_pem() : std::string{}; }

namespace {

void add_rules(verify::Evidence& evidence, const scenario::Instance& instance) {
  const std::vector<scenario::Rule>& rules = instance.scenario().model().rules;
  const std::vector<std::uint64_t> fired = instance.fired();
  for (std::size_t i = 0; i < rules.size(); ++i) evidence.rules.push_back({rules[i].id.value, rules[i].place.line, fired[i]});
}

}  // namespace

verify::Evidence Server::evidence(std::size_t listener) const {
  const Port& port = *shared_->ports.at(listener);
  const std::string& scenario = shared_->listeners.at(listener).scenario;
  verify::Evidence evidence;
  evidence.address = port.endpoint.text();
  for (const auto& worker : shared_->workers)
    worker->inspect([&](const journal::Journal& journal) { evidence.add(journal, port.endpoint.port, scenario); });
  add_rules(evidence, shared_->played(listener));
  return evidence;
}

std::vector<verify::RuleCount> Server::rule_counts(const scenario::Scenario& scenario) const {
  verify::Evidence evidence;
  for (const scenario::Instance* instance : shared_->instances())
    if (&instance->scenario() == &scenario) add_rules(evidence, *instance);
  return evidence.rules;
}

verify::Evidence Server::routed_evidence(std::size_t routed) const {
  const scenario::Instance& instance = shared_->routed.at(routed);
  verify::Evidence evidence;
  for (const auto& worker : shared_->workers)
    worker->inspect([&](const journal::Journal& journal) { evidence.add(journal, 0, instance.scenario().name()); });
  add_rules(evidence, instance);
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
