// What GitHub Actions shows by itself: annotations beside the file, and a summary of the step.
#include <fmt/format.h>

#include "report/report.hpp"

namespace malaposta::report {

namespace {

// In the values and the message of a workflow command.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : valid_utf8(text)) {
    if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out;
}

// Within a table of Markdown.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : valid_utf8(text)) {
    if (c == '|' || c == '<' || c == '`' || c == '*' || c == '_') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

}  // namespace

std::string github_annotations(const std::vector<Entry>& entries) {
  std::string text;
  for (const Entry& entry : entries) {
    if (!entry.error.empty()) text += fmt::format("::error title={}::{}\n", escaped(entry.name, true), escaped(entry.error, false));
    for (const verify::Judgement& one : entry.verdict.judgements)
      if (one.outcome != verify::Judgement::Outcome::passed)
        text += fmt::format("::error file={},line={},col={},title={}::{}\n", escaped(one.file, true), one.line, one.column,
                            escaped(entry.name, true), escaped(fmt::format("expected {}; got {}", one.expected, one.actual), false));
  }
  return text;
}

std::string github_summary(const std::vector<Entry>& entries) {
  std::string text = "### Malaposta\n\n| scenario | verdict | why |\n| --- | --- | --- |\n";
  for (const Entry& entry : entries) {
    std::string why = entry.error;
    for (const verify::Judgement& one : entry.verdict.judgements)
      if (why.empty() && one.outcome != verify::Judgement::Outcome::passed)
        why = fmt::format("expected {}; got {}", one.expected, one.actual);
    text += fmt::format("| {} | {} | {} |\n", cell(entry.name), name(entry.verdict.kind), cell(why));
  }
  return text;
}

}  // namespace malaposta::report
