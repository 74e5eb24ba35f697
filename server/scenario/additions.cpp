#include "scenario/additions.hpp"

#include <algorithm>
#include <utility>

#include "scenario/play.hpp"

namespace malaposta::scenario {

std::optional<std::uint64_t> Additions::add(ScenarioPtr rules, std::uint64_t seed, std::string scenario) {
  const std::lock_guard lock(mutex_);
  if (list_->size() >= kMost) return std::nullopt;
  std::vector<Addition> list(*list_);
  const auto first_of_its_kind =
      scenario.empty() ? list.begin() : std::ranges::find_if(list, [](const Addition& one) { return !one.scenario.empty(); });
  list.insert(first_of_its_kind, {++last_id_, std::make_shared<Instance>(std::move(rules), seed), std::move(scenario)});
  publish(std::move(list));
  return last_id_;
}

bool Additions::remove(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  std::vector<Addition> list(*list_);
  if (std::erase_if(list, [&](const Addition& one) { return one.id == id; }) == 0) return false;
  publish(std::move(list));
  return true;
}

std::size_t Additions::clear(std::string_view scenario) {
  const std::lock_guard lock(mutex_);
  std::vector<Addition> list(*list_);
  const std::size_t count = std::erase_if(list, [&](const Addition& one) { return one.scenario == scenario; });
  if (count != 0) publish(std::move(list));
  return count;
}

Additions::List Additions::list() const {
  const std::lock_guard lock(mutex_);
  return list_;
}

void Additions::publish(std::vector<Addition> list) {
  list_ = std::make_shared<const std::vector<Addition>>(std::move(list));
  revision_.fetch_add(1, std::memory_order_release);
}

}  // namespace malaposta::scenario
