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
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "journal/journal.hpp"
#include "journal/store.hpp"
#include "net/counts.hpp"
#include "net/endpoint.hpp"
#include "net/tls.hpp"
#include "protocol/effects.hpp"
#include "scenario/play.hpp"

namespace malaposta::net {

namespace asio = boost::asio;

// Sockets, timers and coroutines of a worker know the type of their executor: hiding it would cost a fifth of a message.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Listening = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using Coroutine = asio::awaitable<void, Executor>;
inline constexpr asio::use_awaitable_t<Executor> kAwait;

// What the connections of a port meet. Each takes the one that is there when it begins, and keeps it.
struct Programme {
  std::shared_ptr<scenario::Instance> played;     // the port's own scenario, behind its route where it has one
  std::shared_ptr<scenario::Instance> first;      // what a session begins with: `played`, or a correct server where that has a route
  std::vector<scenario::Instance*> routes;        // for the sessions that they match; `played`, and others that outlive the server
  std::shared_ptr<const TlsContext> tls;          // none where the scenario has no TLS
};
using ProgrammePtr = std::shared_ptr<const Programme>;

// What the workers share of one listener.
class Port {
 public:
  Port(Endpoint where, ProgrammePtr programme, const scenario::Additions& added)
      : endpoint(std::move(where)), additions(added), programme_(std::move(programme)) {}

  // From any thread.
  ProgrammePtr programme() const {
    const std::lock_guard lock(mutex_);
    return programme_;
  }
  void play(ProgrammePtr next) {
    const std::lock_guard lock(mutex_);
    programme_ = std::move(next);
  }

  const Endpoint endpoint;
  const scenario::Additions& additions;
  std::atomic<std::size_t> open{0};  // connections

 private:
  mutable std::mutex mutex_;
  ProgrammePtr programme_;
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
  // How long the last bytes may take to reach slow clients once the server stops.
  static constexpr std::chrono::milliseconds kGrace{500};
  // How often it is looked for what is older than Journal::Limits::age: a tenth of that, within these bounds.
  static constexpr std::chrono::milliseconds kOftenestExpiry{100};
  static constexpr std::chrono::milliseconds kRarestExpiry{60'000};

  // What the worker tells whoever owns it, each on its own thread.
  struct Calls {
    std::function<void()> session_ended;        // after each session
    std::function<void(int error)> starved;     // connections wait to be accepted because of that (errno); 0: not any more
  };
  Worker(journal::Journal::Limits limits, Calls calls);
  ~Worker();

  // Serves the port from here on, or holds it closed where its scenario wants that. From any thread.
  void add(std::shared_ptr<Port> port, BoundSocket socket);
  // Takes no more connections there; those that run go on. Returns at once; it is done before a later visit() looks. From any thread.
  void remove(std::shared_ptr<const Port> port);

  // Until stop(), and then until the last connection has ended or kGrace is over.
  void run();

  // What the journal keeps is kept in the store, too, which is finished before the worker is destroyed. Before any session.
  void keep_in(journal::Store& store);

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
  Tally& tally() { return tally_; }
  char* plaintext() { return plaintext_.get(); }
  char* input() { return input_.get(); }
  protocol::Effects& effects() { return effects_; }
  std::uint64_t sessions() const { return sessions_; }
  std::uint64_t accepted() const { return accepted_; }

 private:
  struct Acceptor {
    std::shared_ptr<Port> port;
    Listening socket;
  };
  // A port that refuses or never answers.
  struct Held {
    std::shared_ptr<Port> port;
    BoundSocket socket;
  };

  void add_here(std::shared_ptr<Port> port, BoundSocket socket);
  Coroutine accept(std::shared_ptr<Acceptor> acceptor);
  void open(const std::shared_ptr<Port>& port, int descriptor, const asio::ip::tcp::endpoint& peer);
  void close_connection(Connection& connection, Port& port);
  void stop_here();
  Coroutine expire(std::chrono::nanoseconds age);
  void enter(std::packaged_task<void()> task);
  void serve_inspection();

  journal::Journal journal_;  // outlives the connections that the event loop owns
  Tally tally_{journal_};
  std::unique_ptr<char[]> plaintext_ = std::make_unique_for_overwrite<char[]>(kPlaintextBuffer);
  std::unique_ptr<char[]> input_ = std::make_unique_for_overwrite<char[]>(kInputBuffer);
  protocol::Effects effects_;
  // The scheduler is locked, because others post to it; sockets are not: they are used on the worker's own thread alone.
  asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  Timer grace_{io_};
  Timer expiry_{io_};
  asio::signal_set signals_{io_};
  std::vector<std::shared_ptr<Acceptor>> acceptors_;
  std::vector<Held> held_;
  std::unordered_map<journal::SessionId, Connection*> connections_;
  Calls calls_;
  std::uint64_t sessions_ = 0;
  std::uint64_t accepted_ = 0;
  bool stopping_ = false;

  std::mutex inspections_mutex_;
  std::deque<std::packaged_task<void()>> inspections_;  // under the mutex, as is:
  bool running_ = false;
};

}  // namespace malaposta::net
