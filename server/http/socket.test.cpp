#include "http/socket.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <string>

#include "testing/catch.hpp"

using malaposta::http::Socket;
namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr std::string_view kHandshake =
    "GET /api/events HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

// A Socket and a client of bytes, which have shaken hands.
class Pair {
 public:
  explicit Pair(Socket::Limits limits, std::string_view handshake = kHandshake) {
    asio::ip::tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    client_.open(asio::ip::tcp::v4());
    client_.set_option(asio::socket_base::receive_buffer_size(4096));
    client_.connect(acceptor.local_endpoint());
    beast::tcp_stream stream(acceptor.accept());
    asio::write(client_, asio::buffer(handshake));
    beast::flat_buffer buffer;
    Socket::Upgrade request;
    beast::http::read(stream, buffer, request);
    socket_ = std::make_shared<Socket>(std::move(stream), limits, [this] { ++ends_; });
    accepted_ = ended(socket_->accept(request));
  }

  // Runs everything until this has ended; its result.
  bool ended(asio::awaitable<bool> coroutine) {
    std::optional<bool> result;
    asio::co_spawn(io_, std::move(coroutine), [&](const std::exception_ptr&, bool value) { result = value; });
    while (!result) io_.run_one();
    return *result;
  }
  void run_until_closed() {
    while (socket_->is_open()) io_.run_one();
  }

  int ends() const { return ends_; }
  bool accepted() const { return accepted_; }
  Socket& socket() { return *socket_; }
  asio::ip::tcp::socket& client() { return client_; }
  std::string received() {
    std::string text(4096, '\0');
    boost::system::error_code end;
    text.resize(client_.read_some(asio::buffer(text), end));
    return text;
  }

 private:
  asio::io_context io_;
  asio::ip::tcp::socket client_{io_};
  std::shared_ptr<Socket> socket_;
  bool accepted_ = false;
  int ends_ = 0;
};

constexpr std::chrono::milliseconds kLong{60'000}, kShort{30};

}  // namespace

TEST_CASE("a text becomes one message", "[socket]") {
  Pair pair({4096, kLong, kLong});
  REQUIRE(pair.accepted());
  CHECK(pair.received().starts_with("HTTP/1.1 101"));
  CHECK(pair.ended(pair.socket().tell("hello")));
  CHECK(pair.received() == "\x81\x05hello");
}

TEST_CASE("a handshake that is none is refused", "[socket]") {
  Pair pair({4096, kLong, kLong}, "GET /api/events HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  CHECK_FALSE(pair.accepted());
  CHECK(pair.received().starts_with("HTTP/1.1 400"));
}

TEST_CASE("a client that takes nothing is left, though it answers pings and sends", "[socket]") {
  Pair pair({4096, kShort, kLong});
  REQUIRE(pair.accepted());
  const std::string text(64 * 1024, 'x');
  boost::system::error_code left;
  while (pair.ended(pair.socket().tell(text))) asio::write(pair.client(), asio::buffer(std::string_view("\x8a\x80\0\0\0\0", 6)), left);
  CHECK_FALSE(pair.socket().is_open());
  CHECK_FALSE(pair.ended(pair.socket().tell("again")));
}

TEST_CASE("a client that answers no ping is left", "[socket]") {
  Pair pair({4096, kLong, kShort});
  REQUIRE(pair.accepted());
  pair.run_until_closed();
  std::string all;
  for (std::string some = pair.received(); !some.empty(); some = pair.received()) all += some;
  CHECK(all.find("\x89") != std::string::npos);
}

TEST_CASE("a client that says too much at once is told so and left", "[socket]") {
  Pair pair({16, kLong, kLong});
  REQUIRE(pair.accepted());
  (void)pair.received();
  asio::write(pair.client(), asio::buffer(std::string("\x81\x91\0\0\0\0", 6) + std::string(17, 'x')));
  CHECK(pair.ended([](Pair& both) -> asio::awaitable<bool> {
    asio::ip::tcp::socket& client = both.client();
    std::array<char, 64> frame{};
    const std::size_t size = co_await client.async_read_some(asio::buffer(frame), asio::use_awaitable);
    client.shutdown(asio::ip::tcp::socket::shutdown_send);
    co_return std::string_view(frame.data(), size).starts_with("\x88\x02\x03\xf1");  // 1009
  }(pair)));
  pair.run_until_closed();
}

TEST_CASE("what goes on may be dropped at any time", "[socket]") {
  Pair pair({4096, kLong, kLong});
  REQUIRE(pair.accepted());
  SECTION("nothing is being told") { pair.socket().drop(); }
  SECTION("the client has gone") {
    pair.client().close();
    pair.run_until_closed();
  }
  SECTION("reading goes on when everything ends") { return; }
  CHECK_FALSE(pair.ended(pair.socket().tell("x")));
  CHECK(pair.ends() == 1);
}
