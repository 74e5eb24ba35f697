// AUTH over a socket: each mechanism with a login that is right and one that is wrong, cancelled and garbled; and every
// fault of an exchange, each as the rule of one or two lines that asks for it.
#include <gsasl.h>

#include "dialog.hpp"
#include "program.hpp"

using namespace malaposta::testing;

namespace {

// A server that offers these mechanisms, with the user alice (secret), and what else a scenario says.
class AuthServer {
 public:
  explicit AuthServer(const std::string& mechanisms, const std::string& rules = "", const std::string& users = "{ alice: secret }")
      : file_("auth.yaml", "malaposta: 1\nserver:\n  extensions: { auth: [" + mechanisms + "] }\n  auth: { users: " + users +
                               ", required: true }\n" + (rules.empty() ? "" : "rules:\n" + rules)),
        server_({file_.path()}) {}
  std::uint16_t port() const { return server_.port(); }

 private:
  TemporaryFile file_;
  Server server_;
};

void check_logged_in(Wire& wire) {
  talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RSET", "250 2.0.0"}});
  leave(wire);
}

void check_not_logged_in(Wire& wire) {
  talk(wire, {{"MAIL FROM:<alice@example.com>", "530 5.7.0"}});
  leave(wire);
}

// AUTH and the responses to its challenges; the last reply ends the exchange.
struct Row {
  std::string_view mechanism;
  std::vector<std::string_view> right, wrong;
};
const std::vector<Row> kRows{
    {"PLAIN", {"AUTH PLAIN AGFsaWNlAHNlY3JldA=="}, {"AUTH PLAIN AGFsaWNlAHdyb25n"}},
    {"PLAIN", {"AUTH PLAIN", "AGFsaWNlAHNlY3JldA=="}, {"AUTH PLAIN", "AG1hbGxvcnkAc2VjcmV0"}},
    {"LOGIN", {"AUTH LOGIN", "YWxpY2U=", "c2VjcmV0"}, {"AUTH LOGIN", "YWxpY2U=", "d3Jvbmc="}},
    {"LOGIN", {"AUTH LOGIN YWxpY2U=", "c2VjcmV0"}, {"AUTH LOGIN bWFsbG9yeQ==", "c2VjcmV0"}},
    // alice TOKEN: secret, and old; the empty response and ^A acknowledge the reason.
    {"XOAUTH2",
     {"AUTH XOAUTH2 dXNlcj1hbGljZQFhdXRoPUJlYXJlciBzZWNyZXQBAQ=="},
     {"AUTH XOAUTH2 dXNlcj1hbGljZQFhdXRoPUJlYXJlciBvbGQBAQ==", ""}},
    {"OAUTHBEARER",
     {"AUTH OAUTHBEARER bixhPWFsaWNlLAFhdXRoPUJlYXJlciBzZWNyZXQBAQ=="},
     {"AUTH OAUTHBEARER bixhPWFsaWNlLAFhdXRoPUJlYXJlciBvbGQBAQ==", "AQ=="}},
    {"ANONYMOUS", {"AUTH ANONYMOUS c2lyaGM="}, {}},
    {"EXTERNAL", {}, {"AUTH EXTERNAL", ""}},  // without a certificate nobody is anybody
};

void play(Wire& wire, const std::vector<std::string_view>& lines, std::string_view last) {
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) talk(wire, {{lines[i], "334"}});
  // An empty line is no greeting here.
  CHECK(summary(wire.say(lines.back())) == last);
}

// GNU SASL as a client: the last reply to a login by it, and whether it was satisfied with the server.
struct Outcome {
  std::string reply;
  bool satisfied;
};
Outcome login(Wire& wire, const char* mechanism, const char* password) {
  Gsasl* library = nullptr;
  Gsasl_session* session = nullptr;
  REQUIRE(gsasl_init(&library) == GSASL_OK);
  REQUIRE(gsasl_client_start(library, mechanism, &session) == GSASL_OK);
  gsasl_property_set(session, GSASL_AUTHID, "alice");
  gsasl_property_set(session, GSASL_PASSWORD, password);
  Reply reply = wire.say(std::string("AUTH ") + mechanism);
  int result = GSASL_NEEDS_MORE;
  while (reply.code == 334) {
    char* response = nullptr;
    result = gsasl_step64(session, reply.lines.front().c_str() + 4, &response);
    reply = wire.say(result == GSASL_OK || result == GSASL_NEEDS_MORE ? response : "*");
    gsasl_free(response);
  }
  gsasl_finish(session);
  gsasl_done(library);
  return {summary(reply), result == GSASL_OK};
}

}  // namespace

