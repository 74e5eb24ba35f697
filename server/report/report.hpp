// What every report is made from: the results of a run, in the order of the scenarios.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "verify/verdict.hpp"

namespace malaposta::report {

struct Entry {
  std::string name;  // of the scenario, with its cell
  verify::Verdict verdict;
  verify::Evidence evidence;
  std::optional<verify::ClientResult> client;
  std::chrono::nanoseconds duration{};
  std::string error;  // why nothing could be judged
  std::string file;   // of the scenario, as its expectations name it
};

// One line for a scenario: "FAILED 550 (0.12 s)", and below it each failure in full and what was found about the client.
std::string console(const Entry& entry, bool colour);
// "12 scenarios: 11 passed, 1 failed; seed 1".
std::string console_summary(const std::vector<Entry>& entries, std::uint64_t seed, bool colour);

// The form that most CI systems read (client_tests/run/junit.xsd); transcripts in system-out.
std::string junit(const std::vector<Entry>& entries);

// Test Anything Protocol, version 14, with YAML diagnostics.
std::string tap(const std::vector<Entry>& entries);

// All results in one JSON document: {"seed", "scenarios": [as verdict_json]}.
std::string json(const std::vector<Entry>& entries, std::uint64_t seed);
// One result, as verdict.json has it.
boost::json::object verdict_object(const Entry& entry);
std::string verdict_json(const Entry& entry);

// Workflow commands that GitHub shows beside the file, and its step summary in Markdown.
std::string github_annotations(const std::vector<Entry>& entries);
std::string github_summary(const std::vector<Entry>& entries);

// How the run was started: what an HTML page tells of it, and how to repeat a scenario of it.
struct Start {
  std::uint64_t seed = 0;
  std::vector<std::string> options;  // further ones of `malaposta run` that the client meets: "--strict", "--timeout", "5s"
  std::vector<std::string> client;   // command and arguments; empty: whoever connected
  bool together = false;             // --once: one client for all scenarios
};

// One page that needs nothing but itself: a matrix of scenarios and the client, and each session as a ladder diagram. No script;
// whatever the client sent is text. Well-formed as XML, too.
std::string html(const std::vector<Entry>& entries, const Start& start);

// Every session in dialog syntax, each behind a comment line "# session 1 from 127.0.0.1:54321".
std::string transcript(const verify::Evidence& evidence);

// The journal, one JSON object in a line for each event.
std::string events_ndjson(const verify::Evidence& evidence);

// Writes transcript.txt, events.ndjson, messages/*.eml, client.stdout, client.stderr and verdict.json for each entry below
// `folder`. Throws std::runtime_error naming what cannot be written.
void write_artifacts(const std::string& folder, const std::vector<Entry>& entries);

// Text that is UTF-8 whatever came in: other bytes become U+FFFD.
std::string valid_utf8(std::string_view text);

// The same, with what a terminal obeys or a reader cannot see as "\x1B" and "\u202E": control characters (C0, DEL, C1), and those
// that turn the direction of writing or have no width. A line end or a tab stays only where `lines` says so.
std::string visible(std::string_view bytes, bool lines = false);

}  // namespace malaposta::report
