// Where the settings of a command come from: its flags, the environment (MALAPOSTA_<OPTION>) and a file of
// "option = value" lines, in this order of precedence. What serves understands Mailpit's names, too (mailpit_settings.hpp).
#pragma once

#include <boost/program_options/variables_map.hpp>
#include "cli/command.hpp"

namespace malaposta::cli {

// The gallery's BASE where --gallery names none: port BASE+code always says that code.
inline constexpr unsigned kGalleryBase = 20000;

// Adds to `values`, which hold the flags, what the environment and the file of --config say. Prints the error and
// returns false if one of them cannot be understood. Environment variables named MALAPOSTA_ that are no option of
// this command are left alone: they may belong to another.
bool add_settings(const Command& command, boost::program_options::variables_map& values);

}  // namespace malaposta::cli
