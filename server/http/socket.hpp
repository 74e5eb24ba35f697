// A WebSocket (RFC 6455) that tells and does not listen: what the client sends is read, for its control frames, and dropped. A client that
// answers no ping, sends too long a message or does not take what it is told in time is left.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

namespace malaposta::http {

class Socket : public std::enable_shared_from_this<Socket> {
 public:
  using Upgrade = boost::beast::http::request<boost::beast::http::string_body>;

  struct Limits {
    std::size_t message = 4096;              // bytes that a message of the client has; beyond: close code 1009
    std::chrono::milliseconds patience{};    // until the client has taken a message; beyond, the connection is closed
    std::chrono::milliseconds silence{};     // of the client; it is sent a ping after half of it. Beyond, the connection is closed
  };

  // Takes the connection over. To be made by std::make_shared: reading goes on until the connection has ended, whoever holds the object.
  // `ended` is called once it has.
  Socket(
      boost::beast::tcp_stream stream, Limits limits, std::function<void()> ended = [] {});

  // Whether the request asks for a WebSocket at all.
  static bool is_wanted(const Upgrade& request) { return boost::beast::websocket::is_upgrade(request); }

  // Answers the handshake, and begins to read. False where the handshake is wrong, which the client is told, or the client has gone. The
  // request lives until then.
  boost::asio::awaitable<bool> accept(const Upgrade& request);

  // One message of text. False where the connection has ended. One at a time.
  boost::asio::awaitable<bool> tell(std::string_view text);

  // False once the connection has ended.
  bool is_open() const { return open_; }

  // Closes the connection at once.
  void drop();

 private:
  // The socket lives as long as it is read, which is why this has a pointer of its own.
  static boost::asio::awaitable<void> listen(std::shared_ptr<Socket> self);

  boost::beast::websocket::stream<boost::beast::tcp_stream> stream_;
  boost::asio::steady_timer deadline_;
  Limits limits_;
  std::function<void()> ended_;
  bool open_ = false;
};

}  // namespace malaposta::http
