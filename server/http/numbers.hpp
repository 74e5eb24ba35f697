// Numbers in paths and queries.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace malaposta::http {

// Nothing where the text is anything but a decimal number of that type.
template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace malaposta::http
