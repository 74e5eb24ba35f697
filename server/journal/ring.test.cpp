// The ring against a plain vector of all events: the newest are there unharmed, the oldest are gone and counted.
#include "journal/ring.hpp"

#include <random>
#include <string>
#include <vector>

#include "testing/catch.hpp"

using namespace malaposta::journal;

namespace {

struct Recorded {
  Ring::Offset offset = 0;
  Ring::Offset previous = 0;
  Event event;
  std::string text;
};

class Model {
 public:
  explicit Model(std::size_t capacity) : ring(capacity) {}

  void append(SessionId session, const std::string& text) {
    const std::uint64_t n = all.size();
    const Event event{static_cast<Kind>(n % 10),      session, TimePoint(std::chrono::nanoseconds(n * 1000)),
                      static_cast<int>(n % 1000) - 1, ~n,      text};
    const Ring::Offset previous = all.empty() ? 0 : all.back().offset;
    all.push_back({ring.append(event, previous), previous, event, text.substr(0, ring.longest_text())});
  }

  // The index of the oldest event that is still there.
  std::size_t oldest() const {
    std::size_t i = 0;
    while (i < all.size() && !ring.contains(all[i].offset)) ++i;
    return i;
  }

  bool holds(std::size_t i) const {
    const Recorded& recorded = all[i];
    const Event event = ring.at(recorded.offset);
    return ring.contains(recorded.offset) && ring.previous(recorded.offset) == recorded.previous && event.kind == recorded.event.kind &&
           event.session == recorded.event.session && event.at == recorded.event.at && event.code == recorded.event.code &&
           event.number == recorded.event.number && event.text == recorded.text;
  }

  Ring ring;
  std::vector<Recorded> all;
};

}  // namespace

TEST_CASE("the ring gives back an event as it was appended", "[journal]") {
  Model model(4096);
  model.append(1, "EHLO client.example");
  model.append(7, "");
  model.append(1, std::string("MAIL\0FROM\xff", 10));
  for (std::size_t i = 0; i < model.all.size(); ++i) CHECK(model.holds(i));
  CHECK(model.ring.evicted() == 0);
}

TEST_CASE("0 is never an event", "[journal]") {
  Ring ring(1024);
  CHECK_FALSE(ring.contains(0));
  CHECK(ring.append({}, 0) != 0);
  CHECK_FALSE(ring.contains(0));
}

TEST_CASE("a tiny ring is raised to the smallest that works", "[journal]") {
  CHECK(Ring(0).capacity() == Ring::kSmallestCapacity);
  CHECK(Ring(1025).capacity() == 1032);
}

TEST_CASE("no text is longer than the limit, nor than its share of a small ring", "[journal]") {
  const auto [capacity, longest] = GENERATE(table<std::size_t, std::size_t>({{1024, 256}, {4000, 1000}, {1u << 20, Ring::kLongestText}}));
  Ring ring(capacity);
  CHECK(ring.longest_text() == longest);
  Event event;
  const std::string text(longest + 1, 'x');
  event.text = text;
  CHECK(ring.at(ring.append(event, 0)).text == text.substr(0, longest));
}

TEST_CASE("the newest events are there, the oldest are gone and counted", "[journal]") {
  const std::size_t capacity = GENERATE(1024u, 1032u, 2000u, 4096u, 65536u);
  const std::size_t longest = GENERATE(0u, 8u, 100u, 100000u);
  std::mt19937 random(static_cast<unsigned>(capacity * 31 + longest));
  Model model(capacity);
  std::uniform_int_distribution<std::size_t> length(0, std::min(longest, model.ring.longest_text() + 20));
  bool all_hold = true;
  bool all_counted = true;
  bool room_is_used = true;
  for (int n = 0; n < 1500; ++n) {
    model.append(1 + random() % 5, std::string(length(random), static_cast<char>('a' + n % 26)));
    const std::size_t oldest = model.oldest();
    for (std::size_t i = oldest; i < model.all.size(); ++i) all_hold = all_hold && model.holds(i);
    all_counted = all_counted && model.ring.evicted() == oldest;
    // Unused is at most the event that had to go whole and the rest of a lap; the newest event itself comes on top.
    const std::size_t span = model.all.back().offset - model.all[oldest].offset;
    const std::size_t largest = length.max() + 48;
    room_is_used = room_is_used && (oldest == 0 || span + 3 * largest >= capacity);
  }
  CHECK(all_hold);
  CHECK(all_counted);
  CHECK(room_is_used);
  if (longest > 0) CHECK(model.ring.evicted() > 0);
}

TEST_CASE("a cursor walks over all events in their order, over the end of the ring too", "[journal]") {
  Model model(Ring::kSmallestCapacity);
  Ring::Cursor cursor = model.ring.oldest();
  Event event;
  CHECK_FALSE(model.ring.next(cursor, event));
  std::mt19937 random(11);
  for (std::size_t i = 0; i < 500; ++i) {
    model.append(1, std::string(random() % 90, 'x'));
    REQUIRE(model.ring.next(cursor, event));
    CHECK(event.number == ~std::uint64_t{i});
    CHECK(cursor.number == i + 1);
    CHECK_FALSE(model.ring.next(cursor, event));
    // From any place that is still there.
    const std::uint64_t oldest = model.oldest();
    for (std::uint64_t number : {std::uint64_t{0}, oldest, (oldest + i) / 2}) {
      Ring::Cursor found = model.ring.find(number);
      REQUIRE(model.ring.next(found, event));
      CHECK(event.number == ~std::max(number, oldest));
    }
  }
}

TEST_CASE("a cursor that was overtaken goes on with the oldest, and its number tells what it missed", "[journal]") {
  Model model(Ring::kSmallestCapacity);
  model.append(1, "first");
  Ring::Cursor cursor = model.ring.oldest();
  for (int i = 0; i < 200; ++i) model.append(1, "more");
  Event event;
  REQUIRE(model.ring.next(cursor, event));
  CHECK(cursor.number == model.ring.evicted() + 1);
  CHECK(event.number == ~std::uint64_t{model.ring.evicted()});
  CHECK(model.ring.find(1'000'000).number == 201);
}
