#include "scenario/gates.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "scenario/random.hpp"
#include "testing/catch.hpp"

using namespace malaposta::scenario;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint kStart{std::chrono::hours(1)};

// Which of the first `count` matches, a second apart, are live: "..x".
std::string lives(const Gate& gate, int count, std::string_view key = "") {
  auto store = make_memory_gates();
  std::string out;
  for (int i = 0; i < count; ++i) out += store->pass(gate, key, kStart + i * 1s) != 0 ? 'x' : '.';
  return out;
}

}  // namespace

TEST_CASE("times: the first N matches are live") {
  Gate gate;
  gate.times = 2;
  CHECK(lives(gate, 4) == "xx..");
  gate.times = 0;
  CHECK(lives(gate, 2) == "..");
}

TEST_CASE("skip: the first N matches are not live") {
  Gate gate;
  gate.skip = 2;
  gate.times = 1;
  CHECK(lives(gate, 5) == "..x..");
}

TEST_CASE("every: the N-th, 2N-th … match is live") {
  Gate gate;
  gate.every = 3;
  CHECK(lives(gate, 7) == "..x..x.");
  gate.skip = 1;
  CHECK(lives(gate, 7) == "...x..x");
}

TEST_CASE("window: live from `after` until `until`, since the key was first seen") {
  Gate gate;
  gate.has_window = true;
  gate.after = 2s;
  gate.until = 4s;
  CHECK(lives(gate, 6) == "..xx..");
}

TEST_CASE("rate: live once more than max matches came within the time") {
  Gate gate;
  gate.rate_max = 2;
  gate.rate_per = 10s;
  auto store = make_memory_gates();
  CHECK(store->pass(gate, "", kStart) == 0);
  CHECK(store->pass(gate, "", kStart + 1s) == 0);
  CHECK(store->pass(gate, "", kStart + 2s) == 1);
  CHECK(store->pass(gate, "", kStart + 9s) == 2);
  CHECK(store->pass(gate, "", kStart + 30s) == 0);
  CHECK(store->pass(gate, "", kStart + 39s) == 0);
  CHECK(store->pass(gate, "", kStart + 39s) == 3);
}

TEST_CASE("keys have counters of their own, and so have rules") {
  auto store = make_memory_gates();
  Gate gate;
  gate.times = 1;
  CHECK(store->pass(gate, "a", kStart) == 1);
  CHECK(store->pass(gate, "b", kStart) == 1);
  CHECK(store->pass(gate, "a", kStart) == 0);
  gate.rule = 1;
  CHECK(store->pass(gate, "a", kStart) == 1);
}

TEST_CASE("state is kept per key and starts as 'start'") {
  auto store = make_memory_gates();
  CHECK(store->state("") == "start");
  store->set_state("", "down");
  CHECK(store->state("") == "down");
  CHECK(store->state("other") == "start");
  store->reset();
  CHECK(store->state("") == "start");
}

TEST_CASE("attempts are counted per rule and key") {
  auto store = make_memory_gates();
  CHECK(store->next_attempt(0, "a") == 1);
  CHECK(store->next_attempt(0, "a") == 2);
  CHECK(store->next_attempt(0, "b") == 1);
  CHECK(store->next_attempt(1, "a") == 1);
}

TEST_CASE("probability follows from the seed, the key and the ordinal alone") {
  Gate gate;
  gate.probability = 0.25;
  gate.seed = rule_seed(42, "unlucky");
  const std::string first = lives(gate, 2000);
  CHECK(first == lives(gate, 2000));
  const auto hits = std::count(first.begin(), first.end(), 'x');
  CHECK(hits > 420);
  CHECK(hits < 580);
  CHECK(lives(gate, 200, "a") != lives(gate, 200, "b"));
  Gate other = gate;
  other.seed = rule_seed(43, "unlucky");
  CHECK(lives(other, 200) != lives(gate, 200));
  // Fixed for good: a report that names its seed can be repeated by any later release.
  CHECK(lives(gate, 24) == "....x....x......x.......");
}

TEST_CASE("two threads never both take the last of `times`, and together draw the same lots") {
  constexpr int kThreads = 8, kEach = 2000;
  auto store = make_memory_gates();
  Gate some;
  some.times = 100;
  Gate lots;
  lots.rule = 1;
  lots.probability = 0.3;
  lots.seed = 7;
  std::atomic<int> live{0}, lucky{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < kEach; ++j) {
        live += store->pass(some, "k", kStart) != 0;
        lucky += store->pass(lots, "k", kStart) != 0;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(live == 100);
  const std::string alone = lives(lots, kThreads * kEach, "k");
  CHECK(lucky == std::count(alone.begin(), alone.end(), 'x'));
}

TEST_CASE("beyond the most keys, the one seen longest ago gives way and is counted") {
  auto store = make_memory_gates();
  Gate gate;
  gate.times = 1;
  for (std::size_t i = 0; i < kMostKeys; ++i) store->pass(gate, std::to_string(i), kStart);
  CHECK(store->evicted() == 0);
  for (std::size_t i = kMostKeys; i < 2 * kMostKeys; ++i) store->pass(gate, std::to_string(i), kStart);
  CHECK(store->evicted() == kMostKeys);
  CHECK(store->pass(gate, std::to_string(2 * kMostKeys - 1), kStart) == 0);  // remembered
  CHECK(store->pass(gate, "0", kStart) == 1);                                // forgotten
  store->reset();
  CHECK(store->evicted() == 0);
}

TEST_CASE("beyond the most memory, keys give way however few they are: long ones, and those that keep a rate") {
  constexpr std::size_t kMemory = 32u << 20, kLong = 4096, kMany = 20'000;
  auto store = make_memory_gates();
  Gate gate;
  gate.times = 1;
  for (std::size_t i = 0; i < kMany; ++i) store->pass(gate, std::string(kLong, 'k') + std::to_string(i), kStart);
  CHECK(store->evicted() >= kMany - kMemory / kLong);
  store->reset();

  gate.rate_max = kMostRate;
  gate.rate_per = std::chrono::hours(1);
  constexpr std::size_t kRates = 5'000;
  for (std::size_t i = 0; i < kRates; ++i)
    for (std::uint64_t match = 0; match <= kMostRate; ++match) store->pass(gate, std::to_string(i), kStart);
  CHECK(store->evicted() >= kRates - kMemory / (kMostRate * sizeof(TimePoint)));
  CHECK(store->pass(gate, std::to_string(kRates - 1), kStart) == 0);  // remembered: `times` is used up
}
