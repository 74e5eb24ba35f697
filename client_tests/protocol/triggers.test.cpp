// The address triggers, typed into the server that no scenario is given to: the code, the verb that it acts on, and what
// is left untouched.
#include <csignal>

#include "dialog.hpp"
#include "program.hpp"

using namespace malaposta::testing;

namespace {

const Server& plain() {
  static const Server server({"default"});
  return server;
}

enum class After { usable, fin };

// The lines of a client after the greeting, EHLO included where none is given. All but the last are answered with
// 2yz or 3yz, the last with `reply`.
struct Row {
  std::string_view lines, reply;
  After after = After::usable;
};

constexpr Row kRows[] = {
    {"EHLO helo500.example.com", "500 5.5.2"},
    {"EHLO helo550", "550 5.1.1"},
    {"EHLO helo421_4.3.2.example.com", "421 4.3.2", After::fin},
    {"HELO helo502_5.5.1.example.com", "502 5.5.1"},

    {"AUTH PLAIN AGJhZGF1dGgAeA==", "535 5.7.8"},                         // badauth, x
    {"AUTH LOGIN\nYmFkYXV0aEBleGFtcGxlLnRlc3Q=", "535 5.7.8"},            // badauth@example.test
    {"AUTH PLAIN AGdvb2RhdXRoAHg=", "235 2.7.0"},                         // goodauth, x
    {"AUTH LOGIN\nZ29vZGF1dGg=\nc2VjcmV0", "235 2.7.0"},                  // goodauth, secret

    {"MAIL FROM:<mail452@a.test>", "452 4.5.3"},
    {"MAIL FROM:<mail452_4.3.1@a.test>", "452 4.3.1"},
    {"MAIL FROM:<mail421@a.test>", "421 4.3.2", After::fin},
    {"MAIL FROM:<rcpt550@a.test>\nRCPT TO:<bob@b.test>", "550 5.1.1"},
    {"MAIL FROM:<rcpt550_5.7.1@a.test>\nRCPT TO:<bob@b.test>", "550 5.7.1"},
    {"MAIL FROM:<data552@a.test>\nRCPT TO:<bob@b.test>\nDATA", "552 5.2.2"},
    {"MAIL FROM:<data451_4.7.1@a.test>\nRCPT TO:<bob@b.test>\nDATA", "451 4.7.1"},
    {"MAIL FROM:<dot552@a.test>\nRCPT TO:<bob@b.test>\nDATA\n.", "552 5.2.2"},
    {"MAIL FROM:<dot452_4.3.1@a.test>\nRCPT TO:<bob@b.test>\nDATA\n.", "452 4.3.1"},
    {"MAIL FROM:<dot421@a.test>\nRCPT TO:<bob@b.test>\nDATA\n.", "421 4.3.2", After::fin},
    {"MAIL FROM:<rset421@a.test>\nRSET", "421 4.3.2", After::fin},
    {"MAIL FROM:<rset500_5.5.2@a.test>\nRSET", "500 5.5.2"},
    {"MAIL FROM:<noop421@a.test>\nNOOP", "421 4.3.2", After::fin},
    {"MAIL FROM:<starttls454@a.test>\nSTARTTLS", "454 4.7.0"},
    {"MAIL FROM:<starttls501_5.5.4@a.test>\nSTARTTLS", "501 5.5.4"},
    {"MAIL FROM:<quit421@a.test>\nQUIT", "421 4.3.2", After::fin},
    {"MAIL FROM:<quit554_5.0.0@a.test>\nQUIT", "554 5.0.0", After::fin},

    {"MAIL FROM:<a@a.test>\nRCPT TO:<550@b.test>", "550 5.1.1"},
    {"MAIL FROM:<a@a.test>\nRCPT TO:<550_5.7.1@b.test>", "550 5.7.1"},
    {"MAIL FROM:<a@a.test>\nRCPT TO:<251@b.test>", "251 2.1.5"},
    {"MAIL FROM:<a@a.test>\nRCPT TO:<421@b.test>", "421 4.3.2", After::fin},
    {"MAIL FROM:<a@a.test>\nRCPT TO:<599_5.1.2@b.test>", "599 5.1.2"},  // a code that nobody has documented
    {"MAIL FROM:<a@a.test>\nRCPT TO:<mail452@b.test>", "452 4.5.3"},
    {"MAIL FROM:<a@a.test>\nRCPT TO:<rcpt550_5.1.1@b.test>", "550 5.1.1"},
    {"MAIL FROM:<a@a.test>\nRCPT TO:<data552@b.test>", "552 5.2.2"},
    {"MAIL FROM:<a@a.test>\nRCPT TO:<rset450@b.test>", "450 4.2.1"},
    {"MAIL FROM:<a@a.test>\nRCPT TO:<noop553@b.test>", "553 5.1.3"},
    {"MAIL FROM:<a@a.test>\nRCPT TO:<starttls454@b.test>", "454 4.7.0"},
    {"MAIL FROM:<a@a.test>\nRCPT TO:<quit421@b.test>", "421 4.3.2", After::fin},
    {"MAIL FROM:<a@a.test>\nRCPT TO:<dot452@b.test>\nDATA\n.", "452 4.5.3"},
    {"MAIL FROM:<a@a.test>\nRCPT TO:<bob@b.test>\nRCPT TO:<dot554_5.6.0@b.test>\nDATA\n.", "554 5.6.0"},

    // What is no trigger: another code, something after it, another place.
    {"MAIL FROM:<a@a.test>\nRCPT TO:<600@b.test>", "250 2.1.5"},
    {"MAIL FROM:<a@a.test>\nRCPT TO:<5500@b.test>", "250 2.1.5"},
    {"MAIL FROM:<a@a.test>\nRCPT TO:<the550@b.test>", "250 2.1.5"},
    {"MAIL FROM:<a@a.test>\nRCPT TO:<bob@550.test>", "250 2.1.5"},
    {"MAIL FROM:<550@a.test>\nRCPT TO:<bob@b.test>\nDATA\n.", "250 2.0.0"},
    {"EHLO mail.helo500.example.com", "250"},
};

// Says all lines and returns the reply to the last.
std::string answer(Wire& wire, std::string_view lines) {
  talk(wire, {{"", "220"}});
  if (!lines.starts_with("EHLO") && !lines.starts_with("HELO")) talk(wire, {{"EHLO client.example.test", "250"}});
  for (;;) {
    const std::size_t end = lines.find('\n');
    const Reply reply = wire.say(lines.substr(0, end));
    if (end == std::string_view::npos) return summary(reply);
    INFO("C: " << lines.substr(0, end));
    REQUIRE((reply.code / 100 == 2 || reply.code / 100 == 3));
    lines.remove_prefix(end + 1);
  }
}

// A transaction with that recipient, up to the go-ahead for the content.
void begin_content(Wire& wire, std::string_view rcpt) {
  greet(wire);
  talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<" + std::string(rcpt) + ">", "250 2.1.5"}, {"DATA", "354"}});
}

}  // namespace

