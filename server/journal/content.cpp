#include "journal/content.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace malaposta::journal {

Content& Content::operator=(Content&& other) noexcept {
  first_ = std::exchange(other.first_, Block());
  rest_ = std::exchange(other.rest_, {});
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

void Content::append(std::string_view bytes) {
  while (!bytes.empty()) {
    if (last().used == last().capacity) grow(bytes.size());
    Block& block = last();
    const std::size_t taken = std::min(bytes.size(), block.capacity - block.used);
    std::memcpy(block.bytes.get() + block.used, bytes.data(), taken);
    block.used += taken;
    size_ += taken;
    bytes.remove_prefix(taken);
  }
}

// Twice the last block, or what is known to come, within the two limits.
void Content::grow(std::size_t incoming) {
  Block block;
  block.capacity = std::clamp(std::max(2 * last().capacity, incoming), kSmallestBlock, kLargestBlock);
  block.bytes = std::make_unique_for_overwrite<char[]>(block.capacity);
  capacity_ += block.capacity;
  if (first_.bytes) {
    rest_.push_back(std::move(block));
  } else {
    first_ = std::move(block);
  }
}

std::string Content::str() const { return prefix(size_); }

std::string Content::prefix(std::size_t n) const {
  std::string result;
  result.reserve(std::min(n, size_));
  for_each([&](std::string_view block) { result.append(block.substr(0, n - result.size())); });
  return result;
}

void Content::clear() { *this = Content(); }

}  // namespace malaposta::journal
