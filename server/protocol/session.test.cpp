#include "protocol/session.hpp"

#include <algorithm>
#include <random>

#include "protocol/conversation.hpp"
#include "testing/catch.hpp"

using namespace malaposta::protocol;
using namespace malaposta::protocol::testing;
using malaposta::journal::End;
using malaposta::journal::Kind;
using namespace std::chrono_literals;

namespace {

std::string code(const std::string& reply) { return reply.substr(0, 3); }

// A director that gives this reply at that stage.
TestDirector replying(Stage stage, int reply_code, std::string_view reply) {
  TestDirector director;
  director.on_decide = [=, text = std::string(reply)](const Moment& moment, Decision& out) {
    if (moment.stage != stage) return;
    out.decided = true;
    out.code = reply_code;
    out.add_text(Step::Kind::send, text);
  };
  return director;
}

// A director that does these steps at that stage.
TestDirector stepping(Stage stage, std::function<void(Decision&)> steps, int reply_code = 0) {
  TestDirector director;
  director.on_decide = [=](const Moment& moment, Decision& out) {
    if (moment.stage != stage) return;
    out.decided = true;
    out.code = reply_code;
    steps(out);
  };
  return director;
}

TestDirector modifying(Stage stage, std::function<void(Decision&)> modify) {
  TestDirector director;
  director.on_decide = [=](const Moment& moment, Decision& out) {
    if (moment.stage == stage) modify(out);
  };
  return director;
}

}  // namespace

TEST_CASE("a correct session: greeting, transaction, good-bye") {
  Conversation c;
  CHECK(c.server() == "220 mx.example.test ESMTP Malaposta ready\r\n");
  CHECK(code(c.say("EHLO client.test")) == "250");
  CHECK(c.say("MAIL FROM:<alice@a.test>") == "250 2.1.0 Sender ok\r\n");
  CHECK(c.say("RCPT TO:<bob@b.test>") == "250 2.1.5 Recipient ok\r\n");
  CHECK(c.say("DATA") == "354 End data with <CR><LF>.<CR><LF>\r\n");
  CHECK(c.say("Subject: hi\r\n\r\n..dot\r\n.") == "250 2.0.0 Ok: message accepted\r\n");
  CHECK(c.say("QUIT") == "221 2.0.0 Bye\r\n<close>");
  CHECK(c.session().closed());
  CHECK(c.session().how_it_ended() == End::quit);
  REQUIRE(c.journal().messages().size() == 1);
  const auto& message = c.journal().messages().front();
  CHECK(message.reverse_path == "alice@a.test");
  CHECK(message.recipients == std::vector<std::string>{"bob@b.test"});
  CHECK(message.content.str() == "Subject: hi\r\n\r\n.dot\r\n");
  CHECK(message.acknowledged);
}

TEST_CASE("commands out of sequence are refused with 503, and change nothing") {
  struct Case {
    std::string_view before, command, reply;
  };
  const Case cases[] = {
      {"", "MAIL FROM:<a@a.test>", "503"},
      {"", "RCPT TO:<a@a.test>", "503"},
      {"", "DATA", "503"},
      {"EHLO c.test\r\n", "RCPT TO:<a@a.test>", "503"},
      {"EHLO c.test\r\n", "DATA", "503"},
      {"EHLO c.test\r\nMAIL FROM:<a@a.test>\r\n", "MAIL FROM:<b@a.test>", "503"},
      {"EHLO c.test\r\nMAIL FROM:<a@a.test>\r\n", "DATA", "503"},
      {"EHLO c.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nRSET\r\n", "DATA", "503"},
      {"EHLO c.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nEHLO c.test\r\n", "DATA", "503"},
      {"EHLO c.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nBDAT 1\r\nx", "DATA", "503"},
      {"EHLO c.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nBDAT 1\r\nx", "RCPT TO:<c@c.test>", "503"},
      {"EHLO c.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<>\r\n", "DATA", "554"},
      {"EHLO c.test\r\nRCPT TO:<b@b.test>\r\nMAIL FROM:<a@a.test>\r\n", "DATA", "503"},
      {"EHLO c.test\r\n", "STARTTLS", "502"},
      {"EHLO c.test\r\n", "ATRN", "502"},
      {"EHLO c.test\r\n", "WIBBLE", "500"},
      {"", "NOOP", "250"},
      {"", "RSET", "250"},
      {"", "VRFY bob", "252"},
      {"", "VRFY", "501"},
      {"", "HELP", "214"},
      {"", "EXPN list", "502"},
      {"", "LHLO c.test", "500"},
      {"", "", "500"},
      {"", "EHLO", "501"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.before, one.command);
    Conversation c;
    c.send(one.before).server();
    CHECK(code(c.say(one.command)) == one.reply);
    CHECK_FALSE(c.session().closed());
  }
}

