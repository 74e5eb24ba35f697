// The manual pages, in troff's man macros: malaposta(1), and one for each command.
#pragma once

#include <string>

#include "cli/command.hpp"

namespace malaposta::cli {

// malaposta(1): what the program is, and its commands.
std::string manual_page();

// malaposta-COMMAND(1).
std::string manual_page(const Command& command);

}  // namespace malaposta::cli
