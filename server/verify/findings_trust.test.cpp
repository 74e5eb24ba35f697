// Where the findings about trust, about dots and about an undeclared size begin and end.
#include "testing/catch.hpp"
#include "verify/findings_fixture.hpp"

using namespace malaposta;
using namespace malaposta::verify;
using namespace malaposta::verify::test;

TEST_CASE("a certificate counts where no client takes it that verifies", "[findings]") {
  const std::vector<std::string> sent{std::string(kEhlo),         "STARTTLS\r\n",    "<tls>", std::string(kEhlo), "AUTH PLAIN AGEAYg==\r\n",
                                      "MAIL FROM:<a@a.test>\r\n", std::string(kQuit)};
  const auto trusted = [&](const std::string& certificate) {
    return found_in("server: {tls: {mode: starttls, certificate: " + certificate + "}}\nrules: []\n", sent);
  };
  const std::set<std::string> both{"certificate-not-verified", "login-without-verified-certificate"};
  for (const char* kind : {"self-signed", "expired", "not-yet-valid", "wrong-host", "untrusted-root", "incomplete-chain"}) {
    INFO(kind);
    CHECK(trusted(kind) == both);
  }
  for (const char* kind : {"valid", "weak-key", "{cert: a.pem, key: b.pem}"}) {
    INFO(kind);
    CHECK(trusted(kind).empty());
  }
  const std::vector<std::string> clear{std::string(kEhlo), "MAIL FROM:<a@a.test>\r\n", std::string(kQuit)};
  CHECK(found_in("server: {tls: {mode: starttls, certificate: expired}}\nrules: []\n", clear).empty());
}

TEST_CASE("a line end in an address is one that the path goes on behind", "[findings]") {
  const auto injected = [](const std::string& lines, const std::string& server = "") {
    return found_in(server, saying({lines})).count("line-end-in-address") == 1;
  };
  CHECK(injected("MAIL FROM:<a@a.test\r\nDATA\r\nSubject: x\r\n> SIZE=9\r\n"));
  CHECK(injected("MAIL FROM:<a@a.test\nBcc: b@b.test>\r\n"));
  CHECK(injected("MAIL FROM:<a\rb@a.test>\r\n"));
  CHECK(injected("MAIL FROM:<a\nb@a.test>\r\n", "server: {syntax: strict}\nrules: []\n"));
  // A pipelining client; one that ends lines with LF; one that forgets a bracket, and is told so before it goes on.
  CHECK_FALSE(injected("MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\n"));
  CHECK_FALSE(injected("MAIL FROM:<a@a.test>\nRCPT TO:<b@b.test>\n"));
  CHECK(found_in("", saying({"MAIL FROM:<a@a.test\r\n", "a@a.test>\r\n"})).count("line-end-in-address") == 0);
}

TEST_CASE("a dot that is not doubled is one behind CRLF with more octets in its line", "[findings]") {
  const auto unstuffed = [](const std::string& text, const std::string& data = "DATA\r\n") {
    return found_in("", {std::string(kEhlo), "MAIL FROM:<a@a.test>\r\n", "RCPT TO:<b@b.test>\r\n", data, kHeader + "\r\n" + text,
                         std::string(kQuit)})
               .count("dots-not-stuffed") == 1;
  };
  CHECK(unstuffed("x\r\n.a\r\n.\r\n"));
  CHECK(unstuffed("x\r\n.\ra\r\n.\r\n"));
  CHECK(unstuffed(".a\r\n..b\r\n.\r\n"));
  CHECK_FALSE(unstuffed("..\r\n...\r\n..a\r\nb.c\r\n.\r\n"));
  CHECK_FALSE(unstuffed("x\r\n.\ny\r\n.\r\n"));           // an end of content by LF alone, as its client thinks
  CHECK_FALSE(unstuffed("x\n.a\r\n.\r\n", "DATA\n"));     // no line of content begins behind LF
  const std::string chunk = kHeader + "\r\n.a\r\n";
  CHECK(found_in("", saying({"MAIL FROM:<a@a.test>\r\n", "RCPT TO:<b@b.test>\r\n",
                             "BDAT " + std::to_string(chunk.size()) + " LAST\r\n" + chunk}))
            .empty());
}

TEST_CASE("a dialog tells of dots too", "[findings]") {
  const auto unstuffed = [](const std::string& text) {
    return found_in(
               "dialog: |\n  S: 220 ready\n  C: MAIL FROM:<a@a.test>\n  S: 250 ok\n  C: DATA\n  S: 354 go\n  C: <message>\n  S: 250 ok\n",
               {"MAIL FROM:<a@a.test>\r\n", "DATA\r\n", message(kHeader + "\r\n" + text)})
               .count("dots-not-stuffed") == 1;
  };
  CHECK(unstuffed(".a"));
  CHECK_FALSE(unstuffed("..a"));
}

TEST_CASE("content has ended early where a dot is sent as a command behind it", "[findings]") {
  const auto early = [](const std::string& behind) { return found_in("", delivering(kText + behind)).count("content-ended-early") == 1; };
  CHECK(early("Hello again.\r\nHelp is near.\r\n.\r\n"));
  CHECK(early(".\r\n"));
  CHECK_FALSE(early("WIBBLE\r\n"));
  CHECK_FALSE(early("RSET\r\n.\r\n"));
  CHECK(found_in("", saying({".\r\n"})).count("content-ended-early") == 0);
}

TEST_CASE("an undeclared size matters where the message is large, or refused for it", "[findings]") {
  const auto undeclared = [](const std::string& server) {
    return found_in(server, delivering(kText, "MAIL FROM:<a@a.test>\r\n")).count("size-not-declared") == 1;
  };
  const auto limit = [](std::size_t octets) { return "server: {extensions: {size: " + std::to_string(octets) + "}}\nrules: []\n"; };
  const std::size_t size = kText.size() - 3;  // without the final dot
  CHECK(undeclared(limit(2 * size - 2)));
  CHECK_FALSE(undeclared(limit(2 * size)));
  CHECK_FALSE(undeclared(""));
  for (const char* reply : {"552 Too large", "552 5.3.4 Too large", "552 5.2.3 Too large"})
    CHECK(undeclared(std::string("rules: [{at: end-of-data, reply: ") + reply + "}]\n"));
  for (const char* reply : {"552 5.2.2 Mailbox full", "554 5.3.4 Too large"})
    CHECK_FALSE(undeclared(std::string("rules: [{at: end-of-data, reply: ") + reply + "}]\n"));
  CHECK_FALSE(undeclared("server: {extensions: {without: [SIZE]}}\nrules: [{at: end-of-data, reply: 552}]\n"));
}
