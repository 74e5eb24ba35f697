// The scenarios that ship for TLS, as OpenSSL's client meets them behind STARTTLS.
#include <filesystem>
#include <set>

#include "dialog.hpp"
#include "testing/source_dir.hpp"
#include "tls_server.hpp"

using namespace malaposta::testing;

namespace {

// What verifying the certificate comes to.
const std::vector<std::pair<std::string, long>> kCertificates{
    {"tls-self-signed", X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT},
    {"tls-expired", X509_V_ERR_CERT_HAS_EXPIRED},
    {"tls-not-yet-valid", X509_V_ERR_CERT_NOT_YET_VALID},
    {"tls-wrong-host", X509_V_ERR_HOSTNAME_MISMATCH},
    {"tls-untrusted-root", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY},
    {"tls-incomplete-chain", X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY},
    {"tls-weak-key", X509_V_OK},
    {"tls-no-resumption", X509_V_OK},
};
const std::vector<std::string> kHandshakes{"tls-handshake-fin",     "tls-handshake-rst", "tls-handshake-stall",
                                           "tls-handshake-garbage", "tls-old-version",   "tls-client-certificate-required"};
const std::vector<std::string> kAround{"tls-injected-reply", "tls-fin-after-handshake", "tls-implicit-early-close", "tls-no-close-notify"};

// The server plays all of them; the line after the listening lines names the CA's file.
std::string ca_file_of(Server& server) {
  const std::string line = server.line();
  return line.substr(line.rfind(' ') + 1);
}

void ask_for_tls(Wire& wire) {
  greet(wire);
  talk(wire, {{"STARTTLS", "220 2.0.0"}});
}

}  // namespace

TEST_CASE("every fault of TLS that ships is met here") {
  std::set<std::string> met(kHandshakes.begin(), kHandshakes.end()), shipped;
  met.insert(kAround.begin(), kAround.end());
  for (const auto& [name, verdict] : kCertificates) met.insert(name);
  for (const auto& entry : std::filesystem::directory_iterator(source_path("scenarios/faults")))
    if (const std::string name = entry.path().stem(); name.starts_with("tls-")) shipped.insert(name);
  CHECK(met == shipped);
}

TEST_CASE("scenarios with a broken certificate: what verifying it comes to") {
  std::vector<std::string> names;
  for (const auto& [name, verdict] : kCertificates) names.push_back(name);
  Server server(names);
  TlsWishes wishes;
  wishes.ca_file = ca_file_of(server);
  for (const auto& [name, verdict] : kCertificates) {
    INFO(name);
    Wire wire(server.port(name));
    ask_for_tls(wire);
    TlsClient client(wire, wishes);
    REQUIRE(client.shake_hands());
    CHECK(client.verdict() == verdict);
    CHECK(client.say("EHLO client.example.test").rfind("250 ", 0) == 0);
  }
}

TEST_CASE("scenarios with a broken handshake: FIN, RST, silence, garbage, a version that is too old, a certificate wanted") {
  Server server(kHandshakes);
  for (const auto& [name, ending] : {std::pair{"tls-handshake-fin", Ending::fin}, std::pair{"tls-handshake-rst", Ending::reset}}) {
    INFO(name);
    Wire wire(server.port(name));
    ask_for_tls(wire);
    CHECK_FALSE(TlsClient(wire).shake_hands());
    CHECK(wire.ending() == ending);
  }
  Wire stalled(server.port("tls-handshake-stall"));
  ask_for_tls(stalled);
  stalled.send(client_hello());
  CHECK(stalled.quiet_for(std::chrono::milliseconds(100)));
  for (const std::string name : {"tls-handshake-garbage", "tls-old-version", "tls-client-certificate-required"}) {
    INFO(name);
    Wire wire(server.port(name));
    ask_for_tls(wire);
    TlsClient client(wire);
    CHECK((!client.shake_hands() || client.say("EHLO client.example.test").empty()));
    CHECK_FALSE(client.reason().empty());
  }
}

TEST_CASE("scenarios of what comes before and after TLS: an injected reply, an early end, no close_notify") {
  Server server(kAround);
  Wire injected(server.port("tls-injected-reply")), ended(server.port("tls-fin-after-handshake")),
      early(server.port("tls-implicit-early-close")), bare(server.port("tls-no-close-notify"));
  ask_for_tls(injected);
  CHECK(injected.reply().lines.front() == "250 2.0.0 injected");
  CHECK(TlsClient(injected).shake_hands());

  ask_for_tls(ended);
  TlsClient first(ended);
  REQUIRE(first.shake_hands());
  CHECK(first.say("EHLO client.example.test").empty());
  CHECK(ended.ending() == Ending::fin);

  TlsClient implicit(early);
  REQUIRE(implicit.shake_hands());
  CHECK(implicit.reply().empty());
  CHECK(early.ending() == Ending::fin);

  ask_for_tls(bare);
  TlsClient last(bare);
  REQUIRE(last.shake_hands());
  CHECK(last.say("QUIT").rfind("221 ", 0) == 0);
  CHECK_FALSE(last.ended_with_close_notify());
}
