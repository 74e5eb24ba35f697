// Every scenario of scenarios/codes, met over a socket: the stage at which its code comes, the code, the enhanced code,
// the number of lines, and how the connection goes on.
#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "dialog.hpp"
#include "program.hpp"

using namespace malaposta::testing;

namespace {

// How the connection goes on after the reply.
enum class After {
  usable,   // NOOP and QUIT are answered as ever
  refused,  // all but QUIT is refused (RFC 5321 section 3.1)
  content,  // the server wants content, and accepts it
  fin,
  reset,
};

struct Row {
  std::string_view scenario;
  std::string_view stage;
  std::string_view reply;  // code and enhanced code; empty: no reply at all
  After after = After::usable;
  std::size_t lines = 1;
  std::string_view command{};  // instead of the stage's own
};

constexpr Row kRows[] = {
    {"211", "help", "211"},
    {"214", "help", "214", After::usable, 3},
    {"220", "connect", "220"},
    {"220-multiline", "connect", "220", After::usable, 3},
    {"221", "quit", "221 2.0.0", After::fin},
    {"235", "auth", "235 2.7.0"},
    {"250", "end-of-data", "250 2.0.0"},
    {"251", "rcpt", "251 2.1.5"},
    {"251-vrfy", "vrfy", "251 2.1.5"},
    {"252", "vrfy", "252 2.5.0"},
    {"252-rcpt", "rcpt", "252 2.5.0"},
    {"253", "etrn", "253"},
    {"354", "data", "354", After::content},
    {"420", "body", "420 4.4.2", After::fin},
    {"420-end-of-data", "end-of-data", "420 4.4.2", After::fin},
    {"421", "connect", "421 4.3.2", After::fin},
    {"421-auth", "auth", "421 4.3.2", After::fin},
    {"421-data", "data", "421 4.3.2", After::fin},
    {"421-ehlo", "ehlo", "421 4.3.2", After::fin},
    {"421-end-of-data", "end-of-data", "421 4.3.2", After::fin},
    {"421-mail", "mail", "421 4.3.2", After::fin},
    {"421-quit", "quit", "421 4.3.2", After::fin},
    {"421-rcpt", "rcpt", "421 4.3.2", After::fin},
    {"422", "rcpt", "422 4.2.2"},
    {"422-end-of-data", "end-of-data", "422 4.2.2"},
    {"431", "end-of-data", "431 4.3.1"},
    {"431-mail", "mail", "431 4.3.1"},
    {"432", "rcpt", "432 4.3.2"},
    {"432-auth", "auth", "432 4.7.12"},
    {"441", "end-of-data", "441 4.4.1"},
    {"441-rcpt", "rcpt", "441 4.4.1"},
    {"442", "body", "", After::reset},
    {"442-after-dot", "end-of-data", "", After::reset},
    {"442-fin", "body", "", After::fin},
    {"442-lost-250", "end-of-data", "", After::reset},
    {"442-reply", "end-of-data", "442 4.4.2"},
    {"446", "end-of-data", "446 4.4.6"},
    {"447", "end-of-data", "447 4.4.7"},
    {"449", "rcpt", "449 4.4.4"},
    {"450", "rcpt", "450 4.2.1"},
    {"450-greylisting", "rcpt", "450 4.7.1"},
    {"451", "end-of-data", "451 4.3.0"},
    {"451-mail", "mail", "451 4.3.0"},
    {"451-rcpt", "rcpt", "451 4.3.0"},
    {"451-twice", "end-of-data", "451 4.3.0"},
    {"452", "rcpt", "452 4.5.3"},
    {"452-end-of-data", "end-of-data", "452 4.3.1"},
    {"452-mail", "mail", "452 4.3.1"},
    {"452-too-many", "data", "354", After::content},  // with one recipient; more of them below
    {"453", "etrn", "453", After::usable, 1, "ATRN example.test"},
    {"454", "starttls", "454 4.7.0"},
    {"454-auth", "auth", "454 4.7.0"},
    {"455", "mail", "455 4.5.4", After::usable, 1, "MAIL FROM:<alice@example.com> SIZE=100"},
    {"455-rcpt", "rcpt", "455 4.5.4", After::usable, 1, "RCPT TO:<bob@example.test> NOTIFY=NEVER"},
    {"458", "etrn", "458"},
    {"459", "etrn", "459"},
    {"471", "end-of-data", "471 4.7.1"},
    {"500", "ehlo", "500 5.5.2"},
    {"500-helo", "ehlo", "500 5.5.2", After::usable, 1, "HELO client.example.test"},
    {"501", "rcpt", "501 5.1.3"},
    {"501-mail", "mail", "501 5.1.7"},
    {"502", "ehlo", "502 5.5.1"},
    {"502-vrfy", "vrfy", "502 5.5.1"},
    {"503", "mail", "503 5.5.1"},
    {"503-data", "data", "503 5.5.1"},
    {"503-rcpt", "rcpt", "503 5.5.1"},
    {"504", "auth", "504 5.5.4"},
    {"504-mail", "mail", "504 5.5.4"},
    {"510", "rcpt", "510 5.1.0"},
    {"511", "rcpt", "511 5.1.1"},
    {"512", "rcpt", "512 5.1.2"},
    {"513", "rcpt", "513 5.1.3"},
    {"521", "connect", "521 5.3.2", After::fin},
    {"523", "end-of-data", "523 5.2.3"},
    {"523-mail", "mail", "523 5.2.3", After::usable, 1, "MAIL FROM:<alice@example.com> SIZE=1000000"},
    {"524", "auth", "524 5.7.11"},
    {"525", "auth", "525 5.7.13"},
    {"530", "mail", "530 5.7.0"},
    {"534", "auth", "534 5.7.9"},
    {"535", "auth", "535 5.7.8"},
    {"538", "auth", "538 5.7.11"},
    {"541", "end-of-data", "541 5.7.1"},
    {"550", "rcpt", "550 5.1.1"},
    {"550-end-of-data", "end-of-data", "550 5.7.1"},
    {"550-mail", "mail", "550 5.7.1"},
    {"551", "rcpt", "551 5.7.1"},
    {"552", "end-of-data", "552 5.2.2"},
    {"552-mail", "mail", "552 5.3.4", After::usable, 1, "MAIL FROM:<alice@example.com> SIZE=1000000"},
    {"552-rcpt", "rcpt", "552 5.5.3"},
    {"553", "rcpt", "553 5.1.3"},
    {"553-mail", "mail", "553 5.7.1"},
    {"554", "end-of-data", "554 5.0.0"},
    {"554-data", "data", "554 5.5.1"},
    {"554-greeting", "connect", "554 5.3.2", After::refused},
    {"555", "mail", "555 5.5.4", After::usable, 1, "MAIL FROM:<alice@example.com> SIZE=100"},
    {"555-rcpt", "rcpt", "555 5.5.4", After::usable, 1, "RCPT TO:<bob@example.test> NOTIFY=NEVER"},
    {"556", "rcpt", "556 5.1.10"},
};

// Met in tests of their own below, because they are no reply, or the first of several.
constexpr std::string_view kToldBelow[] = {"101", "111", "334", "334-malformed"};

// The ordinary session, up to the reply to the content.
struct Step {
  std::string_view stage, line, reply;
};
constexpr Step kSession[] = {
    {"connect", "", "220"},
    {"ehlo", "EHLO client.example.test", "250"},
    {"mail", "MAIL FROM:<alice@example.com>", "250 2.1.0"},
    {"rcpt", "RCPT TO:<bob@example.test>", "250 2.1.5"},
    {"data", "DATA", "354"},
    {"body", "Subject: hello", ""},
    {"end-of-data", ".", "250 2.0.0"},
};

// What is said after EHLO instead.
constexpr Step kAside[] = {
    {"auth", "AUTH PLAIN AGFsaWNlAHNlY3JldA==", ""},
    {"vrfy", "VRFY alice@example.test", ""},
    {"help", "HELP", ""},
    {"etrn", "ETRN example.test", ""},
    {"starttls", "STARTTLS", ""},
    {"quit", "QUIT", ""},
};

// Says the row's line at its stage, and all that comes before it in a session, which has to go well.
void say_at_stage(Wire& wire, const Row& row) {
  const auto* const aside = std::find_if(std::begin(kAside), std::end(kAside), [&](const Step& step) { return step.stage == row.stage; });
  for (const Step& step : kSession) {
    const bool here = step.stage == row.stage;
    const bool instead = aside != std::end(kAside) && step.stage == "mail";
    const std::string_view own = instead ? aside->line : step.line;
    const std::string_view line = (here || instead) && !row.command.empty() ? row.command : own;
    if (!line.empty()) wire.send(std::string(line) + "\r\n");
    if (here || instead) return;
    if (step.reply.empty()) continue;
    INFO("before the stage: C: " << line);
    REQUIRE(summary(wire.reply()) == step.reply);
  }
  FAIL("no session comes to the stage " << row.stage);
}

void check_after(Wire& wire, After after) {
  switch (after) {
    case After::usable: check_usable(wire); break;
    case After::refused:
      talk(wire, {{"NOOP", "503 5.5.1"}, {"EHLO client.example.test", "503 5.5.1"}});
      leave(wire);
      break;
    case After::content:
      CHECK(summary(wire.say(std::string(kContent) + ".")) == "250 2.0.0");
      check_usable(wire);
      break;
    case After::fin: CHECK(wire.ending() == Ending::fin); break;
    case After::reset: CHECK(wire.ending() == Ending::reset); break;
  }
}

std::set<std::string> scenario_files() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(MALAPOSTA_SOURCE_DIR "/scenarios/codes")) names.insert(entry.path().stem());
  return names;
}

