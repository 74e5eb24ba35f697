// Several scenarios on one port: parallel tests that do not meet.
#include "dialog.hpp"
#include "program.hpp"

using namespace malaposta::testing;

TEST_CASE("scenarios with a route share the port of the default one, each with its own counters") {
  const TemporaryFile busy("busy.yaml",
                           "malaposta: 1\nname: busy\nroute: {helo: '*.busy.test'}\nrules: [{at: ehlo, times: 1, reply: 421}]\n");
  const TemporaryFile full("full.yaml", "malaposta: 1\nname: full\nroute: {rcpt: '*+full@*'}\nrules: [{at: rcpt, times: 1, reply: 452}]\n");
  Server server({"default"}, {busy.path(), full.path(), "--threads", "2"});
  const auto ehlo = [&](const std::string& name) {
    Wire wire(server.port());
    CHECK(summary(wire.reply()) == "220");
    return wire.say("EHLO " + name).lines.front().substr(0, 3);
  };
  CHECK(ehlo("a.busy.test") == "421");
  CHECK(ehlo("a.busy.test") == "250");
  for (const std::string expected : {"452 4.5.3", "250 2.1.5"}) {
    Wire wire(server.port());
    greet(wire);
    talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<bob+full@example.test>", expected}, {"QUIT", "221 2.0.0"}});
  }
  Wire other(server.port());
  greet(other);
  talk(other, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<550@example.test>", "550 5.1.1"}});
}

TEST_CASE("alone on a port, a scenario with a route leaves all other sessions to a correct server") {
  const TemporaryFile full("full.yaml", "malaposta: 1\nname: full\nroute: {rcpt: '*+full@*'}\nrules: [{at: rcpt, reply: 452}]\n");
  Server server({full.path()});
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"},
              {"RCPT TO:<550@example.test>", "250 2.1.5"},
              {"RCPT TO:<bob+full@example.test>", "452 4.5.3"}});
}