TEST_CASE("each trigger gives its code to its verb, and to no other") {
  for (const Row& row : kRows) {
    DYNAMIC_SECTION(row.lines) {
      Wire wire(plain().port());
      CHECK(answer(wire, row.lines) == row.reply);
      if (row.after == After::fin)
        CHECK(wire.ending() == Ending::fin);
      else
        check_usable(wire);
    }
  }
}

TEST_CASE("a sender's trigger acts until the next MAIL of the connection") {
  Wire wire(plain().port());
  greet(wire);
  talk(wire, {{"MAIL FROM:<noop450@example.com>", "250 2.1.0"},
              {"NOOP", "450 4.2.1"},
              {"RSET", "250 2.0.0"},
              {"NOOP", "450 4.2.1"},
              {"MAIL FROM:<alice@example.com>", "250 2.1.0"},
              {"NOOP", "250 2.0.0"}});
  check_usable(wire);
}

TEST_CASE("a recipient's trigger is about that recipient: the message goes to the others") {
  Wire wire(plain().port());
  greet(wire);
  talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"},
              {"RCPT TO:<550@example.test>", "550 5.1.1"},
              {"RCPT TO:<bob@example.test>", "250 2.1.5"},
              {"RCPT TO:<451@example.test>", "451 4.3.0"},
              {"DATA", "354"},
              {".", "250 2.0.0"}});
  check_usable(wire);
}

