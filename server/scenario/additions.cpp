#include "scenario/additions.hpp"

#include <utility>

#include "scenario/play.hpp"

namespace malaposta::scenario {

std::optional<std::uint64_t> Additions::add(ScenarioPtr rules, std::uint64_t seed) {
  const std::lock_guard lock(mutex_);
  if (list_->size() >= kMost) return std::nullopt;
  std::vector<Addition> list{{++last_id_, std::make_shared<Instance>(std::move(rules), seed)}};
  list.insert(list.end(), list_->begin(), list_->end());
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

std::size_t Additions::clear() {
  const std::lock_guard lock(mutex_);
  const std::size_t count = list_->size();
  publish({});
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
