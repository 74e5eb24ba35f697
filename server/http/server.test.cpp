#include "http/server.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <thread>

#include "testing/catch.hpp"

using namespace malaposta;
namespace asio = boost::asio;
namespace wire = boost::beast::http;

namespace {

// An SMTP server and its API, each at work on its thread.
class Running {
 public:
  explicit Running(http::Options options = {}) : smtp_(playing()), api_(std::make_unique<http::Server>(smtp_, local(std::move(options)))) {
    api_->start();
    thread_ = std::thread([this] { smtp_.run(); });
  }
  ~Running() {
    smtp_.stop();
    thread_.join();
    api_.reset();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  std::uint16_t port() const { return api_->endpoint().port; }
  std::uint16_t smtp_port() const { return smtp_.listeners().front().endpoint.port; }

 private:
  static net::ServerOptions playing() {
    net::ServerOptions options;
    options.threads = 2;
    options.listeners.push_back({{"127.0.0.1", 0}, scenario::load({"default"}, {}).scenarios.at(0)});
    return options;
  }
  static http::Options local(http::Options options) {
    options.endpoint = {"127.0.0.1", 0};
    return options;
  }
  net::Server smtp_;
  std::unique_ptr<http::Server> api_;
  std::thread thread_;
};

// One connection to the API.
class Client {
 public:
  explicit Client(const Running& server) { socket_.connect({asio::ip::address_v4::loopback(), server.port()}); }
  // With a receive buffer of so many bytes: when nothing is read, the server soon cannot write any more.
  Client(const Running& server, int receive_buffer) {
    socket_.open(asio::ip::tcp::v4());
    socket_.set_option(asio::socket_base::receive_buffer_size(receive_buffer));
    socket_.connect({asio::ip::address_v4::loopback(), server.port()});
  }

  void send(std::string_view bytes) { asio::write(socket_, asio::buffer(bytes)); }

  wire::response<wire::string_body> receive(bool head = false) {
    wire::response_parser<wire::string_body> parser;
    parser.skip(head);
    wire::read(socket_, buffer_, parser);
    return parser.release();
  }

