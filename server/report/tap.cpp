// The Test Anything Protocol, version 14: https://testanything.org/tap-version-14-specification.html.
#include <fmt/format.h>

#include "report/report.hpp"

namespace malaposta::report {

namespace {

// A double-quoted YAML scalar.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : valid_utf8(text)) {
    if (c == '"' || c == '\\')
      out += std::string("\\") + c;
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + "\"";
}

// In a description, # and \ have a meaning of their own.
std::string described(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '#' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string tap(const std::vector<Entry>& entries) {
  std::string text = fmt::format("TAP version 14\n1..{}\n", entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    const bool passed = entry.verdict.kind == verify::Verdict::Kind::passed;
    text += fmt::format("{} {} - {}\n", passed ? "ok" : "not ok", i + 1, described(entry.name));
    if (passed) continue;
    text += fmt::format("  ---\n  verdict: {}\n  seed: {}\n", name(entry.verdict.kind), entry.verdict.seed);
    if (!entry.error.empty()) text += fmt::format("  error: {}\n", quoted(entry.error));
    std::string failures;
    for (const verify::Judgement& one : entry.verdict.judgements)
      if (one.outcome != verify::Judgement::Outcome::passed)
        failures += fmt::format("    - expected: {}\n      actual: {}\n      file: {}\n      line: {}\n", quoted(one.expected),
                                quoted(one.actual), quoted(one.file), one.line);
    if (!failures.empty()) text += "  expectations:\n" + failures;
    text += "  ...\n";
  }
  return text;
}

}  // namespace malaposta::report
