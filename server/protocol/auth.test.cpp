// AUTH (RFC 4954): each mechanism, against a client that knows the password and one that does not. What libgsasl speaks
// as a server is met by libgsasl as a client, because its nonces are its own; the others by the messages themselves.
#include "protocol/auth.hpp"

#include <gsasl.h>

#include <functional>
#include <map>

#include "protocol/base64.hpp"
#include "testing/catch.hpp"

using namespace malaposta::protocol;

namespace {

std::string base64(std::string_view text) { return encode_base64(text); }

// A server with these mechanisms and, unless nobody is named, the users alice (secret) and bob (hunter2).
struct Ground {
  explicit Ground(const std::string& mechanisms, bool users = true) {
    offer(profile, {"AUTH " + mechanisms});
    if (users) profile.users = {{"alice", "secret"}, {"bob", "hunter2"}};
  }
  std::string start(std::string_view mechanism, std::optional<std::string_view> initial = std::nullopt) {
    return std::string(auth.start({profile, tls}, mechanism, initial));
  }
  std::string respond(std::string_view line) { return std::string(auth.respond(line)); }
  // With an initial response, given in plain.
  std::string login(std::string_view mechanism, std::string_view message) { return start(mechanism, base64(message)); }

  Profile profile;
  Handshake tls;
  AuthExchange auth;
};

std::string code(std::string_view reply) { return std::string(reply.substr(0, reply.find(' ', 4))); }

// The client's half of an exchange, by libgsasl.
class Client {
 public:
  Client(const char* mechanism, const std::string& user, const std::string& password) {
    REQUIRE(gsasl_init(&library_) == GSASL_OK);
    REQUIRE(gsasl_client_start(library_, mechanism, &session_) == GSASL_OK);
    set(GSASL_AUTHID, user), set(GSASL_PASSWORD, password);
  }
  ~Client() { gsasl_finish(session_), gsasl_done(library_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void set(Gsasl_property property, const std::string& value) {
    REQUIRE(gsasl_property_set(session_, property, value.c_str()) == GSASL_OK);
  }

  // Its response to a challenge, in base64; nullopt where it does not believe the server.
  std::optional<std::string> respond(const std::string& challenge) {
    char* output = nullptr;
    const int result = gsasl_step64(session_, challenge.c_str(), &output);
    const std::optional<std::string> response =
        result == GSASL_OK || result == GSASL_NEEDS_MORE ? std::optional<std::string>(output) : std::nullopt;
    gsasl_free(output);
    satisfied_ = result == GSASL_OK;
    return response;
  }
  bool satisfied() const { return satisfied_; }

 private:
  Gsasl* library_ = nullptr;
  Gsasl_session* session_ = nullptr;
  bool satisfied_ = false;
};

// The final reply to a client that answers all challenges.
std::string exchange(Ground& ground, Client& client, std::string_view mechanism, bool initial) {
  std::string reply = initial ? ground.start(mechanism, client.respond("").value()) : ground.start(mechanism);
  while (reply.starts_with("334 ")) {
    const std::optional<std::string> response = client.respond(reply.substr(4));
    reply = ground.respond(response.value_or("*"));
  }
  return code(reply);
}

}  // namespace

TEST_CASE("AUTH PLAIN: identity, user and password in one message (RFC 4616)") {
  using namespace std::string_literals;
  Ground ground("PLAIN");
  CHECK(code(ground.login("PLAIN", "\0alice\0secret"s)) == "235 2.7.0");
  CHECK(ground.auth.user() == "alice");
  CHECK(code(ground.login("PLAIN", "admin\0bob\0hunter2"s)) == "235 2.7.0");
  CHECK(ground.auth.user() == "bob");  // whose password it is, not whose rights are asked for
  CHECK(code(ground.login("PLAIN", "\0alice\0hunter2"s)) == "535 5.7.8");
  CHECK(code(ground.login("PLAIN", "\0mallory\0secret"s)) == "535 5.7.8");
  CHECK(ground.login("PLAIN", "alice secret") == "501 5.5.2 This is no response of PLAIN: identity NUL user NUL password");
  CHECK(code(ground.login("PLAIN", "\0alice\0sec\0ret"s)) == "501 5.5.2");
  CHECK(ground.start("plain") == "334 ");
  CHECK(code(ground.respond(base64("\0alice\0secret"s))) == "235 2.7.0");
}

TEST_CASE("AUTH LOGIN: the two questions, in the words that clients look for") {
  Ground ground("LOGIN");
  CHECK(ground.start("LOGIN") == "334 VXNlcm5hbWU6");
  CHECK(ground.respond(base64("alice")) == "334 UGFzc3dvcmQ6");
  CHECK(ground.auth.user() == "alice");
  CHECK(code(ground.respond(base64("secret"))) == "235 2.7.0");
  CHECK(ground.login("LOGIN", "alice") == "334 UGFzc3dvcmQ6");
  CHECK(code(ground.respond(base64("wrong"))) == "535 5.7.8");
}

TEST_CASE("AUTH CRAM-MD5 and SCRAM: a client with the right password, and one with another") {
  for (const std::string mechanism : {"CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"}) {
    INFO(mechanism);
    const bool scram = mechanism != "CRAM-MD5";
    Ground ground(mechanism);
    Client good(mechanism.c_str(), "alice", "secret");
    CHECK(exchange(ground, good, mechanism, scram) == "235 2.7.0");
    CHECK(good.satisfied());  // with SCRAM the server has proved itself too
    CHECK(ground.auth.user() == "alice");

    Client wrong(mechanism.c_str(), "alice", "hunter2");
    CHECK(exchange(ground, wrong, mechanism, scram) == "535 5.7.8");
    Client unknown(mechanism.c_str(), "mallory", "secret");
    CHECK(exchange(ground, unknown, mechanism, scram) == "535 5.7.8");
    CHECK(ground.auth.user() == "mallory");
  }
}

TEST_CASE("AUTH CRAM-MD5: the server begins, and a digest is no secret where everyone may log in") {
  Ground ground("CRAM-MD5", false);
  CHECK(code(ground.login("CRAM-MD5", "alice 0123")) == "501 5.7.0");
  Client client("CRAM-MD5", "alice", "whatever");
  CHECK(exchange(ground, client, "CRAM-MD5", false) == "235 2.7.0");
  CHECK(ground.auth.user() == "alice");
  CHECK(ground.start("CRAM-MD5").starts_with("334 "));
  CHECK(code(ground.respond(base64("alice"))) == "501 5.5.2");
}

TEST_CASE("AUTH SCRAM: however often clients try, a password is made into keys once for each hash") {
  Ground ground("SCRAM-SHA-1 SCRAM-SHA-256");
  ground.profile.users = {{"carol", "of this test alone"}};
  const std::uint64_t before = scram_derivations();
  for (int attempt = 0; attempt < 20; ++attempt)
    for (const std::string mechanism : {"SCRAM-SHA-1", "SCRAM-SHA-256"}) {
      INFO(mechanism);
      Client good(mechanism.c_str(), "carol", "of this test alone");
      CHECK(exchange(ground, good, mechanism, true) == "235 2.7.0");
      CHECK(good.satisfied());
      for (const std::string user : {"carol", "mallory"}) {
        Client wrong(mechanism.c_str(), user, "another");
        CHECK(exchange(ground, wrong, mechanism, true) == "535 5.7.8");
      }
    }
  CHECK(scram_derivations() == before + 2);
}

TEST_CASE("AUTH SCRAM: the server has to know the password, and says so") {
  Ground ground("SCRAM-SHA-256", false);
  Client client("SCRAM-SHA-256", "alice", "secret");
  CHECK(exchange(ground, client, "SCRAM-SHA-256", true) == "535 5.7.8");
  CHECK(ground.respond("").find("auth.users") != std::string::npos);
}

TEST_CASE("AUTH SCRAM: the server's proof is a challenge, and the response to it is empty (RFC 4954 section 4)") {
  Ground ground("SCRAM-SHA-1");
  Client client("SCRAM-SHA-1", "alice", "secret");
  std::string reply = ground.start("SCRAM-SHA-1", client.respond("").value());
  CHECK(ground.auth.user() == "alice");
  reply = ground.respond(client.respond(reply.substr(4)).value());
  CHECK(decode_base64(reply.substr(4)).value().starts_with("v="));
  SECTION("empty: logged in") { CHECK(code(ground.respond("")) == "235 2.7.0"); }
  SECTION("anything else") { CHECK(code(ground.respond("Zm9v")) == "501 5.5.2"); }
  SECTION("the client does not believe it") { CHECK(code(ground.respond("*")) == "501 5.7.0"); }
}

TEST_CASE("AUTH SCRAM-PLUS: bound to the very TLS channel (RFC 5929, RFC 9266)") {
  struct Binding {
    std::string Handshake::*ours;
    Gsasl_property theirs;
  };
  for (const std::string mechanism : {"SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"})
    for (const Binding& binding :
         {Binding{&Handshake::tls_unique, GSASL_CB_TLS_UNIQUE}, Binding{&Handshake::tls_exporter, GSASL_CB_TLS_EXPORTER}}) {
      INFO(mechanism);
      Ground ground(mechanism);
      CHECK(code(ground.login(mechanism, "p=tls-unique,,n=alice,r=abc")) == "538 5.7.11");
      ground.tls.*binding.ours = "the channel";
      Client good(mechanism.c_str(), "alice", "secret");
      good.set(binding.theirs, base64("the channel"));
      CHECK(exchange(ground, good, mechanism, true) == "235 2.7.0");
      CHECK(good.satisfied());
      Client between(mechanism.c_str(), "alice", "secret");  // somebody ends TLS between the two
      between.set(binding.theirs, base64("another channel"));
      CHECK(exchange(ground, between, mechanism, true) == "535 5.7.8");
    }
}

TEST_CASE("AUTH SCRAM: that a client could bind is no attack where binding is not offered") {
  const auto login = [](const std::string& mechanisms) {
    Ground ground(mechanisms);
    ground.tls.tls_exporter = "the channel";
    return ground.login("SCRAM-SHA-256", "y,,n=alice,r=abc");
  };
  CHECK(login("SCRAM-SHA-256").starts_with("334 "));
  CHECK(code(login("SCRAM-SHA-256 SCRAM-SHA-256-PLUS")) == "535 5.7.8");
}

TEST_CASE("AUTH XOAUTH2: why a token is refused is one more challenge") {
  Ground ground("XOAUTH2");
  CHECK(code(ground.login("XOAUTH2", "user=alice\1auth=Bearer secret\1\1")) == "235 2.7.0");
  CHECK(ground.auth.user() == "alice");
  for (const auto& [message, status] : std::map<std::string, std::string>{{"user=alice\1auth=Bearer old\1\1", "401"},
                                                                          {"user=mallory\1auth=bearer secret\1\1", "401"},
                                                                          {"user=alice\1\1", "400"},
                                                                          {"user=alice\1auth=Bearer secret", "400"},
                                                                          {"user=alice\1auth=Bearer \1\1", "400"},
                                                                          {"auth=Bearer secret\1\1", "400"}}) {
    INFO(message);
    const std::string reply = ground.login("XOAUTH2", message);
    REQUIRE(reply.starts_with("334 "));
    CHECK(decode_base64(reply.substr(4)) == R"({"status":")" + status + R"(","schemes":"Bearer","scope":"mail"})");
    CHECK(code(ground.respond("")) == "535 5.7.8");
  }
  Ground all("XOAUTH2", false);
  CHECK(code(all.login("XOAUTH2", "user=carol\1auth=Bearer anything\1\1")) == "235 2.7.0");
  CHECK(all.auth.user() == "carol");
}

TEST_CASE("AUTH OAUTHBEARER (RFC 7628): who it is may be told, or be the token's owner") {
  Ground ground("OAUTHBEARER");
  const std::string rest = "\1host=mx.example.test\1port=25\1auth=Bearer ";
  CHECK(code(ground.login("OAUTHBEARER", "n,a=alice," + rest + "secret\1\1")) == "235 2.7.0");
  CHECK(ground.auth.user() == "alice");
  CHECK(code(ground.login("OAUTHBEARER", "n,," + rest + "hunter2\1\1")) == "235 2.7.0");
  CHECK(ground.auth.user() == "bob");
  for (const auto& [message, status] : std::map<std::string, std::string>{{"n,a=alice," + rest + "old\1\1", "invalid_token"},
                                                                          {"y,," + rest + "old\1\1", "invalid_token"},
                                                                          {"p=tls-unique,," + rest + "secret\1\1", "invalid_request"},
                                                                          {"n,alice," + rest + "secret\1\1", "invalid_request"},
                                                                          {"n,a=al=ice," + rest + "secret\1\1", "invalid_request"},
                                                                          {"n,a=alice" + rest + "secret\1\1", "invalid_request"},
                                                                          {"\1\1", "invalid_request"}}) {
    INFO(message);
    const std::string reply = ground.login("OAUTHBEARER", message);
    REQUIRE(reply.starts_with("334 "));
    CHECK(decode_base64(reply.substr(4)) == R"({"status":")" + status + R"(","scope":"mail"})");
    CHECK(code(ground.respond("AQ==")) == "535 5.7.8");  // ^A
  }
  ground.login("OAUTHBEARER", "n,a=a=2Cb=3Dc," + rest + "x\1\1");
  CHECK(ground.auth.user() == "a,b=c");
}

TEST_CASE("AUTH EXTERNAL: the client is who its certificate says") {
  Ground ground("EXTERNAL");
  CHECK(ground.start("EXTERNAL") == "334 ");
  CHECK(code(ground.respond("")) == "535 5.7.8");  // no certificate
  CHECK(code(ground.login("EXTERNAL", "alice")) == "535 5.7.8");
  ground.tls.client_name = "alice";
  CHECK(code(ground.start("EXTERNAL", "=")) == "235 2.7.0");
  CHECK(ground.auth.user() == "alice");
  CHECK(code(ground.login("EXTERNAL", "alice")) == "235 2.7.0");
  CHECK(code(ground.login("EXTERNAL", "bob")) == "535 5.7.8");
  ground.tls.client_name = "mallory";
  CHECK(code(ground.start("EXTERNAL", "=")) == "535 5.7.8");
  Ground all("EXTERNAL", false);
  CHECK(code(all.login("EXTERNAL", "carol")) == "235 2.7.0");
  CHECK(all.auth.user() == "carol");
}

TEST_CASE("AUTH ANONYMOUS (RFC 4505): a trace is no identity") {
  Ground ground("ANONYMOUS");
  CHECK(code(ground.login("ANONYMOUS", "sirhc")) == "235 2.7.0");
  CHECK(ground.auth.user() == "anonymous");
  CHECK(code(ground.start("ANONYMOUS", "=")) == "235 2.7.0");
  CHECK(code(ground.login("ANONYMOUS", std::string(256, 'x'))) == "501 5.5.2");
}

TEST_CASE("AUTH NTLM: a negotiation is challenged, and the authentication tells the user") {
  using namespace std::string_literals;
  const std::string negotiate = "NTLMSSP\0\1\0\0\0\7\x82\x08\xa2"s + std::string(16, '\0');
  // A user name of 10 bytes at 64; all other fields empty.
  const auto authenticate = [](const std::string& user, char unicode) {
    const std::string none("\0\0\0\0\x40\0\0\0", 8);
    const std::string field{static_cast<char>(user.size()), '\0', static_cast<char>(user.size()), '\0', '\x40', '\0', '\0', '\0'};
    return "NTLMSSP\0\3\0\0\0"s + none + none + none + field + none + none + std::string{unicode, '\2', '\0', '\0'} + user;
  };
  Ground ground("NTLM");
  CHECK(ground.start("NTLM") == "334 ");
  const std::string challenge = decode_base64(ground.respond(base64(negotiate)).substr(4)).value();
  CHECK(challenge.starts_with("NTLMSSP\0\2\0\0\0"s));
  CHECK(challenge.size() == 100);
  CHECK(code(ground.respond(base64(authenticate("a\0l\0i\0c\0e\0"s, '\1')))) == "235 2.7.0");
  CHECK(ground.auth.user() == "alice");

  ground.login("NTLM", negotiate);
  CHECK(code(ground.respond(base64(authenticate("mallory", '\2')))) == "535 5.7.8");
  CHECK(ground.auth.user() == "mallory");
  ground.login("NTLM", negotiate);
  CHECK(code(ground.respond(base64(authenticate("\xe9\0\xac\x20\x3d\xd8\x00\xde\x3d\xd8"s, '\1')))) == "535 5.7.8");
  CHECK(ground.auth.user() == "\u00e9\u20ac\U0001F600\ufffd");

  CHECK(code(ground.login("NTLM", "NTLMSSP")) == "501 5.5.2");
  CHECK(code(ground.login("NTLM", authenticate("alice", '\2'))) == "501 5.5.2");
  ground.login("NTLM", negotiate);
  CHECK(code(ground.respond(base64(authenticate("alice", '\2').substr(0, 66)))) == "501 5.5.2");  // the name is cut
  ground.login("NTLM", negotiate);
  CHECK(code(ground.respond(base64(authenticate("alice", '\2').substr(0, 40)))) == "501 5.5.2");
}

TEST_CASE("AUTH: the examples of the RFCs") {
  Ground ground("PLAIN ANONYMOUS OAUTHBEARER XOAUTH2", false);
  // RFC 4954 section 4.1
  CHECK(code(ground.start("PLAIN", "dGVzdAB0ZXN0ADEyMzQ=")) == "235 2.7.0");
  CHECK(ground.auth.user() == "test");
  // RFC 4505 section 3
  CHECK(code(ground.start("ANONYMOUS", "c2lyaGM=")) == "235 2.7.0");
  // RFC 7628 section 4.1
  CHECK(code(ground.start("OAUTHBEARER",
                          "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNS"
                          "bGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB")) == "235 2.7.0");
  CHECK(ground.auth.user() == "user@example.com");
}

TEST_CASE("AUTH: a message that is cut anywhere, or has a byte changed, is judged like any other") {
  using namespace std::string_literals;
  const std::map<std::string, std::string> messages{
      {"PLAIN", "\0alice\0secret"s},
      {"SCRAM-SHA-256", "n,a=bob,n=alice,r=abc"},
      {"SCRAM-SHA-256-PLUS", "p=tls-unique,,n=alice,r=abc"},
      {"XOAUTH2", "user=alice\1auth=Bearer secret\1\1"},
      {"OAUTHBEARER", "n,a=al=2Cice,\1host=mx\1auth=Bearer secret\1\1"},
      {"NTLM", "NTLMSSP\0\1\0\0\0\7\x82\x08\xa2"s},
  };
  for (const auto& [mechanism, message] : messages)
    for (std::size_t i = 0; i < message.size(); ++i)
      for (const char c : "\0\1,=n\xff"s) {
        Ground ground(mechanism);
        ground.tls.tls_unique = "the channel";
        std::string changed = message;
        changed[i] = c;
        for (const std::string& one : {message.substr(0, i), changed}) {
          INFO(mechanism << " " << encode_base64(one));
          const std::string reply = ground.login(mechanism, one);
          CHECK((reply.starts_with("334 ") || reply.starts_with("235 ") || reply.starts_with("501 ") || reply.starts_with("535 ")));
        }
      }
}

TEST_CASE("AUTH: what any mechanism can meet") {
  for (const std::string mechanism : {"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "XOAUTH2",
                                      "OAUTHBEARER", "EXTERNAL", "ANONYMOUS", "NTLM"}) {
    INFO(mechanism);
    Ground ground(mechanism);
    CHECK(code(ground.start("X-" + mechanism)) == "504 5.5.4");
    CHECK(ground.start(mechanism).starts_with("334 "));
    CHECK(ground.respond("*") == "501 5.7.0 Authentication cancelled");
    ground.start(mechanism);
    CHECK(code(ground.respond("===")) == "501 5.5.2");
    CHECK(code(Ground("FOO").start(mechanism)) == "504 5.5.4");  // known, and not offered
  }
  CHECK(code(Ground("FOO").start("FOO")) == "504 5.5.4");  // offered, and not known
}

TEST_CASE("AUTH: a client that a rule keeps going is told the server's own verdict again") {
  Ground ground("PLAIN");
  const std::string refused = ground.login("PLAIN", std::string("\0alice\0wrong", 12));
  CHECK(ground.respond("Zm9v") == refused);
  CHECK(ground.respond("") == refused);
  CHECK(code(ground.respond("QUIT!")) == "501 5.5.2");
  CHECK(ground.respond("*") == "501 5.7.0 Authentication cancelled");
}

TEST_CASE("an exchange that only a rule began has no mechanism to go on with") {
  AuthExchange exchange;
  CHECK(exchange.respond("AAAA") == "504 5.5.4 Mechanism not offered");
  AuthExchange cancelled;
  CHECK(cancelled.respond("*").starts_with("501 5.7.0"));
}
