// Numbers with units, as scenarios write them: "500ms", "1.5s", "10MB".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "scenario/model.hpp"

namespace malaposta::scenario {

// A time: digits, optionally with a fraction, and one of us, ms, s, m, h. "0" needs no unit.
std::optional<Duration> parse_duration(std::string_view text);

// A count or a size: digits, and nothing or one of B, kB, MB, GB (thousands), KiB, MiB, GiB (1024).
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace malaposta::scenario
