// The manual page malaposta(1), in troff's man macros.
#pragma once

#include <string>

namespace malaposta::cli {

std::string manual_page();

}  // namespace malaposta::cli
