#include "net/worker.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <utility>

#include "net/acceptance.hpp"
#include "net/connection.hpp"

namespace malaposta::net {

namespace {

constexpr std::string_view kTooManyConnections = "421 4.7.0 Too many connections: try again later\r\n";

asio::ip::tcp protocol_of(const Endpoint& endpoint) {
  return endpoint.address.find(':') == std::string::npos ? asio::ip::tcp::v4() : asio::ip::tcp::v6();
}

}  // namespace

Worker::Worker(journal::Journal::Limits limits, Calls calls) : journal_(limits), calls_(std::move(calls)) {
  journal_.on_stored([this](journal::SessionId session, journal::MessageId message, const journal::Outcome& outcome) {
    const auto found = connections_.find(session);
    return found != connections_.end() && found->second->stored(message, outcome);
  });
  if (limits.age > std::chrono::nanoseconds::zero()) asio::co_spawn(io_, expire(limits.age), asio::detached);
}

Worker::~Worker() = default;

void Worker::keep_in(journal::Store& store) {
  journal_.keep_in(store, [this](journal::Stored stored) {
    asio::post(io_, [this, stored = std::move(stored)]() mutable { journal_.stored(std::move(stored), std::chrono::steady_clock::now()); });
  });
}

Coroutine Worker::expire(std::chrono::nanoseconds age) {
  const auto every = std::clamp<std::chrono::nanoseconds>(age / 10, kOftenestExpiry, kRarestExpiry);
  boost::system::error_code error;
  while (!stopping_) {
    journal_.expire(std::chrono::steady_clock::now());
    expiry_.expires_after(every);
    co_await expiry_.async_wait(asio::redirect_error(kAwait, error));
  }
}

void Worker::add(std::shared_ptr<Port> port, BoundSocket socket) {
  enter(std::packaged_task<void()>(
      [this, port = std::move(port), socket = std::move(socket)]() mutable { add_here(std::move(port), std::move(socket)); }));
}

void Worker::add_here(std::shared_ptr<Port> port, BoundSocket socket) {
  if (stopping_) return;
  if (port->programme()->played->scenario().model().server.listen != scenario::Listen::accept) {
    held_.push_back({std::move(port), std::move(socket)});
    return;
  }
  const auto acceptor = std::make_shared<Acceptor>(Acceptor{std::move(port), Listening(io_)});
  acceptor->socket.assign(protocol_of(acceptor->port->endpoint), socket.release());
  acceptors_.push_back(acceptor);
  asio::co_spawn(io_, accept(acceptor), asio::detached);
}

void Worker::remove(std::shared_ptr<const Port> port) {
  enter(std::packaged_task<void()>([this, port = std::move(port)] {
    std::erase_if(held_, [&](const Held& one) { return one.port == port; });
    std::erase_if(acceptors_, [&](const std::shared_ptr<Acceptor>& one) {
      boost::system::error_code ignored;
      if (one->port == port) one->socket.close(ignored);
      return one->port == port;
    });
  }));
}

void Worker::run() {
  {
    const std::lock_guard lock(inspections_mutex_);
    running_ = true;
  }
  io_.run();
  {
    // Those that come from now on are served by whoever brings them, one at a time.
    const std::lock_guard lock(inspections_mutex_);
    running_ = false;
    for (std::packaged_task<void()>& task : inspections_) task();
    inspections_.clear();
  }
  // Clients that did not leave in time count all the same.
  sessions_ += connections_.size();
  for (const auto& [session, connection] : connections_) accepted_ += connection->accepted();
}

void Worker::on_signals(std::function<void()> stop_all) {
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  signals_.async_wait([stop_all = std::move(stop_all)](const boost::system::error_code& error, int) {
    if (!error) stop_all();
  });
}

Coroutine Worker::accept(std::shared_ptr<Acceptor> acceptor) {
  boost::system::error_code error;
  Acceptance acceptance(calls_.starved);
  for (int burst = 1; !stopping_; ++burst) {
    switch (acceptance.next(acceptor->socket.native_handle())) {
      case Acceptance::Next::taken:
        open(acceptor->port, acceptance.descriptor(), acceptance.peer());
        if (burst % kAcceptBurst == 0) co_await asio::post(io_, kAwait);
        break;
      case Acceptance::Next::none:
        co_await acceptor->socket.async_wait(acceptor->socket.wait_read, asio::redirect_error(kAwait, error));
        break;
      case Acceptance::Next::pause: {
        Timer pause(io_, Acceptance::kPause);
        co_await pause.async_wait(asio::redirect_error(kAwait, error));
        break;
      }
      case Acceptance::Next::failed: break;
      case Acceptance::Next::closed: co_return;  // by stop_here() or remove()
    }
  }
}

void Worker::open(const std::shared_ptr<Port>& port, int descriptor, const asio::ip::tcp::endpoint& peer) {
  ProgrammePtr programme = port->programme();
  if (port->open.fetch_add(1, std::memory_order_relaxed) >= programme->first->scenario().profile().limits.connections) {
    port->open.fetch_sub(1, std::memory_order_relaxed);
    const BoundSocket closing(descriptor);
    (void)::send(descriptor, kTooManyConnections.data(), kTooManyConnections.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return;
  }
  auto connection =
      std::make_shared<Connection>(*this, *port, std::move(programme), Socket(io_, protocol_of(port->endpoint), descriptor), peer);
  connections_.emplace(connection->session(), connection.get());
  Connection& running = *connection;
  asio::co_spawn(io_, running.run(), [this, connection = std::move(connection), port](const std::exception_ptr& error) {
    if (error) connection->failed(error);
    close_connection(*connection, *port);
  });
}

void Worker::close_connection(Connection& connection, Port& port) {
  port.open.fetch_sub(1, std::memory_order_relaxed);
  connections_.erase(connection.session());
  ++sessions_;
  accepted_ += connection.accepted();
  calls_.session_ended();
  if (stopping_ && connections_.empty()) grace_.cancel();
}

void Worker::inspect(const std::function<void(const journal::Journal&)>& look) {
  std::packaged_task<void()> task([this, &look] { look(journal_); });
  std::future<void> done = task.get_future();
  enter(std::move(task));
  done.get();
}

void Worker::visit(std::function<void(journal::Journal&)> look) {
  enter(std::packaged_task<void()>([this, look = std::move(look)] { look(journal_); }));
}

void Worker::enter(std::packaged_task<void()> task) {
  {
    const std::lock_guard lock(inspections_mutex_);
    if (!running_) return task();
    inspections_.push_back(std::move(task));
  }
  asio::post(io_, [this] { serve_inspection(); });
}

// One for each that was posted, so that none is served before what was posted ahead of it.
void Worker::serve_inspection() {
  std::packaged_task<void()> task;
  {
    const std::lock_guard lock(inspections_mutex_);
    if (inspections_.empty()) return;
    task = std::move(inspections_.front());
    inspections_.pop_front();
  }
  task();
}

void Worker::stop() {
  asio::post(io_, [this] { stop_here(); });
}

void Worker::stop_here() {
  if (std::exchange(stopping_, true)) return;
  work_.reset();
  signals_.cancel();
  expiry_.cancel();
  held_.clear();
  for (const auto& acceptor : acceptors_) {
    boost::system::error_code ignored;
    acceptor->socket.close(ignored);
  }
  acceptors_.clear();
  const auto running = connections_;
  for (const auto& [session, connection] : running) connection->shut_down();
  if (connections_.empty()) return;
  grace_.expires_after(kGrace);
  grace_.async_wait([this](const boost::system::error_code& error) {
    if (!error) io_.stop();
  });
}

}  // namespace malaposta::net
