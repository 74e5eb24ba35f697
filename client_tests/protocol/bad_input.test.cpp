// What no client should send: a correct reply or a close, bounded memory, and other sessions that notice nothing.
#include <random>

#include "dialog.hpp"
#include "program.hpp"
#include "sanitizer.hpp"

using namespace malaposta::testing;
using namespace std::string_view_literals;

namespace {

constexpr std::size_t kMegabyte = 1 << 20;
// What a process may grow by while a client pours in many times as much.
constexpr std::size_t kMayGrow = (kKeepsWhatIsFreed ? 64 : 8) * kMegabyte;

// A server, a client that misbehaves, and one that must not notice: it is in the middle of a transaction.
struct Trial {
  explicit Trial(const std::string& scenario = "default")
      : server({scenario}, {"--max-memory", "4MiB"}), wire(server.port()), bystander(server.port()) {
    greet(wire);
    greet(bystander);
    talk(bystander, {{"MAIL FROM:<carol@example.com>", "250 2.1.0"}, {"RCPT TO:<dave@example.test>", "250 2.1.5"}});
    before = server.resident();
  }

  void check_grown_little() const {
    INFO("resident before: " << before << ", now: " << server.resident());
    CHECK(server.resident() < before + kMayGrow);
  }

  void check_bystander() {
    talk(bystander, {{"DATA", "354"}, {".", "250 2.0.0"}});
    check_usable(bystander);
  }

  Server server;
  Wire wire, bystander;
  std::size_t before = 0;
};

}  // namespace

TEST_CASE("a line that is wrong is answered, and the session goes on") {
  struct Case {
    std::string_view line, reply;
  };
  constexpr Case kCases[] = {
      {"XYZZY\r\n"sv, "500 5.5.2"},
      {"\r\n"sv, "500 5.5.2"},
      {"GET / HTTP/1.1\r\n"sv, "500 5.5.2"},
      {"NO\0OP\r\n"sv, "500 5.5.2"},
      {"\0\r\n"sv, "500 5.5.2"},
      {"\xff\xfe\xfd\r\n"sv, "500 5.5.2"},
      {"NOOP\n"sv, "250 2.0.0"},  // a bare LF, as some clients send it
      {" NOOP\r\n"sv, "250 2.0.0"},
      {"NOOP\rRSET\r\n"sv, "500 5.5.2"},
      {"EHLO\r\n"sv, "501"},
      {"MAIL\r\n"sv, "501 5.5.4"},
      {"MAIL FROM\r\n"sv, "501 5.5.4"},
      {"MAIL FROM:\r\n"sv, "501 5.5.4"},
      {"MAIL FROM:<a\0b@example.com>\r\n"sv, "501 5.1.7"},
      {"MAIL FROM:<alice@example.com\r\n"sv, "501 5.1.7"},
      {"MAIL FROM:<alice@example.com> SIZE=many\r\n"sv, "501 5.5.4"},
      {"MAIL FROM:<alice@example.com> NONSENSE=1\r\n"sv, "555 5.5.4"},
      {"MAIL FROM:<alice@example.com> SIZE=99999999999999999999999\r\n"sv, "501 5.5.4"},
      {"MAIL FROM:<alice@example.com> SIZE=9999999999\r\n"sv, "552 5.3.4"},
      {"BDAT 99999999999999999999999 LAST\r\n"sv, "501 5.5.4"},
      {"BDAT -1\r\n"sv, "501 5.5.4"},
      {"AUTH NONSENSE\r\n"sv, "504 5.5.4"},
      {"AUTH PLAIN %%%\r\n"sv, "501 5.5.2"},
      {"VRFY\r\n"sv, "501 5.5.4"},
      {"STARTTLS\r\n"sv, "502 5.5.1"},
  };
  const Server server({"default"});
  for (const Case& c : kCases) {
    DYNAMIC_SECTION(c.line) {
      Wire wire(server.port());
      greet(wire);
      wire.send(c.line);
      CHECK(summary(wire.reply()) == c.reply);
      CHECK(summary(transact(wire)) == "250 2.0.0");
      check_usable(wire);
    }
  }
}

