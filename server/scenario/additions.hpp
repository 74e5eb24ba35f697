// Rules that are added while sessions run: armed faults, which every session asks, and rules for the sessions of one scenario.
// They are asked before the scenario's own rules, armed faults first, the newest of each kind first, by sessions that began before
// and after. Each has counters and a state of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/scenario.hpp"

namespace malaposta::scenario {

class Instance;

// Thread-safe. Sessions look at revision() at each decision, and take the list only when it has changed.
class Additions {
 public:
  static constexpr std::size_t kMost = 1'000;  // at once

  struct Addition {
    std::uint64_t id = 0;  // from 1, never used again
    std::shared_ptr<Instance> rules;
    std::string scenario;  // whose sessions ask it; empty: all

    bool is_for(std::string_view name) const { return scenario.empty() || scenario == name; }
  };
  using List = std::shared_ptr<const std::vector<Addition>>;  // in the order in which they are asked

  // `rules` has neither `route` nor `dialog`; its `server` section counts for nothing. Returns the id, or nothing once there are kMost.
  std::optional<std::uint64_t> add(ScenarioPtr rules, std::uint64_t seed, std::string scenario = {});
  // False where there is none of that id.
  bool remove(std::uint64_t id);
  // Removes those of one scenario; without a name the armed faults. How many there were.
  std::size_t clear(std::string_view scenario = {});

  List list() const;
  std::uint64_t revision() const noexcept { return revision_.load(std::memory_order_acquire); }

 private:
  void publish(std::vector<Addition> list);

  mutable std::mutex mutex_;
  List list_ = std::make_shared<const std::vector<Addition>>();
  std::uint64_t last_id_ = 0;
  std::atomic<std::uint64_t> revision_{0};
};

}  // namespace malaposta::scenario
