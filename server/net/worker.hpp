// One thread of the server: its event loop, its journal, the buffers that all its connections share, and its own
// acceptor for each port. A connection lives and dies on one worker, so nothing here is locked.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "journal/journal.hpp"
#include "net/endpoint.hpp"
#include "net/tls.hpp"
#include "protocol/effects.hpp"
#include "scenario/play.hpp"

namespace malaposta::net {

namespace asio = boost::asio;

// What the workers share of one listener.
struct Port {
  Port(Endpoint where, scenario::ScenarioPtr scenario, std::uint64_t seed, const scenario::Additions& added)
      : endpoint(std::move(where)), instance(std::move(scenario), seed), additions(added) {}

  Endpoint endpoint;
  scenario::Instance instance;
  const scenario::Additions& additions;
  std::vector<scenario::Instance*> routes;  // scenarios that share the port, for the sessions that their routes match
  std::unique_ptr<const TlsContext> tls;  // none where the scenario has no TLS
  std::atomic<std::size_t> open{0};  // connections
};

class Connection;

class Worker {
 public:
  // Bytes read at once. Large, because one buffer serves all connections of the thread.
  static constexpr std::size_t kInputBuffer = 256 * 1024;
  // Bytes decrypted at once.
  static constexpr std::size_t kPlaintextBuffer = 64 * 1024;
  // Connections accepted in a row before others have their turn.
  static constexpr int kAcceptBurst = 32;
  // How long accepting pauses when the process has run out of descriptors.
  static constexpr std::chrono::milliseconds kDescriptorPause{100};
  // How long the last bytes may take to reach slow clients once the server stops.
  static constexpr std::chrono::milliseconds kGrace{500};

  // `session_ended` is called after each session, on the worker's thread.
  Worker(journal::Journal::Limits limits, std::function<void()> session_ended);
  ~Worker();

  // Before run().
  void add(Port& port, BoundSocket socket);

  // Until stop(), and then until the last connection has ended or kGrace is over.
  void run();

  // Calls `stop_all` on SIGINT and SIGTERM. Before run().
  void on_signals(std::function<void()> stop_all);

  // From any thread: calls `look` with the journal, on the thread that writes it while that runs, and returns when it has.
  // Not from the worker's own handlers.
  void inspect(const std::function<void(const journal::Journal&)>& look);

  // The same without waiting: returns at once, and `look` is called by the time run() returns at the latest. It may write.
  void visit(std::function<void(journal::Journal&)> look);

  // From any thread: closes the acceptors and tells each session.
  void stop();

  journal::Journal& journal() { return journal_; }
  const journal::Journal& journal() const { return journal_; }
  char* plaintext() { return plaintext_.get(); }
  char* input() { return input_.get(); }
  protocol::Effects& effects() { return effects_; }
  std::uint64_t sessions() const { return sessions_; }
  std::uint64_t accepted() const { return accepted_; }

 private:
  struct Acceptor {
    Port& port;
    asio::ip::tcp::acceptor socket;
  };

  asio::awaitable<void> accept(Acceptor& acceptor);
  void open(Port& port, int descriptor, const asio::ip::tcp::endpoint& peer);
  void close_connection(Connection& connection, Port& port);
  void stop_here();
  void enter(std::packaged_task<void()> task);
  void serve_inspections();

  journal::Journal journal_;  // outlives the connections that the event loop owns
  std::unique_ptr<char[]> plaintext_ = std::make_unique_for_overwrite<char[]>(kPlaintextBuffer);
  std::unique_ptr<char[]> input_ = std::make_unique_for_overwrite<char[]>(kInputBuffer);
  protocol::Effects effects_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  asio::steady_timer grace_{io_};
  asio::signal_set signals_{io_};
  std::deque<Acceptor> acceptors_;
  std::vector<BoundSocket> held_;  // of ports that refuse or never answer
  std::unordered_set<Connection*> connections_;
  std::function<void()> session_ended_;
  std::uint64_t sessions_ = 0;
  std::uint64_t accepted_ = 0;
  bool stopping_ = false;

  std::mutex inspections_mutex_;
  std::vector<std::packaged_task<void()>> inspections_;  // under the mutex, as is:
  bool running_ = false;
};

}  // namespace malaposta::net
