// Results for people: the defect first, then how it was seen.
#include <fmt/format.h>

#include <algorithm>

#include "report/report.hpp"
#include "verify/explain.hpp"

namespace malaposta::report {

namespace {

using verify::Judgement;
using verify::Verdict;

constexpr std::size_t kMostErrors = 2000;  // bytes of what a failed client wrote

std::string painted(std::string_view text, int colour, bool wanted) {
  return wanted ? fmt::format("\x1b[{}m{}\x1b[0m", colour, text) : std::string(text);
}

std::string head(const Entry& entry, bool colour) {
  static constexpr std::pair<std::string_view, int> kWords[] = {{"ok    ", 32}, {"FAILED", 31}, {"UNSURE", 33}, {"ERROR ", 31}};
  const auto& [word, paint] = kWords[static_cast<std::size_t>(entry.verdict.kind)];
  return fmt::format("{} {} ({:.2f} s)\n", painted(word, paint, colour), entry.name, std::chrono::duration<double>(entry.duration).count());
}

std::string told(const verify::ClientResult& client) {
  if (client.timed_out) return "the client ran out of time and was stopped";
  if (client.signal) return fmt::format("the client was killed by signal {}", *client.signal);
  return fmt::format("the client ended with status {}", client.exit.value_or(0));
}

}  // namespace

std::string console(const Entry& entry, bool colour) {
  std::string text = head(entry, colour);
  if (!entry.error.empty()) return text + "  " + visible(entry.error) + "\n";
  const bool passed = entry.verdict.kind == Verdict::Kind::passed;
  const bool broken = entry.client && (entry.client->timed_out || entry.client->signal);
  if (passed && !broken) return text;
  if (entry.evidence.sessions.empty()) text += "  no client connected\n";
  for (const Judgement& judgement : entry.verdict.judgements) {
    if (judgement.outcome == Judgement::Outcome::passed) continue;
    const std::string lines = visible(render(judgement), true);
    for (std::size_t begin = 0; begin < lines.size();) {
      const std::size_t end = lines.find('\n', begin);
      text += "  " + lines.substr(begin, end - begin + 1);
      begin = end + 1;
    }
  }
  for (const verify::Finding& finding : entry.verdict.findings)
    text += fmt::format("  {}: {} in session {}: {}\n", name(finding.severity), finding.id, finding.session + 1, visible(finding.detail));
  if (entry.client) {
    text += "  " + told(*entry.client) + "\n";
    std::string errors = visible(entry.client->errors.substr(0, kMostErrors), true);
    while (!errors.empty() && errors.back() == '\n') errors.pop_back();
    if (!errors.empty()) {
      for (std::size_t at = 0; (at = errors.find('\n', at)) != std::string::npos; at += 5) errors.replace(at, 1, "\n    ");
      text += "    " + errors + "\n";
    }
  }
  return text;
}

std::string console_summary(const std::vector<Entry>& entries, std::uint64_t seed, bool colour) {
  static constexpr std::string_view kWords[] = {"passed", "failed", "inconclusive", "in error"};
  std::string counts;
  bool all = true;
  for (std::size_t kind = 0; kind < std::size(kWords); ++kind) {
    const auto count =
        std::count_if(entries.begin(), entries.end(), [&](const Entry& one) { return static_cast<std::size_t>(one.verdict.kind) == kind; });
    if (count == 0) continue;
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, kWords[kind]);
    all = all && kind == 0;
  }
  return painted(fmt::format("{} scenario{}: {}; seed {}", entries.size(), entries.size() == 1 ? "" : "s", counts, seed), all ? 32 : 31,
                 colour) +
         "\n";
}

}  // namespace malaposta::report
