#include "net/endpoint.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <future>

#include "testing/catch.hpp"

using namespace malaposta::net;
using malaposta::scenario::Listen;

TEST_CASE("endpoints are written in four ways") {
  CHECK(parse_endpoint("127.0.0.1:2525").text() == "127.0.0.1:2525");
  CHECK(parse_endpoint("localhost:25").text() == "127.0.0.1:25");
  CHECK(parse_endpoint("2525").text() == "127.0.0.1:2525");
  CHECK(parse_endpoint("[::1]:0").text() == "[::1]:0");
  CHECK(parse_endpoint("[::1]:0").loopback());
  CHECK(parse_endpoint("127.8.0.1:0").loopback());
  CHECK_FALSE(parse_endpoint("0.0.0.0:0").loopback());
}

TEST_CASE("what is no endpoint says why") {
  CHECK_THROWS_WITH(parse_endpoint("wibble:25"), "'wibble' is no IP address: ADDR:PORT is expected, such as 127.0.0.1:2525");
  CHECK_THROWS_WITH(parse_endpoint("127.0.0.1:99999"), "'99999' is no port: 0 to 65535 is expected");
  CHECK_THROWS_WITH(parse_endpoint("127.0.0.1:"), "'' is no port: 0 to 65535 is expected");
  CHECK_THROWS_WITH(parse_endpoint(""), "'' is no port: 0 to 65535 is expected");
}

TEST_CASE("a port in use: the error names the port and who holds it") {
  Endpoint first = parse_endpoint("127.0.0.1:0");
  const BoundSocket holder = open_socket(first, Listen::accept, false);
  REQUIRE(first.port != 0);
  Endpoint second = first;
  try {
    open_socket(second, Listen::accept, false);
    FAIL("the port was bound twice");
  } catch (const BindError& error) {
    const std::string told = error.what();
    CHECK(told.find("cannot listen on " + first.text() + ": the port is in use by ") == 0);
    CHECK(told.find("(pid " + std::to_string(::getpid()) + ")") != std::string::npos);
  }
}

namespace {

// 0 where the connection was made.
int connect_to(const Endpoint& endpoint) {
  const BoundSocket client(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  if (::inet_pton(AF_INET, endpoint.address.c_str(), &address.sin_addr) != 1) return EINVAL;
  return ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

}  // namespace

TEST_CASE("a refused port is bound, so nobody else can take it, and answers with RST") {
  Endpoint endpoint = parse_endpoint("127.0.0.1:0");
  const BoundSocket held = open_socket(endpoint, Listen::refuse, false);
  CHECK(connect_to(endpoint) == ECONNREFUSED);
  CHECK_THROWS_AS(open_socket(endpoint, Listen::accept, false), BindError);
}

TEST_CASE("a port that is shared is not free, though another socket could share it") {
  Endpoint endpoint = parse_endpoint("127.0.0.1:0");
  const BoundSocket first = open_socket(endpoint, Listen::accept, true);
  CHECK_NOTHROW(open_socket(endpoint, Listen::accept, true));
  CHECK_THROWS_AS(require_free(endpoint), BindError);
}

TEST_CASE("whether a port is free is found out without letting a client in") {
  // Not where clients come from, which would meet themselves when theirs is the port; nor where others bind.
  Endpoint endpoint = parse_endpoint("127.1.2.3:0");
  REQUIRE_NOTHROW(require_free(endpoint));
  REQUIRE(endpoint.port != 0);
  const Endpoint met_at = endpoint;
  // A client that meets a port as it is opened is served or refused, and never let in to be thrown out.
  std::atomic<bool> stop{false};
  auto client = std::async(std::launch::async, [&] {
    int met = ECONNREFUSED;
    do met = connect_to(met_at);
    while (!stop && met == ECONNREFUSED);
    return met;
  });
  for (int i = 0; i < 1'000; ++i) require_free(endpoint);
  stop = true;
  CHECK(client.get() == ECONNREFUSED);
}

TEST_CASE("where no filter may be attached, a full queue answers no connect either") {
  const BoundSocket held(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const place = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  REQUIRE(::bind(held.get(), place, size) == 0);
  REQUIRE(::getsockname(held.get(), place, &size) == 0);
  REQUIRE(listen_with_full_queue(held.get()));
  const BoundSocket client(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  REQUIRE(::connect(client.get(), place, size) == -1);
  CHECK(errno == EINPROGRESS);
  pollfd one{client.get(), POLLOUT, 0};
  CHECK(::poll(&one, 1, 100) == 0);
}
