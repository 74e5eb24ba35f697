#include "scenario/units.hpp"

#include <array>
#include <charconv>
#include <limits>

#include "protocol/grammar.hpp"

namespace malaposta::scenario {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array kTimes{
    Unit{"us", 1'000}, Unit{"ms", 1'000'000}, Unit{"s", 1'000'000'000}, Unit{"m", 60'000'000'000}, Unit{"h", 3'600'000'000'000},
};

constexpr std::array kSizes{
    Unit{"", 1},           Unit{"B", 1},          Unit{"kB", 1'000},     Unit{"MB", 1'000'000}, Unit{"GB", 1'000'000'000},
    Unit{"KiB", 1u << 10}, Unit{"MiB", 1u << 20}, Unit{"GiB", 1u << 30},
};

template <std::size_t N>
std::optional<std::uint64_t> factor_of(const std::array<Unit, N>& units, std::string_view name) {
  for (const Unit& unit : units)
    if (unit.name == name) return unit.factor;
  return std::nullopt;
}

using protocol::grammar::is_digit;

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  constexpr std::size_t kMostDigits = 15;  // so that no sum below overflows before it is checked
  if (text == "0") return Duration::zero();
  std::uint64_t whole = 0, fraction = 0, scale = 1;
  std::size_t at = 0;
  while (at < text.size() && is_digit(text[at])) whole = whole * 10 + static_cast<std::uint64_t>(text[at++] - '0');
  if (at == 0 || at > kMostDigits) return std::nullopt;
  if (at < text.size() && text[at] == '.') {
    const std::size_t point = at++;
    for (; at < text.size() && is_digit(text[at]); ++at)
      if (at - point <= 6) fraction = fraction * 10 + static_cast<std::uint64_t>(text[at] - '0'), scale *= 10;
    if (at == point + 1) return std::nullopt;
  }
  const auto factor = factor_of(kTimes, text.substr(at));
  if (!factor || whole > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / *factor - 1) return std::nullopt;
  return Duration(static_cast<std::int64_t>(whole * *factor + fraction * (*factor / scale) + fraction * (*factor % scale) / scale));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const auto factor = factor_of(kSizes, text.substr(static_cast<std::size_t>(end - text.data())));
  if (!factor || number > std::numeric_limits<std::uint64_t>::max() / *factor) return std::nullopt;
  return number * *factor;
}

}  // namespace malaposta::scenario
