#include "cli/codes.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <sstream>

#include "scenario/scenario.hpp"
#include "testing/catch.hpp"

using namespace malaposta::cli;
using malaposta::catalogue::Code;

namespace {

std::vector<const Code*> all() {
  std::vector<const Code*> result;
  for (const Code& code : malaposta::catalogue::codes()) result.push_back(&code);
  return result;
}

std::size_t widest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);) {
    std::size_t width = 0;
    for (const char c : line) width += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    widest = std::max(widest, width);
  }
  return widest;
}

}  // namespace

TEST_CASE("the table has a line per code and fits the terminal, in both languages") {
  for (const Language language : {Language::en, Language::it}) {
    const std::string table = code_table(all(), language);
    CHECK(static_cast<std::size_t>(std::count(table.begin(), table.end(), '\n')) == all().size());
    CHECK(widest_line(table) <= kWidth);
  }
}

TEST_CASE("a page tells what the code means and how to meet it") {
  const Code& code = *malaposta::catalogue::find(550);
  const std::string en = code_page(code, Language::en);
  for (const char* part : {"550  permanent failure", "Meaning", "What to do", "A correct client", "rcpt, mail, end-of-data",
                           "550 5.1.1 Requested action not taken: mailbox unavailable", "550@example.test", "malaposta serve 550", "20550"})
    CHECK(en.find(part) != std::string::npos);
  CHECK(widest_line(en) <= kWidth);
  const std::string it = code_page(code, Language::it);
  for (const char* part : {"550  errore permanente", "Significato", "Che cosa fare", "Un client corretto"})
    CHECK(it.find(part) != std::string::npos);
  CHECK(it.find("Meaning") == std::string::npos);
}

TEST_CASE("pages of every code, in both languages, fit the terminal") {
  for (const Code* code : all()) {
    CAPTURE(code->code);
    CHECK(widest_line(code_page(*code, Language::en)) <= kWidth);
    CHECK(widest_line(code_page(*code, Language::it)) <= kWidth);
  }
}

TEST_CASE("a condition of the transport shows no reply, a reply of several lines shows all") {
  CHECK(code_page(*malaposta::catalogue::find(111), Language::en).find("  Reply") == std::string::npos);
  const std::string help = code_page(*malaposta::catalogue::find(214), Language::en);
  CHECK(help.find("214-") != std::string::npos);
  CHECK(help.find("214 ") != std::string::npos);
}

TEST_CASE("json: an object per code, with the texts of the chosen language") {
  const boost::json::array list = boost::json::parse(codes_json(all(), Language::it)).as_array();
  REQUIRE(list.size() == all().size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    const boost::json::object& object = list[i].as_object();
    CHECK(object.at("code") == all()[i]->code);
    CHECK(object.at("meaning").as_string() == all()[i]->meaning.it);
    CHECK(object.at("scenario").as_string() == all()[i]->scenario);
    CHECK(object.at("stages").as_array().size() == all()[i]->stages.size());
  }
}

TEST_CASE("a line of the table ends with a sentence, a clause or a word, never within one") {
  const auto line = [](int code, Language language) { return code_table({malaposta::catalogue::find(code)}, language); };
  CHECK(line(422, Language::en) == "422  transient failure  rcpt         The recipient's mailbox is full\n");
  CHECK(line(432, Language::en) == "432  transient failure  rcpt         An Exchange server has stopped the queue of incoming mail\n");
  CHECK(line(111, Language::it) == "111  trasporto          listen       La connessione è rifiutata\n");
  CHECK(line(503, Language::en) == "503  permanent failure  mail         The commands came in the wrong order, or the server first…\n");
}

TEST_CASE("the scenario that a page names ships with the program") {
  for (const Code* code : all()) {
    CAPTURE(code->code);
    CHECK(malaposta::scenario::find_shipped(code->scenario) != nullptr);
  }
}

TEST_CASE("a page tells where a trigger is to be put") {
  struct Row {
    int code;
    std::string_view shown;
  };
  const Row rows[] = {{550, "By address         RCPT TO:<550@example.test>\n"},
                      {451, "By address         RCPT TO:<dot451@example.test>\n"},
                      {442, "By address         RCPT TO:<reset@example.test>\n"},
                      {421, "By address         MAIL FROM:<mail421@example.test>\n"},
                      {454, "By address         MAIL FROM:<starttls454@example.test>\n"},
                      {500, "By address         EHLO helo500.example.com\n"},
                      {535, "By address         badauth@example.test, as the user name of AUTH\n"}};
  for (const Row& row : rows) CHECK(code_page(*malaposta::catalogue::find(row.code), Language::en).find(row.shown) != std::string::npos);
  CHECK(code_page(*malaposta::catalogue::find(111), Language::en).find("By address") == std::string::npos);
}

