// Sessions with a server that nothing is wrong with: whatever the packets' borders, in any order that RFC 5321 allows
// or forbids.
#include "dialog.hpp"
#include "program.hpp"

using namespace malaposta::testing;

namespace {

// Accepts all mail, and obeys the address triggers.
const Server& plain() {
  static const Server server({"default"});
  return server;
}

constexpr std::string_view kSession =
    "EHLO client.example.test\r\n"
    "MAIL FROM:<alice@example.com>\r\n"
    "RCPT TO:<bob@example.test>\r\n"
    "RCPT TO:<550@example.test>\r\n"
    "DATA\r\n"
    "Subject: hello\r\n"
    "\r\n"
    "..a line with a dot in front\r\n"
    ".\r\n"
    "MAIL FROM:<alice@example.com>\r\n"
    "RSET\r\n"
    "QUIT\r\n";

void check_replies_to_session(Wire& wire) {
  for (const std::string_view reply :
       {"220", "250", "250 2.1.0", "250 2.1.5", "550 5.1.1", "354", "250 2.0.0", "250 2.1.0", "250 2.0.0", "221 2.0.0"})
    CHECK(summary(wire.reply()) == reply);
  CHECK(wire.ending() == Ending::fin);
}

}  // namespace

TEST_CASE("a whole session sent in one write, before the greeting even") {
  Wire wire(plain().port());
  wire.send(kSession);
  check_replies_to_session(wire);
}

TEST_CASE("a whole session sent byte by byte") {
  Wire wire(plain().port());
  for (const char byte : kSession) wire.send({&byte, 1});
  check_replies_to_session(wire);
}

TEST_CASE("many transactions on one connection") {
  Wire wire(plain().port());
  greet(wire);
  for (int i = 0; i < 100; ++i) REQUIRE(summary(transact(wire)) == "250 2.0.0");
  check_usable(wire);
}

TEST_CASE("commands out of sequence are refused, and change nothing") {
  Wire wire(plain().port());
  talk(wire, {
                 {"", "220"},
                 {"MAIL FROM:<alice@example.com>", "503 5.5.1"},
                 {"DATA", "503 5.5.1"},
                 {"EHLO client.example.test", "250"},
                 {"RCPT TO:<bob@example.test>", "503 5.5.1"},
                 {"DATA", "503 5.5.1"},
                 {"MAIL FROM:<alice@example.com>", "250 2.1.0"},
                 {"MAIL FROM:<mallory@example.com>", "503 5.5.1"},
                 {"DATA", "503 5.5.1"},
                 {"AUTH PLAIN AGFsaWNlAHNlY3JldA==", "503 5.5.1"},
                 {"RCPT TO:<bob@example.test>", "250 2.1.5"},
                 {"DATA", "354"},
                 {".", "250 2.0.0"},
                 {"RCPT TO:<bob@example.test>", "503 5.5.1"},
             });
  check_usable(wire);
}

TEST_CASE("RSET and a second EHLO end the transaction") {
  for (const std::string_view ender : {"RSET", "EHLO client.example.test"}) {
    Wire wire(plain().port());
    greet(wire);
    talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<bob@example.test>", "250 2.1.5"}});
    CHECK(wire.say(ender).code == 250);
    talk(wire, {{"RCPT TO:<bob@example.test>", "503 5.5.1"}});
    CHECK(summary(transact(wire)) == "250 2.0.0");
    check_usable(wire);
  }
}

TEST_CASE("content by BDAT, pipelined with its chunks") {
  Wire wire(plain().port());
  greet(wire);
  wire.send("MAIL FROM:<alice@example.com>\r\nRCPT TO:<bob@example.test>\r\nBDAT 6\r\nhello\nBDAT 8 LAST\r\n.\r\nQUIT\nNOOP\r\n");
  for (const std::string_view reply : {"250 2.1.0", "250 2.1.5", "250 2.0.0", "250 2.0.0", "250 2.0.0"})
    CHECK(summary(wire.reply()) == reply);
  leave(wire);
}

TEST_CASE("a client that closes its side after its last command still gets the replies") {
  Wire wire(plain().port());
  wire.send("EHLO client.example.test\r\nMAIL FROM:<alice@example.com>\r\n");
  wire.finish_sending();
  for (const std::string_view reply : {"220", "250", "250 2.1.0"}) CHECK(summary(wire.reply()) == reply);
  CHECK(wire.ending() == Ending::fin);
}
