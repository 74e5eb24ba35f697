#include "protocol/dot_reader.hpp"

#include <string>

#include "testing/catch.hpp"

using malaposta::protocol::DotReader;

namespace {

struct Read {
  std::string content;
  std::size_t consumed = 0;
  bool done = false;
  bool operator==(const Read&) const = default;
};

// Reads `wire` in pieces of `piece` bytes.
Read read(std::string_view wire, std::size_t piece, bool bare_line_feeds = false) {
  DotReader reader;
  reader.start(bare_line_feeds);
  Read result;
  while (result.consumed < wire.size() && !reader.done())
    result.consumed += reader.read(wire.substr(result.consumed, piece), [&](std::string_view bytes) { result.content += bytes; });
  result.done = reader.done();
  return result;
}

}  // namespace

TEST_CASE("content ends at CRLF dot CRLF, whatever the pieces in which it comes") {
  struct Case {
    std::string_view wire, content;
    bool done;
  };
  const Case cases[] = {
      {".\r\n", "", true},
      {"a\r\n.\r\n", "a\r\n", true},
      {"a\r\n.\r\nNOOP\r\n", "a\r\n", true},
      {"..\r\n.\r\n", ".\r\n", true},
      {"a\r\n..b\r\n...\r\n.\r\n", "a\r\n.b\r\n..\r\n", true},
      {"a.b.c\r\n.\r\n", "a.b.c\r\n", true},
      {".a\r\n.\r\n", "a\r\n", true},
      {"a\n.\n", "a\n.\n", false},
      {"a\n.\r\n", "a\n.\r\n", false},
      {"a\r\n.\n", "a\r\n\n", false},
      {"a\r.\r\n.\r\n", "a\r.\r\n", true},
      {"a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", true},
      {"\r\n.\r\n", "\r\n", true},
      {"a\r\r\n.\r\n", "a\r\r\n", true},
      {"a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n", true},
      {"no end", "no end", false},
      {std::string_view("a\0b\r\n.\r\n", 8), std::string_view("a\0b\r\n", 5), true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.wire);
    const Read whole = read(c.wire, c.wire.size());
    CHECK(whole.content == c.content);
    CHECK(whole.done == c.done);
    for (std::size_t piece = 1; piece < c.wire.size(); ++piece) {
      CAPTURE(piece);
      CHECK(read(c.wire, piece) == whole);
    }
  }
}

TEST_CASE("a client that ends its lines by LF alone may end its content so") {
  for (std::size_t piece = 1; piece < 12; ++piece) {
    const Read result = read("a\n..b\nc\r\n.\nX", piece, true);
    CHECK(result.content == "a\n.b\nc\r\n");
    CHECK(result.done);
    CHECK(result.consumed == 11);
  }
}

TEST_CASE("bytes that may belong to the final dot are told apart from content") {
  DotReader reader;
  reader.start(false);
  const auto drop = [](std::string_view) {};
  reader.read("a\r\n", drop);
  CHECK(reader.undecided() == 0);
  reader.read(".", drop);
  CHECK(reader.undecided() == 1);
  reader.read("\r", drop);
  CHECK(reader.undecided() == 2);
  reader.read("\n", drop);
  CHECK(reader.undecided() == 3);
  CHECK(reader.done());
}

TEST_CASE("a line with one dot and more octets shows a client that doubles none, whatever the pieces") {
  struct Case {
    std::string_view wire;
    bool bare_line_feeds, not_doubled;
  };
  const Case cases[] = {
      {"a\r\n.b\r\n.\r\n", false, true},     {".b\r\n..c\r\n.\r\n", false, true},   {"a\r\n.\rb\r\n.\r\n", false, true},
      {"a\r\n..b\r\n.\r\n", false, false},   {"a.b\r\n...\r\n.\r\n", false, false}, {"a\n.b\r\n.\r\n", false, false},
      {"a\r\n.\nb\r\n.\r\n", false, false},  {"a\n.b\r\n.\r\n", true, false},       {"a\n.\rb\n.\r\n", true, false},
      {"a\n..b\r\n.c\r\n.\r\n", true, true},
  };
  for (const Case& c : cases)
    for (std::size_t piece = 1; piece <= c.wire.size(); ++piece) {
      CAPTURE(c.wire, c.bare_line_feeds, piece);
      DotReader reader;
      reader.start(c.bare_line_feeds);
      for (std::size_t at = 0; at < c.wire.size() && !reader.done();) at += reader.read(c.wire.substr(at, piece), [](std::string_view) {});
      REQUIRE(reader.done());
      CHECK(reader.not_doubled() == c.not_doubled);
    }
}
