// What is agreed upon in the handshake, and what of it the settings of `tls:` decide; the certificate that serve is given.
#include <csignal>
#include <fstream>
#include <sstream>

#include "tls_server.hpp"

using namespace malaposta::testing;

TEST_CASE("versions and ciphers: those that are named, and no others") {
  TlsServer server("{ mode: implicit, versions: [tls1.2], ciphers: ECDHE-ECDSA-AES256-GCM-SHA384 }");
  TlsWishes wishes;
  Wire best(server.port()), newer(server.port()), other(server.port());
  TlsClient client(best);
  REQUIRE(client.shake_hands());
  CHECK(client.version() == "TLSv1.2");
  CHECK(client.cipher() == "ECDHE-ECDSA-AES256-GCM-SHA384");
  wishes.version = TLS1_3_VERSION;
  CHECK_FALSE(TlsClient(newer, wishes).shake_hands());
  wishes.version = TLS1_2_VERSION;
  wishes.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
  CHECK_FALSE(TlsClient(other, wishes).shake_hands());
  const std::string journal = server.journal();
  CHECK(contains(journal, "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384"));
  CHECK(contains(journal, "unsupported protocol"));
  CHECK(contains(journal, "no shared cipher"));

  TlsServer old("{ mode: implicit, versions: [tls1.0] }");
  wishes = {};
  wishes.version = TLS1_VERSION;
  Wire wire(old.port());
  TlsClient old_client(wire, wishes);
  REQUIRE(old_client.shake_hands());
  CHECK(old_client.version() == "TLSv1");
}

TEST_CASE("sessions are resumed, or never") {
  for (const bool resumption : {true, false})
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      INFO(resumption << " " << version);
      TlsServer server(resumption ? "{ mode: implicit }" : "{ mode: implicit, resumption: false }");
      TlsWishes wishes;
      wishes.version = version;
      Wire first(server.port());
      TlsClient client(first, wishes);
      REQUIRE(client.shake_hands());
      CHECK(client.say("NOOP").rfind("220 ", 0) == 0);
      CHECK_FALSE(client.resumed());
      const TlsSession session = client.session();
      wishes.session = session.get();
      Wire second(server.port());
      TlsClient again(second, wishes);
      REQUIRE(again.shake_hands());
      CHECK(again.resumed() == resumption);
    }
}

TEST_CASE("ALPN: chosen from what both know; ignored where the scenario names none; refused where nothing is common") {
  TlsServer server("{ mode: implicit, alpn: [smtp, submission] }"), ignoring("{ mode: implicit }");
  TlsWishes wishes;
  wishes.alpn = "submission";
  Wire known(server.port()), unknown(server.port()), ignored(ignoring.port());
  TlsClient client(known, wishes);
  REQUIRE(client.shake_hands());
  CHECK(client.alpn() == "submission");
  TlsClient indifferent(ignored, wishes);
  REQUIRE(indifferent.shake_hands());
  CHECK(indifferent.alpn().empty());
  wishes.alpn = "h2";
  TlsClient stranger(unknown, wishes);
  CHECK_FALSE(stranger.shake_hands());
  CHECK(contains(stranger.reason(), "no application protocol"));
}

TEST_CASE("close_notify before the FIN, or left out") {
  for (const bool sent : {true, false}) {
    TlsServer server(sent ? "{ mode: implicit }" : "{ mode: implicit, close-notify: false }");
    Wire wire(server.port());
    TlsClient client(wire);
    REQUIRE(client.shake_hands());
    CHECK(client.reply().rfind("220 ", 0) == 0);
    CHECK(client.say("QUIT").rfind("221 ", 0) == 0);
    CHECK(client.ended_with_close_notify() == sent);
    CHECK(wire.ending() == Ending::fin);
  }
}

TEST_CASE("an end as soon as the handshake is done, in TLS 1.3 and 1.2") {
  for (const auto& [fault, ending] : {std::pair{"close", Ending::fin}, std::pair{"reset", Ending::reset}})
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      TlsServer server("{ mode: implicit, close-notify: false }", "  - { at: connect, fault: " + std::string(fault) + " }");
      TlsWishes wishes;
      wishes.version = version;
      Wire wire(server.port());
      TlsClient client(wire, wishes);
      REQUIRE(client.shake_hands());
      CHECK(client.reply().empty());
      CHECK(wire.ending() == ending);
    }
}

