// A server that does not read what the client sends, seen from the outside: the client's writes block, its RST is noticed all the same.
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

TEST_CASE("a client that resets is gone at once, whatever the server has not read of it") {
  for (const std::string rule :
       {"{ at: ehlo, fault: stall }", "{ at: ehlo, delay: 1h }", "{ at: connect, read: { bytes: 1, every: 1h } }"}) {
    INFO(rule);
    const TemporaryFile scenario("unread.yaml", "malaposta: 1\nserver: { limits: { timeout: 1h } }\nrules:\n  - " + rule + "\n");
    Server server({scenario.path()}, {"--exit-after", "1"});
    Wire wire(server.port());
    talk(wire, {{"", "220"}});
    wire.send("EHLO client.example.test\r\nNOOP\r\n");
    wire.abort();
    CHECK(server.exit_status() == 0);
  }
}

TEST_CASE("urgent data behind what is not read costs the server nothing") {
  const TemporaryFile scenario("unread.yaml", "malaposta: 1\nrules:\n  - { at: ehlo, delay: 2s }\n");
  const Server server({scenario.path()});
  Wire wire(server.port());
  talk(wire, {{"", "220"}});
  wire.send("EHLO client.example.test\r\nNOOP\r\n");
  wire.send_urgent('!');
  const std::chrono::milliseconds before = server.processor_time();
  CHECK(wire.reply().code == 250);
  CHECK((server.processor_time() - before).count() < 500);  // of 2 s, were it to look again and again
}
