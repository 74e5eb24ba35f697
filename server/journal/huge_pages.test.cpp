// Large pages are a wish: what is in the memory stays, whatever its place and size are.
#include "journal/huge_pages.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "testing/catch.hpp"

using malaposta::journal::prefer_huge_pages;

namespace {

// What the system knows of the mapping that begins there: "VmFlags: rd wr …" of proc_pid_smaps(5).
std::string flags_of(const void* begin) {
  std::ifstream file("/proc/self/smaps");
  bool found = false;
  for (std::string line; std::getline(file, line);) {
    const std::size_t dash = line.find('-');
    if (dash != std::string::npos && dash < line.find(' ') && line.find(':') > dash)
      found = std::stoull(line.substr(0, dash), nullptr, 16) == reinterpret_cast<std::uintptr_t>(begin);
    if (found && line.starts_with("VmFlags:")) return line + ' ';
  }
  return {};
}

}  // namespace

TEST_CASE("memory keeps what is in it, also where it is smaller than a page or begins within one", "[journal]") {
  for (const std::size_t size : {0u, 1u, 4095u, 5u << 20}) {
    std::vector<char> bytes(size, 'x');
    prefer_huge_pages(bytes.data(), bytes.size());
    CHECK(std::ranges::all_of(bytes, [](char c) { return c == 'x'; }));
  }
  prefer_huge_pages(nullptr, 0);
}

TEST_CASE("the system is told, where it has such pages", "[journal]") {
  constexpr std::size_t kSize = 4u << 20;
  void* const begin = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(begin != MAP_FAILED);
  prefer_huge_pages(begin, kSize);
  if (std::filesystem::exists("/sys/kernel/mm/transparent_hugepage")) CHECK(flags_of(begin).find(" hg ") != std::string::npos);
  CHECK(::munmap(begin, kSize) == 0);
}
