#include "http/socket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <utility>

namespace malaposta::http {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

}  // namespace

Socket::Socket(boost::beast::tcp_stream stream, Limits limits, std::function<void()> ended)
    : stream_(std::move(stream)), deadline_(stream_.get_executor()), limits_(limits), ended_(std::move(ended)) {
  // The WebSocket has time limits of its own; two timers on one connection would end each other's operations.
  boost::beast::get_lowest_layer(stream_).expires_never();
  stream_.set_option(websocket::stream_base::timeout{limits_.patience, limits_.silence, true});
  stream_.read_message_max(limits_.message);
  stream_.text(true);
}

asio::awaitable<bool> Socket::accept(const Upgrade& request) {
  const auto self = shared_from_this();
  const auto [problem] = co_await stream_.async_accept(request, kAwait);
  if (problem) co_return false;
  open_ = true;
  asio::co_spawn(stream_.get_executor(), listen(self), asio::detached);
  co_return true;
}

asio::awaitable<void> Socket::listen(std::shared_ptr<Socket> self) {
  boost::beast::flat_buffer dropped;
  while (self->open_) {
    const auto [problem, size] = co_await self->stream_.async_read(dropped, kAwait);
    if (problem) break;
    dropped.consume(size);
  }
  self->drop();
}

asio::awaitable<bool> Socket::tell(std::string_view text) {
  if (!open_) co_return false;
  const auto self = shared_from_this();
  // A client that sends and does not take anything is not silent: writing needs a limit beside that of the WebSocket.
  deadline_.expires_after(limits_.patience);
  deadline_.async_wait([weak = weak_from_this()](const boost::system::error_code& moved) {
    const auto late = weak.lock();
    if (late && !moved && late->deadline_.expiry() <= std::chrono::steady_clock::now()) late->drop();
  });
  const auto [problem, size] = co_await stream_.async_write(asio::buffer(text), kAwait);
  deadline_.expires_at(std::chrono::steady_clock::time_point::max());
  if (problem) drop();
  co_return open_;
}

void Socket::drop() {
  boost::beast::get_lowest_layer(stream_).close();
  if (std::exchange(open_, false)) ended_();
}

}  // namespace malaposta::http
