#include "malaposta/journal.hpp"

#include <thread>

#include "embed/client_fixture.hpp"
#include "malaposta/malaposta.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using malaposta::testing::deliver;
using malaposta::testing::say;
using namespace std::chrono_literals;

TEST_CASE("the journal has sessions with what was said in them") {
  const Server server = Server::start(Scenario::shipped("default"));
  CHECK(deliver(server.host(), server.port(), "dot451@b.test") == 451);
  REQUIRE(server.journal().wait_for_sessions(1));
  const std::vector<Session> sessions = server.journal().sessions();
  REQUIRE(sessions.size() == 1);
  const Session& session = sessions[0];
  CHECK(session.greeting.starts_with("220 "));
  CHECK(session.peer.starts_with("127.0.0.1:"));
  CHECK(session.end == SessionEnd::quit);
  CHECK(session.closed >= session.opened);
  CHECK(session.complete);
  std::string told;
  for (const Command& one : session.commands) told += one.verb + (one.content ? " content " : " ") + std::to_string(one.code) + "\n";
  CHECK(told == "EHLO 250\nMAIL 250\nRCPT 250\nDATA 354\nDATA content 451\nQUIT 221\n");
  CHECK(session.commands[1].line == "MAIL FROM:<alice@a.test>");
  CHECK(session.commands[4].line.empty());
  CHECK(session.commands[4].reply.starts_with("451 "));
  CHECK(session.commands[0].session == session.id);
  CHECK(server.journal().messages().empty());
  CHECK(server.journal().transcript().find("C: MAIL FROM:<alice@a.test>") != std::string::npos);
}

TEST_CASE("commands of all sessions come in the order of time") {
  const Server server = Server::start(Scenario::shipped("default"), {.threads = 2});
  for (int i = 0; i < 4; ++i) CHECK(say(server.host(), server.port(), {"EHLO c.test", "XFOO bar", "QUIT"}) == 221);
  const std::vector<Command> commands = server.journal().commands();
  REQUIRE(commands.size() == 12);
  CHECK(std::ranges::is_sorted(commands, {}, &Command::at));
  CHECK(commands[1].verb == "XFOO");
  CHECK(commands[1].code == 500);
}

TEST_CASE("a message is what came, byte for byte, with its envelope") {
  const Server server = Server::start(Scenario::shipped("default"));
  CHECK(deliver(server.host(), server.port(), "bob@b.test", "Invoice 7") == 250);
  const std::vector<Message> messages = server.journal().messages();
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].reverse_path == "alice@a.test");
  CHECK(messages[0].recipients == std::vector<std::string>{"bob@b.test"});
  CHECK(messages[0].header("SUBJECT") == "Invoice 7");
  CHECK_FALSE(messages[0].header("X-Nothing"));
  CHECK(messages[0].body() == "Invoice 7!\r\n");
  CHECK(messages[0].content.starts_with("Date: "));
  CHECK(messages[0].acknowledged);
  CHECK(Message{}.body().empty());
}

TEST_CASE("waiting ends with what is waited for") {
  const Server server = Server::start(Scenario::shipped("default"));
  const Journal journal = server.journal();
  CHECK_FALSE(journal.wait_for_messages(1, 1ms));
  std::thread client([&] {
    for (int i = 0; i < 3; ++i) (void)deliver(server.host(), server.port());
  });
  CHECK(journal.wait_for_messages(3));
  CHECK(journal.wait_until([](const Journal& now) { return now.messages().size() == 3; }));
  client.join();
  CHECK(journal.wait_for_sessions(3));
  CHECK_FALSE(journal.wait_for_sessions(4, 1ms));
  CHECK_THROWS_AS(journal.wait_until([](const Journal&) -> bool { throw std::logic_error("mine"); }), std::logic_error);
}
