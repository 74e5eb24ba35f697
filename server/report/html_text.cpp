// Text for the HTML report: escaped, bounded.
#include <fmt/format.h>

#include <algorithm>

#include "report/html.hpp"

namespace malaposta::report::html_page {

namespace {

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
  std::string out;
  for (const char c : visible(bytes, lines)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
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
