#include "journal/packing.hpp"

namespace malaposta::journal {

namespace {

constexpr unsigned kBits = 7;  // of the number in one byte; the highest bit says that more follow
constexpr unsigned char kMore = 1u << kBits;
constexpr unsigned kWidth = 64;

// Small numbers of either sign become small numbers: 0, -1, 1, -2 … are 0, 1, 2, 3 …
std::uint64_t unsigned_of(std::int64_t number) {
  return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}
std::int64_t signed_of(std::uint64_t number) { return static_cast<std::int64_t>((number >> 1) ^ (~(number & 1) + 1)); }

}  // namespace

void pack(std::string& out, std::uint64_t number) {
  for (; number >= kMore; number >>= kBits) out.push_back(static_cast<char>(number | kMore));
  out.push_back(static_cast<char>(number));
}

void pack(std::string& out, std::string_view text) {
  pack(out, static_cast<std::uint64_t>(text.size()));
  out.append(text);
}

void pack(std::string& out, const Event& event, TimePoint base) {
  out.push_back(static_cast<char>(event.kind));
  pack(out, unsigned_of((event.at - base).count()));
  pack(out, unsigned_of(event.code));
  pack(out, event.number);
  pack(out, event.text);
}

bool unpack(std::string_view& in, std::uint64_t& number) {
  number = 0;
  for (unsigned shift = 0; shift < kWidth && !in.empty(); shift += kBits) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    const auto bits = static_cast<std::uint64_t>(byte & ~kMore & 0xffu);
    number |= bits << shift;
    if ((byte & kMore) == 0) return (bits << shift) >> shift == bits;
  }
  return false;
}

bool unpack(std::string_view& in, std::string_view& text) {
  std::uint64_t size = 0;
  if (!unpack(in, size) || size > in.size()) return false;
  text = in.substr(0, static_cast<std::size_t>(size));
  in.remove_prefix(static_cast<std::size_t>(size));
  return true;
}

bool unpack(std::string_view& in, Event& event, TimePoint base) {
  if (in.empty() || static_cast<unsigned char>(in.front()) > static_cast<unsigned char>(Kind::closed)) return false;
  event.kind = static_cast<Kind>(in.front());
  in.remove_prefix(1);
  std::uint64_t at = 0, code = 0;
  if (!unpack(in, at) || !unpack(in, code) || !unpack(in, event.number) || !unpack(in, event.text)) return false;
  event.at = base + TimePoint::duration(signed_of(at));
  event.code = static_cast<int>(signed_of(code));
  return true;
}

}  // namespace malaposta::journal