TEST_CASE("auth: each mechanism, with what is right and what is wrong") {
  for (const Row& row : kRows) {
    DYNAMIC_SECTION(row.mechanism << " " << row.right.size()) {
      const AuthServer server{std::string(row.mechanism)};
      if (!row.right.empty()) {
        Wire wire(server.port());
        greet(wire);
        play(wire, row.right, "235 2.7.0");
        check_logged_in(wire);
      }
      if (!row.wrong.empty()) {
        Wire wire(server.port());
        greet(wire);
        play(wire, row.wrong, "535 5.7.8");
        check_not_logged_in(wire);
      }
    }
  }
}

TEST_CASE("auth: the mechanisms in which the password does not travel") {
  for (const char* const mechanism : {"CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"}) {
    INFO(mechanism);
    const AuthServer server{mechanism};
    Wire wire(server.port());
    greet(wire);
    CHECK(login(wire, mechanism, "wrong").reply == "535 5.7.8");
    talk(wire, {{"MAIL FROM:<alice@example.com>", "530 5.7.0"}});
    const Outcome outcome = login(wire, mechanism, "secret");
    CHECK(outcome.reply == "235 2.7.0");
    CHECK(outcome.satisfied);
    check_logged_in(wire);
  }
}

TEST_CASE("auth: NTLM's first steps, with a user who is known and one who is not") {
  const AuthServer server("NTLM");
  Wire wire(server.port());
  greet(wire);
  // Type 1; type 3 with the user "mallory", then with "alice", and no digests.
  const Exchange negotiation{"TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAA=", "334"};
  const std::string head = "TlRMTVNTUAADAAAAAAAAAEAAAAAAAAAAQAAAAAAAAABAAAAA";
  talk(wire, {{"AUTH NTLM", "334"},
              negotiation,
              {head + "BwAHAEAAAAAAAAAAQAAAAAAAAABAAAAAAgAAAG1hbGxvcnk=", "535 5.7.8"},
              {"AUTH NTLM", "334"},
              negotiation,
              {head + "BQAFAEAAAAAAAAAAQAAAAAAAAABAAAAAAgAAAGFsaWNl", "235 2.7.0"}});
  check_logged_in(wire);
}

TEST_CASE("auth: each mechanism can be cancelled, and knows what is no base64") {
  const AuthServer server(
      "PLAIN, LOGIN, CRAM-MD5, SCRAM-SHA-1, SCRAM-SHA-256, SCRAM-SHA-1-PLUS, SCRAM-SHA-256-PLUS, XOAUTH2, OAUTHBEARER, EXTERNAL, ANONYMOUS, NTLM");
  Wire wire(server.port());
  greet(wire);
  for (const std::string mechanism : {"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS",
                                      "SCRAM-SHA-256-PLUS", "XOAUTH2", "OAUTHBEARER", "EXTERNAL", "ANONYMOUS", "NTLM"}) {
    INFO(mechanism);
    talk(wire, {{"AUTH " + mechanism, "334"}, {"*", "501 5.7.0"}, {"AUTH " + mechanism, "334"}, {"%%%", "501 5.5.2"}});
  }
  talk(wire, {{"AUTH DIGEST-MD5", "504 5.5.4"},
              {"AUTH", "501 5.5.4"},
              {"AUTH CRAM-MD5 YWxpY2U=", "501 5.7.0"},
              {"AUTH SCRAM-SHA-256-PLUS biwsbj1hbGljZSxyPWFiYw==", "538 5.7.11"}});  // there is no TLS to be bound to
  check_not_logged_in(wire);
}

TEST_CASE("auth: a line over the limit gets 500 5.5.6, and ends the exchange") {
  const AuthServer server("PLAIN");
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"AUTH PLAIN " + std::string(12'288, 'A'), "500 5.5.6"},
              {"AUTH PLAIN", "334"},
              {std::string(12'288, 'A'), "500 5.5.6"},
              {"NOOP", "250 2.0.0"}});
  check_not_logged_in(wire);
}

TEST_CASE("auth: once, and not within a transaction") {
  const AuthServer server("PLAIN");
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"AUTH PLAIN AGFsaWNlAHNlY3JldA==", "235 2.7.0"}, {"AUTH PLAIN AGFsaWNlAHNlY3JldA==", "503 5.5.1"}});
  check_logged_in(wire);
}

