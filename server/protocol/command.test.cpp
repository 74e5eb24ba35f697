// Command lines as they arrive, and what they are taken for.
#include "protocol/command.hpp"

#include <string>

#include "testing/catch.hpp"

using namespace malaposta::protocol;
using namespace std::string_literals;
using malaposta::catalogue::Stage;

TEST_CASE("a command line is cut into verb and argument") {
  struct Row {
    std::string line;
    Verb verb;
    std::string argument;
    Deviations deviations;
  };
  const Row rows[] = {
      {"EHLO client.example.com", Verb::ehlo, "client.example.com", 0},
      {"ehlo client.example.com", Verb::ehlo, "client.example.com", 0},
      {"MaIl FROM:<a@b>", Verb::mail, "FROM:<a@b>", 0},
      {"NOOP", Verb::noop, "", 0},
      {"NOOP are you there", Verb::noop, "are you there", 0},
      {"STARTTLS", Verb::starttls, "", 0},
      {"BDAT 86 LAST", Verb::bdat, "86 LAST", 0},
      {"DATA ", Verb::data, "", kTrailingSpace},
      {"QUIT \t ", Verb::quit, "", kTrailingSpace | kControlCharacter},
      {"MAIL  FROM:<a@b>", Verb::mail, "FROM:<a@b>", kExtraSpace},
      {" RSET", Verb::rset, "", kExtraSpace},
      {"MAIL\tFROM:<a@b>", Verb::mail, "FROM:<a@b>", kControlCharacter},
      {"DATA now", Verb::data, "now", kArgumentNotAllowed},
      {"RSET x", Verb::rset, "x", kArgumentNotAllowed},
      {"QUIT please", Verb::quit, "please", kArgumentNotAllowed},
      {"STARTTLS 1.3", Verb::starttls, "1.3", kArgumentNotAllowed},
      {"NOOP\rQUIT", Verb::unknown, "", kBareCarriageReturn},
      {"NOOP a\nb", Verb::noop, "a\nb", kBareLineFeed},
      {"NOOP \0"s, Verb::noop, "\0"s, kControlCharacter},
      {"MAILFROM:<a@b>", Verb::unknown, "", 0},
      {"NOOPS", Verb::unknown, "", 0},
      {"unknown", Verb::unknown, "", 0},
      {"GET / HTTP/1.1", Verb::unknown, "/ HTTP/1.1", 0},
      {"", Verb::unknown, "", 0},
      {"   ", Verb::unknown, "", kTrailingSpace},
  };
  for (const auto& row : rows) {
    INFO("line: '" << row.line << "'");
    const auto command = parse_command(row.line);
    CHECK(command.verb == row.verb);
    CHECK(command.argument == row.argument);
    CHECK(command.deviations == row.deviations);
  }
}

TEST_CASE("the verb is kept as it was sent") {
  CHECK(parse_command("mAiL FROM:<>").verb_text == "mAiL");
  CHECK(parse_command("BOGUS 1").verb_text == "BOGUS");
  CHECK(parse_command("").verb_text.empty());
}

TEST_CASE("each verb has a name by which it is found, and a stage") {
  for (int i = 0; i < static_cast<int>(Verb::unknown); ++i) {
    const auto verb = static_cast<Verb>(i);
    INFO(name(verb));
    CHECK(parse_command(name(verb)).verb == verb);
    CHECK(stage_of(verb) != Stage::unknown);
  }
  CHECK(stage_of(Verb::mail) == Stage::mail);
  CHECK(stage_of(Verb::starttls) == Stage::starttls);
  CHECK(stage_of(Verb::atrn) == Stage::etrn);
  CHECK(stage_of(Verb::unknown) == Stage::unknown);
}

TEST_CASE("HELO and EHLO take a domain or an address literal; tolerant mode takes any word") {
  struct Row {
    std::string argument;
    std::string name;
    SyntaxError strict;
    Deviations deviations;
  };
  const Row rows[] = {
      {"client.example.com", "client.example.com", SyntaxError::none, 0},
      {"localhost", "localhost", SyntaxError::none, 0},
      {"xn--bcher-kva.example", "xn--bcher-kva.example", SyntaxError::none, 0},
      {"[127.0.0.1]", "[127.0.0.1]", SyntaxError::none, 0},
      {"[IPv6:::1]", "[IPv6:::1]", SyntaxError::none, 0},
      {"127.0.0.1", "127.0.0.1", SyntaxError::bad_helo_name, kOddHeloName},
      {"[::1]", "[::1]", SyntaxError::bad_helo_name, kOddHeloName},
      {"my_pc", "my_pc", SyntaxError::bad_helo_name, kOddHeloName},
      {"example.com.", "example.com.", SyntaxError::bad_helo_name, kOddHeloName},
      {"(none)", "(none)", SyntaxError::bad_helo_name, kOddHeloName},
      {"my laptop", "my", SyntaxError::bad_helo_name, kOddHeloName},
      {"b\xC3\xBC"
       "cher.example",
       "b\xC3\xBC"
       "cher.example",
       SyntaxError::eight_bit, kEightBit},
  };
  for (const auto& row : rows) {
    INFO("argument: " << row.argument);
    const auto tolerant = parse_helo_argument(row.argument, Syntax::tolerant);
    CHECK(tolerant.error == SyntaxError::none);
    CHECK(tolerant.name == row.name);
    CHECK(tolerant.deviations == row.deviations);
    CHECK(parse_helo_argument(row.argument, Syntax::strict).error == row.strict);
  }
  for (const auto syntax : {Syntax::tolerant, Syntax::strict}) {
    CHECK(parse_helo_argument("", syntax).error == SyntaxError::bad_helo_name);
    CHECK(parse_helo_argument("a\0b"s, syntax).error == SyntaxError::control_character);
  }
}