TEST_CASE("recipients that are no addresses are refused one by one") {
  const Server server({"default"});
  Wire wire(server.port());
  greet(wire);
  talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"},
              {"RCPT TO:<>", "501 5.1.3"},
              {"RCPT TO:<bob@example.test", "501 5.1.3"},
              {"RCPT TO:<bob@[300.0.0.1]>", "501 5.1.3"},
              {"RCPT TO:<bob@example.test> NONSENSE", "555 5.5.4"},
              {"DATA", "554 5.5.1"},
              {"RCPT TO:<bob@example.test>", "250 2.1.5"},
              {"DATA", "354"},
              {".", "250 2.0.0"}});
  check_usable(wire);
}

TEST_CASE("a line beyond the limit is 500, and the next one is read as ever") {
  const Server server({"default"});
  for (const std::size_t size : {std::size_t{4096}, std::size_t{100'000}}) {
    Wire wire(server.port());
    greet(wire);
    CHECK(summary(wire.say("NOOP " + std::string(size, 'x'))) == "500 5.5.2");
    check_usable(wire);
  }
}

TEST_CASE("a line that does not end costs no memory") {
  Trial trial;
  const std::string piece(kMegabyte, 'x');
  for (int i = 0; i < 64; ++i) trial.wire.send(piece);
  trial.check_grown_little();
  CHECK(summary(trial.wire.say("")) == "500 5.5.2");
  check_usable(trial.wire);
  trial.check_bystander();
}

TEST_CASE("ten thousand recipients: 452 beyond the limit, and the message goes to those that were taken") {
  Trial trial;
  talk(trial.wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}});
  int taken = 0, refused = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string told = summary(trial.wire.say("RCPT TO:<user" + std::to_string(i) + "@example.test>"));
    if (told == "250 2.1.5") ++taken;
    if (told == "452 4.5.3") ++refused;
  }
  CHECK(taken == 1000);
  CHECK(refused == 9000);
  trial.check_grown_little();
  talk(trial.wire, {{"DATA", "354"}, {".", "250 2.0.0"}});
  check_usable(trial.wire);
  trial.check_bystander();
}

TEST_CASE("content beyond the limit is taken to its end, refused with 552, and not kept in memory") {
  const TemporaryFile file("small.yaml", "malaposta: 1\nserver: { extensions: { size: 1MB } }\n");
  Trial trial(file.path());
  talk(trial.wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<bob@example.test>", "250 2.1.5"}, {"DATA", "354"}});
  const std::string piece(kMegabyte, 'x');
  for (int i = 0; i < 64; ++i) trial.wire.send(piece);
  trial.check_grown_little();
  talk(trial.wire, {{"\r\n.", "552 5.3.4"}});
  CHECK(summary(transact(trial.wire)) == "250 2.0.0");
  check_usable(trial.wire);
  trial.check_bystander();
}

TEST_CASE("a client that never reads its replies is not read from either, and costs no memory") {
  Trial trial;
  std::string reply;
  for (const std::string& line : trial.bystander.say("HELP").lines) reply += line + "\r\n";
  // Long enough that what waits in the kernel on either side is soon answered once it is read.
  const std::string line = "HELP " + std::string(250, 'x') + "\r\n";
  std::string lines;
  while (lines.size() < 64 * kMegabyte) lines += line;
  const std::size_t sent = trial.wire.send_until_stuck(lines);
  CHECK(sent < lines.size());
  trial.check_grown_little();
  trial.check_bystander();
  trial.wire.finish_sending();
  const std::string replies = trial.wire.rest();
  std::string expected;
  for (std::size_t whole = sent / line.size(); whole > 0; --whole) expected += reply;
  CHECK((replies == expected));  // in brackets, so that no failure prints megabytes
}

TEST_CASE("noise: every line of it is refused") {
  Trial trial;
  std::mt19937 random(1);
  std::string noise;
  std::size_t lines = 0;
  for (int i = 0; i < 100'000; ++i) noise += static_cast<char>(random() & 0xff);
  noise += "\r\n";
  for (const char byte : noise) lines += byte == '\n';
  trial.wire.send(noise);
  for (std::size_t i = 0; i < lines; ++i) CHECK(trial.wire.reply().code / 100 == 5);
  check_usable(trial.wire);
  trial.check_bystander();
}

TEST_CASE("a client that breaks off in the middle of a line, of a login or of the content harms nobody") {
  Trial trial;
  for (const std::string_view begin :
       {"MAIL FROM:<ali"sv, "AUTH LOGIN\r\n"sv, "MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\nSubject: h"sv,
        "MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nBDAT 100\r\nh"sv}) {
    Wire wire(trial.server.port());
    greet(wire);
    wire.send(begin);
    wire.abort();
  }
  trial.check_bystander();
}
