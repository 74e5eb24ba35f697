// Content: every byte kept in order, in few blocks.
#include "journal/content.hpp"

#include "testing/catch.hpp"

using malaposta::journal::Content;

namespace {

std::string bytes(std::size_t n) {
  std::string result(n, '\0');
  for (std::size_t i = 0; i < n; ++i) result[i] = static_cast<char>(i * 31 + i / 251);
  return result;
}

std::vector<std::size_t> block_sizes(const Content& content) {
  std::vector<std::size_t> sizes;
  content.for_each([&](std::string_view block) { sizes.push_back(block.size()); });
  return sizes;
}

}  // namespace

TEST_CASE("new content is empty and takes no memory", "[journal]") {
  const Content content;
  CHECK(content.empty());
  CHECK(content.capacity() == 0);
  CHECK(content.str().empty());
  CHECK(block_sizes(content).empty());
}

TEST_CASE("content gives back what was appended, whatever the pieces", "[journal]") {
  const std::string all = bytes(1'500'000);
  for (const std::size_t piece : {1u, 7u, 1023u, 1024u, 1025u, 65536u, 262145u, 1500000u}) {
    Content content;
    for (std::size_t at = 0; at < all.size(); at += piece) content.append(std::string_view(all).substr(at, piece));
    CHECK(content.size() == all.size());
    CHECK((content.str() == all));
    CHECK(content.capacity() >= content.size());
  }
}

TEST_CASE("a small message takes the smallest block", "[journal]") {
  Content content;
  content.append("Subject: hello\r\n");
  content.append("\r\n");
  CHECK(content.capacity() == Content::kSmallestBlock);
}

TEST_CASE("blocks double up to the largest", "[journal]") {
  Content content;
  const std::string piece = bytes(512);
  for (std::size_t n = 0; n < (1u << 20); n += piece.size()) content.append(piece);
  const auto sizes = block_sizes(content);
  REQUIRE(sizes.size() == 12);
  for (std::size_t i = 0; i <= 8; ++i) CHECK(sizes[i] == Content::kSmallestBlock << i);
  CHECK(sizes[9] == Content::kLargestBlock);
  CHECK(sizes[10] == Content::kLargestBlock);
}

TEST_CASE("a block is as large as what is known to come", "[journal]") {
  Content content;
  content.append(bytes(60'000));
  CHECK(block_sizes(content) == std::vector<std::size_t>{60'000});
  CHECK(content.capacity() == 60'000);
}

TEST_CASE("the prefix is cut where asked, across blocks", "[journal]") {
  const std::string all = bytes(5000);
  Content content;
  for (const char c : all) content.append({&c, 1});
  CHECK(content.prefix(0).empty());
  CHECK((content.prefix(10) == all.substr(0, 10)));
  CHECK((content.prefix(1024) == all.substr(0, 1024)));
  CHECK((content.prefix(3500) == all.substr(0, 3500)));
  CHECK((content.prefix(99'999) == all));
}

TEST_CASE("a slice has the same bytes in the same blocks, whatever becomes of the content", "[journal]") {
  const std::string all = bytes(600'000);
  Content content;
  content.append(std::string_view(all).substr(0, 1000));
  content.append(std::string_view(all).substr(1000, 400'000));
  content.append(std::string_view(all).substr(401'000));
  struct Case {
    std::size_t first, length;
  };
  for (const Case& c : {Case{0, 600'000}, Case{0, 1}, Case{999, 2}, Case{1000, 262'144}, Case{599'999, 9}, Case{600'000, 1}, Case{5, 0}}) {
    CAPTURE(c.first, c.length);
    const Content slice = content.slice(c.first, c.length);
    CHECK((slice.str() == all.substr(c.first, c.length)));
    CHECK(slice.size() == std::min(c.length, all.size() - c.first));
    CHECK(slice.capacity() >= slice.size());
    CHECK(slice.capacity() <= content.capacity());
  }
  std::vector<const char*> own, shared;
  content.for_each([&](std::string_view block) { own.push_back(block.data()); });
  Content slice = content.slice();
  slice.for_each([&](std::string_view block) { shared.push_back(block.data()); });
  CHECK(own == shared);
  // One byte of a block holds all of it.
  CHECK(content.slice(1, 1).capacity() == Content::kSmallestBlock);

  Content small;
  small.append("small");
  Content other = small.slice();
  other.append(" other");
  small.append(" one");
  CHECK(other.str() == "small other");
  CHECK(small.str() == "small one");
  content.clear();
  CHECK((slice.str() == all));
}

TEST_CASE("cleared or moved-from content starts again", "[journal]") {
  Content content;
  content.append(bytes(3000));
  Content moved = std::move(content);
  CHECK((moved.str() == bytes(3000)));

  CHECK(content.empty());  // NOLINT(bugprone-use-after-move): promised
  CHECK(content.capacity() == 0);
  content.append("again");
  CHECK(content.str() == "again");

  moved.clear();
  CHECK(moved.empty());
  CHECK(moved.capacity() == 0);
}
