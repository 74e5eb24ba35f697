#include "catalogue/codes.hpp"

#include <array>

namespace malaposta::catalogue {

namespace {

template <Stage... stages>
constexpr Stage kAt[] = {stages...};

using enum Stage;
using enum Class;
using enum Closing;

// One row per code, ascending. Columns: code, class, origin, stages, enhanced code, closing, default text, meaning,
// advice, what a correct client does, trigger address, shipped scenario.
constexpr Code kCodes[] = {
// In ascending order.
// clang-format off
#include "catalogue/codes_success.inc"
#include "catalogue/codes_transient.inc"
#include "catalogue/codes_permanent.inc"
// clang-format on
};

constexpr int kHighest = 599;

// Index + 1 of each code in kCodes, 0 where there is none.
constexpr auto kIndex = [] {
  std::array<std::uint8_t, kHighest + 1> index{};
  static_assert(std::size(kCodes) < 255);
  for (std::size_t i = 0; i < std::size(kCodes); ++i) index.at(static_cast<std::size_t>(kCodes[i].code)) = static_cast<std::uint8_t>(i + 1);
  return index;
}();

constexpr std::array<std::string_view, 5> kClassNames{"transport", "success", "intermediate", "transient", "permanent"};

}  // namespace

std::span<const Code> codes() { return kCodes; }

const Code* find(int code) {
  if (code < 0 || code > kHighest) return nullptr;
  const std::size_t index = kIndex.at(static_cast<std::size_t>(code));
  return index == 0 ? nullptr : &kCodes[index - 1];
}

std::string_view name(Class kind) { return kClassNames.at(static_cast<std::size_t>(kind)); }

}  // namespace malaposta::catalogue
