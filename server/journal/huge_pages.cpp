#include "journal/huge_pages.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <memory>

namespace malaposta::journal {

void prefer_huge_pages(void* begin, std::size_t bytes) noexcept {
#ifdef MADV_HUGEPAGE
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (std::align(page, page, begin, bytes) != nullptr) (void)::madvise(begin, bytes / page * page, MADV_HUGEPAGE);
#else
  (void)begin, (void)bytes;
#endif
}

}  // namespace malaposta::journal
