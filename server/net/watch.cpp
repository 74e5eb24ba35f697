#include "net/watch.hpp"

#include <algorithm>

namespace malaposta::net {

namespace {

using verify::Judgement;

template <typename Condition>
bool all_below(std::size_t count, Condition condition) {
  for (std::size_t i = 0; i < count; ++i)
    if (!condition(i)) return false;
  return true;
}

bool quiet_is_pending(const Judgement& one) { return one.expected.starts_with("quiet") && one.outcome == Judgement::Outcome::pending; }

}  // namespace

verify::Verdict Watch::judged(std::size_t index, const std::optional<verify::ClientResult>& client) const {
  return verify::judge(*scenarios_[index], server_.evidence(index), client, false, std::chrono::steady_clock::now());
}

bool Watch::awaits_quiet() const {
  return std::ranges::any_of(scenarios_, [](const scenario::ScenarioPtr& scenario) { return verify::awaits_quiet(*scenario); });
}

bool Watch::quiet(const std::optional<verify::ClientResult>& client) const {
  return !awaits_quiet() ||
         all_below(scenarios_.size(), [&](std::size_t i) { return std::ranges::none_of(judged(i, client).judgements, quiet_is_pending); });
}

bool Watch::open_sessions() const {
  return !all_below(scenarios_.size(), [this](std::size_t i) {
    return std::ranges::none_of(server_.evidence(i).sessions,
                                [](const verify::SessionRecord& one) { return one.end == journal::End::open; });
  });
}

bool Watch::decided() const {
  return all_below(scenarios_.size(), [this](std::size_t i) { return !verify::pending(judged(i)); });
}

}  // namespace malaposta::net
