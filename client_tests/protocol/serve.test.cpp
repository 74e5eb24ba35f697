// The command `serve` as a process: how it starts, what it refuses to start on, how it stops.
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "dialog.hpp"
#include "program.hpp"

using namespace malaposta::testing;

namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("SIGTERM and SIGINT: running sessions are told 421 4.3.2 and closed, and the exit status is 0") {
  for (const int number : {SIGTERM, SIGINT}) {
    Server server({"default"});
    Wire idle(server.port()), busy(server.port());
    greet(idle);
    greet(busy);
    talk(busy, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<bob@example.test>", "250 2.1.5"}, {"DATA", "354"}});
    server.signal(number);
    for (Wire* wire : {&idle, &busy}) {
      CHECK(summary(wire->reply()) == "421 4.3.2");
      CHECK(wire->ending() == Ending::fin);
    }
    CHECK(server.exit_status() == 0);
    CHECK(server.errors().empty());
    CHECK(connect_error(server.port(), Wire::kTimeout) == ECONNREFUSED);
  }
}

TEST_CASE("SIGTERM loses no message that was acknowledged") {
  Server server({"default"});
  Wire wire(server.port());
  greet(wire);
  for (int i = 0; i < 3; ++i) REQUIRE(summary(transact(wire)) == "250 2.0.0");
  server.signal(SIGTERM);
  CHECK(server.exit_status() == 0);
  CHECK(contains(server.output(), "3 messages accepted, 3 kept"));
}

TEST_CASE("--exit-after N stops after so many sessions") {
  Server server({"default"}, {"--exit-after", "2"});
  for (int i = 0; i < 2; ++i) {
    Wire wire(server.port());
    greet(wire);
    leave(wire);
  }
  CHECK(server.exit_status() == 0);
  CHECK(contains(server.output(), "stopped after 2 sessions"));
}

TEST_CASE("several threads serve one port") {
  Server server({"default"}, {"--threads", "3", "--exit-after", "30"});
  for (int i = 0; i < 30; ++i) {
    Wire wire(server.port());
    greet(wire);
    CHECK(summary(transact(wire)) == "250 2.0.0");
    leave(wire);
  }
  CHECK(server.exit_status() == 0);
  CHECK(contains(server.output(), "30 messages accepted, 30 kept"));
}

TEST_CASE("two ports that play the same scenario have a state each") {
  const Server server({"451-twice", "451-twice"});
  for (const std::size_t nth : {0u, 1u}) {
    Wire wire(server.nth_port(nth));
    greet(wire);
    for (const std::string_view reply : {"451 4.3.0", "451 4.3.0", "250 2.0.0"}) CHECK(summary(transact(wire)) == reply);
    leave(wire);
  }
}

TEST_CASE("the ready file is there before the first session begins, and names every listener") {
  const TemporaryFile place("ready.json", "");
  std::filesystem::remove(place.path());
  const Server server({"550", "111", "101"}, {"--ready-file", place.path()});
  Wire wire(server.port("550"));
  CHECK(summary(wire.reply()) == "220");
  std::ifstream in(place.path());
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const boost::json::value ready = boost::json::parse(text);
  CHECK(ready.at("pid").to_number<int>() == server.pid());
  const boost::json::array& listeners = ready.at("listeners").as_array();
  REQUIRE(listeners.size() == 3);
  for (const boost::json::value& listener : listeners) {
    CHECK(listener.at("kind").as_string() == "smtp");
    CHECK(listener.at("address").as_string() == "127.0.0.1");
    CHECK(listener.at("tls").as_string() == "none");
    CHECK(listener.at("port").to_number<int>() == server.port(std::string(listener.at("scenario").as_string())));
  }
  CHECK(std::distance(std::filesystem::directory_iterator(place.folder()), {}) == 1);  // no temporary file is left
}

TEST_CASE("whoever has read the first line finds the ready file") {
  const TemporaryFile place("ready.json", "");
  std::filesystem::remove(place.path());
  Program server({"serve", "--smtp", "127.0.0.1:0", "--http", "off", "--log", "none", "--ready-file", place.path()});
  REQUIRE(server.line().starts_with("malaposta: smtp listening on "));
  CHECK(std::filesystem::exists(place.path()));
  server.signal(SIGTERM);
  CHECK(server.exit_status() == 0);
}

TEST_CASE("a port in use: status 3, one line that names the port and its holder, and nothing started") {
  const Server holder({"default"});
  const std::string taken = "127.0.0.1:" + std::to_string(holder.port());
  const TemporaryFile place("ready.json", "");
  std::filesystem::remove(place.path());
  for (const std::string threads : {"1", "2"}) {
    Program second({"serve", "--smtp", "127.0.0.1:0", "--smtp", taken, "--threads", threads, "--ready-file", place.path()});
    CHECK(second.exit_status() == 3);
    CHECK(second.output().empty());
    CHECK(second.errors() ==
          "malaposta serve: cannot listen on " + taken + ": the port is in use by malaposta (pid " + std::to_string(holder.pid()) + ")\n");
    CHECK_FALSE(std::filesystem::exists(place.path()));
  }
  Wire wire(holder.port());
  greet(wire);
  check_usable(wire);
}

TEST_CASE("a malformed scenario: status 2, all its problems with their places, and nothing started") {
  const TemporaryFile file("mistaken.yaml",
                           "malaposta: 1\n"
                           "rules:\n"
                           "  - at: rcpt\n"
                           "    replay: 550\n"
                           "  - at: nowhere\n"
                           "    reply: 450\n");
  for (const std::string command : {"serve", "check"}) {
    Program program({command, file.path()});
    CHECK(program.exit_status() == 2);
    CHECK(program.output().find("listening") == std::string::npos);
    const std::string told = program.output() + program.errors();
    CHECK(first_line(told) == file.path() + ":4:5: error: unknown key 'replay' in rule");
    CHECK(contains(told, "did you mean 'reply'?"));
    CHECK(contains(told, file.path() + ":5:9: error: "));
  }
}

TEST_CASE("a bad command line: status 2, with the way out") {
  struct Case {
    std::vector<std::string> arguments;
    std::string_view told;
  };
  for (const Case& c : {Case{{"serve", "no-such-scenario"}, "no-such-scenario"}, Case{{"serve", "451-twise"}, "did you mean '451-twice'?"},
                        Case{{"serve", "--smtp", "127.0.0.1:99999"}, "99999"}, Case{{"serve", "--smtp", "0.0.0.0:0"}, "--expose"},
                        Case{{"serve", "--threads", "0"}, "--threads"}, Case{{"serve", "--max-memory", "plenty"}, "--max-memory"},
                        Case{{"serve", "--wibble"}, "wibble"}, Case{{"wibble"}, "--help"}}) {
    INFO(c.arguments.back());
    Program program(c.arguments);
    CHECK(program.exit_status() == 2);
    CHECK(program.output().empty());
    CHECK(contains(program.errors(), c.told));
  }
}

TEST_CASE("--gallery: one port for each documented code") {
  // Below the ports that the system gives out by itself; another base where one of them is taken.
  for (unsigned base = 21'000;; base += 600) {
    REQUIRE(base < 32'000);
    Program program({"serve", "--log", "none", "--smtp", "127.0.0.1:0=default", "--gallery", std::to_string(base)});
    if (program.line().empty()) {
      REQUIRE(program.exit_status() == 3);
      continue;
    }
    for (const int code : {101, 111}) {
      const std::string does = code == 101 ? "not answering" : "refusing";
      CHECK(program.line() ==
            "malaposta: smtp " + does + " on 127.0.0.1:" + std::to_string(base + code) + " (" + std::to_string(code) + ")");
    }
    CHECK(connect_error(static_cast<std::uint16_t>(base + 111), Wire::kTimeout) == ECONNREFUSED);
    for (const auto& [code, reply] : {std::pair{550, "550 5.1.1"}, std::pair{450, "450 4.2.1"}, std::pair{556, "556 5.1.10"}}) {
      Wire wire(static_cast<std::uint16_t>(base + code));
      greet(wire);
      talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<bob@example.test>", reply}});
      check_usable(wire);
    }
    break;
  }
}
