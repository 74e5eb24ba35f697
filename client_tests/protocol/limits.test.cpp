// What a scenario's `limits` and the options --keep and --max-memory bound, driven to the bound and beyond it.
#include <csignal>

#include "dialog.hpp"
#include "program.hpp"

using namespace malaposta::testing;

namespace {

TemporaryFile with_limits(const std::string& limits) {
  return TemporaryFile("limited.yaml", "malaposta: 1\nserver: { limits: { " + limits + " } }\n");
}

// Ends the program; what it says then.
std::string farewell(Server& server) {
  server.signal(SIGTERM);
  CHECK(server.exit_status() == 0);
  return server.output();
}

}  // namespace

TEST_CASE("limits.connections: the one too many is told 421 4.7.0 and closed, until another has left") {
  const TemporaryFile file = with_limits("connections: 2");
  const Server server({file.path()});
  Wire first(server.port()), second(server.port());
  greet(first);
  greet(second);
  Wire third(server.port());
  CHECK(summary(third.reply()) == "421 4.7.0");
  CHECK(third.ending() == Ending::fin);
  CHECK(summary(transact(first)) == "250 2.0.0");
  leave(first);
  // The server may take notice of the end a moment after the client.
  std::string told;
  const auto begin = std::chrono::steady_clock::now();
  do {
    Wire next(server.port());
    told = summary(next.reply());
  } while (told == "421 4.7.0" && std::chrono::steady_clock::now() - begin < Wire::kTimeout);
  CHECK(told == "220");
  check_usable(second);
}

TEST_CASE("limits.recipients: 452 4.5.3 beyond them, in each transaction anew") {
  const TemporaryFile file = with_limits("recipients: 2");
  const Server server({file.path()});
  Wire wire(server.port());
  greet(wire);
  for (int i = 0; i < 2; ++i)
    talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"},
                {"RCPT TO:<one@example.test>", "250 2.1.5"},
                {"RCPT TO:<two@example.test>", "250 2.1.5"},
                {"RCPT TO:<three@example.test>", "452 4.5.3"},
                {"DATA", "354"},
                {".", "250 2.0.0"}});
  check_usable(wire);
}

TEST_CASE("limits.line: the longest line is taken, one octet more is 500") {
  const TemporaryFile file = with_limits("line: 600");
  const Server server({file.path()});
  Wire wire(server.port());
  greet(wire);
  const std::string longest = "NOOP " + std::string(600 - 5 - 2, 'x');  // with its CRLF
  talk(wire, {{longest, "250 2.0.0"}, {longest + "x", "500 5.5.2"}});
  check_usable(wire);
}

TEST_CASE("limits.timeout: an idle client is told 421 4.4.2 and closed, and no earlier") {
  const TemporaryFile file = with_limits("timeout: 150ms");
  const Server server({file.path()});
  for (const std::string_view begun : {"", "NOO", "AUTH LOGIN\r\n", "MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\nSubj"}) {
    INFO("in the middle of: " << begun);
    // The server's clock starts when it has sent the greeting, which may be before the client has read it.
    const auto begin = std::chrono::steady_clock::now();
    Wire wire(server.port());
    greet(wire);
    wire.send(begun);
    Reply reply = wire.reply();
    while (reply.code < 400) reply = wire.reply();
    CHECK(summary(reply) == "421 4.4.2");
    CHECK(wire.ending() == Ending::fin);
    CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(150));
  }
}

TEST_CASE("--keep: the oldest messages give way, which is said at the end") {
  Server server({"default"}, {"--keep", "3"});
  Wire wire(server.port());
  greet(wire);
  for (int i = 0; i < 5; ++i) CHECK(summary(transact(wire)) == "250 2.0.0");
  leave(wire);
  CHECK(farewell(server) ==
        "malaposta: stopped after 1 sessions: 5 messages accepted, 3 kept\n"
        "malaposta: --keep, --keep-for and --max-memory made 2 messages and 0 events give way\n");
}

TEST_CASE("--max-memory: old messages give way to new ones, and a message that does not fit at all is 452") {
  Server server({"default"}, {"--max-memory", "2MiB"});
  Wire wire(server.port());
  greet(wire);
  const auto deliver = [&](std::size_t size) {
    talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<bob@example.test>", "250 2.1.5"}, {"DATA", "354"}});
    return summary(wire.say(std::string(size, 'x') + "\r\n."));
  };
  for (int i = 0; i < 10; ++i) CHECK(deliver(500'000) == "250 2.0.0");
  CHECK(deliver(3'000'000) == "452 4.3.1");
  CHECK(deliver(1000) == "250 2.0.0");
  leave(wire);
  const std::string told = farewell(server);
  CHECK(told.find("11 messages accepted, ") != std::string::npos);
  CHECK(told.find("malaposta: --keep, --keep-for and --max-memory made ") != std::string::npos);
}
