// Results for programs.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "report/report.hpp"
#include "verify/explain.hpp"

namespace malaposta::report {

namespace json_ = boost::json;

namespace {

json_::value or_null(const std::optional<int>& number) { return number ? json_::value(*number) : json_::value(nullptr); }

}  // namespace

json_::object verdict_object(const Entry& entry) {
  json_::object object{{"scenario", entry.verdict.scenario},
                       {"cell", entry.verdict.cell},
                       {"verdict", name(entry.verdict.kind)},
                       {"seed", entry.verdict.seed}};
  object["seconds"] = std::chrono::duration<double>(entry.duration).count();
  if (entry.client)
    object["client"] = {
        {"exit", or_null(entry.client->exit)}, {"signal", or_null(entry.client->signal)}, {"timed_out", entry.client->timed_out}};
  else
    object["client"] = nullptr;
  json_::array expectations, findings;
  for (const verify::Judgement& one : entry.verdict.judgements) {
    json_::array explanation;
    for (const std::string& line : one.explanation) explanation.emplace_back(valid_utf8(line));
    expectations.push_back({{"passed", one.outcome == verify::Judgement::Outcome::passed},
                            {"outcome", verify::name(one.outcome)},
                            {"expected", one.expected},
                            {"actual", valid_utf8(one.actual)},
                            {"explanation", explanation},
                            {"file", one.file},
                            {"line", one.line}});
  }
  for (const verify::Finding& one : entry.verdict.findings)
    findings.push_back({{"id", one.id},
                        {"severity", catalogue::name(one.severity)},
                        {"session", one.session + 1},
                        {"line", one.event + 1},
                        {"detail", valid_utf8(one.detail)}});
  const std::vector<verify::Transaction> transactions = verify::transactions(entry.evidence);
  const auto count = [](const auto& all, auto member) {
    return std::count_if(all.begin(), all.end(), [&](const auto& one) { return one.*member; });
  };
  object["connections"] = entry.evidence.sessions.size();
  object["attempts"] = transactions.size();
  object["accepted"] = count(transactions, &verify::Transaction::acknowledged);
  object["captured"] = count(entry.evidence.messages, &verify::MessageRecord::captured);
  object["expectations"] = expectations;
  object["findings"] = findings;
  if (!entry.error.empty()) object["error"] = entry.error;
  return object;
}

std::string verdict_json(const Entry& entry) { return json_::serialize(verdict_object(entry)) + "\n"; }

std::string json(const std::vector<Entry>& entries, std::uint64_t seed) {
  json_::array scenarios;
  for (const Entry& entry : entries) scenarios.push_back(verdict_object(entry));
  return json_::serialize(json_::object{{"seed", seed}, {"scenarios", scenarios}}) + "\n";
}

std::string events_ndjson(const verify::Evidence& evidence) {
  std::string lines;
  for (std::size_t i = 0; i < evidence.sessions.size(); ++i) {
    const verify::SessionRecord& session = evidence.sessions[i];
    for (const verify::Event& event : session.events) {
      json_::object object{{"session", i + 1}, {"kind", journal::name(event.kind)}};
      object["seconds"] = std::chrono::duration<double>(event.at - session.opened).count();
      if (event.code != 0) object["code"] = event.code;
      if (event.number != 0) object["number"] = event.number;
      if (!event.text.empty()) object["text"] = valid_utf8(event.text);
      lines += json_::serialize(object) + "\n";
    }
  }
  return lines;
}

}  // namespace malaposta::report
