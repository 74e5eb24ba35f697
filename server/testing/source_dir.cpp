#include "testing/source_dir.hpp"

namespace malaposta::testing {

std::string source_path(std::string_view relative) { return std::string(MALAPOSTA_SOURCE_DIR "/") += relative; }

}  // namespace malaposta::testing
