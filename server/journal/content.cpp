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
    if (last().room() == 0) grow(bytes.size());
    Block& block = last();
    const std::size_t taken = std::min(bytes.size(), block.room());
    std::memcpy(block.bytes.get() + block.end, bytes.data(), taken);
    block.end += taken;
    size_ += taken;
    bytes.remove_prefix(taken);
  }
}

// Twice the last block, or what is known to come, within the two limits.
void Content::grow(std::size_t incoming) {
  Block block;
  block.capacity = std::clamp(std::max(2 * last().capacity, incoming), kSmallestBlock, kLargestBlock);
  block.bytes = std::make_shared_for_overwrite<char[]>(block.capacity);
  capacity_ += block.capacity;
  add(std::move(block));
}

void Content::add(Block block) {
  if (first_.bytes) {
    rest_.push_back(std::move(block));
  } else {
    first_ = std::move(block);
  }
}

Content Content::slice(std::size_t first, std::size_t length) const {
  Content result;
  const auto take = [&](const Block& block) {
    const std::size_t used = block.end - block.begin;
    const std::size_t skipped = std::min(first, used);
    const std::size_t taken = std::min(length, used - skipped);
    first -= skipped;
    length -= taken;
    if (taken == 0) return;
    const std::size_t begin = block.begin + skipped;
    result.add({block.bytes, begin, begin + taken, block.capacity, true});
    result.size_ += taken;
    result.capacity_ += block.capacity;
  };
  take(first_);
  for (const Block& block : rest_) take(block);
  return result;
}

std::string Content::str() const { return prefix(size_); }

std::string Content::prefix(std::size_t n) const {
  std::string result;
  result.reserve(std::min(n, size_));
  for_each([&](std::string_view block) { result.append(block.substr(0, n - result.size())); });
  return result;
}

void Content::clear() {
  if (capacity_ > 0) *this = Content();
}

}  // namespace malaposta::journal