TEST_CASE("client certificates: not asked for, asked for, required; the journal names the one that was shown") {
  const Pem pem = self_signed("alice");
  const TemporaryFile certificate("alice.crt", pem.certificate), key("alice.key", pem.key);
  TlsWishes with;
  with.certificate_file = certificate.path(), with.key_file = key.path();
  struct Case {
    std::string treatment;
    bool shown, bare_accepted;
  };
  for (const Case& c : {Case{"none", false, true}, Case{"request", true, true}, Case{"require", true, false}}) {
    INFO(c.treatment);
    TlsServer server("{ mode: implicit, client-certificate: " + c.treatment + " }");
    Wire wire(server.port()), bare(server.port());
    TlsClient client(wire, with), without(bare);
    REQUIRE(client.shake_hands());
    CHECK(client.reply().rfind("220 ", 0) == 0);
    // With TLS 1.3 the client is done before the server has judged.
    CHECK((without.shake_hands() && !without.reply().empty()) == c.bare_accepted);
    const std::string journal = server.journal();
    CHECK(contains(journal, "client certificate /CN=alice") == c.shown);
    CHECK(contains(journal, "peer did not return a certificate") != c.bare_accepted);
  }
}

TEST_CASE("--tls-key-log: the secrets of each session") {
  const TemporaryFile log("keys.log", "");
  TlsServer server("{ mode: implicit }", "", {"--tls-key-log", log.path()});
  Wire wire(server.port());
  TlsClient client(wire);
  REQUIRE(client.shake_hands());
  CHECK(client.reply().rfind("220 ", 0) == 0);
  std::stringstream text;
  text << std::ifstream(log.path()).rdbuf();
  CHECK(contains(text.str(), "SERVER_HANDSHAKE_TRAFFIC_SECRET "));
  CHECK(contains(text.str(), "CLIENT_TRAFFIC_SECRET_0 "));
}

TEST_CASE("--tls-cert and --tls-key: the certificate of all listeners that name none of their own") {
  const Pem pem = self_signed("own.example.test"), other = self_signed("other.example.test");
  const TemporaryFile certificate("own.crt", pem.certificate), key("own.key", pem.key), other_key("other.key", other.key);
  const std::vector<std::string> options{"--tls-cert", certificate.path(), "--tls-key", key.path()};
  for (const auto& [settings, issuer] : {std::pair{"{ mode: implicit }", "own.example.test"},
                                         std::pair{"{ mode: implicit, certificate: expired }", "Malaposta test intermediate"}}) {
    TlsServer server(settings, "", options);
    Wire wire(server.port());
    TlsClient client(wire);
    REQUIRE(client.shake_hands());
    CHECK(issuer_of(client.certificate()) == issuer);
  }
  struct Case {
    std::string certificate, key, told;
    int status;
  };
  for (const Case& c : {Case{certificate.path(), other_key.path(), other_key.path() + ": the key is not that of " + certificate.path(), 3},
                        Case{"/nonexistent.crt", key.path(), "/nonexistent.crt: No such file or directory", 3},
                        Case{key.path(), key.path(), key.path() + ": no certificate in PEM", 3},
                        Case{certificate.path(), certificate.path(), certificate.path() + ": no private key in PEM", 3}}) {
    const TemporaryFile scenario("tls.yaml", "malaposta: 1\nserver: { tls: {} }\n");
    Program program({"serve", "--smtp", "127.0.0.1:0=" + scenario.path(), "--tls-cert", c.certificate, "--tls-key", c.key});
    CHECK(program.exit_status() == c.status);
    CHECK(contains(program.errors(), c.told));
  }
  Program half({"serve", "--tls-cert", certificate.path()});
  CHECK(half.exit_status() == 2);
  CHECK(contains(half.errors(), "--tls-cert and --tls-key belong together"));
}