// All scenarios in one process, started once.
const Server& all() {
  static const std::set<std::string> names = scenario_files();
  static const Server server({names.begin(), names.end()});
  return server;
}

// What is left of a program's last lines once it has ended by itself.
std::string farewell(Server& server) {
  CHECK(server.exit_status() == 0);
  return server.output();
}

std::string shipped_text(const std::string& name) {
  std::ifstream in(MALAPOSTA_SOURCE_DIR "/scenarios/codes/" + name + ".yaml");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("every file of scenarios/codes is met here, and nothing else") {
  std::set<std::string> met(std::begin(kToldBelow), std::end(kToldBelow));
  for (const Row& row : kRows) {
    INFO(row.scenario);
    CHECK(met.emplace(row.scenario).second);
  }
  CHECK(met == scenario_files());
}

TEST_CASE("each scenario says its code at its stage, and ends as it should") {
  for (const Row& row : kRows) {
    DYNAMIC_SECTION(row.scenario << " at " << row.stage) {
      Wire wire(all().port(std::string(row.scenario)));
      say_at_stage(wire, row);
      if (!row.reply.empty()) {
        const Reply reply = wire.reply();
        CHECK(summary(reply) == row.reply);
        CHECK(reply.lines.size() == row.lines);
      } else {
        CHECK(wire.rest().empty());
      }
      check_after(wire, row.after);
    }
  }
}

TEST_CASE("the catalogue tells what the scenarios do") {
  Program codes({"codes", "--json"});
  REQUIRE(codes.exit_status() == 0);
  const boost::json::value catalogue = boost::json::parse(codes.output());
  for (const boost::json::value& entry : catalogue.as_array()) {
    const std::string scenario(entry.at("scenario").as_string());
    INFO(scenario);
    CHECK(entry.at("code").to_number<int>() == std::stoi(scenario));
    CHECK(scenario_files().count(scenario) == 1);
    const auto* const row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& one) { return one.scenario == scenario; });
    if (row == std::end(kRows)) continue;
    const auto& stages = entry.at("stages").as_array();
    CHECK(std::find(stages.begin(), stages.end(), boost::json::value(row->stage)) != stages.end());
    const std::string closes(entry.at("closes").as_string());
    CHECK(closes == (row->after == After::fin ? "fin" : row->after == After::reset ? "reset" : "no"));
    if (row->reply.empty()) continue;
    const std::string enhanced(entry.at("enhanced").as_string());
    CHECK(row->reply == scenario + (enhanced.empty() ? "" : " " + enhanced));
  }
}