TEST_CASE("parameters are judged by the extensions that are offered") {
  Conversation c;
  c.hello();
  CHECK(code(c.say("MAIL FROM:<a@a.test> SIZE=99999999999")) == "552");
  CHECK(code(c.say("MAIL FROM:<a@a.test> SIZE=big")) == "501");
  CHECK(code(c.say("MAIL FROM:<a@a.test> BODY=9BIT")) == "501");
  CHECK(code(c.say("MAIL FROM:<a@a.test> WIBBLE=1")) == "555");
  CHECK(code(c.say("MAIL FROM:<a@a.test> NOTIFY=NEVER")) == "555");
  CHECK(code(c.say("MAIL FROM:<a@a.test> RET=HDRS ENVID=x+3Dy")) == "250");
  CHECK(code(c.say("RCPT TO:<b@b.test> NOTIFY=NEVER,FAILURE")) == "501");
  CHECK(code(c.say("RCPT TO:<b@b.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b@b.test")) == "250");
  Profile bare = default_profile();
  offer(bare, {});
  Conversation plain(bare);
  plain.hello();
  CHECK(code(plain.say("MAIL FROM:<a@a.test> SIZE=10")) == "555");
  CHECK(code(plain.say("VRFY bob")) == "502");
  CHECK(code(plain.say("BDAT 1 LAST")) == "502");
}

TEST_CASE("a whole session in one write is answered in order, and is known to be pipelined") {
  Conversation c;
  c.server();
  c.send("EHLO c.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n");
  const std::string replies = c.server();
  CHECK(replies.find("354 ") != std::string::npos);
  CHECK(replies.find("221 2.0.0 Bye\r\n<close>") != std::string::npos);
  CHECK(c.session().facts().pipelined);
  CHECK(c.journal().messages().size() == 1);
}

TEST_CASE("any split of the input gives the same effects and the same journal") {
  const std::string script =
      "EHLO c.test\r\nMAIL FROM:<a@a.test> SIZE=10\r\nRCPT TO:<b@b.test>\r\nRCPT TO:<>\r\nNOOP\nVRFY x\r\nDATA\r\nS: 1\r\n\r\n..a\r\n.b\n.\r\nc\r\n.\r\n"
      "MAIL FROM:<>\r\nRCPT TO:<c@c.test>\r\nBDAT 5\r\nab\r\ncBDAT 3 LAST\r\nxyzAUTH PLAIN\r\nAHUAcA==\r\nAUTH LOGIN\r\nRSET\r\n" +
      std::string(5000, 'x') + "\r\nHELP\r\nQUIT\r\nNOOP\r\n";
  const auto play = [&](const std::function<std::size_t()>& piece) {
    TestDirector director;
    director.body_offsets = {0, 3, 5, 8};
    director.on_decide = [](const Moment& moment, Decision& out) {
      if (moment.stage == Stage::noop) out.delay = 1s;
      if (moment.stage == Stage::vrfy) out.dribble_bytes = 7, out.dribble_every = 1ms;
      if (moment.stage == Stage::body && moment.size == 5) out.delay = 2s;
    };
    Conversation c(default_profile(), director);
    std::string log = c.server();
    for (std::size_t at = 0; at < script.size();) {
      const std::size_t size = std::min(piece(), script.size() - at);
      c.send(std::string_view(script).substr(at, size));
      at += size;
      while (!c.session().closed() && !c.session().takes_input()) c.wait();
      log += c.server();
    }
    for (const auto& event : c.events())
      if (event.kind != Kind::wait && event.kind != Kind::message)
        // What came ahead of a reply is the one thing that depends on the pieces.
        log += "\n" + std::to_string(static_cast<int>(event.kind)) + " " + std::string(event.text) + " " +
               std::to_string(event.kind == Kind::command ? event.number & ~std::uint64_t{kAhead} : event.number);
    for (const auto& message : c.journal().messages()) log += "\nmessage " + message.content.str();
    return log;
  };
  const std::string whole = play([&] { return script.size(); });
  CHECK(whole.find("235 ") != std::string::npos);
  CHECK(whole.find("message ab\r\ncxyz") != std::string::npos);
  for (std::size_t size = 1; size <= 64; ++size) CHECK(play([&] { return size; }) == whole);
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) CHECK(play([&] { return 1 + random() % 40; }) == whole);
}

