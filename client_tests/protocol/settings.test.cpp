// Where `serve` takes its settings from, and what it prints of the sessions.
#include <boost/json.hpp>
#include <csignal>
#include <regex>
#include <set>

#include "dialog.hpp"
#include "program.hpp"

using namespace malaposta::testing;

namespace {

const std::string kAnywhere = "127.0.0.1:0";

// The name of the scenario that the next listening line tells.
std::string played(Program& program) {
  const std::string line = program.line();
  const std::size_t begin = line.rfind('(') + 1;
  return line.substr(begin, line.size() - 1 - begin);
}

// A session against the program's only port: a recipient that is refused, and a message. Then the program's end.
// What it printed after its listening line.
std::string printed(Server& server) {
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"},
              {"RCPT TO:<550@example.test>", "550 5.1.1"},
              {"RCPT TO:<bob@example.test>", "250 2.1.5"},
              {"NO\x1bOP", "500 5.5.2"},
              {"DATA", "354"},
              {"Subject: hello\r\n.", "250 2.0.0"}});
  leave(wire);
  CHECK(server.exit_status() == 0);
  CHECK(server.errors().empty());
  return server.output();
}

}  // namespace

TEST_CASE("settings: the command line counts before the environment, that before the file") {
  const TemporaryFile file("malaposta.conf", "# where to listen\nsmtp = 127.0.0.1:0=550\nlog = none\n");
  const std::string environment = "MALAPOSTA_SMTP=127.0.0.1:0=451";
  {
    Program program({"serve", "--config", file.path()});
    CHECK(played(program) == "550");
  }
  {
    Program program({"serve", "--config", file.path()}, {environment});
    CHECK(played(program) == "451");
  }
  {
    Program program({"serve", "--config", file.path(), "--smtp", "127.0.0.1:0=250", "--ready-file", file.path() + ".ready"}, {environment});
    CHECK(played(program) == "250");
    // No other port is opened beside it.
    program.signal(SIGTERM);
    CHECK(program.exit_status() == 0);
    CHECK(program.output().find("listening") == std::string::npos);
  }
  {
    Program program({"serve"}, {"MALAPOSTA_CONFIG=" + file.path()});
    CHECK(played(program) == "550");
  }
}

TEST_CASE("settings: what the environment or the file says wrong is told with its source, and nothing starts") {
  const TemporaryFile file("malaposta.conf", "wibble = 1\n");
  struct Case {
    std::vector<std::string> options, environment;
    std::string told;
  };
  for (const Case& c : {Case{{}, {"MALAPOSTA_THREADS=many"}, "the environment: "}, Case{{"--config", file.path()}, {}, file.path() + ": "},
                        Case{{"--config", file.folder() + "/missing.conf"}, {}, "missing.conf: the file cannot be read"}}) {
    INFO(c.told);
    std::vector<std::string> arguments{"serve", "--smtp", kAnywhere};
    arguments.insert(arguments.end(), c.options.begin(), c.options.end());
    Program program(arguments, c.environment);
    CHECK(program.exit_status() == 2);
    CHECK(program.output().empty());
    CHECK(program.errors().find(c.told) != std::string::npos);
  }
}

TEST_CASE("settings: MALAPOSTA_EXPOSE opens what --expose opens") {
  Program program({"serve", "--log", "none", "--smtp", "0.0.0.0:0"}, {"MALAPOSTA_EXPOSE=true"});
  CHECK(played(program) == "default");
}

