// A server that reads one byte and then pauses, seen from the outside: the client's writes block.
#include "dialog.hpp"
#include "program.hpp"

using namespace malaposta::testing;

namespace {

// Far more than the buffers of both sides hold, were anybody to read.
const std::string kFlood(64u << 20, 'x');

}  // namespace

TEST_CASE("a slow reader: with a small receive buffer, what the client sends stays with the client") {
  const TemporaryFile scenario("slow-reader.yaml",
                               "malaposta: 1\nserver: { limits: { receive-buffer: 4096 } }\n"
                               "rules:\n  - { at: data, read: { bytes: 1, every: 1h } }\n");
  const Server server({scenario.path()});
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<bob@example.test>", "250 2.1.5"}, {"DATA", "354"}});
  const std::size_t sent = wire.send_until_stuck(kFlood);
  CHECK(sent > 0);
  CHECK(sent < kFlood.size());
}

TEST_CASE("a slow reader reads all the same") {
  const TemporaryFile scenario("slow-reader.yaml",
                               "malaposta: 1\nserver: { limits: { receive-buffer: 4096 } }\n"
                               "rules:\n  - { at: connect, read: { bytes: 7, every: 1ms } }\n");
  const Server server({scenario.path()});
  Wire wire(server.port());
  greet(wire);
  CHECK(summary(transact(wire)) == "250 2.0.0");
  leave(wire);
}
