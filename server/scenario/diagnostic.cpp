#include "scenario/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "protocol/grammar.hpp"

namespace malaposta::scenario {

namespace {

// Columns of an excerpt. What is longer is cut around the place; as much of what stands before it is left.
constexpr std::size_t kWidest = 120;
constexpr std::size_t kBefore = 40;
constexpr std::size_t kLongestMessage = 600;  // bytes of a message or a hint, which may quote the file

// One character as printed.
struct Glyph {
  std::string text;
  std::size_t width = 1;  // columns
  std::size_t from = 0;   // byte in the source line
  std::size_t size = 1;   // bytes there
};

// Bytes of the well-formed UTF-8 character at the front, or 0.
std::size_t character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 0;
  return size;
}

// What a terminal would obey, and what is no UTF-8, is shown as \xHH.
Glyph glyph(std::string_view text, std::size_t at, bool keep_tabs) {
  const auto byte = static_cast<unsigned char>(text[at]);
  const std::size_t size = character(text.substr(at));
  const bool c1_control = size == 2 && byte == 0xC2 && static_cast<unsigned char>(text[at + 1]) < 0xA0;
  const bool control = byte < 0x20 || byte == 0x7F;
  if (byte == '\t' && keep_tabs) return {"\t", 1, at, 1};
  if (size == 0 || control || c1_control) return {fmt::format("\\x{:02x}", byte), 4, at, 1};
  return {std::string(text.substr(at, size)), 1, at, size};
}

std::vector<Glyph> glyphs(std::string_view text, std::size_t from, std::size_t to, bool keep_tabs) {
  std::vector<Glyph> list;
  for (std::size_t at = from; at < to; at += list.back().size) list.push_back(glyph(text, at, keep_tabs));
  return list;
}

std::string visible(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size() && at < kLongestMessage;) {
    const Glyph next = glyph(text, at, false);
    out += next.text;
    at += next.size;
  }
  return text.size() > kLongestMessage ? out + "…" : out;
}

// The part of a line that is shown: from a whole character at `from` to `to`.
struct Window {
  std::size_t from = 0, to = 0;
};

Window window(std::string_view line, std::size_t place) {
  const auto is_inside = [&](std::size_t at) { return at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0) == 0x80; };
  Window shown{0, line.size()};
  if (place > kWidest - kBefore && line.size() > kWidest) shown.from = place - kBefore;
  while (shown.from > 0 && is_inside(shown.from)) --shown.from;
  if (line.size() - shown.from > kWidest) shown.to = shown.from + kWidest;
  while (is_inside(shown.to)) ++shown.to;
  return shown;
}

// The line of the excerpt, and the padding and carets below it.
std::pair<std::string, std::string> excerpt(std::string_view line, const Place& place) {
  const std::size_t begin = std::min<std::size_t>(place.column - 1, line.size());
  const std::size_t end = begin + std::max<std::size_t>(place.length, 1);
  const Window shown = window(line, begin);
  std::string text = shown.from > 0 ? "…" : "";
  std::string marks = shown.from > 0 ? " " : "";
  std::size_t carets = 0;
  for (const Glyph& next : glyphs(line, shown.from, shown.to, true)) {
    text += next.text;
    if (next.from >= begin && next.from < end)
      carets += next.width;
    else if (next.from < begin)
      marks += next.text == "\t" ? "\t" : std::string(next.width, ' ');
  }
  if (shown.to < line.size()) text += "…";
  return {text, marks + std::string(std::max<std::size_t>(carets, 1), '^')};
}

std::string_view name(Diagnostic::Severity severity) { return severity == Diagnostic::Severity::error ? "error" : "warning"; }

using protocol::grammar::lower;

// Insertions, deletions, changes and swaps of neighbours that lead from one word to the other; only for words whose
// lengths differ by kFarthest at most, which keeps the rows short.
constexpr std::size_t kFarthest = 3;
constexpr std::size_t kLongestWord = 64;
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, kLongestWord + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = std::min(row[j], rows[(i + 1) % 3][j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
  }
  return lines;
}

Diagnostics::Diagnostics(std::string file, std::string_view source) : file_(std::move(file)) {
  for (const std::string_view line : split_lines(source)) lines_.emplace_back(line);
}

void Diagnostics::error(Place place, std::string message, std::string hint) {
  ++errors_;
  add(Diagnostic::Severity::error, place, std::move(message), std::move(hint));
}

void Diagnostics::warning(Place place, std::string message, std::string hint) {
  add(Diagnostic::Severity::warning, place, std::move(message), std::move(hint));
}

void Diagnostics::add(Diagnostic::Severity severity, Place place, std::string message, std::string hint) {
  if (list_.size() >= kMost) {
    ++dropped_;
    return;
  }
  std::string excerpt = place.line > 0 && place.line <= lines_.size() ? lines_[place.line - 1] : std::string{};
  list_.push_back({severity, file_, place, std::move(message), std::move(hint), std::move(excerpt)});
}

std::vector<Diagnostic> Diagnostics::take() {
  std::vector<Diagnostic> list = std::move(list_);
  std::stable_sort(list.begin(), list.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
  });
  if (dropped_ > 0) {
    const auto severity = failed() ? Diagnostic::Severity::error : Diagnostic::Severity::warning;
    list.push_back({severity, file_, Place{}, fmt::format("{} more problems are not shown", dropped_), {}, {}});
  }
  list_.clear();
  dropped_ = 0;
  return list;
}

std::string render(const Diagnostic& diagnostic) {
  const std::string file = visible(diagnostic.file), message = visible(diagnostic.message), hint = visible(diagnostic.hint);
  if (diagnostic.place.line == 0)
    return fmt::format("{}: {}: {}{}{}\n", file, name(diagnostic.severity), message, hint.empty() ? "" : "; ", hint);
  const Place place{diagnostic.place.line, std::max(diagnostic.place.column, 1u), diagnostic.place.length};
  const std::string number = std::to_string(place.line);
  const auto [text, marks] = excerpt(diagnostic.excerpt, place);
  return fmt::format("{}:{}:{}: {}: {}\n  {} | {}\n  {:{}} | {}{}{}\n", file, place.line, place.column, name(diagnostic.severity), message,
                     number, text, "", number.size(), marks, hint.empty() ? "" : " ", hint);
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::size_t best = std::clamp<std::size_t>(word.size() / 3, 1, kFarthest) + 1;
  std::string_view found;
  if (word.size() > kLongestWord) return found;
  for (const std::string_view candidate : candidates) {
    const std::size_t longer = std::max(word.size(), candidate.size()), shorter = std::min(word.size(), candidate.size());
    if (longer - shorter >= best || longer > kLongestWord) continue;
    const std::size_t far = distance(word, candidate);
    if (far < best) best = far, found = candidate;
  }
  return found;
}

}  // namespace malaposta::scenario
