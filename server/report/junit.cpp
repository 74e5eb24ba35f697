// JUnit's XML, as CI systems read it.
#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

#include "report/report.hpp"
#include "verify/explain.hpp"

namespace malaposta::report {

namespace {

using verify::Verdict;

// XML 1.0 has no room for most control characters, escaped or not.
std::string for_xml(std::string_view text) {
  std::string out = valid_utf8(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') c = '?';
  return out;
}

std::string seconds(std::chrono::nanoseconds duration) { return fmt::format("{:.3f}", std::chrono::duration<double>(duration).count()); }

std::size_t count(const std::vector<Entry>& entries, Verdict::Kind kind) {
  return static_cast<std::size_t>(
      std::count_if(entries.begin(), entries.end(), [&](const Entry& one) { return one.verdict.kind == kind; }));
}

void add_failure(pugi::xml_node testcase, const Entry& entry) {
  const bool error = entry.verdict.kind == Verdict::Kind::error;
  pugi::xml_node failure = testcase.append_child(error ? "error" : "failure");
  std::string text = entry.error, message = entry.error;
  for (const verify::Judgement& one : entry.verdict.judgements) {
    if (one.outcome == verify::Judgement::Outcome::passed) continue;
    if (message.empty()) message = fmt::format("expected {}; got {}", one.expected, one.actual);
    text += render(one);
  }
  failure.append_attribute("message") = for_xml(message).c_str();
  failure.append_attribute("type") = std::string(name(entry.verdict.kind)).c_str();
  failure.append_child(pugi::node_pcdata).set_value(for_xml(text).c_str());
}

}  // namespace

std::string junit(const std::vector<Entry>& entries) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node suite = document.append_child("testsuites").append_child("testsuite");
  std::chrono::nanoseconds total{};
  for (const Entry& entry : entries) total += entry.duration;
  suite.append_attribute("name") = "malaposta";
  suite.append_attribute("tests") = entries.size();
  suite.append_attribute("failures") = count(entries, Verdict::Kind::failed) + count(entries, Verdict::Kind::inconclusive);
  suite.append_attribute("errors") = count(entries, Verdict::Kind::error);
  suite.append_attribute("time") = seconds(total).c_str();
  for (const Entry& entry : entries) {
    pugi::xml_node testcase = suite.append_child("testcase");
    testcase.append_attribute("name") = entry.name.c_str();
    testcase.append_attribute("classname") = "malaposta";
    testcase.append_attribute("time") = seconds(entry.duration).c_str();
    if (!entry.verdict.judgements.empty()) {
      const auto& judgements = entry.verdict.judgements;
      const auto failed = std::find_if(judgements.begin(), judgements.end(),
                                       [](const auto& one) { return one.outcome != verify::Judgement::Outcome::passed; });
      const verify::Judgement& shown = failed == judgements.end() ? judgements.front() : *failed;
      testcase.append_attribute("file") = shown.file.c_str();
      testcase.append_attribute("line") = shown.line;
    }
    if (entry.verdict.kind != Verdict::Kind::passed) add_failure(testcase, entry);
    testcase.append_child("system-out").append_child(pugi::node_pcdata).set_value(for_xml(transcript(entry.evidence)).c_str());
    if (entry.client && !entry.client->errors.empty())
      testcase.append_child("system-err").append_child(pugi::node_pcdata).set_value(for_xml(entry.client->errors).c_str());
  }
  std::ostringstream out;
  document.save(out, "  ");
  return out.str();
}

}  // namespace malaposta::report