TEST_CASE("the README's table has each code once, with its class, and links every scenario") {
  Program codes({"codes", "--json"});
  REQUIRE(codes.exit_status() == 0);
  std::map<std::string, std::string> documented, told;
  const boost::json::value catalogue = boost::json::parse(codes.output());
  for (const boost::json::value& entry : catalogue.as_array())
    documented.emplace(entry.at("scenario").as_string(), entry.at("class").as_string());

  static const std::regex kRow(R"(^\| (\d{3}) \| (\w+) \|)"), kLink(R"(\(scenarios/codes/([^)]+)\.yaml\))");
  std::set<std::string> linked;
  std::ifstream readme(MALAPOSTA_SOURCE_DIR "/README.md");
  std::smatch row;
  for (std::string line; std::getline(readme, line);) {
    if (!std::regex_search(line, row, kRow)) continue;
    INFO(line);
    CHECK(told.emplace(row[1], row[2]).second);
    for (std::sregex_iterator link(line.begin(), line.end(), kLink), end; link != end; ++link) {
      CHECK((*link)[1].str().substr(0, 3) == row[1]);
      CHECK(linked.insert((*link)[1]).second);
    }
  }
  CHECK(told == documented);
  CHECK(linked == scenario_files());
}

TEST_CASE("101: nobody answers a connect") {
  CHECK(all().does().at("101") == "not answering");
  CHECK(connect_error(all().port("101"), std::chrono::milliseconds(300)) == ETIMEDOUT);
}

