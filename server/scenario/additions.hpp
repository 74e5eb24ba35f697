// Rules that are added while sessions run: armed faults. Every session asks them before the scenario's own rules, the newest
// first, whether it began before or after. Each has counters of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
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
  };
  using List = std::shared_ptr<const std::vector<Addition>>;  // the newest first

  // `rules` has neither `route` nor `dialog`; its `server` section counts for nothing. Returns the id, or nothing once there are kMost.
  std::optional<std::uint64_t> add(ScenarioPtr rules, std::uint64_t seed);
  // False where there is none of that id.
  bool remove(std::uint64_t id);
  // How many there were.
  std::size_t clear();

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
