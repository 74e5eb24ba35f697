// TLS as OpenSSL's client meets it over a socket: certificates, what is agreed upon, faults of the handshake, and what travels in
// clear where it should not.
#include <openssl/x509v3.h>

#include <optional>

#include "dialog.hpp"
#include "tls_server.hpp"

using namespace malaposta::testing;

namespace {

constexpr std::chrono::milliseconds kQuiet{100};

TlsWishes trusting(const std::string& ca_file) {
  TlsWishes wishes;
  wishes.ca_file = ca_file;
  return wishes;
}

// A clear connection up to the 220 of STARTTLS.
void ask_for_tls(Wire& wire) {
  greet(wire);
  talk(wire, {{"STARTTLS", "220 2.0.0"}});
}

bool names(X509* certificate, const char* host) { return X509_check_host(certificate, host, 0, 0, nullptr) == 1; }

}  // namespace

TEST_CASE("each certificate, seen from outside: it has the defect that it is named for, and no other") {
  struct Case {
    std::string_view kind;
    long verdict;
    int certificates;
    std::string_view issuer;
    bool begun = true, over = false, right_host = true;
    int bits = 256;
  };
  constexpr std::string_view kOurs = "Malaposta test intermediate";
  const Case kCases[] = {
      {"valid", X509_V_OK, 2, kOurs},
      {"self-signed", X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, 1, "mx.example.test"},
      {"expired", X509_V_ERR_CERT_HAS_EXPIRED, 2, kOurs, true, true},
      {"not-yet-valid", X509_V_ERR_CERT_NOT_YET_VALID, 2, kOurs, false},
      {"wrong-host", X509_V_ERR_HOSTNAME_MISMATCH, 2, kOurs, true, false, false},
      {"untrusted-root", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, 1, "Somebody else's root"},
      {"incomplete-chain", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, 1, kOurs},
      {"weak-key", X509_V_OK, 2, kOurs, true, false, true, 1024},
  };
  for (const Case& c : kCases) {
    INFO(c.kind);
    TlsServer server("{ mode: implicit, certificate: " + std::string(c.kind) + " }");
    Wire wire(server.port());
    TlsClient client(wire, trusting(server.ca_file()));
    REQUIRE(client.shake_hands());
    CHECK(client.verdict() == c.verdict);
    CHECK(client.certificates() == c.certificates);
    X509* certificate = client.certificate();
    CHECK(issuer_of(certificate) == c.issuer);
    CHECK((X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0) == c.begun);
    CHECK((X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) == c.over);
    for (const char* host : {"mx.example.test", "localhost"}) CHECK(names(certificate, host) == c.right_host);
    for (const char* address : {"127.0.0.1", "::1"}) CHECK((X509_check_ip_asc(certificate, address, 0) == 1) == c.right_host);
    CHECK(names(certificate, "wrong-host.example.invalid") != c.right_host);
    CHECK(EVP_PKEY_get_bits(X509_get0_pubkey(certificate)) == c.bits);
    CHECK(client.reply().rfind("220 ", 0) == 0);
  }
}

TEST_CASE("STARTTLS: mail in TLS, and nothing is remembered of what was said in clear") {
  TlsServer server("{ mode: required }");
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"MAIL FROM:<a@a.test>", "530 5.7.0"}, {"STARTTLS", "220 2.0.0"}});
  TlsClient client(wire, trusting(server.ca_file()));
  REQUIRE(client.shake_hands());
  CHECK(client.say("MAIL FROM:<a@a.test>").rfind("503 ", 0) == 0);
  CHECK(client.say("EHLO client.example.test").rfind("250 ", 0) == 0);
  CHECK(client.say("STARTTLS").rfind("503 5.5.1", 0) == 0);
  for (const std::string_view line : {"MAIL FROM:<a@a.test>", "RCPT TO:<b@b.test>"}) CHECK(client.say(line).rfind("250 ", 0) == 0);
  CHECK(client.say("DATA").rfind("354 ", 0) == 0);
  CHECK(client.say("Subject: hello\r\n\r\nHello!\r\n.").rfind("250 ", 0) == 0);
  CHECK(client.say("QUIT").rfind("221 ", 0) == 0);
  CHECK(client.ended_with_close_notify());
  CHECK(wire.ending() == Ending::fin);
}

