// Verdicts over HTTP: what `malaposta run` would say of the client by now, or as soon as it holds.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include "http/handlers.hpp"
#include "report/report.hpp"
#include "scenario/expectations.hpp"
#include "scenario/play.hpp"
#include "scenario/units.hpp"
#include "verify/verdict.hpp"

namespace malaposta::http {

namespace {

constexpr std::string_view kVerifyShape =
    R"(the content must be like {"scenario": "451-twice", "expect": [{"accepted": 1}]}; both may be left out)";
constexpr std::string_view kWaitShape =
    R"(the content must be like {"expect": [{"accepted": 1}], "timeout": "30s", "scenario": "451-twice"}; all may be left out)";
constexpr std::chrono::seconds kUsualWait{30};
constexpr std::chrono::minutes kLongestWait{10};
// How often it is looked whether it has been quiet for long enough: that comes without an event.
constexpr std::chrono::milliseconds kQuietEvery{50};

struct Question {
  scenario::ScenarioPtr scenario;  // with the expectations that are asked for
  std::vector<scenario::Additions::Addition> additions;
  std::shared_ptr<scenario::Instance> played;
  journal::TimePoint until{};
};

// The scenario of that name; where none is named, the only one.
std::variant<std::shared_ptr<scenario::Instance>, Response> scenario_of(const boost::json::object& content, const Api& api) {
  const std::vector<net::Playing> all = api.smtp->playing();
  const boost::json::value* wanted = content.if_contains("scenario");
  if (wanted == nullptr && all.size() == 1) return all.front().instance;
  std::string names;
  for (const net::Playing& one : all) {
    const std::string& name = one.instance->scenario().name();
    if (wanted != nullptr && wanted->is_string() && name == std::string_view(wanted->get_string())) return one.instance;
    names += (names.empty() ? "" : ", ") + name;
  }
  if (wanted == nullptr) return error(400, "say which 'scenario' is meant: " + names);
  return error(404, "no scenario of that name is played; there are " + names);
}

// What the rules are called that `rule` expectations may name.
std::vector<std::string> rule_ids(const Question& question) {
  std::vector<std::string> ids;
  for (const scenario::Rule& rule : question.played->scenario().model().rules) ids.push_back(rule.id.value);
  for (const scenario::Additions::Addition& one : question.additions)
    for (const scenario::Rule& rule : one.rules->scenario().model().rules)
      if (std::ranges::find(ids, rule.id.value) == ids.end()) ids.push_back(rule.id.value);
  return ids;
}

std::optional<Response> read_timeout(const boost::json::object& content, Question& into) {
  const boost::json::value* wanted = content.if_contains("timeout");
  std::chrono::nanoseconds timeout = kUsualWait;
  if (wanted != nullptr) {
    const auto parsed = wanted->is_string() ? scenario::parse_duration(wanted->get_string()) : std::nullopt;
    if (!parsed || *parsed > kLongestWait) return error(400, "'timeout' is a time like \"30s\", at most 10m");
    timeout = *parsed;
  }
  into.until = std::chrono::steady_clock::now() + timeout;
  return std::nullopt;
}

std::optional<Response> read(const Request& request, const Api& api, std::string_view shape, bool waits, Question& into) {
  boost::system::error_code problem;
  const boost::json::value content = request.body.empty() ? boost::json::object() : boost::json::parse(request.body, problem);
  if (problem || !content.is_object()) return error(400, shape);
  for (const auto& member : content.get_object())
    if (member.key() != "scenario" && member.key() != "expect" && !(waits && member.key() == "timeout"))
      return error(400, fmt::format("unknown key '{}': {}", report::valid_utf8(member.key()), shape));
  auto found = scenario_of(content.get_object(), api);
  if (auto* refused = std::get_if<Response>(&found)) return std::move(*refused);
  into.played = std::get<std::shared_ptr<scenario::Instance>>(std::move(found));
  into.scenario = into.played->scenario_pointer();
  const scenario::Additions::List additions = api.smtp->additions().list();
  std::ranges::copy_if(*additions, std::back_inserter(into.additions),
                       [&](const scenario::Additions::Addition& one) { return one.is_for(into.scenario->name()); });
  if (waits)
    if (auto refused = read_timeout(content.get_object(), into)) return refused;
  const boost::json::value* expect = content.get_object().if_contains("expect");
  if (expect == nullptr) return std::nullopt;
  std::string problems;
  into.scenario = scenario::with_expectations(into.played->scenario(), boost::json::serialize(*expect), rule_ids(into), problems);
  if (!into.scenario) return error(400, report::valid_utf8(problems));
  return std::nullopt;
}

verify::Verdict judged(const Question& question, verify::Evidence& evidence, const Api& api, bool final) {
  evidence.rules = net::rule_counts(*question.played);
  for (const scenario::Additions::Addition& one : question.additions) {
    const std::vector<scenario::Rule>& rules = one.rules->scenario().model().rules;
    const std::vector<std::uint64_t> fired = one.rules->fired();
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const auto known = std::ranges::find(evidence.rules, rules[i].id.value, &verify::RuleCount::id);
      if (known == evidence.rules.end())
        evidence.rules.push_back({rules[i].id.value, 0, fired[i]});
      else
        known->fired += fired[i];
    }
  }
  verify::Verdict verdict = verify::judge(*question.scenario, evidence, std::nullopt, final, std::chrono::steady_clock::now());
  verdict.seed = api.smtp->seed();
  return verdict;
}

// The last word: 200 where it is good, else the status that is given. As verdict.json has it; what explains a failure is called
// `nearest` here.
Response told(const Question& question, verify::Evidence evidence, const Api& api, unsigned otherwise) {
  report::Entry entry;
  entry.verdict = judged(question, evidence, api, true);
  entry.evidence = std::move(evidence);
  boost::json::object object = report::verdict_object(entry);
  object.erase("client");
  object.erase("seconds");
  for (boost::json::value& one : object["expectations"].get_array()) {
    boost::json::object& expectation = one.get_object();
    expectation["nearest"] = std::move(expectation["explanation"]);
    expectation.erase("explanation");
    if (question.scenario != question.played->scenario_pointer()) expectation["file"] = expectation["line"] = nullptr;
  }
  for (boost::json::value& one : object["findings"].get_array()) {
    boost::json::object& finding = one.get_object();
    finding["session"] = entry.evidence.sessions.at(finding["session"].to_number<std::size_t>() - 1).id;
  }
  return json(object, entry.verdict.kind == verify::Verdict::Kind::passed ? 200 : otherwise);
}

// Looks at everything that the scenario's sessions did, then answers with what `judge` makes of it.
Visit gather(const std::shared_ptr<const Question>& question, std::function<Answer(verify::Evidence)> judge) {
  const auto evidence = std::make_shared<verify::Evidence>();
  return {[question, evidence](const journal::Journal& journal) { evidence->add(journal, 0, question->played->scenario().name()); },
          [evidence, judge = std::move(judge)] { return judge(std::move(*evidence)); }};
}

// Until everything is met, something can be met no more, or it is too late.
Answer ask_again(const std::shared_ptr<const Question>& question, Api& api) {
  // Before the look, so that the last one shows what had happened by then.
  const bool late = std::chrono::steady_clock::now() >= question->until;
  return gather(question, [question, &api, late](verify::Evidence evidence) -> Answer {
    const verify::Verdict verdict = judged(*question, evidence, api, false);
    if (late || verdict.kind == verify::Verdict::Kind::failed || !verify::pending(verdict))
      return told(*question, std::move(evidence), api, 408);
    const journal::TimePoint soon = std::chrono::steady_clock::now() + kQuietEvery;
    return Pause{verify::awaits_quiet(*question->scenario) ? std::min(question->until, soon) : question->until,
                 [question, &api] { return ask_again(question, api); }};
  });
}

}  // namespace

Answer verify_now(const Request& request, Api& api) {
  auto question = std::make_shared<Question>();
  if (auto refused = read(request, api, kVerifyShape, false, *question)) return std::move(*refused);
  return gather(question, [question, &api](verify::Evidence evidence) -> Answer { return told(*question, std::move(evidence), api, 422); });
}

Answer wait(const Request& request, Api& api) {
  auto question = std::make_shared<Question>();
  if (auto refused = read(request, api, kWaitShape, true, *question)) return std::move(*refused);
  return ask_again(question, api);
}

Answer reset(const Request&, Api& api) {
  api.smtp->reset();
  ++api.resets;
  return Visit{[](journal::Journal& journal) { journal.clear(); },
               [&api] {
                 api.keep({});
                 return json({{"status", "ok"}});
               }};
}

}  // namespace malaposta::http
