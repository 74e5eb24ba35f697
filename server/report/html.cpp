// The HTML report: the whole run on one page. Its text comes through html_page::text() and its kin, without exception.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "catalogue/findings.hpp"
#include "report/html.hpp"
#include "verify/explain.hpp"

namespace malaposta::report {

namespace {

using namespace html_page;
using verify::Judgement;
using verify::Verdict;

constexpr std::string_view kStyle =
#include "report/html_style.inc"
    ;

std::string anchor(std::size_t index) { return fmt::format("s{}", index + 1); }

std::string badge(Verdict::Kind kind) { return fmt::format("<b class=\"verdict {}\">{}</b>", name(kind), name(kind)); }

// As a POSIX shell reads it back.
std::string quoted(const std::string& word) {
  static constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:@%{}";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + quoted(word);
  return out;
}

// The name without its cell.
std::string_view base_of(const Entry& entry) {
  std::string_view base = entry.name;
  const std::string cell = "[" + entry.verdict.cell + "]";
  if (!entry.verdict.cell.empty() && base.ends_with(cell)) base.remove_suffix(cell.size());
  return base;
}

// What `malaposta run` takes for the scenario: a shipped one by its name.
std::string source_of(const Entry& entry) {
  return entry.file.empty() || entry.file.starts_with("<builtin>") ? std::string(base_of(entry)) : entry.file;
}

std::string repeat(const std::vector<Entry>& entries, const Entry& entry, const Start& start) {
  std::vector<std::string> words{"malaposta", "run"};
  if (start.together) {
    for (const Entry& one : entries)
      if (std::find(words.begin(), words.end(), source_of(one)) == words.end()) words.push_back(source_of(one));
    words.emplace_back("--once");
  } else {
    words.push_back(source_of(entry));
    if (!entry.verdict.cell.empty()) words.insert(words.end(), {"--filter", entry.name});
  }
  words.insert(words.end(), {"--seed", std::to_string(start.seed)});
  words.insert(words.end(), start.options.begin(), start.options.end());
  if (!start.client.empty()) {
    words.emplace_back("--");
    words.insert(words.end(), start.client.begin(), start.client.end());
  }
  return joined(words);
}

std::string client_name(const Start& start) {
  if (start.client.empty()) return "whoever connected";
  const std::string& program = start.client.front();
  return program.substr(program.rfind('/') + 1);
}

std::string told(const verify::ClientResult& client) {
  if (client.timed_out) return "ran out of time and was stopped";
  if (client.signal) return fmt::format("was killed by signal {}", *client.signal);
  return client.exit ? fmt::format("ended with status {}", *client.exit) : "was stopped: all was settled";
}

// In a few words, for the matrix.
std::string reason(const Entry& entry) {
  if (!entry.error.empty()) return line(entry.error);
  std::string out;
  if (entry.evidence.sessions.empty()) out = "no client connected; ";
  for (const Judgement& one : entry.verdict.judgements) {
    if (one.outcome == Judgement::Outcome::passed) continue;
    return out + fmt::format("expected {}; got {}", line(one.expected), line(one.actual));
  }
  if (entry.client && (entry.client->timed_out || entry.client->signal)) return out + "the client " + told(*entry.client);
  return out;
}

std::string findings_count(const Entry& entry) {
  std::array<std::size_t, 3> counts{};
  for (const verify::Finding& one : entry.verdict.findings) ++counts.at(static_cast<std::size_t>(one.severity));
  std::string out;
  for (const auto severity : {catalogue::Severity::error, catalogue::Severity::warning, catalogue::Severity::note}) {
    const std::size_t count = counts.at(static_cast<std::size_t>(severity));
    if (count == 0) continue;
    out += fmt::format("<span class=\"finding {}\">{} {}{}</span> ", name(severity), count, name(severity), count == 1 ? "" : "s");
  }
  return out.empty() ? "none" : out;
}

std::string matrix(const std::vector<Entry>& entries, const Start& start) {
  std::string out = fmt::format(
      "<table class=\"matrix\" id=\"matrix\"><caption>Scenarios by client; a verdict leads to its sessions</caption>\n<thead><tr>"
      "<th scope=\"col\">Scenario</th><th scope=\"col\">{}</th><th scope=\"col\">Why</th><th scope=\"col\">Findings</th>"
      "<th scope=\"col\">Time</th></tr></thead>\n",
      line(client_name(start)));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    const std::string_view base = base_of(entry);
    const bool cell = !entry.verdict.cell.empty(), first = i == 0 || base_of(entries[i - 1]) != base;
    if (first) out += i == 0 ? "<tbody>\n" : "</tbody>\n<tbody>\n";
    if (first && cell) out += fmt::format("<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"5\">{}</th></tr>\n", line(base));
    out += fmt::format(
        "<tr{}><th scope=\"row\">{}</th><td class=\"cell {}\"><a href=\"#{}\">{}</a></td><td class=\"why\">{}</td>"
        "<td class=\"count\">{}</td><td class=\"duration\">{}</td></tr>\n",
        cell ? " class=\"of-group\"" : "", line(cell ? entry.verdict.cell : entry.name), name(entry.verdict.kind), anchor(i),
        name(entry.verdict.kind), reason(entry), findings_count(entry), lasting(entry.duration));
  }
  return out + (entries.empty() ? "" : "</tbody>") + "</table>\n";
}

std::string judgement(const Judgement& one) {
  std::string out = fmt::format(
      "<div class=\"judgement {}\"><h3>Expectation {}</h3>\n<dl><dt>Expected</dt><dd>{}</dd><dt>Actual</dt><dd>{}</dd>"
      "<dt>Stands at</dt><dd><code>{}:{}:{}</code></dd></dl>\n",
      verify::name(one.outcome), verify::name(one.outcome), line(one.expected), line(one.actual), line(one.file), one.line, one.column);
  if (!one.explanation.empty()) {
    std::string lines;
    for (const std::string& explained : one.explanation) lines += explained + "\n";
    out += fmt::format("<h4>What came nearest</h4>\n<pre tabindex=\"0\">{}</pre>\n", block(lines));
  }
  return out + "</div>\n";
}

// Each id once, with the places where it was met.
std::string findings(const Entry& entry, std::string_view anchor) {
  std::map<std::string_view, std::vector<const verify::Finding*>> by_id;
  for (const verify::Finding& one : entry.verdict.findings) by_id[one.id].push_back(&one);
  if (by_id.empty()) return {};
  std::string out = "<section class=\"findings\"><h3>What the client did against the rules</h3>\n";
  for (const auto& [id, all] : by_id) {
    const catalogue::FindingInfo* info = catalogue::find_finding(id);
    out += fmt::format("<div id=\"{}-{}\" class=\"breach\"><h4><span class=\"finding {}\">{}</span> <code>{}</code></h4>\n", anchor,
                       text(id), name(all.front()->severity), name(all.front()->severity), text(id));
    if (info != nullptr)
      out += fmt::format("<p>{} ({}). {} <em>{}</em></p>\n", text(info->title), rule_link(info->rule), text(info->meaning),
                         text(info->advice));
    out += "<ul>";
    for (std::size_t i = 0; i < std::min(all.size(), kMostPlaces); ++i)
      out += fmt::format("<li>session {}: <code>{}</code></li>", all[i]->session + 1, line(all[i]->detail));
    if (all.size() > kMostPlaces) out += fmt::format("<li>{}</li>", left_out(all.size() - kMostPlaces, "place"));
    out += "</ul></div>\n";
  }
  return out + "</section>\n";
}

std::string sessions(const Entry& entry, std::string_view anchor) {
  const std::size_t all = entry.evidence.sessions.size(), left = all > kMostSessions ? all - kMostSessions : 0;
  if (all == 0) return "<p class=\"nobody\">No client connected.</p>\n";
  std::string out;
  for (std::size_t i = 0; i < all; ++i) {
    if (left > 0 && i == kMostSessions / 2) {
      out += fmt::format("<p>{}</p>\n", left_out(left, "session"));
      i += left;
    }
    out += ladder(entry, i, anchor);
  }
  return out;
}

std::string written(std::string_view title, const std::string& bytes) {
  if (bytes.empty()) return fmt::format("<p>It wrote nothing to its {}.</p>\n", title);
  return fmt::format("<h4>Its {}</h4>\n<pre tabindex=\"0\">{}</pre>\n", title, block(bytes));
}

std::string client(const Entry& entry) {
  if (!entry.client) return {};
  return fmt::format("<section class=\"client\"><h3>The client {}</h3>\n{}{}</section>\n", told(*entry.client),
                     written("standard error", entry.client->errors), written("standard output", entry.client->output));
}

std::string story(const std::vector<Entry>& entries, std::size_t index, const Start& start) {
  const Entry& entry = entries[index];
  const bool passed = entry.verdict.kind == Verdict::Kind::passed;
  // The id stands within the details, so that a browser opens them when it is led there.
  std::string out = fmt::format(
      "<article class=\"{}\"><details{}><summary>{} <h2>{}</h2> <span class=\"duration\">{}</span></summary>\n"
      "<div class=\"body\" id=\"{}\">\n",
      name(entry.verdict.kind), passed ? "" : " open=\"open\"", badge(entry.verdict.kind), line(entry.name), lasting(entry.duration),
      anchor(index));
  if (!entry.error.empty()) out += fmt::format("<p class=\"trouble\">{}</p>\n", line(entry.error));
  for (const Judgement& one : entry.verdict.judgements)
    if (one.outcome != Judgement::Outcome::passed) out += judgement(one);
  out += findings(entry, anchor(index)) + sessions(entry, anchor(index)) + client(entry);
  out += fmt::format("<section class=\"repeat\"><h3>To repeat it</h3>\n<pre tabindex=\"0\">{}</pre></section>\n",
                     text(repeat(entries, entry, start)));
  return out + "<p class=\"back\"><a href=\"#matrix\">Back to the matrix</a></p>\n</div></details></article>\n";
}

std::string summary(const std::vector<Entry>& entries) {
  std::string out;
  for (const auto kind : {Verdict::Kind::failed, Verdict::Kind::error, Verdict::Kind::inconclusive, Verdict::Kind::passed}) {
    const auto count = std::count_if(entries.begin(), entries.end(), [&](const Entry& one) { return one.verdict.kind == kind; });
    if (count > 0) out += fmt::format("<li class=\"{}\"><b>{}</b> {}</li>", name(kind), count, name(kind));
  }
  return "<ul class=\"counts\">" + out + "</ul>\n";
}

}  // namespace

std::string html(const std::vector<Entry>& entries, const Start& start) {
  const std::string who = line(client_name(start));
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<meta name=\"color-scheme\" content=\"light dark\"/>\n"
      "<title>Malaposta: {}</title>\n<style>{}</style>\n</head>\n<body>\n<header>\n<h1>How <span>{}</span> behaved</h1>\n{}",
      who, kStyle, who, summary(entries));
  page += fmt::format("<dl><dt>Client</dt><dd><code>{}</code></dd><dt>Seed</dt><dd><code>{}</code></dd></dl>\n</header>\n<main>\n",
                      start.client.empty() ? who : line(joined(start.client)), start.seed);
  page += matrix(entries, start);
  for (std::size_t i = 0; i < entries.size(); ++i) page += story(entries, i, start);
  return page +
         "</main>\n<footer><p>Made by Malaposta, the mail server that misbehaves on purpose. Times count from the start of each session.</p></footer>\n"
         "</body>\n</html>\n";
}

}  // namespace malaposta::report
