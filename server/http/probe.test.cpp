#include "http/probe.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <string_view>
#include <thread>

#include "testing/catch.hpp"

using namespace malaposta;
namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

// A server that says one thing, whatever it is asked; nothing: it only listens.
std::optional<std::string> asked(std::string_view answer, std::chrono::milliseconds time) {
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  const net::Endpoint at{"127.0.0.1", acceptor.local_endpoint().port()};
  if (answer.empty()) return http::not_ready(at, steady_clock::now() + time);
  std::thread server([&] {
    asio::ip::tcp::socket socket = acceptor.accept();
    asio::streambuf request;
    asio::read_until(socket, request, "\r\n\r\n");
    asio::write(socket, asio::buffer(answer));
  });
  const auto problem = http::not_ready(at, steady_clock::now() + time);
  server.join();
  return problem;
}

}  // namespace

TEST_CASE("whether a server is ready is what it answers, if it does in time", "[http]") {
  constexpr std::chrono::seconds kLong{30};
  CHECK_FALSE(asked("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", kLong));
  CHECK(asked("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", kLong) == "it answers 503");
  CHECK(asked("220 mx.example.test ESMTP\r\n", kLong).has_value());
  CHECK(asked("HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x'), kLong).has_value());
  CHECK(asked("", std::chrono::milliseconds(20)).has_value());
  // Nobody listens on a port that was just given back.
  asio::io_context io;
  const auto port = asio::ip::tcp::acceptor(io, {asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
  CHECK(http::not_ready({"127.0.0.1", port}, steady_clock::now() + kLong) == "Connection refused");
}
