// What came from a client, for people to read: nothing in it moves their cursor, colours their terminal or turns their text around.
#include <fmt/format.h>

#include "report/report.hpp"

namespace malaposta::report {

namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
};

// The character at the start of text that is valid UTF-8.
Character first_of(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at])); };
  const std::uint32_t lead = byte(0);
  const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  std::uint32_t code = bytes == 1 ? lead : lead & (0xffu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) code = code << 6 | (byte(i) & 0x3f);
  return {code, bytes};
}

// Characters that are shown as nothing, or that change how others are shown: C0, DEL, C1, marks and overrides of direction.
bool hidden(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c || (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || code == 0xfffe || code == 0xffff;
}

}  // namespace

std::string visible(std::string_view bytes, bool lines) {
  const std::string valid = valid_utf8(bytes);
  std::string out;
  out.reserve(valid.size());
  for (std::string_view rest = valid; !rest.empty();) {
    const Character one = first_of(rest);
    if ((lines && (one.code == '\n' || one.code == '\t')) || !hidden(one.code))
      out += rest.substr(0, one.bytes);
    else
      out += one.code < 0x100 ? fmt::format("\\x{:02X}", one.code) : fmt::format("\\u{:04X}", one.code);
    rest.remove_prefix(one.bytes);
  }
  return out;
}

}  // namespace malaposta::report
