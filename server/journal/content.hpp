// Message content as it arrives: a list of blocks that only grows at its end. Small messages take one small
// block, large ones blocks of up to kLargestBlock, so that nothing is ever copied to grow. What has been written never
// changes: slices of it share its blocks, on any thread.
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

  // These bytes, as far as there are so many, in the same blocks: nothing is copied. The blocks live as long as any content that has
  // them. What is appended to either content is not seen in the other.
  Content slice(std::size_t first, std::size_t length) const;
  Content slice() const { return slice(0, size_); }

  // Calls `visit(std::string_view)` for each block in order.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    if (first_.end > 0) visit(first_.view());
    for (const Block& block : rest_) visit(block.view());
  }

  // Calls `visit(const void*, std::size_t)` for each block in order: where its memory is, and how many bytes of it.
  template <typename Visit>
  void for_each_memory(Visit&& visit) const {
    if (first_.bytes) visit(static_cast<const void*>(first_.bytes.get()), first_.capacity);
    for (const Block& block : rest_) visit(static_cast<const void*>(block.bytes.get()), block.capacity);
  }

  void clear();

 private:
  struct Block {
    std::shared_ptr<char[]> bytes;
    std::size_t begin = 0, end = 0;  // of what is content
    std::size_t capacity = 0;
    bool sliced = false;             // nothing is written behind its end, which may be another content's
    std::string_view view() const { return {bytes.get() + begin, end - begin}; }
    std::size_t room() const { return sliced ? 0 : capacity - end; }
  };

  Block& last() { return rest_.empty() ? first_ : rest_.back(); }
  void add(Block block);
  void grow(std::size_t incoming);

  Block first_;  // apart from the rest, so that a small message is a single allocation
  std::vector<Block> rest_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace malaposta::journal