TEST_CASE("whatever the client sends last, its leaving ends the session") {
  const std::string script =
      "EHLO c.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\nhello\r\n.\r\nAUTH LOGIN\r\nYQ==\r\nBDAT 5\r\nab";
  for (std::size_t size = 0; size <= script.size(); ++size) {
    Conversation c;
    c.send(script.substr(0, size));
    c.server();
    c.hang_up();
    CHECK(c.server() == "<close>");
    CHECK(c.session().how_it_ended() == End::client_closed);
    CHECK(c.journal().message_bytes() == (c.journal().messages().empty() ? 0 : c.journal().messages().front().footprint()));
  }
}

TEST_CASE("a reply of the director replaces the server's own and moves the state on") {
  SECTION("450 at RCPT: the recipient is not taken") {
    Conversation c(default_profile(), replying(Stage::rcpt, 450, "450 4.2.1 Later\r\n"));
    c.hello().say("MAIL FROM:<a@a.test>");
    CHECK(c.say("RCPT TO:<b@b.test>") == "450 4.2.1 Later\r\n");
    CHECK(code(c.say("DATA")) == "554");
  }
  SECTION("550 at the final dot: nothing is kept, the next transaction goes on") {
    Conversation c(default_profile(), replying(Stage::end_of_data, 550, "550 5.7.1 No\r\n"));
    c.transaction().say("DATA");
    CHECK(c.say("x\r\n.") == "550 5.7.1 No\r\n");
    CHECK(c.journal().messages().empty());
    CHECK(code(c.say("MAIL FROM:<a@a.test>")) == "250");
  }
  SECTION("421 closes") {
    Conversation c(default_profile(), replying(Stage::mail, 421, "421 4.3.2 Down\r\n"));
    c.hello();
    CHECK(c.say("MAIL FROM:<a@a.test>") == "421 4.3.2 Down\r\n<close>");
    CHECK(c.session().how_it_ended() == End::server_closed);
  }
  SECTION("421 with stay does not") {
    TestDirector director = replying(Stage::noop, 421, "421 4.3.2 Down\r\n");
    director.on_decide = [decide = director.on_decide](const Moment& moment, Decision& out) { decide(moment, out), out.stay = true; };
    Conversation c(default_profile(), director);
    c.server();
    CHECK(c.say("NOOP") == "421 4.3.2 Down\r\n");
    CHECK_FALSE(c.session().closed());
  }
  SECTION("a greeting with 554 leaves only QUIT") {
    Conversation c(default_profile(), replying(Stage::connect, 554, "554 5.0.0 No SMTP here\r\n"));
    CHECK(c.server() == "554 5.0.0 No SMTP here\r\n");
    CHECK(code(c.say("EHLO c.test")) == "503");
    CHECK(c.say("QUIT") == "221 2.0.0 Bye\r\n<close>");
  }
  SECTION("354 to a DATA that has no recipient still takes content") {
    Conversation c(default_profile(), replying(Stage::data, 354, "354 Go\r\n"));
    c.hello().say("DATA");
    CHECK(code(c.say("x\r\n.")) == "250");
  }
}