TEST_CASE("a page tells in words where a code is documented") {
  const auto shows = [](int code, Language language, std::string_view text) {
    return code_page(*malaposta::catalogue::find(code), language).find(text) != std::string::npos;
  };
  CHECK(shows(550, Language::en, "Documented in      tables of SMTP codes in common use, RFC 5321\n"));
  CHECK(shows(432, Language::it, "Documentato in     tabelle di codici SMTP di uso comune, Microsoft Exchange, RFC 4954\n"));
  CHECK(shows(556, Language::en, "Documented in      RFC 7504\n"));
}

TEST_CASE("codes: the table of all without a code, else the pages asked for, in their order") {
  CHECK(answer_codes({}, "en", false).out == code_table(all(), Language::en));
  const Code& refused = *malaposta::catalogue::find(550);
  const Code& busy = *malaposta::catalogue::find(421);
  const CodesAnswer pages = answer_codes({"550", "421"}, "it", false);
  CHECK(pages.exit == kOk);
  CHECK(pages.out == code_page(refused, Language::it) + "\n" + code_page(busy, Language::it));
  CHECK(pages.error.empty());
  CHECK(answer_codes({}, "it", true).out == codes_json(all(), Language::it));
  CHECK(answer_codes({"550"}, "en", true).out == codes_json({&refused}, Language::en));
}

TEST_CASE("codes: everything that cannot be answered is named, and nothing is shown") {
  struct Row {
    std::vector<std::string> codes;
    std::string_view language;
    std::string error;
  };
  const Row rows[] = {
      {{"240"}, "en", "malaposta codes: 240 is not documented; the nearest that are: 235, 250, 251\n"},
      {{"0"}, "en", "malaposta codes: 0 is not documented; the nearest that are: 101, 111, 211\n"},
      {{"-2147483648"}, "en", "malaposta codes: -2147483648 is not documented; the nearest that are: 101, 111, 211\n"},
      {{"2147483647"}, "en", "malaposta codes: 2147483647 is not documented; the nearest that are: 554, 555, 556\n"},
      {{"2147483648"},
       "en",
       "malaposta codes: '2147483648' is no code and in no provider's reply: a number such as 550, or words of a bounce, are expected\n"},
      {{"5.9.1"},
       "en",
       "malaposta codes: '5.9.1' is no code and in no provider's reply: a number such as 550, or words of a bounce, are expected\n"},
      {{""}, "en", "malaposta codes: '' is no code and in no provider's reply: a number such as 550, or words of a bounce, are expected\n"},
      {{"550", "x", "600"},
       "en",
       "malaposta codes: 'x' is no code and in no provider's reply: a number such as 550, or words of a bounce, are expected\n"
       "malaposta codes: 600 is not documented; the nearest that are: 554, 555, 556\n"},
      {{"550"}, "fr", "malaposta codes: --lang is en or it, not 'fr'; see 'malaposta codes --help'\n"},
      {{}, "IT", "malaposta codes: --lang is en or it, not 'IT'; see 'malaposta codes --help'\n"},
  };
  for (const Row& row : rows)
    for (const bool json : {false, true}) {
      const CodesAnswer answer = answer_codes(row.codes, row.language, json);
      CHECK(answer.exit == kBadInput);
      CHECK(answer.error == row.error);
      CHECK(answer.out.empty());
    }
}

TEST_CASE("a provider's reply is told with the way to meet it") {
  const std::string page = code_page(*malaposta::catalogue::find(550), Language::en);
  CHECK(page.find("gmail: 550-5.1.1 The email account that you tried to reach does not exist.") != std::string::npos);
  CHECK(page.find("malaposta serve gmail, RCPT TO:<unknown@example.test>") != std::string::npos);

  const CodesAnswer answer = answer_codes({"OVER quota"}, "en", false);
  CHECK(answer.exit == kOk);
  CHECK(answer.out.find("icloud: 552 5.2.2 <${rcpt}>: user is over quota") != std::string::npos);
  CHECK(answer.out.find("gmail: 452-4.2.2 The email account that you tried to reach is over quota.") != std::string::npos);
  CHECK(answer_codes({"5.7.26"}, "en", true).out.find("\"provider\":\"gmail\"") != std::string::npos);
}
