// Text for the HTML report: escaped, made visible, bounded.
#include <fmt/format.h>

#include <algorithm>

#include "report/html.hpp"

namespace malaposta::report::html_page {

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

// Characters that a page shows as nothing, or that change how others are shown: C0, DEL, C1, marks and overrides of direction.
bool hidden(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c || (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || code == 0xfffe || code == 0xffff;
}

std::vector<std::string_view> split(std::string_view bytes) {
  std::vector<std::string_view> lines;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view one = bytes.substr(0, end);
    if (one.ends_with('\r')) one.remove_suffix(1);
    lines.push_back(one);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return lines;
}

}  // namespace

std::string text(std::string_view bytes, bool lines) {
  const std::string valid = valid_utf8(bytes);
  std::string out;
  out.reserve(valid.size());
  for (std::string_view rest = valid; !rest.empty();) {
    const Character one = first_of(rest);
    const std::string_view as_is = rest.substr(0, one.bytes);
    rest.remove_prefix(one.bytes);
    switch (one.code) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default:
        if ((lines && (one.code == '\n' || one.code == '\t')) || !hidden(one.code))
          out += as_is;
        else
          out += one.code < 0x100 ? fmt::format("\\x{:02X}", one.code) : fmt::format("\\u{:04X}", one.code);
    }
  }
  return out;
}

std::string line(std::string_view bytes) {
  if (bytes.size() <= kLongestLine) return text(bytes);
  // Not within a character of UTF-8, which takes four bytes at most.
  std::size_t cut = kLongestLine;
  while (cut > kLongestLine - 3 && (static_cast<unsigned char>(bytes[cut]) & 0xc0) == 0x80) --cut;
  return fmt::format("{} {}", text(bytes.substr(0, cut)), left_out(bytes.size() - cut, "byte"));
}

std::string block(std::string_view bytes) {
  const std::vector<std::string_view> lines = split(bytes);
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines.size() > kMostLines && i == kMostLines / 2) {
      out += left_out(lines.size() - kMostLines, "line") + "\n";
      i += lines.size() - kMostLines;
    }
    out += line(lines[i]) + "\n";
  }
  return out;
}

std::string left_out(std::size_t count, std::string_view what) {
  return fmt::format("… {} {}{} left out", count, what, count == 1 ? "" : "s");
}

std::string lasting(std::chrono::nanoseconds time) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  if (milliseconds < 1000) return fmt::format("{} ms", milliseconds);
  return fmt::format("{:.2f} s", static_cast<double>(milliseconds) / 1000);
}

std::string since(std::chrono::nanoseconds time) { return "+" + lasting(time); }

}  // namespace malaposta::report::html_page
