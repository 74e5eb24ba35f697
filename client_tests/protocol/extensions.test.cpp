// Extensions over a socket: what EHLO says, what is honoured then, what is refused where it is not offered; and the headers
// of proxies in front.
#include "dialog.hpp"
#include "program.hpp"
#include "tls_client.hpp"

using namespace malaposta::testing;
using namespace std::string_literals;

namespace {

class Extensions {
 public:
  explicit Extensions(const std::string& server, const std::string& rules = "")
      : file_("extensions.yaml", "malaposta: 1\nserver: " + server + "\n" + (rules.empty() ? "" : "rules:\n" + rules)),
        server_({file_.path()}) {}
  std::uint16_t port() const { return server_.port(); }

 private:
  TemporaryFile file_;
  Server server_;
};

}  // namespace

TEST_CASE("extensions: a list is exactly what EHLO says, in its order, case and number") {
  const Extensions server("{ extensions: [help, \"Size 1000\", 8bitmime, HELP, \"XFOO bar\", pipelining] }");
  Wire wire(server.port());
  talk(wire, {{"", "220"}});
  const Reply reply = wire.say("EHLO client.example.test");
  CHECK(reply.lines == std::vector<std::string>{"250-mx.example.test", "250-help", "250-Size 1000", "250-8bitmime", "250-HELP",
                                                "250-XFOO bar", "250 pipelining"});
  talk(wire, {{"MAIL FROM:<a@a.test> SIZE=1001", "552 5.3.4"}, {"MAIL FROM:<a@a.test> RET=FULL", "555 5.5.4"}});
  check_usable(wire);
}

TEST_CASE("extensions: each parameter and each verb is honoured where it is offered, and 555 or 502 where it is not") {
  constexpr std::string_view kMail = "MAIL FROM:<a@a.test>", kRcpt = "RCPT TO:<b@b.test>";
  struct Row {
    std::string_view offered, command, parameter, reply;
  };
  const Row rows[] = {{"SIZE 1000", kMail, "SIZE=10", "250 2.1.0"},
                      {"8BITMIME", kMail, "BODY=8BITMIME", "250 2.1.0"},
                      {"CHUNKING, BINARYMIME", kMail, "BODY=BINARYMIME", "250 2.1.0"},
                      {"SMTPUTF8", kMail, "SMTPUTF8", "250 2.1.0"},
                      {"DSN", kMail, "RET=HDRS ENVID=1", "250 2.1.0"},
                      {"DSN", kRcpt, "NOTIFY=NEVER ORCPT=rfc822;b@b.test", "250 2.1.5"},
                      {"DELIVERBY", kMail, "BY=120;R", "250 2.1.0"},
                      {"FUTURERELEASE 3600", kMail, "HOLDFOR=60", "250 2.1.0"},
                      {"MT-PRIORITY", kMail, "MT-PRIORITY=3", "250 2.1.0"},
                      {"VRFY", "VRFY alice", "", "252 2.5.0"},
                      {"EXPN", "EXPN staff", "", "252 2.5.0"},
                      {"HELP", "HELP", "", "214 2.0.0"},
                      {"ETRN", "ETRN a.test", "", "251 2.0.0"},
                      {"XFORWARD NAME", "XFORWARD NAME=a.test", "", "250 2.0.0"},
                      {"XCLIENT NAME", "XCLIENT NAME=a.test", "", "220"}};
  const Extensions none("{ extensions: [] }");
  for (const Row& row : rows) {
    const std::string line = std::string(row.command) + (row.parameter.empty() ? "" : " ") + std::string(row.parameter);
    INFO(row.offered << ": " << line);
    const Extensions offering("{ extensions: [" + std::string(row.offered) + "] }");
    Wire wire(offering.port()), bare(none.port());
    for (Wire* const one : {&wire, &bare}) {
      greet(*one);
      if (row.command == kRcpt) talk(*one, {{kMail, "250 2.1.0"}});
    }
    talk(wire, {{line, row.reply}});
    leave(wire);
    talk(bare, {{line, row.parameter.empty() ? "502 5.5.1" : "555 5.5.4"}});
    leave(bare);
  }
}

TEST_CASE("extensions: offered and refused, by a rule") {
  const Extensions server("{ extensions: { extra: [MT-PRIORITY] } }",
                          "  - { at: mail, when: { param.mt-priority: \"*\" }, reply: 550 5.7.1 }\n");
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"MAIL FROM:<a@a.test> MT-PRIORITY=3", "550 5.7.1"}, {"MAIL FROM:<a@a.test>", "250 2.1.0"}});
  check_usable(wire);
}

TEST_CASE("extensions: REQUIRETLS is not offered in clear") {
  const Extensions server("{ tls: { mode: starttls }, extensions: { extra: [REQUIRETLS] } }");
  Wire wire(server.port());
  talk(wire, {{"", "220"}});
  for (const std::string& line : wire.say("EHLO client.example.test").lines) CHECK(line.find("REQUIRETLS") == std::string::npos);
  talk(wire, {{"MAIL FROM:<a@a.test> REQUIRETLS", "530 5.7.10"}});
  check_usable(wire);
}

