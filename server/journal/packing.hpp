// How the store writes lists into one value of a row: numbers in as few bytes as they need (LEB128, as in DWARF 4 section 7.6), texts
// behind their length.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "journal/event.hpp"

namespace malaposta::journal {

void pack(std::string& out, std::uint64_t number);
void pack(std::string& out, std::string_view text);
// Without its session; `base` is the time that the packed one is counted from.
void pack(std::string& out, const Event& event, TimePoint base);

// Takes what is packed off the front. False where the bytes are no such thing; what is left then is of no use.
bool unpack(std::string_view& in, std::uint64_t& number);
bool unpack(std::string_view& in, std::string_view& text);
bool unpack(std::string_view& in, Event& event, TimePoint base);

}  // namespace malaposta::journal
