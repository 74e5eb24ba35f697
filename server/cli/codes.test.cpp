#include "cli/codes.hpp"

#include <boost/json.hpp>
#include <sstream>

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
  for (const char* part : {"550  errore permanente", "Significato", "Che cosa fare", "Un client corretto"}) CHECK(it.find(part) != std::string::npos);
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
