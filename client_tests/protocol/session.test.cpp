// Sessions with a server that nothing is wrong with: whatever the packets' borders, in any order that RFC 5321 allows
// or forbids; and the address triggers, met over a socket.
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

TEST_CASE("addresses ask for trouble") {
  struct Case {
    std::string_view helo, mail, rcpt;  // empty: an ordinary one
    std::string_view stage, reply;
  };
  constexpr Case kCases[] = {
      {"helo500.example.com", "", "", "ehlo", "500 5.5.2"},
      {"helo421_4.3.2.example.com", "", "", "ehlo", "421 4.3.2"},
      {"", "mail452@example.com", "", "mail", "452 4.5.3"},
      {"", "mail452_4.3.1@example.com", "", "mail", "452 4.3.1"},
      {"", "rcpt550_5.1.1@example.com", "", "rcpt", "550 5.1.1"},
      {"", "data554@example.com", "", "data", "554 5.0.0"},
      {"", "dot552@example.com", "", "end-of-data", "552 5.2.2"},
      {"", "", "550@example.test", "rcpt", "550 5.1.1"},
      {"", "", "550_5.7.1@example.test", "rcpt", "550 5.7.1"},
      {"", "", "rcpt553@example.test", "rcpt", "553 5.1.3"},
      {"", "", "dot452_4.3.1@example.test", "end-of-data", "452 4.3.1"},
      {"", "", "delay-10ms@example.test", "rcpt", "250 2.1.5"},
  };
  for (const Case& c : kCases) {
    DYNAMIC_SECTION(c.helo << c.mail << c.rcpt) {
      const auto either = [](std::string_view given, std::string_view ordinary) { return std::string(given.empty() ? ordinary : given); };
      const struct {
        std::string_view stage;
        std::string line, reply;
      } steps[] = {{"ehlo", "EHLO " + either(c.helo, "client.example.test"), "250"},
                   {"mail", "MAIL FROM:<" + either(c.mail, "alice@example.com") + ">", "250 2.1.0"},
                   {"rcpt", "RCPT TO:<" + either(c.rcpt, "bob@example.test") + ">", "250 2.1.5"},
                   {"data", "DATA", "354"},
                   {"end-of-data", ".", "250 2.0.0"}};
      Wire wire(plain().port());
      (void)wire.reply();
      for (const auto& step : steps) {
        INFO("C: " << step.line);
        const bool here = step.stage == c.stage;
        REQUIRE(summary(wire.say(step.line)) == (here ? c.reply : step.reply));
        if (here) break;
      }
      if (c.reply.starts_with("421"))
        CHECK(wire.ending() == Ending::fin);
      else
        check_usable(wire);
    }
  }
}

TEST_CASE("451-2x@: twice for that sender and recipient, then accepted") {
  Wire wire(plain().port());
  greet(wire);
  talk(wire, {{"MAIL FROM:<twice@example.com>", "250 2.1.0"},
              {"RCPT TO:<451-2x@example.test>", "451 4.3.0"},
              {"RCPT TO:<451-2x@example.test>", "451 4.3.0"},
              {"RCPT TO:<451-2x@elsewhere.test>", "451 4.3.0"},
              {"RCPT TO:<451-2x@example.test>", "250 2.1.5"}});
  check_usable(wire);
}

TEST_CASE("drop@ and reset@ end the connection when content may come, reset-4096@ and lost250@ later") {
  struct Case {
    std::string_view rcpt, content;
    Ending ending;
  };
  const std::string long_content(4096, 'x');
  for (const Case& c :
       {Case{"drop@example.test", "", Ending::fin}, Case{"reset@example.test", "", Ending::reset},
        Case{"reset-4096@example.test", long_content, Ending::reset}, Case{"lost250@example.test", ".\r\n", Ending::reset}}) {
    INFO(c.rcpt);
    Wire wire(plain().port());
    greet(wire);
    talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<" + std::string(c.rcpt) + ">", "250 2.1.5"}, {"DATA", "354"}});
    wire.send(c.content);
    CHECK(wire.ending() == c.ending);
  }
}
