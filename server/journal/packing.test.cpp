#include "journal/packing.hpp"

#include <limits>

#include "testing/catch.hpp"

using namespace malaposta::journal;

namespace {

constexpr TimePoint kBase{std::chrono::seconds(1000)};

}  // namespace

TEST_CASE("numbers take as few bytes as they need, and come back", "[journal]") {
  const auto [number, size] = GENERATE(table<std::uint64_t, std::size_t>(
      {{0, 1}, {127, 1}, {128, 2}, {16383, 2}, {16384, 3}, {std::numeric_limits<std::uint64_t>::max(), 10}}));
  std::string packed;
  pack(packed, number);
  CHECK(packed.size() == size);
  std::string_view in = packed;
  std::uint64_t back = 1;
  CHECK(unpack(in, back));
  CHECK(back == number);
  CHECK(in.empty());
  for (std::size_t cut = 0; cut < packed.size(); ++cut) {
    in = std::string_view(packed).substr(0, cut);
    CHECK_FALSE(unpack(in, back));
  }
}

TEST_CASE("a number of more than 64 bits is none", "[journal]") {
  std::uint64_t number = 0;
  std::string_view eleven_bytes = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
  CHECK_FALSE(unpack(eleven_bytes, number));
  std::string_view bit_64 = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02";
  CHECK_FALSE(unpack(bit_64, number));
}

TEST_CASE("events come back as they were, whatever their time, code and text", "[journal]") {
  const std::string text(std::string("250 \0 \xff\r\n", 10) + std::string(300, 'x'));
  const Event events[] = {{Kind::opened, 5, kBase, 0, 25, "127.0.0.1:1"},
                          {Kind::reply, 5, kBase + std::chrono::hours(100'000), 250, 0, text},
                          {Kind::wait, 5, kBase - std::chrono::nanoseconds(1), -1, std::numeric_limits<std::uint64_t>::max(), {}},
                          {Kind::closed, 5, kBase - std::chrono::hours(100'000), std::numeric_limits<int>::min(), 0, "quit"}};
  std::string packed;
  for (const Event& event : events) pack(packed, event, kBase);
  std::string_view in = packed;
  for (const Event& event : events) {
    Event back;
    REQUIRE(unpack(in, back, kBase));
    CHECK(back.kind == event.kind);
    CHECK(back.at == event.at);
    CHECK(back.code == event.code);
    CHECK(back.number == event.number);
    CHECK(back.text == event.text);
  }
  CHECK(in.empty());
}

TEST_CASE("an event that is cut off or of no known kind is none", "[journal]") {
  std::string packed;
  pack(packed, {Kind::command, 1, kBase + std::chrono::seconds(1), 0, 3, "NOOP"}, kBase);
  Event event;
  for (std::size_t cut = 0; cut < packed.size(); ++cut) {
    std::string_view in = std::string_view(packed).substr(0, cut);
    CHECK_FALSE(unpack(in, event, kBase));
  }
  packed.front() = static_cast<char>(static_cast<int>(Kind::closed) + 1);
  std::string_view in = packed;
  CHECK_FALSE(unpack(in, event, kBase));
}
