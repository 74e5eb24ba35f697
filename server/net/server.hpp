// The server: listeners, the threads that serve them, and a stop that lets running sessions say good-bye.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal.hpp"
#include "journal/store.hpp"
#include "net/endpoint.hpp"
#include "scenario/additions.hpp"
#include "scenario/scenario.hpp"
#include "verify/evidence.hpp"

namespace malaposta::scenario {
class Instance;
}

namespace malaposta::net {

struct ListenerOptions {
  Endpoint endpoint;
  scenario::ScenarioPtr scenario;  // one that has a `route` leaves the sessions that do not match to a correct server
};

struct ServerOptions {
  std::vector<ListenerOptions> listeners;
  std::vector<scenario::ScenarioPtr> routed;  // share all listeners, for the sessions that their `route` matches
  unsigned threads = 1;
  std::uint64_t seed = 1;
  std::size_t max_memory = 256u << 20;  // bytes: of the journal's events and messages, all threads together
  std::size_t keep = 10'000;            // messages kept, all threads together
  std::chrono::nanoseconds keep_for{};  // messages and ended sessions older than this give way; zero: none does
  std::shared_ptr<journal::Store> store;  // where all that is kept outlives the process; none: in memory alone
  std::uint64_t exit_after = 0;         // stop by itself after so many sessions; 0: never
  // Of all listeners whose scenario names no certificate, PEM; empty: theirs are minted.
  std::string certificate_file, key_file;
  std::string tls_key_log;              // secrets of TLS sessions are appended there; empty: nowhere
  bool stop_on_signals = false;         // SIGINT and SIGTERM call stop()
  // Called with what whoever runs the server should know, as a sentence: that connections have to wait because the process has run out of
  // descriptors or memory, and that they do not any more. On any of its threads.
  std::function<void(std::string_view)> on_trouble;
  // Called for each event on the thread where it happens; the journal is that thread's own.
  std::function<void(const journal::Journal&, const journal::Event&)> on_event;
};

// A listener as it was opened.
struct Listener {
  Endpoint endpoint;  // with the real port
  std::string scenario;
  scenario::Listen listen = scenario::Listen::accept;
  scenario::TlsMode tls = scenario::TlsMode::none;
};

// A scenario, and where it is played.
struct Playing {
  std::shared_ptr<scenario::Instance> instance;
  std::optional<Listener> listener;  // nothing: it shares them all
};

// What happened, in all threads, once run() has returned.
struct Totals {
  std::uint64_t sessions = 0;
  std::uint64_t accepted = 0;  // messages acknowledged
  std::size_t kept = 0;  // messages in memory
  journal::Journal::Evicted evicted;
};

// Of `max_memory`, what is for events; the rest is for messages.
std::size_t event_memory(const ServerOptions& options);

// How often each rule of a scenario has fired, in file order.
std::vector<verify::RuleCount> rule_counts(const scenario::Instance& instance);

class Server {
 public:
  // Opens every listener, or none: throws BindError. The ports accept from here on. What the store has is there before; throws
  // journal::StoreError.
  explicit Server(ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // In the order in which they were opened; those of the options first, as they stand there. From any thread.
  std::vector<Listener> listeners() const;

  // Opens one more. Throws BindError, or what a certificate that cannot be used throws. From any thread.
  Listener open(const ListenerOptions& wanted);
  // The next connections to the listeners that play the scenario of that name meet this one, with counters and state as at the start;
  // sessions that run keep theirs. False where there is none, or one opened its port in another way: `listen` and `receive-buffer` stay
  // what they are as long as it is open. Throws what a certificate that cannot be used throws; nothing has changed then. From any thread.
  bool replace(const scenario::ScenarioPtr& scenario);
  // Takes no more connections at the listeners of that name; sessions that run go on. How many there were. Returns at once;
  // the ports are free when a later visit() is done. From any thread.
  std::size_t close(std::string_view scenario);

  // The rules that are asked before those of every listener's scenario. From any thread, at any time.
  scenario::Additions& additions();

  // `ring` is called once something has happened in a journal after call_once(), on the thread where it did. To be set before run().
  void on_activity(std::function<void()> ring);
  // Calls it, for what happens without an event. From any thread.
  void ring();
  // Rings for the next event. From any thread; what is seen of the journals from now on is not older than that.
  void call_once();

  // What is played: at each listener, and then what shares them. From any thread.
  std::vector<Playing> playing() const;

  // Counters, states and rules of all scenarios as at the start, and no fault armed. What is in the journals stays. From any thread.
  void reset();

  // Another port of this process has connections wait because of that (errno), or, with 0, no longer: told as of the listeners, once for
  // all of them. From any thread.
  void starving(int error);

  // What chance depends on.
  std::uint64_t seed() const;

  // Serves until stop(), or until exit_after sessions have ended. The calling thread is one of its threads.
  void run();

  // Stops accepting, tells every running session 421 4.3.2 and closes it. Returns at once; run() returns within
  // Worker::kGrace. From any thread, more than once; not from a signal handler.
  void stop();

  // The root certificate that clients of the TLS listeners have to trust, in PEM; empty where none shows
  // a certificate of the server's own authority.
  std::string ca_pem() const;

  Totals totals() const;

  // Where what is kept outlives the process; none: nowhere. From any thread.
  journal::Store* store() const;

  // What has happened so far at one listener, in all threads: the sessions that belong to its scenario, their messages and how
  // often its rules fired. From any thread but the server's own, while it runs, before and after.
  verify::Evidence evidence(std::size_t listener) const;

  // The same of a scenario that shares the listeners, in the order of the options.
  verify::Evidence routed_evidence(std::size_t routed) const;

  // Calls `look` with each journal, one after the other, on the thread that owns it, and then `done` on the last of them. Returns
  // at once; all is called by the time run() returns at the latest. From any thread, while it runs, before and after.
  void visit(std::function<void(journal::Journal&)> look, std::function<void()> done);

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

}  // namespace malaposta::net