TEST_CASE("451-2x@: twice for that sender and recipient, then accepted, whatever the connection") {
  const Server server({"default"});
  const auto ask = [&](const std::string& mail, const std::string& rcpt) {
    Wire wire(server.port());
    greet(wire);
    talk(wire, {{"MAIL FROM:<" + mail + ">", "250 2.1.0"}});
    return summary(wire.say("RCPT TO:<" + rcpt + ">"));
  };
  CHECK(ask("alice@example.com", "451-2x@example.test") == "451 4.3.0");
  CHECK(ask("alice@example.com", "451-2x@example.test") == "451 4.3.0");
  CHECK(ask("carol@example.com", "451-2x@example.test") == "451 4.3.0");
  CHECK(ask("alice@example.com", "451-2x@elsewhere.test") == "451 4.3.0");
  CHECK(ask("alice@example.com", "451-2x@example.test") == "250 2.1.5");
  CHECK(ask("alice@example.com", "451-2x@example.test") == "250 2.1.5");
  CHECK(ask("carol@example.com", "451-2x@example.test") == "451 4.3.0");
  CHECK(ask("carol@example.com", "451-2x@example.test") == "250 2.1.5");
  CHECK(ask("alice@example.com", "450_4.7.1-1x@example.test") == "450 4.7.1");
  CHECK(ask("alice@example.com", "450_4.7.1-1x@example.test") == "250 2.1.5");
}

TEST_CASE("delay-200ms@: accepted, and no earlier") {
  Wire wire(plain().port());
  greet(wire);
  talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}});
  const auto begin = std::chrono::steady_clock::now();
  talk(wire, {{"RCPT TO:<delay-200ms@example.test>", "250 2.1.5"}});
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(200));
  check_usable(wire);
}

TEST_CASE("drop@ ends the connection once content may come, reset@ after its first byte, reset-4096@ after so many bytes of it") {
  struct Case {
    std::string_view rcpt;
    std::size_t harmless;  // bytes of content
    std::string_view fatal;
    Ending ending;
  };
  for (const Case& c : {Case{"drop@example.test", 0, "", Ending::fin}, Case{"reset@example.test", 0, "x", Ending::reset},
                        Case{"reset-4096@example.test", 4095, "x", Ending::reset}}) {
    INFO(c.rcpt);
    Wire wire(plain().port());
    begin_content(wire, c.rcpt);
    wire.send(std::string(c.harmless, 'x'));
    wire.send(c.fatal);
    CHECK(wire.ending() == c.ending);
  }
}

TEST_CASE("reset-4096@: a message that ends before is accepted") {
  Wire wire(plain().port());
  begin_content(wire, "reset-4096@example.test");
  talk(wire, {{std::string(4000, 'x') + "\r\n.", "250 2.0.0"}});
  check_usable(wire);
}

TEST_CASE("lost250@: the message is kept, and never acknowledged") {
  Server server({"default"}, {"--exit-after", "1"});
  Wire wire(server.port());
  begin_content(wire, "lost250@example.test");
  wire.send(std::string(kContent) + ".\r\n");
  CHECK(wire.rest().empty());
  CHECK(wire.ending() == Ending::reset);
  CHECK(server.exit_status() == 0);
  CHECK(server.output().find("0 messages accepted, 1 kept") != std::string::npos);
}

TEST_CASE("stall@: nothing of what the client says is answered any more") {
  Server server({"default"});
  Wire stalled(server.port());
  begin_content(stalled, "stall@example.test");
  stalled.send(std::string(kContent) + ".\r\nNOOP\r\n");
  // Others are served meanwhile, on the same thread: whatever the stalled one was to be told would have left before.
  Wire other(server.port());
  greet(other);
  CHECK(summary(transact(other)) == "250 2.0.0");
  leave(other);
  server.signal(SIGTERM);
  CHECK(summary(stalled.reply()) == "421 4.3.2");
  CHECK(stalled.rest().empty());
}