TEST_CASE("auth: a reason why a token is refused, in JSON") {
  const AuthServer server("XOAUTH2");
  Wire wire(server.port());
  greet(wire);
  CHECK(wire.say("AUTH XOAUTH2 dXNlcj1hbGljZQFhdXRoPUJlYXJlciBvbGQBAQ==").lines ==
        std::vector<std::string>{"334 eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJtYWlsIn0="});
  CHECK(summary(wire.say("")) == "535 5.7.8");
  check_not_logged_in(wire);
}

TEST_CASE("auth faults: one code at the command, or only once the password is there") {
  for (const std::string code : {"432 4.7.12", "454 4.7.0", "534 5.7.9", "535 5.7.8", "538 5.7.11"}) {
    INFO(code);
    {
      const AuthServer server("PLAIN, LOGIN", "  - { at: auth, reply: " + code + " No }\n");
      Wire wire(server.port());
      greet(wire);
      talk(wire, {{"AUTH LOGIN", code}, {"AUTH PLAIN AGFsaWNlAHNlY3JldA==", code}});
      check_not_logged_in(wire);
    }
    {
      const AuthServer server("LOGIN", "  - { at: auth, when: { step: 3 }, reply: " + code + " No }\n");
      Wire wire(server.port());
      greet(wire);
      talk(wire, {{"AUTH LOGIN", "334"}, {"YWxpY2U=", "334"}, {"c2VjcmV0", code}});
      check_not_logged_in(wire);
    }
  }
}

TEST_CASE("auth faults: a challenge that is no base64, at the step that is asked for") {
  const AuthServer server("LOGIN", "  - { at: auth, when: { step: 2 }, reply: 334 %%% }\n");
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"AUTH LOGIN", "334"}});
  CHECK(wire.say("YWxpY2U=").lines == std::vector<std::string>{"334 %%%"});
  talk(wire, {{"*", "501 5.7.0"}});
  check_not_logged_in(wire);
}

TEST_CASE("auth faults: challenges without end, until the client cancels") {
  const AuthServer server("PLAIN", "  - { at: auth, when: { command: { not: '\\*' } }, reply: 334 Zm9v }\n");
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"AUTH PLAIN", "334"}});
  for (int i = 0; i < 100; ++i) talk(wire, {{"Zm9v", "334"}});
  talk(wire, {{"*", "501 5.7.0"}});
  check_not_logged_in(wire);
}

TEST_CASE("auth faults: 535 after so many good logins, and only for one user") {
  const AuthServer server("PLAIN", "  - { at: auth, when: { step: 1 }, skip: 2, reply: 535 }\n");
  for (const std::string_view reply : {"235 2.7.0", "235 2.7.0", "535 5.7.8", "535 5.7.8"}) {
    Wire wire(server.port());
    greet(wire);
    talk(wire, {{"AUTH PLAIN AGFsaWNlAHNlY3JldA==", reply}});
    leave(wire);
  }
  const AuthServer other("PLAIN", "  - { at: auth, when: { user: bob }, reply: 454 }\n", "{ alice: secret, bob: hunter2 }");
  Wire wire(other.port());
  greet(wire);
  talk(wire, {{"AUTH PLAIN AGJvYgBodW50ZXIy", "454 4.7.0"}, {"AUTH PLAIN AGFsaWNlAHNlY3JldA==", "235 2.7.0"}});
  leave(wire);
}

TEST_CASE("auth faults: RST in the middle of an exchange, and FIN instead of the verdict") {
  const AuthServer server("LOGIN", "  - { at: auth, when: { step: 2 }, fault: reset }\n");
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"AUTH LOGIN", "334"}});
  wire.send("YWxpY2U=\r\n");
  CHECK(wire.ending() == Ending::reset);
  const AuthServer closing("LOGIN", "  - { at: auth, when: { step: 3 }, fault: close }\n");
  Wire last(closing.port());
  greet(last);
  talk(last, {{"AUTH LOGIN", "334"}, {"YWxpY2U=", "334"}});
  last.send("c2VjcmV0\r\n");
  CHECK(last.ending() == Ending::fin);
}

TEST_CASE("auth: SCRAM without users is told when the file is loaded, and in the exchange") {
  const TemporaryFile file("scram.yaml", "malaposta: 1\nserver:\n  extensions: { auth: [PLAIN, SCRAM-SHA-256] }\n");
  Program check({"check", file.path()});
  CHECK(check.exit_status() == 0);
  CHECK((check.output() + check.errors()).find("warning: SCRAM-SHA-256 has to know the passwords") != std::string::npos);
  const Server server({file.path()});
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"AUTH PLAIN AGFsaWNlAHdoYXRldmVy", "235 2.7.0"}});
  leave(wire);
}