TEST_CASE("111: a connect is refused") {
  CHECK(all().does().at("111") == "refusing");
  CHECK(connect_error(all().port("111"), Wire::kTimeout) == ECONNREFUSED);
}

TEST_CASE("220-multiline: the greeting has three lines") {
  Wire wire(all().port("220-multiline"));
  CHECK(wire.reply().lines ==
        std::vector<std::string>{"220-mx.example.test ESMTP Service ready", "220-Unsolicited mail is not welcome here", "220 Go ahead"});
}

TEST_CASE("334: the steps of a login") {
  Wire wire(all().port("334"));
  greet(wire);
  CHECK(wire.say("AUTH LOGIN").lines == std::vector<std::string>{"334 VXNlcm5hbWU6"});
  CHECK(wire.say("YWxpY2U=").lines == std::vector<std::string>{"334 UGFzc3dvcmQ6"});
  talk(wire, {{"c2VjcmV0", "235 2.7.0"}});
  check_usable(wire);
}

TEST_CASE("334-malformed: a challenge that is no base64 is cancelled with *") {
  Wire wire(all().port("334-malformed"));
  greet(wire);
  CHECK(wire.say("AUTH LOGIN").lines == std::vector<std::string>{"334 %%% this is not base64 %%%"});
  talk(wire, {{"*", "501 5.7.0"}, {"MAIL FROM:<alice@example.com>", "530 5.7.0"}});
  check_usable(wire);
}

TEST_CASE("442: the server breaks off at the first byte of content, and not before") {
  for (const std::string scenario : {"442", "442-fin"}) {
    Wire wire(all().port(scenario));
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
    CHECK(farewell(server).find(c.told) != std::string::npos);
  }
}

TEST_CASE("450-greylisting: accepted when it is tried again after the wait, by the same sender to the same recipient") {
  std::string text = shipped_text("450-greylisting");
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
  Wire wire(all().port("452-too-many"));
  greet(wire);
  talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"},
              {"RCPT TO:<one@example.test>", "250 2.1.5"},
              {"RCPT TO:<two@example.test>", "250 2.1.5"},
              {"RCPT TO:<three@example.test>", "452 4.5.3"},
              {"DATA", "354"}});
  check_after(wire, After::content);
}

TEST_CASE("454: STARTTLS is offered, and fails") {
  Wire wire(all().port("454"));
  (void)wire.reply();
  const Reply offered = wire.say("EHLO client.example.test");
  CHECK(offered.lines.back() == "250 STARTTLS");
  talk(wire, {{"STARTTLS", "454 4.7.0"}, {"MAIL FROM:<alice@example.com>", "250 2.1.0"}});
  check_usable(wire);
}

TEST_CASE("500 and 502 to EHLO: HELO is answered, and mail is taken") {
  for (const std::string scenario : {"500", "502"}) {
    Wire wire(all().port(scenario));
    talk(wire,
         {{"", "220"}, {"EHLO client.example.test", scenario == "500" ? "500 5.5.2" : "502 5.5.1"}, {"HELO client.example.test", "250"}});
    CHECK(summary(transact(wire)) == "250 2.0.0");
    check_usable(wire);
  }
}

TEST_CASE("503 and 530 to MAIL: taken once the client has logged in") {
  for (const std::string scenario : {"503", "530"}) {
    Wire wire(all().port(scenario));
    greet(wire);
    talk(wire, {{"MAIL FROM:<alice@example.com>", scenario == "503" ? "503 5.5.1" : "530 5.7.0"},
                {"AUTH PLAIN AGFsaWNlAHNlY3JldA==", "235 2.7.0"}});
    CHECK(summary(transact(wire)) == "250 2.0.0");
    check_usable(wire);
  }
}

TEST_CASE("where the code is temporary only for the scenario's stage, later transactions of the session meet it again") {
  Wire wire(all().port("451"));
  greet(wire);
  CHECK(summary(transact(wire)) == "451 4.3.0");
  CHECK(summary(transact(wire)) == "451 4.3.0");
  check_usable(wire);
}