TEST_CASE("faults do to the connection what they say") {
  SECTION("reset at the final dot, with the message kept: the lost 250") {
    TestDirector director = stepping(Stage::end_of_data, [](Decision& d) { d.capture = true, d.add(Step::Kind::reset); });
    Conversation c(default_profile(), director);
    c.transaction().say("DATA");
    CHECK(c.say("x\r\n.") == "<reset>");
    REQUIRE(c.journal().messages().size() == 1);
    CHECK_FALSE(c.journal().messages().front().acknowledged);
    CHECK(c.session().how_it_ended() == End::server_reset);
  }
  SECTION("discard: acknowledged, not kept") {
    Conversation c(default_profile(), modifying(Stage::end_of_data, [](Decision& d) { d.capture = false; }));
    c.transaction().say("DATA");
    CHECK(code(c.say("x\r\n.")) == "250");
    CHECK(c.journal().messages().empty());
    CHECK(c.session().facts().messages == 1);
  }
  SECTION("reset in the content, to the byte") {
    for (const std::uint64_t offset : {0, 1, 7, 9, 20}) {
      TestDirector director = stepping(Stage::body, [](Decision& d) { d.add(Step::Kind::reset); });
      director.body_offsets = {offset};
      Conversation c(default_profile(), director);
      c.transaction().send("DATA\r\n");
      const std::string content = "12345\r\n.8901234567890";
      for (std::uint64_t i = 0; i < offset; ++i) {
        CHECK(c.server().find("<reset>") == std::string::npos);
        c.send(content.substr(i, 1));
      }
      CHECK(c.server().find("<reset>") != std::string::npos);
    }
  }
  SECTION("content that is exactly as long as the offset: the rule acts before the final dot") {
    TestDirector director = stepping(Stage::body, [](Decision& d) { d.add(Step::Kind::reset); });
    director.body_offsets = {8};
    Conversation c(default_profile(), director);
    c.transaction().say("DATA");
    CHECK(code(c.say("12345\r\n.")) == "250");
  }
  SECTION("stall: nothing more is read, and the session ends when its time is over") {
    Conversation c(default_profile(), stepping(Stage::mail, [](Decision& d) { d.add(Step::Kind::stall, 60s); }));
    c.hello();
    CHECK(c.say("MAIL FROM:<a@a.test>").empty());
    CHECK_FALSE(c.session().takes_input());
    CHECK(c.session().timer() == 60s);
    c.wait();
    CHECK(c.server() == "<close>");
  }
  SECTION("silence: everything is read, nothing answered") {
    Conversation c(default_profile(), stepping(Stage::mail, [](Decision& d) { d.add(Step::Kind::silence, 60s); }));
    c.hello();
    CHECK(c.say("MAIL FROM:<a@a.test>").empty());
    CHECK(c.session().takes_input());
    CHECK(c.say("QUIT").empty());
    c.wait();
    CHECK(c.server() == "<close>");
  }
  SECTION("half-close: FIN, and what the client sends is still read") {
    Conversation c(default_profile(), stepping(Stage::mail, [](Decision& d) { d.add(Step::Kind::half_close); }));
    c.hello();
    CHECK(c.say("MAIL FROM:<a@a.test>") == "<half-close>");
    CHECK(c.say("RSET").empty());
    c.hang_up();
    CHECK(c.server() == "<close>");
  }
}

TEST_CASE("modifiers change any answer, the correct server's own included") {
  SECTION("delay: the next command waits its turn") {
    Conversation c(default_profile(), modifying(Stage::noop, [](Decision& d) { d.delay = 2s; }));
    c.server();
    c.send("NOOP\r\nRSET\r\n");
    CHECK(c.server().empty());
    CHECK(c.session().timer() == 2s);
    c.wait();
    CHECK(c.server() == "250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n");
  }
  SECTION("dribble") {
    Conversation c(default_profile(), modifying(Stage::noop, [](Decision& d) { d.dribble_bytes = 6, d.dribble_every = 10ms; }));
    c.server();
    c.send("NOOP\r\n");
    CHECK(c.server() == "250 2.");
    c.wait();
    CHECK(c.server() == "0.0 Ok");
    c.wait();
    CHECK(c.server() == "\r\n");
    CHECK(c.session().takes_input());
  }
  SECTION("dribble over a given time") {
    Conversation c(default_profile(), modifying(Stage::noop, [](Decision& d) { d.dribble_bytes = 6, d.dribble_over = 3s; }));
    c.server();
    c.send("NOOP\r\n");
    CHECK(c.server() == "250 2.");
    CHECK(c.session().timer() == 1500ms);
    c.wait();
    CHECK(c.server() == "0.0 Ok");
    CHECK(c.session().timer() == 1500ms);
    c.wait();
    CHECK(c.server() == "\r\n");
  }
  SECTION("duplicate, truncate, then") {
    Conversation twice(default_profile(), modifying(Stage::noop, [](Decision& d) { d.duplicate = true; }));
    twice.server();
    CHECK(twice.say("NOOP") == "250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n");
    Conversation cut(default_profile(), modifying(Stage::noop, [](Decision& d) { d.truncate = 3; }));
    cut.server();
    CHECK(cut.say("NOOP") == "250<close>");
    Conversation after(default_profile(), modifying(Stage::noop, [](Decision& d) { d.then = Step{Step::Kind::reset, 0, 0, {}, 0}; }));
    after.server();
    CHECK(after.say("NOOP") == "250 2.0.0 Ok\r\n<reset>");
  }
}

