// No descriptor is left for one more connection to the API: whoever is connected is served, the next one waits, and none is lost.
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "api.hpp"
#include "sanitizer.hpp"
#include "testing/catch.hpp"
#include "wire.hpp"

using namespace malaposta::testing;

// The undefined-behaviour sanitizer, which is built in beside that of addresses, opens pipes to look at memory, and takes the want of
// descriptors for a defect.
#if !MALAPOSTA_ADDRESS_SANITIZER
namespace {

// On a connection that stays; throws where it is not answered in time.
std::string status_of(Wire& wire, bool keep = true) {
  wire.send(std::string("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: ") + (keep ? "keep-alive" : "close") + "\r\n\r\n");
  std::string answer;
  while (answer.find('}') == std::string::npos) {
    const std::string more = wire.some();
    if (more.empty()) throw WireError("the connection has ended within an answer: '" + answer + "'");
    answer += more;
  }
  return answer.substr(0, answer.find('\r'));
}

}  // namespace

TEST_CASE("no descriptor left for the API: those that are connected are served, the next one waits, and both is told") {
  constexpr std::size_t kMost = 3;
  ApiServer server;
  server.leave_descriptors(kMost);
  std::vector<std::unique_ptr<Wire>> wires;
  for (std::size_t i = 0; i < kMost; ++i)
    CHECK(status_of(*wires.emplace_back(std::make_unique<Wire>(server.api_port()))) == "HTTP/1.1 200 OK");

  for (int episode = 0; episode < 2; ++episode) {
    auto next = std::make_unique<Wire>(server.api_port());
    CHECK(server.error_line() == "malaposta: connections have to wait until others end: Too many open files");
    for (const auto& wire : wires) CHECK(status_of(*wire) == "HTTP/1.1 200 OK");
    // One of them is served no more: its last answer has gone, and so has the client.
    CHECK(status_of(*wires.back(), false) == "HTTP/1.1 200 OK");
    wires.pop_back();
    CHECK(status_of(*next) == "HTTP/1.1 200 OK");
    CHECK(server.error_line() == "malaposta: connections are accepted again");
    wires.push_back(std::move(next));
  }
  wires.clear();
  server.signal(SIGTERM);
  CHECK(server.exit_status() == 0);
  CHECK(server.errors().empty());
}
#endif
