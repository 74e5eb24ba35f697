// Every scenario of scenarios/codes, met over a socket: the stage at which its code comes, the code, the enhanced code,
// the number of lines, and how the connection goes on.
#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "dialog.hpp"
#include "program.hpp"
#include "shipped_codes.hpp"
#include "testing/source_dir.hpp"

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
    {"452-too-many", "data", "354", After::content},  // with one recipient; for more see code_stories.test.cpp
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
    {"530-starttls", "mail", "530 5.7.0"},
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

// Met in code_stories.test.cpp only, because they are no reply, or one of several.
constexpr std::string_view kStories[] = {"101", "111", "334", "334-malformed", "334-token", "454-password"};

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

}  // namespace

TEST_CASE("every file of scenarios/codes is met here, and nothing else") {
  std::set<std::string> met(std::begin(kStories), std::end(kStories));
  for (const Row& row : kRows) {
    INFO(row.scenario);
    CHECK(met.emplace(row.scenario).second);
  }
  CHECK(met == code_scenarios());
}

TEST_CASE("each scenario says its code at its stage, and ends as it should") {
  for (const Row& row : kRows) {
    DYNAMIC_SECTION(row.scenario << " at " << row.stage) {
      Wire wire(all_codes().port(std::string(row.scenario)));
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
    CHECK(code_scenarios().count(scenario) == 1);
    const auto* const row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& one) { return one.scenario == scenario; });
    if (row == std::end(kRows)) continue;
    const auto& stages = entry.at("stages").as_array();
    CHECK(std::find(stages.begin(), stages.end(), boost::json::value(row->stage)) != stages.end());
    const std::string closes(entry.at("closes").as_string());
    CHECK(closes == (row->after == After::fin ? "fin" : row->after == After::reset ? "reset" : "no"));
    if (row->reply.empty()) continue;
    std::string reply = scenario;
    if (const auto& enhanced = entry.at("enhanced").as_string(); !enhanced.empty()) reply.append(" ").append(enhanced);
    CHECK(row->reply == reply);
  }
}

TEST_CASE("docs/codes.md says under each code how that code is replied") {
  static const std::regex kHeading(R"(^## (\d{3})$)"), kReply(R"(^Reply: `(\d{3}) )");
  std::ifstream page(source_path("docs/codes.md"));
  std::smatch found;
  std::string heading;
  std::size_t replies = 0;
  for (std::string line; std::getline(page, line);) {
    if (std::regex_search(line, found, kHeading)) heading = found[1];
    if (!std::regex_search(line, found, kReply)) continue;
    ++replies;
    CHECK(found[1] == heading);
  }
  CHECK(replies >= 50);
}

TEST_CASE("the table of docs/codes.md has each code once, with its class, and links every scenario") {
  Program codes({"codes", "--json"});
  REQUIRE(codes.exit_status() == 0);
  std::map<std::string, std::string> documented, told;
  const boost::json::value catalogue = boost::json::parse(codes.output());
  for (const boost::json::value& entry : catalogue.as_array())
    documented.emplace(entry.at("scenario").as_string(), entry.at("class").as_string());

  static const std::regex kRow(R"(^\| \[(\d{3})\]\(#\d{3}\) \| (\w+) \|)");
  static const std::regex kLink(R"(\(\.\./scenarios/codes/([^)]+)\.yaml\))");
  std::set<std::string> linked;
  std::ifstream page(source_path("docs/codes.md"));
  std::smatch row;
  for (std::string line; std::getline(page, line);) {
    if (!std::regex_search(line, row, kRow)) continue;
    INFO(line);
    CHECK(told.emplace(row[1], row[2]).second);
    for (std::sregex_iterator link(line.begin(), line.end(), kLink), end; link != end; ++link) {
      CHECK((*link)[1].str().substr(0, 3) == row[1]);
      CHECK(linked.insert((*link)[1]).second);
    }
  }
  CHECK(told == documented);
  CHECK(linked == code_scenarios());
}
