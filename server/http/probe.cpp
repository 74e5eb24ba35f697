#include "http/probe.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace malaposta::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;

namespace {

constexpr std::size_t kLongestAnswer = 64 * 1024;  // bytes

}  // namespace

std::optional<std::string> not_ready(const net::Endpoint& server, std::chrono::steady_clock::time_point until) {
  asio::io_context io;
  beast::tcp_stream stream(io);
  stream.expires_at(until);
  wire::request<wire::empty_body> request{wire::verb::get, "/readyz", 11};
  request.set(wire::field::host, server.text());
  request.set(wire::field::connection, "close");
  beast::flat_buffer buffer(kLongestAnswer);
  wire::response_parser<wire::string_body> answer;
  answer.body_limit(kLongestAnswer);
  boost::system::error_code failed;
  // One step begins the next: a time-out of the stream ends whichever is under way.
  stream.async_connect({asio::ip::make_address(server.address), server.port}, [&](const boost::system::error_code& problem) {
    failed = problem;
    if (failed) return;
    wire::async_write(stream, request, [&](const boost::system::error_code& problem, std::size_t) {
      failed = problem;
      if (failed) return;
      wire::async_read(stream, buffer, answer, [&](const boost::system::error_code& problem, std::size_t) { failed = problem; });
    });
  });
  io.run();
  if (failed) return failed.message();
  if (answer.get().result() != wire::status::ok) return fmt::format("it answers {}", answer.get().result_int());
  return std::nullopt;
}

}  // namespace malaposta::http