TEST_CASE("steps: raw bytes, waits, reads and states in their order") {
  TestDirector director = stepping(
      Stage::noop,
      [](Decision& d) {
        d.add_text(Step::Kind::send, "250-half a re");
        d.add(Step::Kind::read_line);
        d.add(Step::Kind::read_bytes, {}, 3);
        d.add_text(Step::Kind::set, "later");
        d.add(Step::Kind::wait, 1s);
        d.add_text(Step::Kind::send, "ply\r\n250 done\r\n");
      },
      250);
  Conversation c(default_profile(), director);
  c.server();
  c.send("NOOP\r\nanything\r\nabcRSET\r\n");
  CHECK(c.server() == "250-half a re");
  CHECK(c.director().states == std::vector<std::string>{"later"});
  c.director().on_decide = nullptr;
  c.wait();
  CHECK(c.server() == "ply\r\n250 done\r\n250 2.0.0 Ok\r\n");
}

TEST_CASE("AUTH: PLAIN and LOGIN, every login or the users given") {
  Profile profile = default_profile();
  SECTION("every login succeeds where no users are named") {
    Conversation c(profile);
    c.hello();
    CHECK(code(c.say("AUTH PLAIN AGFsaWNlAHNlY3JldA==")) == "235");
    CHECK(c.session().facts().user == "alice");
    CHECK(c.session().facts().authenticated);
    CHECK(code(c.say("AUTH PLAIN AGFsaWNlAHNlY3JldA==")) == "503");
  }
  profile.users = {{"alice", "secret"}};
  profile.auth_required = true;
  SECTION("LOGIN asks for both") {
    Conversation c(profile);
    c.hello();
    CHECK(code(c.say("MAIL FROM:<a@a.test>")) == "530");
    CHECK(c.say("AUTH LOGIN") == "334 VXNlcm5hbWU6\r\n");
    CHECK(c.say("YWxpY2U=") == "334 UGFzc3dvcmQ6\r\n");
    CHECK(code(c.say("c2VjcmV0")) == "235");
    CHECK(code(c.say("MAIL FROM:<a@a.test>")) == "250");
  }
  SECTION("what goes wrong") {
    Conversation c(profile);
    c.hello();
    CHECK(code(c.say("AUTH")) == "501");
    CHECK(code(c.say("AUTH CRAM-MD5")) == "504");
    CHECK(code(c.say("AUTH PLAIN AGFsaWNlAHdyb25n")) == "535");
    CHECK(code(c.say("AUTH PLAIN !!!!")) == "501");
    CHECK(code(c.say("AUTH PLAIN =")) == "501");
    CHECK(code(c.say("AUTH PLAIN")) == "334");
    CHECK(code(c.say("*")) == "501");
    CHECK(c.say("AUTH LOGIN ") == "334 VXNlcm5hbWU6\r\n");  // a blank is no initial response
    CHECK(code(c.say("*")) == "501");
    CHECK(code(c.say("NOOP")) == "250");
  }
  SECTION("who has failed is nobody") {
    Conversation c(profile);
    c.hello();
    CHECK(code(c.say("AUTH PLAIN AGFsaWNlAHdyb25n")) == "535");
    CHECK(c.session().facts().user.empty());
    CHECK(c.session().facts().mechanism.empty());
  }
  SECTION("a refused second AUTH does not change who is logged in") {
    Conversation c(profile);
    c.hello();
    CHECK(code(c.say("AUTH PLAIN AGFsaWNlAHNlY3JldA==")) == "235");
    CHECK(code(c.say("AUTH LOGIN")) == "503");
    CHECK(c.session().facts().user == "alice");
    CHECK(c.session().facts().mechanism == "PLAIN");
  }
  SECTION("the journal names who has logged in, and how") {
    Conversation c(profile);
    c.hello();
    c.say("AUTH PLAIN AGFsaWNlAHdyb25n");
    c.say("AUTH plain AGFsaWNlAHNlY3JldA==");
    std::vector<std::string> logins;
    for (const auto& event : c.events())
      if (event.kind == Kind::login) logins.emplace_back(event.text);
    CHECK(logins == std::vector<std::string>{"PLAIN alice"});
  }
  SECTION("a director's 334 keeps the exchange going, and any final reply ends it") {
    int steps = 0;
    TestDirector director;
    director.on_decide = [&](const Moment& moment, Decision& out) {
      if (moment.stage != Stage::auth) return;
      out.decided = true;
      out.code = ++steps < 4 ? 334 : 454;
      out.add_text(Step::Kind::send, steps < 4 ? "334 Zm9v\r\n" : "454 4.7.0 Later\r\n");
    };
    Conversation c(profile, director);
    c.hello();
    CHECK(code(c.say("AUTH WIBBLE")) == "334");
    CHECK(code(c.say("YQ==")) == "334");
    CHECK(code(c.say("YQ==")) == "334");
    CHECK(code(c.say("YQ==")) == "454");
    CHECK(code(c.say("NOOP")) == "250");
  }
}

