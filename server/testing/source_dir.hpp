// Where the project's own files are that tests read. Only source_dir.cpp is compiled with the path, so that the object files of
// one checkout serve another.
#pragma once

#include <string>
#include <string_view>

namespace malaposta::testing {

// The full path of a file of the project: "docs/api.md".
std::string source_path(std::string_view relative);

}  // namespace malaposta::testing