  wire::response<wire::string_body> ask(std::string_view target) {
    send("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return receive();
  }

  // The status of an answer whose content is not read.
  unsigned status_of(std::string_view target) {
    send("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    wire::response_parser<wire::empty_body> parser;
    wire::read_header(socket_, buffer_, parser);
    return parser.get().result_int();
  }

  // Sends the bytes again and again, until the server has left.
  void send_for_ever(std::string_view bytes) {
    boost::system::error_code left;
    while (!left) asio::write(socket_, asio::buffer(bytes), left);
  }

  // True once the server has closed the connection.
  bool closed() {
    std::array<char, 1> byte{};
    boost::system::error_code error;
    (void)socket_.read_some(asio::buffer(byte), error);
    return error == asio::error::eof;
  }

 private:
  asio::io_context io_;
  asio::ip::tcp::socket socket_{io_};
  boost::beast::flat_buffer buffer_;
};

}  // namespace

TEST_CASE("a connection takes one request after the other, pipelined ones too") {
  const Running server;
  Client client(server);
  CHECK(client.ask("/readyz").body() == "{\"status\":\"ready\"}\n");
  const auto wrong = client.ask("/nowhere");
  CHECK(wrong.result_int() == 404);
  CHECK(wrong["Content-Type"] == "application/json");
  client.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nGET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  CHECK(client.receive().body() == "{\"status\":\"ok\"}\n");
  CHECK(client.receive().body() == "{\"status\":\"ready\"}\n");
  CHECK(client.closed());
}

TEST_CASE("HEAD has the fields of GET and no content") {
  const Running server;
  Client client(server);
  client.send("HEAD /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto head = client.receive(true);
  CHECK(head.result_int() == 200);
  CHECK(head["Content-Length"] == "16");
  CHECK(client.ask("/livez").body().size() == 16);
}

TEST_CASE("what is no HTTP, and what is too large, is refused and the connection ends") {
  http::Options options;
  options.limits.header_bytes = 512;
  options.limits.body_bytes = 1024;
  const Running server(std::move(options));
  struct Case {
    std::string bytes;
    unsigned status;
  };
  for (const Case& c : {Case{"EHLO me\r\n\r\n", 400}, Case{"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
                        Case{"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(600, 'x') + "\r\n\r\n", 431},
                        Case{"POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1025\r\n\r\n", 413},
                        Case{"POST /livez HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n401\r\n", 413},
                        Case{"GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403}}) {
    CAPTURE(c.bytes);
    Client client(server);
    client.send(c.bytes);
    CHECK(client.receive().result_int() == c.status);
    CHECK(client.closed());
  }
}

TEST_CASE("a client too slow with its header section or its content is left") {
  http::Options options;
  options.limits.header = options.limits.body = std::chrono::milliseconds(20);
  const Running server(std::move(options));
  for (const std::string_view half : {"GET /li", "POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf"}) {
    Client client(server);
    client.send(half);
    CHECK(client.closed());
  }
}

TEST_CASE("a client that never stops sending a little is left as well") {
  http::Options options;
  options.limits.header = options.limits.body = std::chrono::milliseconds(20);
  options.limits.header_bytes = options.limits.body_bytes = 1u << 30;
  const Running server(std::move(options));
  for (const std::string_view begin :
       {"GET /livez HTTP/1.1\r\n", "POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n"}) {
    Client client(server);
    client.send(begin);
    client.send_for_ever("X: y\r\n");
  }
  CHECK(Client(server).ask("/livez").result_int() == 200);
}

TEST_CASE("a client that does not take its answers is left, and holds one of them at most") {
  http::Options options;
  options.limits.connections = 1;
  options.limits.body = std::chrono::milliseconds(50);
  const Running server(std::move(options));
  Client slow(server, 4096);
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += "GET /api/v1/codes HTTP/1.1\r\nHost: localhost\r\n\r\n";
  slow.send(requests);
  unsigned status = 503;
  while (status == 503) status = Client(server).status_of("/livez");
  CHECK(status == 200);
}

TEST_CASE("a client that does not take its events is left") {
  http::Options options;
  options.limits.streams = 1;
  options.limits.body = std::chrono::milliseconds(50);
  const Running server(std::move(options));
  Client slow(server, 4096);
  REQUIRE(slow.status_of("/api/v1/events") == 200);
  asio::io_context io;
  asio::ip::tcp::socket smtp(io);
  smtp.connect({asio::ip::address_v4::loopback(), server.smtp_port()});
  const std::string line = "NOOP " + std::string(400, 'x') + "\r\n";
  std::array<char, 4096> replies{};
  unsigned status = 503;
  while (status == 503) {
    for (int i = 0; i < 100; ++i) asio::write(smtp, asio::buffer(line));
    (void)smtp.read_some(asio::buffer(replies));
    status = Client(server).status_of("/api/v1/events");
  }
  CHECK(status == 200);
}

TEST_CASE("an idle connection is closed") {
  http::Options options;
  options.limits.idle = std::chrono::milliseconds(20);
  const Running server(std::move(options));
  Client client(server);
  CHECK(client.ask("/livez").result_int() == 200);
  CHECK(client.closed());
}

TEST_CASE("one connection too many is told 503") {
  http::Options options;
  options.limits.connections = 1;
  const Running server(std::move(options));
  Client first(server);
  CHECK(first.ask("/livez").result_int() == 200);
  Client second(server);
  CHECK(second.receive().result_int() == 503);
  CHECK(second.closed());
  CHECK(first.ask("/livez").result_int() == 200);
}

namespace {

// Asks on new connections until the status is that one: the server may take notice of other clients a moment later.
bool comes_to(const Running& server, std::string_view request, unsigned status) {
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < std::chrono::seconds(20)) {
    Client client(server);
    client.send(request);
    if (client.receive().result_int() == status) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("contents of requests that are being read have a limit in all, which is told with 503") {
  http::Options options;
  options.limits.bodies = 1024;
  const Running server(std::move(options));
  Client slow(server);
  slow.send("POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nbegun");
  constexpr std::string_view kOther = "POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n";
  CHECK(comes_to(server, kOther, 503));
  CHECK(Client(server).ask("/livez").result_int() == 200);
  slow.send(std::string(995, 'x'));
  CHECK(slow.receive().result_int() == 405);
  CHECK(comes_to(server, std::string(kOther) + std::string(100, 'x'), 405));
}

TEST_CASE("answers that their clients do not read have a limit in all, which is told with 503") {
  constexpr std::string_view kAsk = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
  http::Options options;
  options.limits.answers = 4096;
  const Running server(std::move(options));
  {
    Client deaf(server);
    std::string many;
    for (int i = 0; i < 2'000; ++i) many += kAsk;  // more than sockets hold
    deaf.send(many);
    CHECK(comes_to(server, kAsk, 503));
    CHECK(Client(server).ask("/livez").result_int() == 200);
  }
  CHECK(comes_to(server, kAsk, 200));
}

TEST_CASE("the token is asked for, but not of what tells whether the server is there") {
  http::Options options;
  options.token = "secret";
  const Running server(std::move(options));
  CHECK(Client(server).ask("/readyz").result_int() == 200);
  CHECK(Client(server).ask("/api/v1/info").result_int() == 401);
  Client client(server);
  client.send("GET /api/v1/info HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret\r\n\r\n");
  CHECK(client.receive().result_int() == 200);
}

TEST_CASE("the API's port must be free") {
  const Running server;
  net::ServerOptions none;
  net::Server smtp(std::move(none));
  http::Options options;
  options.endpoint = {"127.0.0.1", server.port()};
  CHECK_THROWS_AS(http::Server(smtp, options), net::BindError);
}