TEST_CASE("BDAT: chunks are taken, then judged") {
  Conversation c;
  c.transaction();
  CHECK(code(c.say("BDAT x")) == "501");
  c.send("BDAT 4\r\nab\r\n");
  CHECK(code(c.server()) == "250");
  c.send("BDAT 0 LAST\r\n");
  CHECK(code(c.server()) == "250");
  REQUIRE(c.journal().messages().size() == 1);
  CHECK(c.journal().messages().front().content.str() == "ab\r\n");
  c.send("BDAT 6 LAST\r\nNOOP\r\n");
  CHECK(code(c.server()) == "503");
  CHECK(code(c.say("MAIL FROM:<a@a.test>")) == "250");
}

TEST_CASE("LMTP: one reply for each recipient, and the message goes to those that were accepted") {
  Profile profile = default_profile();
  profile.lmtp = true;
  TestDirector director;
  director.on_decide = [](const Moment& moment, Decision& out) {
    if (moment.stage != Stage::end_of_data || moment.rcpt != "c@b.test") return;
    out.decided = true, out.code = 452;
    out.add_text(Step::Kind::send, "452 4.2.2 Full\r\n");
  };
  Conversation c(profile, director);
  c.server();
  CHECK(code(c.say("EHLO c.test")) == "500");
  CHECK(code(c.say("LHLO c.test")) == "250");
  c.say("MAIL FROM:<a@a.test>"), c.say("RCPT TO:<b@b.test>"), c.say("RCPT TO:<c@b.test>"), c.say("RCPT TO:<d@b.test>"), c.say("DATA");
  CHECK(c.say("x\r\n.") == "250 2.0.0 Ok: message accepted\r\n452 4.2.2 Full\r\n250 2.0.0 Ok: message accepted\r\n");
  REQUIRE(c.journal().messages().size() == 1);
  CHECK(c.journal().messages().front().recipients == std::vector<std::string>{"b@b.test", "d@b.test"});
}

