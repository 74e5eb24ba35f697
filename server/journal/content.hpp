// Message content as it arrives: a list of blocks that only grows at its end. Small messages take one small
// block, large ones blocks of up to kLargestBlock, so that nothing is ever copied to grow.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace malaposta::journal {

class Content {
 public:
  static constexpr std::size_t kSmallestBlock = 1024;       // bytes
  static constexpr std::size_t kLargestBlock = 256 * 1024;  // bytes

  Content() = default;
  Content(Content&& other) noexcept { *this = std::move(other); }
  // What was moved from is empty and can be filled again.
  Content& operator=(Content&& other) noexcept;

  // Appends a copy of the bytes. Amortised one copy per byte.
  void append(std::string_view bytes);

  // Number of content bytes.
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Bytes of memory that the blocks take; at least size().
  std::size_t capacity() const { return capacity_; }

  // The whole content in one string.
  std::string str() const;

  // The first `n` bytes at most, in one string: enough for the header section.
  std::string prefix(std::size_t n) const;

  // Calls `visit(std::string_view)` for each block in order.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    if (first_.used > 0) visit(first_.view());
    for (const Block& block : rest_) visit(block.view());
  }

  void clear();

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t used = 0;
    std::size_t capacity = 0;
    std::string_view view() const { return {bytes.get(), used}; }
  };

  Block& last() { return rest_.empty() ? first_ : rest_.back(); }
  void grow(std::size_t incoming);

  Block first_;  // apart from the rest, so that a small message is a single allocation
  std::vector<Block> rest_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace malaposta::journal