TEST_CASE("extensions: REQUIRETLS is offered and taken inside TLS") {
  const Extensions server("{ tls: { mode: starttls }, extensions: { extra: [REQUIRETLS] } }");
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"STARTTLS", "220 2.0.0"}});
  TlsClient client(wire);
  REQUIRE(client.shake_hands());
  CHECK(client.say("EHLO client.example.test").starts_with("250"));
  CHECK(client.say("MAIL FROM:<a@a.test> REQUIRETLS").starts_with("250 2.1.0"));
  CHECK(client.say("QUIT").starts_with("221"));
}

TEST_CASE("extensions: under LMTP the last chunk has a reply for each recipient") {
  const Extensions server("{ protocol: lmtp }", "  - { at: end-of-data, when: { rcpt: c@b.test }, reply: 452 4.2.2 }\n");
  Wire wire(server.port());
  talk(wire, {{"", "220"},
              {"LHLO client.example.test", "250"},
              {"MAIL FROM:<a@a.test>", "250 2.1.0"},
              {"RCPT TO:<b@b.test>", "250 2.1.5"},
              {"RCPT TO:<c@b.test>", "250 2.1.5"}});
  wire.send("BDAT 3\r\nx\r\nBDAT 0 LAST\r\n");
  for (const char* reply : {"250 2.0.0", "250 2.0.0", "452 4.2.2"}) CHECK(summary(wire.reply()) == reply);
  check_usable(wire);
}

TEST_CASE("proxy: in front of TLS, whether implicit or begun by STARTTLS") {
  const std::string header = "PROXY TCP4 192.0.2.1 192.0.2.2 5678 25\r\n",
                    rule = "  - { at: mail, when: { ip: 192.0.2.1, tls: true }, reply: 550 5.7.1 }\n";
  for (const std::string mode : {"implicit", "starttls"}) {
    INFO(mode);
    const Extensions server("{ proxy: v1, tls: { mode: " + mode + " } }", rule);
    Wire wire(server.port());
    wire.send(header);
    if (mode == "starttls") {
      greet(wire);
      talk(wire, {{"STARTTLS", "220 2.0.0"}});
    }
    TlsClient client(wire);
    REQUIRE(client.shake_hands());
    if (mode == "implicit") CHECK(client.reply().starts_with("220"));
    CHECK(client.say("EHLO client.example.test").starts_with("250"));
    CHECK(client.say("MAIL FROM:<a@a.test>").starts_with("550 5.7.1"));
    CHECK(client.say("QUIT").starts_with("221"));
  }
}

TEST_CASE("extensions: BINARYMIME comes by BDAT, in chunks that are pipelined") {
  const Extensions server("{ extensions: [PIPELINING, CHUNKING, BINARYMIME] }");
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"MAIL FROM:<a@a.test> BODY=BINARYMIME", "250 2.1.0"}, {"RCPT TO:<b@b.test>", "250 2.1.5"}, {"DATA", "503 5.5.1"}});
  wire.send("BDAT 5\r\n\0\r\n.\r"s + "BDAT 1 LAST\r\n\nNOOP\r\n");
  for (int i = 0; i < 3; ++i) CHECK(summary(wire.reply()) == "250 2.0.0");
  check_usable(wire);
}

TEST_CASE("extensions: LIMITS are kept") {
  const Extensions server("{ extensions: [\"LIMITS RCPTMAX=1 MAILMAX=1\"] }");
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"MAIL FROM:<a@a.test>", "250 2.1.0"},
              {"RCPT TO:<b@b.test>", "250 2.1.5"},
              {"RCPT TO:<c@b.test>", "452 4.5.3"},
              {"RSET", "250 2.0.0"},
              {"MAIL FROM:<a@a.test>", "451 4.5.3"}});
  check_usable(wire);
}

TEST_CASE("proxy: the client is whom the header names, in either version") {
  const Extensions server("{ proxy: any }", "  - { at: mail, when: { ip: 192.0.2.0/24 }, reply: 550 5.7.1 }\n");
  for (const std::string& header :
       {"PROXY TCP4 192.0.2.1 192.0.2.2 5678 25\r\n"s, "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C\xC0\0\x02\x01\xC0\0\x02\x02\x16\x2E\0\x19"s}) {
    Wire wire(server.port());
    wire.send(header);
    greet(wire);
    talk(wire, {{"MAIL FROM:<a@a.test>", "550 5.7.1"}});
    leave(wire);
  }
}

TEST_CASE("proxy: without its header there is no session") {
  const Extensions server("{ proxy: v2 }");
  Wire wire(server.port());
  wire.send("EHLO client.example.test\r\n");
  CHECK(wire.rest().empty());
  CHECK(wire.ending() == Ending::fin);
}

TEST_CASE("extensions: XCLIENT makes another client of it, and the rules see that one") {
  const Extensions server("{ extensions: [\"XCLIENT ADDR HELO LOGIN\", \"XFORWARD NAME\"] }",
                          "  - { at: mail, when: { ip: 192.0.2.1, helo: other.test, user: alice }, reply: 550 5.7.1 }\n");
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"XFORWARD NAME=c.test", "250 2.0.0"},
              {"XCLIENT ADDR=nowhere", "501 5.5.4"},
              {"XCLIENT ADDR=192.0.2.1 HELO=other.test LOGIN=alice", "220"},
              {"EHLO client.example.test", "250"},
              {"MAIL FROM:<a@a.test>", "550 5.7.1"}});
  check_usable(wire);
}
