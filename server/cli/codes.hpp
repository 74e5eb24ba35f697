// How the catalogue of codes is shown: as a table, as pages and as JSON.
#pragma once

#include <string>
#include <vector>

#include "catalogue/codes.hpp"

namespace malaposta::cli {

enum class Language { en, it };

// One line per code: code, class, stage, and what it means. At most kWidth columns.
std::string code_table(const std::vector<const catalogue::Code*>& codes, Language language);

// All that is known of one code, wrapped at kWidth columns.
std::string code_page(const catalogue::Code& code, Language language);

// A JSON array with one object per code; the texts are in the chosen language.
std::string codes_json(const std::vector<const catalogue::Code*>& codes, Language language);

inline constexpr std::size_t kWidth = 100;  // columns of a terminal

}  // namespace malaposta::cli