TEST_CASE("limits") {
  SECTION("an endless line takes bounded memory and is answered once") {
    Conversation c;
    c.server();
    for (int i = 0; i < 1000; ++i) c.send(std::string(1000, 'x'));
    CHECK(c.server().empty());
    CHECK(code(c.say("")) == "500");
    CHECK(code(c.say("NOOP")) == "250");
  }
  SECTION("AUTH lines may be as long as RFC 4954 says, and no longer") {
    Conversation c;
    c.hello();
    CHECK(code(c.say("AUTH PLAIN " + std::string(12'001, 'A'))) == "501");
    c.say("AUTH PLAIN");
    CHECK(c.say(std::string(13'000, 'A')) == "500 5.5.6 Authentication line too long\r\n");
    CHECK(c.say("AUTH PLAIN " + std::string(13'000, 'A')) == "500 5.5.6 Authentication line too long\r\n");
    CHECK(code(c.say("NOOP")) == "250");
  }
  SECTION("recipients") {
    Profile profile = default_profile();
    profile.limits.recipients = 3;
    Conversation c(profile);
    c.transaction();
    CHECK(code(c.say("RCPT TO:<c@b.test>")) == "250");
    CHECK(code(c.say("RCPT TO:<d@b.test>")) == "250");
    CHECK(c.say("RCPT TO:<e@b.test>") == "452 4.5.3 Too many recipients\r\n");
  }
  SECTION("content beyond SIZE is dropped as it comes and refused at the end") {
    Profile profile = default_profile();
    offer(profile, {"SIZE 100"});
    Conversation c(profile);
    c.transaction().say("DATA");
    for (int i = 0; i < 1000; ++i) c.send(std::string(100, 'x') + "\r\n");
    CHECK(c.journal().message_bytes() == 0);
    CHECK(code(c.say(".")) == "552");
    CHECK(c.journal().messages().empty());
    CHECK(code(c.say("MAIL FROM:<a@a.test>")) == "250");
  }
  SECTION("content beyond the memory limit is refused for now") {
    Profile profile = default_profile();
    Conversation c(profile, {}, {1 << 16, 1000, 100, 100});
    c.transaction().say("DATA");
    c.send(std::string(2000, 'x') + "\r\n");
    CHECK(c.journal().message_bytes() == 0);
    CHECK(code(c.say(".")) == "452");
  }
  SECTION("idle time: 421 and close") {
    Conversation c;
    c.hello();
    CHECK(c.session().timer() == 5min);
    c.wait();
    CHECK(c.server() == "421 4.4.2 Timeout: closing transmission channel\r\n<close>");
    CHECK(c.session().how_it_ended() == End::timed_out);
  }
}

TEST_CASE("shut down: a running session gets 421 4.3.2 wherever it is") {
  for (const char* before : {"", "EHLO c.test\r\n", "EHLO c.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\nhalf"}) {
    Conversation c;
    c.send(before).server();
    c.session().shut_down(c.now(), c.effects());
    CHECK(c.server() == "421 4.3.2 Service shutting down\r\n<close>");
    CHECK(c.session().how_it_ended() == End::shut_down);
  }
}

TEST_CASE("strict syntax: only CRLF ends a line") {
  Profile profile = default_profile();
  profile.syntax = Syntax::strict;
  Conversation c(profile);
  c.server();
  c.send("NOOP\nNOOP\r\n");
  const std::string reply = c.server();
  CHECK(reply.find("\r\n") + 2 == reply.size());
  CHECK(code(c.say("RSET now")) == "501");
}

TEST_CASE("the journal has every line, reply and end, in order") {
  Conversation c;
  c.send("NOOP\r\nQUIT\r\n");
  std::string told;
  for (const auto& event : c.events()) told += std::to_string(static_cast<int>(event.kind)) + ":" + std::string(event.text) + "\n";
  CHECK(
      told ==
      "0:127.0.0.1:54321\n2:220 mx.example.test ESMTP Malaposta ready\r\n\n1:NOOP\n2:250 2.0.0 Ok\r\n\n1:QUIT\n2:221 2.0.0 Bye\r\n\n13:quit\n");
}

namespace {

Profile with_tls(Tls mode) {
  Profile profile = default_profile();
  profile.tls = mode;
  offer(profile, default_keywords(profile));
  return profile;
}

bool journaled(Conversation& c, std::string_view text) {
  const auto events = c.events();
  return std::any_of(events.begin(), events.end(), [&](const auto& event) { return event.text == text; });
}

// Whether the session asked its connection for that.
bool asks_for(Conversation& c, Act act) {
  const auto& list = c.effects().list();
  return std::any_of(list.begin(), list.end(), [&](const Effect& effect) { return effect.act == act; });
}

}  // namespace

TEST_CASE("STARTTLS: offered, shaken, and then all is forgotten and it is offered no more") {
  Conversation c(with_tls(Tls::starttls));
  CHECK(c.hello().session().takes_input());
  CHECK(code(c.say("AUTH PLAIN AGFsaWNlAHNlY3JldA==")) == "235");
  c.send("STARTTLS\r\n");
  CHECK(asks_for(c, Act::start_tls));
  CHECK(c.server() == "220 2.0.0 Ready to start TLS\r\n");
  CHECK_FALSE(c.session().takes_input());
  c.session().client_hello(c.now(), "mx.example.test", c.effects());
  CHECK(asks_for(c, Act::go_on_tls));
  c.server();
  c.session().handshake_done(c.now(), {"TLSv1.3", {}, {}, {}}, c.effects());
  CHECK(c.server().empty());
  CHECK(c.session().facts().tls);
  CHECK(c.session().facts().sni == "mx.example.test");
  CHECK_FALSE(c.session().facts().authenticated);
  CHECK(code(c.say("MAIL FROM:<a@a.test>")) == "503");
  CHECK(code(c.say("AUTH LOGIN")) == "503");  // EHLO is due again, and the user from before does not come back
  CHECK(c.session().facts().user.empty());
  CHECK(c.say("EHLO c.test").find("STARTTLS") == std::string::npos);
  CHECK(code(c.say("STARTTLS")) == "503");
  CHECK(code(c.say("MAIL FROM:<a@a.test>")) == "250");
}

TEST_CASE("a step starts TLS, whatever the client was told; where there is none, the answer goes on") {
  const auto director = stepping(Stage::noop, [](Decision& d) {
    d.add_text(Step::Kind::send, "250 2.0.0 Ok\r\n");
    d.add(Step::Kind::start_tls);
    d.code = 250;
  });
  Conversation c(with_tls(Tls::starttls), director);
  c.hello();
  c.send("NOOP\r\n");
  CHECK(asks_for(c, Act::start_tls));
  CHECK(c.session().shaking_hands());
  Conversation without(default_profile(), director);
  without.hello();
  without.send("NOOP\r\n");
  CHECK_FALSE(asks_for(without, Act::start_tls));
  CHECK_FALSE(without.session().shaking_hands());
}

TEST_CASE("TLS required: nothing but greetings before it") {
  Conversation c(with_tls(Tls::required));
  c.hello();
  CHECK(code(c.say("MAIL FROM:<a@a.test>")) == "530");
  CHECK(code(c.say("AUTH PLAIN AGFsaWNlAHNlY3JldA==")) == "530");
  CHECK(code(c.say("NOOP")) == "250");
}

TEST_CASE("implicit TLS: the greeting comes after the handshake") {
  Conversation c(with_tls(Tls::implicit));
  CHECK(asks_for(c, Act::start_tls));
  CHECK(c.server().empty());
  c.session().client_hello(c.now(), "", c.effects());
  c.session().handshake_done(c.now(), {"TLSv1.3", {}, {}, {}}, c.effects());
  CHECK(code(c.server()) == "220");
}

TEST_CASE("faults at the handshake, once the client has said whom it wants") {
  TestDirector director;
  director.on_decide = [](const Moment& moment, Decision& out) {
    if (moment.stage != Stage::tls) return;
    if (moment.facts->sni == "slow.test") {
      out.delay = 2s;
      return;
    }
    out.decided = true;
    if (moment.facts->sni == "reset.test") out.add(Step::Kind::reset);
    if (moment.facts->sni == "garbage.test") out.add_text(Step::Kind::send, "no TLS");
  };
  Conversation reset(with_tls(Tls::implicit), director);
  reset.server();
  reset.session().client_hello(reset.now(), "reset.test", reset.effects());
  CHECK(reset.server() == "<reset>");

  Conversation garbage(with_tls(Tls::implicit), director);
  garbage.server();
  garbage.session().client_hello(garbage.now(), "garbage.test", garbage.effects());
  CHECK_FALSE(asks_for(garbage, Act::go_on_tls));
  CHECK(garbage.server() == "no TLS");

  Conversation slow(with_tls(Tls::implicit), director);
  slow.server();
  slow.session().client_hello(slow.now(), "slow.test", slow.effects());
  CHECK_FALSE(asks_for(slow, Act::go_on_tls));
  slow.wait();
  CHECK(asks_for(slow, Act::go_on_tls));
}

TEST_CASE("a handshake that fails, or never comes, ends the session") {
  Conversation failed(with_tls(Tls::implicit));
  failed.server();
  failed.session().handshake_failed(failed.now(), "wrong version number", failed.effects());
  CHECK(failed.server() == "<close>");
  Conversation idle(with_tls(Tls::implicit));
  idle.server();
  idle.wait();
  CHECK(idle.server() == "<close>");
  Conversation stopped(with_tls(Tls::implicit));
  stopped.server();
  stopped.session().shut_down(stopped.now(), stopped.effects());
  CHECK(stopped.server() == "<close>");
}

TEST_CASE("TLS on a plain port, in any pieces, and plain text where TLS should be: the journal says so") {
  const std::string hello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9);
  for (const std::size_t first : {std::size_t{9}, std::size_t{1}, std::size_t{2}}) {
    Conversation c;
    c.server();
    c.send(hello.substr(0, first));
    if (!c.session().closed()) c.send(hello.substr(first));
    CHECK(c.session().closed());
    CHECK(c.server().rfind("554 5.5.1 TLS on a plain port", 0) == 0);
    CHECK(journaled(c, "TLS on a plain port"));
  }
  Conversation implicit(with_tls(Tls::implicit));
  implicit.server();
  implicit.session().plain_text_came(implicit.now(), implicit.effects());
  CHECK(implicit.server() == "<close>");
  CHECK(journaled(implicit, "plain text on a TLS port"));
}

TEST_CASE("STARTTLS that is offered by name only is refused for now") {
  Profile profile = default_profile();
  offer(profile, {"STARTTLS"});
  Conversation c(profile);
  c.hello();
  CHECK(code(c.say("STARTTLS")) == "454");
}
