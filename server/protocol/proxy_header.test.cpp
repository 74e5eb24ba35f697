// PROXY headers of both versions, whole, split at every byte, and broken in each way; and the session behind one.
#include "protocol/proxy_header.hpp"

#include "protocol/conversation.hpp"
#include "testing/catch.hpp"

using namespace malaposta::protocol;
using malaposta::protocol::testing::Conversation;
using namespace std::string_literals;

namespace {

// "192.0.2.1:5678", "-" for a header that names nobody, or the problem; and what was left of the bytes.
struct Outcome {
  std::string client, rest;
  bool operator==(const Outcome&) const = default;
};

Outcome read(Proxy expected, const std::string& bytes, std::size_t piece = std::string::npos) {
  ProxyHeader header(expected);
  std::size_t used = 0;
  while (used < bytes.size() && header.state() == ProxyHeader::State::open)
    used += header.read(std::string_view(bytes).substr(used, piece));
  const std::string rest = bytes.substr(used);
  switch (header.state()) {
    case ProxyHeader::State::open: return {"open", rest};
    case ProxyHeader::State::malformed: return {std::string(header.problem()), rest};
    case ProxyHeader::State::done: break;
  }
  return {header.address().empty() ? "-" : header.address() + ":" + std::to_string(header.port()), rest};
}

const std::string kV1 = "PROXY TCP4 192.0.2.1 192.0.2.2 5678 25\r\n";

std::string v2(char command, char family, const std::string& rest) {
  std::string header = "\r\n\r\n\0\r\nQUIT\n"s;
  header += command;
  header += family;
  header += static_cast<char>(rest.size() / 256);
  header += static_cast<char>(rest.size() % 256);
  return header + rest;
}
const std::string kV2 = v2(0x21, 0x11, "\xC0\0\x02\x01\xC0\0\x02\x02\x16\x2E\0\x19"s);

}  // namespace

TEST_CASE("a PROXY header names the client, in either version and split anywhere") {
  const std::string six = v2(0x21, 0x21, "\x20\x01\x0D\xB8"s + std::string(11, '\0') + "\x01" + std::string(16, '\0') + "\x16\x2E\0\x19"s);
  const std::pair<std::string, std::string> cases[] = {
      {kV1, "192.0.2.1:5678"},
      {"PROXY TCP6 2001:DB8::1 ::1 1 2\r\n", "2001:db8::1:1"},
      {"PROXY UNKNOWN\r\n", "-"},
      {"PROXY UNKNOWN whatever it says\r\n", "-"},
      {kV2, "192.0.2.1:5678"},
      {six, "2001:db8::1:5678"},
      {v2(0x20, 0, ""), "-"},
      {v2(0x21, 0x31, std::string(216, 'x')), "-"},
      {v2(0x21, 0x11, "\xC0\0\x02\x01\xC0\0\x02\x02\x16\x2E\0\x19"s + std::string(100, 't')), "192.0.2.1:5678"},
  };
  for (const auto& [header, client] : cases)
    for (const std::size_t piece : {std::string::npos, std::size_t{1}, std::size_t{7}}) {
      CAPTURE(client, piece);
      CHECK(read(Proxy::any, header, piece).client == client);
    }
  CHECK(read(Proxy::any, kV1 + "EHLO") == Outcome{"192.0.2.1:5678", "EHLO"});
  CHECK(read(Proxy::any, kV2 + "EHLO") == Outcome{"192.0.2.1:5678", "EHLO"});
}