TEST_CASE("settings: Mailpit's names, and what means nothing here is told once") {
  Program program({"serve", "--log", "none", "--exit-after", "1"},
                  {"MP_SMTP_BIND_ADDR=127.0.0.1:0", "MP_SMTP_AUTH=alice:secret bob:word", "MP_MAX_AGE=1d", "MP_UI_TLS_CERT=c.pem",
                   "MP_SMTP_AUTH_ALLOW_INSECURE=1"});
  const std::string line = program.line();
  Wire wire(static_cast<std::uint16_t>(std::stoi(line.substr(line.find(':', line.find("127.0.0.1")) + 1))));
  greet(wire);
  talk(wire, {{"MAIL FROM:<alice@example.com>", "530 5.7.0"},
              {"AUTH PLAIN AGFsaWNlAHdyb25n", "535 5.7.8"},
              {"AUTH PLAIN AGFsaWNlAHNlY3JldA==", "235 2.7.0"},
              {"MAIL FROM:<alice@example.com>", "250 2.1.0"}});
  leave(wire);
  CHECK(program.exit_status() == 0);
  CHECK(program.errors() == "malaposta serve: Mailpit's MP_MAX_AGE=1d, MP_UI_TLS_CERT=c.pem mean nothing here\n");
}

TEST_CASE("settings: --auth is for scenarios that name no users") {
  Program mistaken({"serve", "--smtp", kAnywhere, "--auth", "alice"});
  CHECK(mistaken.exit_status() == 2);
  CHECK(mistaken.errors().find("--auth: 'alice' is no USER:PASSWORD") != std::string::npos);
  const TemporaryFile own("own.yaml", "malaposta: 1\nname: own\nserver: { auth: { users: { carol: word } } }\n");
  const Server server({own.path()}, {"--auth", "alice:secret"});
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RSET", "250 2.0.0"}, {"AUTH PLAIN AGFsaWNlAHNlY3JldA==", "535 5.7.8"}});
  leave(wire);
}

TEST_CASE("--hostname is the server's name in the greeting and to EHLO") {
  const Server server({"default"}, {"--hostname", "mail.example.net"});
  Wire wire(server.port());
  CHECK(wire.reply().lines.front().starts_with("220 mail.example.net "));
  CHECK(wire.say("EHLO client.example.test").lines.front() == "250-mail.example.net");
}

TEST_CASE("--log text: every line of a session, as a person reads it") {
  Server server({"default"}, {"--log", "text", "--exit-after", "1"});
  const std::string text = printed(server);
  const std::string time = R"(\d\d:\d\d:\d\d\.\d{3} #1 )";
  for (const std::string line :
       {R"(connected from 127\.0\.0\.1:\d+ to port \d+ \(default\))", R"(S: 220 mx\.example\.test ESMTP Malaposta ready)",
        R"(C: EHLO client\.example\.test)", R"(S: 250-PIPELINING)", R"(C: RCPT TO:<550@example\.test>)",
        R"(rule 'code' \(line \d+\) decides)", R"(S: 550 5\.1\.1 .*)", R"(C: NO\\x1BOP)", R"(C: <\d+ bytes of content by DATA>)",
        R"(message 1 kept)", R"(S: 221 2\.0\.0 Bye)"}) {
    INFO(line);
    CHECK(std::regex_search(text, std::regex(std::string("(^|\n)").append(time).append(line).append("\n"))));
  }
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("--log json: one object per event") {
  Server server({"default"}, {"--log", "json", "--exit-after", "1"});
  const std::string text = printed(server);
  std::set<std::string> kinds, said;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = text.substr(begin, end - begin);
    if (!line.starts_with("{")) continue;  // the last lines, about all sessions
    const boost::json::value event = boost::json::parse(line);
    CHECK(event.at("session").to_number<int>() == 1);
    CHECK(event.at("scenario").as_string() == "default");
    kinds.emplace(event.at("kind").as_string());
    if (const auto* told = event.as_object().if_contains("text")) said.emplace(told->as_string());
  }
  for (const std::string kind : {"opened", "command", "reply", "rule", "content", "message", "closed"}) CHECK(kinds.count(kind) == 1);
  CHECK(said.count("RCPT TO:<550@example.test>") == 1);
}

TEST_CASE("--log none: nothing of the sessions") {
  Server server({"default"}, {"--exit-after", "1"});
  CHECK(printed(server) == "malaposta: stopped after 1 sessions: 1 messages accepted, 1 kept\n");
}
