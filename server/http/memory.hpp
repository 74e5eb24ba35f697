// The memory of the process.
#pragma once

#include <cstdint>

namespace malaposta::http {

// Bytes that are resident.
std::uint64_t resident();

}  // namespace malaposta::http
