// Large pages for memory that is going to be filled: the system gives it in pieces of 2 MiB then, instead of taking a page fault for each
// 4 KiB, which costs more than what is written there.
#pragma once

#include <cstddef>

namespace malaposta::journal {

// Only a wish: where the system has no such pages, or has them for everybody anyway, nothing happens.
void prefer_huge_pages(void* begin, std::size_t bytes) noexcept;

}  // namespace malaposta::journal
