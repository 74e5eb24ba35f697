#include "http/guard.hpp"

#include "testing/catch.hpp"

using namespace malaposta;

namespace {

const net::Endpoint kLoopback{"127.0.0.1", 8025};
const net::Endpoint kEverywhere{"0.0.0.0", 8025};

unsigned status(const http::Credentials& credentials, const net::Endpoint& bound = kLoopback, std::string_view token = {},
                bool open = false) {
  const auto refusal = http::refuse(credentials, bound, token, open);
  return refusal ? refusal->status : 200;
}

}  // namespace

TEST_CASE("on loopback, the Host field names this machine") {
  for (const std::string_view own : {"127.0.0.1:8025", "localhost:8025", "LocalHost", "[::1]:8025", "127.9.9.9"}) {
    CAPTURE(own);
    CHECK(status({own, {}, {}}) == 200);
  }
  for (const std::string_view other : {"evil.example:8025", "localhost.evil.example", "192.0.2.1:8025", "mail", "", "[", "[]", ":8025"}) {
    CAPTURE(other);
    CHECK(status({other, {}, {}}) == 403);
  }
}

TEST_CASE("where other machines may ask, addresses and names without a dot will do, and any name with the token") {
  CHECK(status({"192.0.2.1:8025", {}, {}}, kEverywhere) == 200);
  CHECK(status({"malaposta:8025", {}, {}}, kEverywhere) == 200);
  CHECK(status({"rebound.example:8025", {}, {}}, kEverywhere) == 403);
  CHECK(status({"mail.example.test", {}, "Bearer secret"}, kEverywhere, "secret") == 200);
  CHECK(status({"192.0.2.7", {}, {}}, {"192.0.2.7", 80}) == 200);
  CHECK(status({"192.0.2.8", {}, {}}, {"192.0.2.7", 80}) == 403);
}

TEST_CASE("an origin must be the API's own") {
  CHECK(status({"localhost:8025", "http://localhost:8025", {}}) == 200);
  CHECK(status({"localhost:8025", "https://LOCALHOST:8025", {}}) == 200);
  for (const std::string_view foreign : {"http://evil.example", "null", "http://localhost:3000", "file://", "http://localhost:80251"}) {
    CAPTURE(foreign);
    CHECK(status({"localhost:8025", foreign, {}}) == 403);
  }
}

TEST_CASE("the token, where there is one, is asked of every route that is not open") {
  for (const std::string_view wrong : {"", "Bearer", "Bearer ", "Bearer secreT", "Bearer secret2", "Basic secret", "secret"}) {
    CAPTURE(wrong);
    CHECK(status({"localhost", {}, wrong}, kLoopback, "secret") == 401);
    CHECK(status({"localhost", {}, wrong}, kLoopback, "secret", true) == 200);
  }
  CHECK(status({"localhost", {}, "bearer secret"}, kLoopback, "secret") == 200);
  CHECK(http::refuse({"localhost", {}, {}}, kLoopback, "secret", false)->headers.front().first == "WWW-Authenticate");
}
