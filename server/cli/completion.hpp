// Completion scripts for shells, from the tables that make --help.
#pragma once

#include <string>

namespace malaposta::cli {

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace malaposta::cli
