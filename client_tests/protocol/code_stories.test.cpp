// The scenarios of scenarios/codes that are more than one reply: logins, retries, what follows a refusal; and those that
// are no reply at all.
#include <cerrno>

#include "dialog.hpp"
#include "program.hpp"
#include "shipped_codes.hpp"

using namespace malaposta::testing;

TEST_CASE("101: nobody answers a connect") {
  CHECK(all_codes().does().at("101") == "not answering");
  CHECK(connect_error(all_codes().port("101"), std::chrono::milliseconds(300)) == ETIMEDOUT);
}

TEST_CASE("111: a connect is refused") {
  CHECK(all_codes().does().at("111") == "refusing");
  CHECK(connect_error(all_codes().port("111"), Wire::kTimeout) == ECONNREFUSED);
}

TEST_CASE("220-multiline: the greeting has three lines") {
  Wire wire(all_codes().port("220-multiline"));
  CHECK(wire.reply().lines ==
        std::vector<std::string>{"220-mx.example.test ESMTP Service ready", "220-Unsolicited mail is not welcome here", "220 Go ahead"});
}

TEST_CASE("334: the steps of a login") {
  Wire wire(all_codes().port("334"));
  greet(wire);
  CHECK(wire.say("AUTH LOGIN").lines == std::vector<std::string>{"334 VXNlcm5hbWU6"});
  CHECK(wire.say("YWxpY2U=").lines == std::vector<std::string>{"334 UGFzc3dvcmQ6"});
  talk(wire, {{"c2VjcmV0", "235 2.7.0"}});
  CHECK(summary(transact(wire)) == "250 2.0.0");
  check_usable(wire);
}

TEST_CASE("334: PLAIN asks for all at once, CRAM-MD5 for a digest") {
  Wire wire(all_codes().port("334"));
  greet(wire);
  talk(wire, {{"MAIL FROM:<alice@example.com>", "530 5.7.0"}, {"AUTH CRAM-MD5", "334"}, {"*", "501 5.7.0"}});
  CHECK(wire.say("AUTH PLAIN").lines == std::vector<std::string>{"334 "});
  talk(wire, {{"AGFsaWNlAHNlY3JldA==", "235 2.7.0"}});
  check_usable(wire);
}

TEST_CASE("334-token: the reason is a challenge, in JSON, and the 535 comes behind the response to it") {
  Wire wire(all_codes().port("334-token"));
  greet(wire);
  // {"status":"401","schemes":"Bearer","scope":"mail"}
  CHECK(wire.say("AUTH XOAUTH2 dXNlcj1hbGljZUBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciBvbGQBAQ==").lines ==
        std::vector<std::string>{"334 eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJtYWlsIn0="});
  talk(wire, {{"AQ==", "535 5.7.8"}, {"MAIL FROM:<alice@example.com>", "530 5.7.0"}});
  check_usable(wire);
}

TEST_CASE("454-password: the challenges come as ever, and only the verdict is missing") {
  Wire wire(all_codes().port("454-password"));
  greet(wire);
  talk(wire, {{"AUTH LOGIN", "334"}, {"YWxpY2U=", "334"}, {"c2VjcmV0", "454 4.7.0"}, {"MAIL FROM:<alice@example.com>", "530 5.7.0"}});
  check_usable(wire);
}

TEST_CASE("334-malformed: a challenge that is no base64 is cancelled with *") {
  Wire wire(all_codes().port("334-malformed"));
  greet(wire);
  CHECK(wire.say("AUTH LOGIN").lines == std::vector<std::string>{"334 %%% this is not base64 %%%"});
  talk(wire, {{"*", "501 5.7.0"}, {"MAIL FROM:<alice@example.com>", "530 5.7.0"}});
  check_usable(wire);
}

TEST_CASE("442: the server breaks off at the first byte of content, and not before") {
  for (const std::string scenario : {"442", "442-fin"}) {
    Wire wire(all_codes().port(scenario));
    greet(wire);
    talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<bob@example.test>", "250 2.1.5"}, {"DATA", "354"}});
    wire.send("S");
    CHECK(wire.ending() == (scenario == "442" ? Ending::reset : Ending::fin));
  }
}