TEST_CASE("a PROXY header that is not what was expected is malformed") {
  constexpr auto kNone = "the session does not begin with a PROXY header";
  CHECK(read(Proxy::v1, kV2).client == kNone);
  CHECK(read(Proxy::v2, kV1).client == kNone);
  CHECK(read(Proxy::any, "EHLO c.test\r\n").client == kNone);
  CHECK(read(Proxy::any, "PROXYTCP4 1.2.3.4 1.2.3.4 1 1\r\n").client == "no space follows PROXY");
  CHECK(read(Proxy::any, "PROXY TCP4\n").client == "a PROXY header ends with CRLF");
  CHECK(read(Proxy::any, "PROXY UDP4 1.2.3.4 1.2.3.4 1 1\r\n").client == "a PROXY header is for TCP4, TCP6 or UNKNOWN");
  for (const std::string addresses : {"1.2.3 1.2.3.4", "1.2.3.4 ::1", "1.2.3.4", "host 1.2.3.4"})
    CHECK(read(Proxy::any, "PROXY TCP4 " + addresses + " 1 1\r\n").client == "an address in the PROXY header is none of its family");
  for (const std::string ports : {"65536 1", "1 65536", "01 1", "-1 1", "1", "1 1 1", "1  1"})
    CHECK(read(Proxy::any, "PROXY TCP4 1.2.3.4 1.2.3.4 " + ports + "\r\n").client == "a port in the PROXY header is no number up to 65535");
  CHECK(read(Proxy::any, v2(0x31, 0x11, "")).client == "a PROXY header of version 2 has a version or command that is unknown");
  CHECK(read(Proxy::any, v2(0x21, 0x11, "12345678901")).client == "the addresses of a PROXY header are cut short");
}

TEST_CASE("a PROXY header has a longest length in each version") {
  const std::string start = "PROXY UNKNOWN ";
  const auto padded = [&](std::size_t size) { return start + std::string(size - start.size() - 2, 'x') + "\r\n"; };
  CHECK(read(Proxy::any, padded(ProxyHeader::kLongestV1)).client == "-");
  CHECK(read(Proxy::any, padded(ProxyHeader::kLongestV1 + 1)).client == "a PROXY header of version 1 is longer than 107 octets");
  const std::size_t most = ProxyHeader::kLongestV2 - ProxyHeader::kFixedV2;
  CHECK(read(Proxy::any, v2(0x20, 0, std::string(most, 'x'))).client == "-");
  CHECK(read(Proxy::any, v2(0x20, 0, std::string(most + 1, 'x'))).client == "a PROXY header of version 2 is longer than 4096 octets");
}

TEST_CASE("a session behind a proxy: silent until the header came, and then the client's") {
  Profile profile = default_profile();
  profile.proxy = Proxy::any;
  Conversation c(profile);
  CHECK(c.server().empty());
  c.send(kV1.substr(0, 10));
  CHECK(c.server().empty());
  c.send(kV1.substr(10) + "EHLO c.test\r\n");
  CHECK(c.server().starts_with("220 "));
  CHECK(c.session().facts().peer_ip == "192.0.2.1");
  CHECK(c.session().facts().peer_port == 5678);
}

TEST_CASE("a PROXY header that names nobody leaves the client as it is") {
  Profile profile = default_profile();
  profile.proxy = Proxy::v1;
  Conversation c(profile);
  c.send("PROXY UNKNOWN\r\n");
  CHECK(c.server().starts_with("220 "));
  CHECK(c.session().facts().peer_ip == "127.0.0.1");
}

TEST_CASE("a malformed PROXY header ends the session without a word, and the journal says why") {
  Profile profile = default_profile();
  profile.proxy = Proxy::v2;
  Conversation c(profile);
  CHECK(c.say("EHLO c.test") == "<close>");
  CHECK(c.session().closed());
  const auto events = c.events();
  CHECK(std::any_of(events.begin(), events.end(), [](const auto& event) {
    return event.kind == malaposta::journal::Kind::note && event.text == "the session does not begin with a PROXY header";
  }));
}

TEST_CASE("a proxy that sends nothing is left after the idle time-out, without a word") {
  Profile profile = default_profile();
  profile.proxy = Proxy::any;
  Conversation c(profile);
  c.wait();
  CHECK(c.server() == "<close>");
}
