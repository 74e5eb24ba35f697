// Large messages: parts of them, the whole, and many clients at once that take their time. Nothing of a message is copied for them.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <list>
#include <string>

#include "api.hpp"
#include "dialog.hpp"
#include "sanitizer.hpp"
#include "testing/catch.hpp"

using namespace malaposta::testing;
namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr std::size_t kMiB = 1u << 20;
constexpr std::size_t kSize = 50'000'000;
// What the program may take beside the message: for reading, writing and its own housekeeping.
constexpr std::size_t kBeside = 12 * kMiB;
// Nearly all of the 256 that the server takes: those that have been answered may take a moment to go.
constexpr std::size_t kClients = 250;

// Each line tells where it stands.
std::string large_message() {
  std::string text = "Subject: large\r\n\r\n";
  text.reserve(kSize + 1000);
  while (text.size() < kSize) {
    const std::string place = std::to_string(text.size());
    text += place + std::string(900 - place.size(), 'x') + "\r\n";
  }
  return text;
}

void deliver(const ApiServer& server, const std::string& message) {
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<bob@example.test>", "250 2.1.5"}, {"DATA", "354"}});
  wire.send(message);
  talk(wire, {{".", "250 2.0.0"}});
  leave(wire);
}

HttpResponse ask(const ApiServer& server, const std::vector<std::pair<http::field, std::string>>& fields) {
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  socket.connect({asio::ip::address_v4::loopback(), server.api_port()});
  HttpRequest request{http::verb::get, "/api/v1/message/latest/raw", 11};
  request.set(http::field::host, "localhost");
  for (const auto& [name, value] : fields) request.set(name, value);
  http::write(socket, request);
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(2 * kSize);
  http::read(socket, buffer, parser);
  return parser.release();
}

// A client that asks for the message and reads no further than the header fields, until it is told to.
class Slow {
 public:
  Slow(asio::io_context& io, const ApiServer& server) : socket_(io) {
    parser_.body_limit(2 * kSize);
    socket_.open(asio::ip::tcp::v4());
    socket_.set_option(asio::socket_base::receive_buffer_size(4096));
    socket_.connect({asio::ip::address_v4::loopback(), server.api_port()});
    asio::write(socket_, asio::buffer(std::string("GET /api/v1/message/latest/raw HTTP/1.1\r\nHost: localhost\r\n\r\n")));
  }
  unsigned status() {
    http::read_header(socket_, buffer_, parser_);
    return parser_.get().result_int();
  }
  std::string rest() {
    http::read(socket_, buffer_, parser_);
    return parser_.get().body();
  }

 private:
  asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
};

}  // namespace

TEST_CASE("parts of a large message and the whole are as they came, and cost no memory") {
  const ApiServer server({"default"}, {"--threads", "1"});
  const std::string message = large_message();
  deliver(server, message);
  const std::size_t before = server.resident();
  const HttpResponse whole = ask(server, {});
  CHECK(whole.result_int() == 200);
  CHECK((whole.body() == message));
  const std::string tag = whole[http::field::etag];
  CHECK_FALSE(tag.empty());
  CHECK(ask(server, {{http::field::if_none_match, tag}}).result_int() == 304);
  for (const std::size_t first : {std::size_t{0}, std::size_t{262'143}, kSize / 2, message.size() - 1000}) {
    const std::string range = "bytes=" + std::to_string(first) + "-" + std::to_string(first + 999);
    const HttpResponse part = ask(server, {{http::field::range, range}, {http::field::if_range, tag}});
    CHECK(part.result_int() == 206);
    CHECK((part.body() == message.substr(first, 1000)));
  }
  if (!kKeepsWhatIsFreed) CHECK(server.resident() <= before + kBeside);
}

TEST_CASE("many clients that take a large message slowly hold it once, though it was deleted meanwhile") {
  const ApiServer server({"default"}, {"--threads", "1"});
  const std::string message = large_message();
  deliver(server, message);
  const std::size_t before = server.resident();
  asio::io_context io;
  std::list<Slow> clients;
  for (std::size_t i = 0; i < kClients; ++i) REQUIRE(clients.emplace_back(io, server).status() == 200);
  REQUIRE(server.ask({http::verb::delete_, "/api/v1/messages", 11}).result_int() == 200);
  CHECK(server.get("/api/v1/message/latest/raw").result_int() == 404);
  // What they hold is below the limit of all answers. Another such message is beyond it; short answers come as ever.
  deliver(server, message);
  CHECK(server.get("/api/v1/message/latest/raw").result_int() == 503);
  CHECK(server.get("/livez").result_int() == 200);
  const std::size_t after = server.resident();
  INFO("KiB beside the two messages: " << (after - before - kSize) / 1024);
  if (!kKeepsWhatIsFreed) CHECK(after <= before + kSize + 2 * kMiB + kBeside);
  CHECK((clients.front().rest() == message));
  clients.clear();
  const auto begin = std::chrono::steady_clock::now();
  unsigned status = 503;
  while (status == 503 && std::chrono::steady_clock::now() - begin < Wire::kTimeout) status = ask(server, {}).result_int();
  CHECK(status == 200);
}
