#include "net/ca_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace malaposta::net {

CaFile::CaFile(const std::string& pem) {
  static std::atomic<unsigned> count{0};  // a process may have several at once
  if (pem.empty()) return;
  const unsigned number = count.fetch_add(1, std::memory_order_relaxed);
  const std::string suffix = number == 0 ? "" : fmt::format("-{}", number);
  path_ = (std::filesystem::temp_directory_path() / fmt::format("malaposta-{}{}-ca.pem", ::getpid(), suffix)).string();
  if (!(std::ofstream(path_) << pem)) throw std::runtime_error(fmt::format("{}: the CA certificate cannot be written", path_));
}

CaFile::~CaFile() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

}  // namespace malaposta::net
