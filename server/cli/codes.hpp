// How the catalogue of codes is shown: as a table, as pages and as JSON; and what `malaposta codes` answers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalogue/codes.hpp"
#include "cli/command.hpp"
#include "report/catalogue.hpp"

namespace malaposta::cli {

using report::Language;

// One line per code: code, class, stage, and what it means. At most kWidth columns.
std::string code_table(const std::vector<const catalogue::Code*>& codes, Language language);

// All that is known of one code, wrapped at kWidth columns.
std::string code_page(const catalogue::Code& code, Language language);

// A JSON array with one object per code; the texts are in the chosen language.
std::string codes_json(const std::vector<const catalogue::Code*>& codes, Language language);

inline constexpr std::size_t kWidth = 100;  // columns of a terminal

// What the command says to its arguments; `run` only prints it.
struct CodesAnswer {
  Exit exit = kOk;
  std::string out;    // empty unless kOk
  std::string error;  // a line for each argument that cannot be answered
};

// Without codes: the table of all. With codes: their pages, in the order given. With one text that is no code: the
// providers' replies that have it. As JSON either way, if `json`.
CodesAnswer answer_codes(const std::vector<std::string>& codes, std::string_view language, bool json);

}  // namespace malaposta::cli