TEST_CASE("faults instead of the handshake, implicit and after STARTTLS") {
  struct Case {
    std::string_view fault;
    std::optional<Ending> ending;  // none: nothing comes, and the connection stays
  };
  for (const Case& c : {Case{"close", Ending::fin}, Case{"reset", Ending::reset}, Case{"stall", {}}, Case{"silence", {}}})
    for (const std::string mode : {"implicit", "starttls"}) {
      INFO(mode << " " << c.fault);
      TlsServer server("{ mode: " + mode + " }", "  - { at: tls, fault: " + std::string(c.fault) + " }");
      Wire wire(server.port());
      if (mode == "starttls") ask_for_tls(wire);
      wire.send(client_hello());
      if (c.ending)
        CHECK(wire.ending() == *c.ending);
      else
        CHECK(wire.quiet_for(kQuiet));
    }
  TlsServer server("{ mode: implicit }", "  - { at: tls, fault: garbage, bytes: 64, then: close }");
  Wire wire(server.port());
  TlsClient client(wire);
  CHECK_FALSE(client.shake_hands());
  CHECK_FALSE(client.reason().empty());
}

TEST_CASE("the server's name that the client asks for decides") {
  TlsServer server("{ mode: implicit }", "  - { at: tls, when: { sni: \"bad.*\" }, fault: reset }");
  Wire bad(server.port()), good(server.port()), none(server.port());
  TlsWishes wishes;
  wishes.server_name = "bad.example.test";
  CHECK_FALSE(TlsClient(bad, wishes).shake_hands());
  CHECK(bad.ending() == Ending::reset);
  CHECK(TlsClient(good).shake_hands());
  wishes.server_name = "";
  CHECK(TlsClient(none, wishes).shake_hands());
}

TEST_CASE("replies injected in clear between the 220 and the handshake") {
  TlsServer server("{ mode: starttls }",
                   "  - { at: starttls, do: [ { reply: 220 2.0.0 Go ahead }, { send: \"250 2.0.0 injected\\r\\n\" }, starttls ] }");
  Wire wire(server.port());
  ask_for_tls(wire);
  CHECK(summary(wire.reply()) == "250 2.0.0");  // what a careless client takes for the reply to its EHLO in TLS
  TlsClient client(wire);
  REQUIRE(client.shake_hands());
  CHECK(client.say("EHLO client.example.test").rfind("250 ", 0) == 0);
}

TEST_CASE("commands that a client, or who stands between, sends in clear behind STARTTLS are dropped and journaled") {
  TlsServer server("{ mode: starttls }");
  Wire wire(server.port());
  greet(wire);
  wire.send("STARTTLS\r\nEHLO intruder.example.test\r\n");
  CHECK(wire.reply().code == 220);
  TlsClient client(wire);
  REQUIRE(client.shake_hands());
  CHECK(client.say("MAIL FROM:<a@a.test>").rfind("503 ", 0) == 0);  // nobody has said EHLO
  const std::string journal = server.journal();
  CHECK(contains(journal, "sent in clear behind STARTTLS: dropped"));
  CHECK_FALSE(contains(journal, "intruder"));
}

TEST_CASE("plain text on a TLS port, TLS on a plain port: closed, and the journal says which") {
  TlsServer implicit("{ mode: implicit }");
  Wire plain(implicit.port());
  plain.send("EHLO client.example.test\r\n");
  CHECK(plain.rest().empty());
  CHECK(plain.ending() == Ending::fin);
  CHECK(contains(implicit.journal(), "plain text on a TLS port"));

  TlsServer clear("{ mode: starttls }");
  Wire hello(clear.port());
  CHECK(hello.reply().code == 220);
  hello.send(client_hello());
  CHECK(summary(hello.reply()) == "554 5.5.1");
  CHECK(hello.ending() == Ending::fin);
  Wire impatient(clear.port());
  ask_for_tls(impatient);
  impatient.send("EHLO client.example.test\r\n");
  CHECK(impatient.ending() == Ending::fin);
  const std::string journal = clear.journal();
  CHECK(contains(journal, "TLS on a plain port"));
  CHECK(contains(journal, "plain text instead of a handshake"));
}

TEST_CASE("STARTTLS refused, and stripped from EHLO") {
  Server server({"starttls-refused", "starttls-stripped"});
  Wire refused(server.port("starttls-refused")), stripped(server.port("starttls-stripped"));
  greet(refused);
  talk(refused, {{"STARTTLS", "454 4.7.0"}});
  check_usable(refused);
  CHECK(stripped.reply().code == 220);
  for (const std::string& line : stripped.say("EHLO client.example.test").lines) CHECK_FALSE(contains(line, "STARTTLS"));
  check_usable(stripped);
}
