// The gates' counters in the memory of one process: shards with a lock each, chosen by the hash of rule and key.
#include "scenario/gates.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <list>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "scenario/random.hpp"

namespace malaposta::scenario {

namespace {

constexpr std::size_t kShards = 16;
// Memory of a scenario's keys, in bytes; beyond, they give way as beyond kMostKeys: long keys and rates are dear.
constexpr std::size_t kMostKeyBytes = 32u << 20;
constexpr std::uint32_t kNoRule = std::numeric_limits<std::uint32_t>::max();  // entries that hold the state of a key

struct Entry {
  std::string name;  // rule and key
  std::optional<TimePoint> first_seen;
  std::vector<TimePoint> recent;  // of the rate: at most max + 1, the oldest first
  std::uint64_t matches = 0;     // that reached `skip`
  std::uint64_t chances = 0;     // that reached `probability`
  std::uint64_t live = 0;
  std::uint64_t attempts = 0;
  std::string state = "start";

  // In memory, with what the list and the table around it take.
  std::size_t bytes() const {
    constexpr std::size_t kAround = 6 * sizeof(void*);
    return sizeof(Entry) + sizeof(std::pair<std::string_view, void*>) + kAround + name.capacity() + state.capacity() +
           recent.capacity() * sizeof(TimePoint);
  }
};

struct Shard {
  std::mutex mutex;
  std::list<Entry> entries;  // seen last first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_name;
};

std::string name_of(std::uint32_t rule, std::string_view key) {
  std::string name(reinterpret_cast<const char*>(&rule), sizeof rule);
  return name.append(key);
}

bool passes_window(const Gate& gate, Entry& entry, TimePoint now) {
  if (!entry.first_seen) entry.first_seen = now;
  if (!gate.has_window) return true;
  const Duration age = now - *entry.first_seen;
  return gate.after <= age && age < gate.until;
}

bool passes_rate(const Gate& gate, Entry& entry, TimePoint now) {
  if (gate.rate_max == 0) return true;
  entry.recent.push_back(now);
  const auto young = std::find_if(entry.recent.begin(), entry.recent.end() - 1, [&](TimePoint then) { return now - then < gate.rate_per; });
  const std::size_t too_many = entry.recent.size() - std::min<std::size_t>(entry.recent.size(), gate.rate_max + 1);
  entry.recent.erase(entry.recent.begin(), std::max(young, entry.recent.begin() + static_cast<std::ptrdiff_t>(too_many)));
  return entry.recent.size() > gate.rate_max;
}

bool passes_count(const Gate& gate, Entry& entry) {
  ++entry.matches;
  return entry.matches > gate.skip && (entry.matches - gate.skip) % std::max<std::uint64_t>(gate.every, 1) == 0;
}

bool passes_chance(const Gate& gate, Entry& entry, std::string_view key) {
  ++entry.chances;
  return gate.probability >= 1 || Draws(gate.seed, key, entry.chances).unit() < gate.probability;
}

class MemoryGates final : public GateStore {
  Shard& shard_of(std::string_view name) const { return shards_[mix(hash(name)) % kShards]; }

  // Calls `use` with the entry of that name, made if there is none, under its shard's lock.
  template <typename Use>
  auto with(std::string name, Use&& use) {
    Shard& shard = shard_of(name);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.by_name.find(name);
    if (found != shard.by_name.end()) {
      shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
    } else {
      shard.entries.emplace_front().name = std::move(name);
      shard.by_name.emplace(shard.entries.front().name, shard.entries.begin());
      ++keys_;
      bytes_ += shard.entries.front().bytes();
    }
    Entry& entry = shard.entries.front();
    const std::size_t before = entry.bytes();
    const auto result = use(entry);
    bytes_ += entry.bytes() - before;  // wraps where it has become less, and so does the sum
    while ((keys_ > kMostKeys || bytes_ > kMostKeyBytes) && shard.entries.size() > 1) evict(shard);
    return result;
  }

  void evict(Shard& shard) {
    bytes_ -= shard.entries.back().bytes();
    shard.by_name.erase(shard.entries.back().name);
    shard.entries.pop_back();
    --keys_;
    ++evicted_;
  }

 public:
  std::uint64_t pass(const Gate& gate, std::string_view key, TimePoint now) override {
    return with(name_of(gate.rule, key), [&](Entry& entry) -> std::uint64_t {
      const bool live = passes_window(gate, entry, now) && passes_rate(gate, entry, now) && passes_count(gate, entry) &&
                        passes_chance(gate, entry, key) && entry.live < gate.times;
      return live ? ++entry.live : 0;
    });
  }

  std::uint64_t next_attempt(std::uint32_t rule, std::string_view key) override {
    return with(name_of(rule, key), [](Entry& entry) { return ++entry.attempts; });
  }

  std::string state(std::string_view key) const override {
    const std::string name = name_of(kNoRule, key);
    Shard& shard = shard_of(name);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.by_name.find(name);
    return found == shard.by_name.end() ? "start" : found->second->state;
  }

  void set_state(std::string_view key, std::string_view state) override {
    with(name_of(kNoRule, key), [&](Entry& entry) { return entry.state.assign(state).size(); });
  }

  void reset() override {
    for (Shard& shard : shards_) {
      const std::lock_guard lock(shard.mutex);
      keys_ -= shard.entries.size();
      for (const Entry& entry : shard.entries) bytes_ -= entry.bytes();
      shard.by_name.clear();
      shard.entries.clear();
    }
    evicted_ = 0;
  }

  std::uint64_t evicted() const override { return evicted_; }

 private:
  mutable std::array<Shard, kShards> shards_;
  std::atomic<std::size_t> keys_{0};
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::uint64_t> evicted_{0};
};

}  // namespace

std::unique_ptr<GateStore> make_memory_gates() { return std::make_unique<MemoryGates>(); }

}  // namespace malaposta::scenario