TEST_CASE("442-lost-250 keeps the message that it never acknowledges, 442-after-dot does not") {
  struct Case {
    std::string scenario, told;
  };
  for (const Case& c : {Case{"442-lost-250", "0 messages accepted, 1 kept"}, Case{"442-after-dot", "0 messages accepted, 0 kept"}}) {
    Server server({c.scenario}, {"--exit-after", "1"});
    Wire wire(server.port());
    greet(wire);
    talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<bob@example.test>", "250 2.1.5"}, {"DATA", "354"}});
    wire.send(std::string(kContent) + ".\r\n");
    CHECK(wire.ending() == Ending::reset);
    CHECK(server.exit_status() == 0);
    CHECK(server.output().find(c.told) != std::string::npos);
  }
}

TEST_CASE("450-greylisting: accepted when it is tried again after the wait, by the same sender to the same recipient") {
  std::string text = text_of("450-greylisting");
  const std::size_t wait = text.find("wait: 2s");
  REQUIRE(wait != std::string::npos);
  text.replace(wait, 8, "wait: 300ms");
  const TemporaryFile file("greylisting.yaml", text);
  const Server server({file.path()});
  const auto ask = [&](std::string_view rcpt) {
    Wire wire(server.port());
    greet(wire);
    talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}});
    return summary(wire.say("RCPT TO:<" + std::string(rcpt) + ">"));
  };
  const auto begin = std::chrono::steady_clock::now();
  CHECK(ask("bob@example.test") == "450 4.7.1");
  std::string told;
  do {
    told = ask("bob@example.test");
  } while (told == "450 4.7.1" && std::chrono::steady_clock::now() - begin < Wire::kTimeout);
  CHECK(told == "250 2.1.5");
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(300));
  CHECK(ask("carol@example.test") == "450 4.7.1");
}

TEST_CASE("451-twice: the third attempt is accepted, and all after it") {
  const Server server({"451-twice"});
  Wire wire(server.port());
  greet(wire);
  CHECK(summary(transact(wire)) == "451 4.3.0");
  CHECK(summary(transact(wire)) == "451 4.3.0");
  CHECK(summary(transact(wire)) == "250 2.0.0");
  CHECK(summary(transact(wire)) == "250 2.0.0");
  check_usable(wire);
}

TEST_CASE("452-too-many: the third recipient is refused, the message goes to the first two") {
  Wire wire(all_codes().port("452-too-many"));
  greet(wire);
  talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"},
              {"RCPT TO:<one@example.test>", "250 2.1.5"},
              {"RCPT TO:<two@example.test>", "250 2.1.5"},
              {"RCPT TO:<three@example.test>", "452 4.5.3"},
              {"DATA", "354"}});
  CHECK(summary(wire.say(std::string(kContent) + ".")) == "250 2.0.0");
  check_usable(wire);
}

TEST_CASE("454: STARTTLS is offered, and fails") {
  Wire wire(all_codes().port("454"));
  (void)wire.reply();
  const Reply offered = wire.say("EHLO client.example.test");
  CHECK(offered.lines.back() == "250 STARTTLS");
  talk(wire, {{"STARTTLS", "454 4.7.0"}, {"MAIL FROM:<alice@example.com>", "250 2.1.0"}});
  check_usable(wire);
}

TEST_CASE("500 and 502 to EHLO: HELO is answered, and mail is taken") {
  for (const std::string scenario : {"500", "502"}) {
    Wire wire(all_codes().port(scenario));
    talk(wire,
         {{"", "220"}, {"EHLO client.example.test", scenario == "500" ? "500 5.5.2" : "502 5.5.1"}, {"HELO client.example.test", "250"}});
    CHECK(summary(transact(wire)) == "250 2.0.0");
    check_usable(wire);
  }
}

TEST_CASE("503 and 530 to MAIL: taken once the client has logged in") {
  for (const std::string scenario : {"503", "530"}) {
    Wire wire(all_codes().port(scenario));
    greet(wire);
    talk(wire, {{"MAIL FROM:<alice@example.com>", scenario == "503" ? "503 5.5.1" : "530 5.7.0"},
                {"AUTH PLAIN AGFsaWNlAHNlY3JldA==", "235 2.7.0"}});
    CHECK(summary(transact(wire)) == "250 2.0.0");
    check_usable(wire);
  }
}

TEST_CASE("where the code is temporary only for the scenario's stage, later transactions of the session meet it again") {
  Wire wire(all_codes().port("451"));
  greet(wire);
  CHECK(summary(transact(wire)) == "451 4.3.0");
  CHECK(summary(transact(wire)) == "451 4.3.0");
  check_usable(wire);
}
