#include "http/held.hpp"

#include <memory>

#include "testing/catch.hpp"

using namespace malaposta;
using http::Held;
using http::Response;

namespace {

Response with(journal::Content content) {
  Response response;
  response.content = std::make_shared<const journal::Content>(std::move(content));
  return response;
}

}  // namespace

TEST_CASE("a block that several answers have is held once, until the last of them has gone", "[held]") {
  constexpr std::size_t kBlock = journal::Content::kLargestBlock;
  journal::Content message;
  message.append(std::string(4 * kBlock, 'x'));
  Held held;
  const Response whole = with(message.slice()), part = with(message.slice(kBlock, 1));
  CHECK(held.added(whole) == 4 * kBlock);
  auto one = std::make_unique<Held::Share>(held, part);
  CHECK(held.bytes() == kBlock);
  CHECK(held.added(part) == 0);
  CHECK(held.added(whole) == 3 * kBlock);
  {
    const Held::Share other(held, whole), again(held, whole);
    CHECK(held.bytes() == 4 * kBlock);
    CHECK(held.added(whole) == 0);
  }
  CHECK(held.bytes() == kBlock);
  one.reset();
  CHECK(held.bytes() == 0);
}

TEST_CASE("answers with a text of their own are held, but for short ones", "[held]") {
  Held held;
  Response text;
  text.body = std::string(Held::kShort, 'x');
  CHECK(held.added(text) == 0);
  text.body += 'x';
  CHECK(held.added(text) == Held::kShort + 1);
  {
    const Held::Share share(held, text), again(held, text);
    CHECK(held.bytes() == 2 * (Held::kShort + 1));
  }
  CHECK(held.bytes() == 0);
}
