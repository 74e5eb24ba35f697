// Verdicts over HTTP: what `malaposta run` would say of the client by now, or as soon as it holds.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
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

struct Question {
  scenario::ScenarioPtr scenario;  // with the expectations that are asked for
  std::vector<scenario::Additions::Addition> additions;
  std::shared_ptr<scenario::Instance> played;
  journal::TimePoint until{};
};

struct Refused {
  unsigned status;
  std::string reason;
};

// The scenario of that name; where none is named, the only one.
std::variant<std::shared_ptr<scenario::Instance>, Refused> scenario_of(const boost::json::object& content, const Api& api) {
  const std::vector<std::shared_ptr<scenario::Instance>> all = api.smtp->instances();
  const boost::json::value* wanted = content.if_contains("scenario");
  if (wanted == nullptr && all.size() == 1) return all.front();
  std::string names;
  for (const std::shared_ptr<scenario::Instance>& one : all) {
    const std::string& name = one->scenario().name();
    if (wanted != nullptr && wanted->is_string() && name == std::string_view(wanted->get_string())) return one;
    names += (names.empty() ? "" : ", ") + name;
  }
  if (wanted == nullptr) return Refused{400, "say which 'scenario' is meant: " + names};
  return Refused{404, "no scenario of that name is played; there are " + names};
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

std::optional<Refused> read_timeout(const boost::json::object& content, Question& into) {
  const boost::json::value* wanted = content.if_contains("timeout");
  std::chrono::nanoseconds timeout = kUsualWait;
  if (wanted != nullptr) {
    const auto parsed = wanted->is_string() ? scenario::parse_duration(wanted->get_string()) : std::nullopt;
    if (!parsed || *parsed > kLongestWait) return Refused{400, "'timeout' is a time like \"30s\", at most 10m"};
    timeout = *parsed;
  }
  into.until = std::chrono::steady_clock::now() + timeout;
  return std::nullopt;
}

std::optional<Refused> read(const Request& request, const Api& api, std::string_view shape, bool waits, Question& into) {
  boost::system::error_code problem;
  const boost::json::value content = request.body.empty() ? boost::json::object() : boost::json::parse(request.body, problem);
  if (problem || !content.is_object()) return Refused{400, std::string(shape)};
  for (const auto& member : content.get_object())
    if (member.key() != "scenario" && member.key() != "expect" && !(waits && member.key() == "timeout"))
      return Refused{400, fmt::format("unknown key '{}': {}", report::valid_utf8(member.key()), shape)};
  auto found = scenario_of(content.get_object(), api);
  if (auto* refused = std::get_if<Refused>(&found)) return std::move(*refused);
  into.played = std::get<std::shared_ptr<scenario::Instance>>(std::move(found));
  into.scenario = into.played->scenario_pointer();
  into.additions = *api.additions->list();
  if (waits)
    if (auto refused = read_timeout(content.get_object(), into)) return refused;
  const boost::json::value* expect = content.get_object().if_contains("expect");
  if (expect == nullptr) return std::nullopt;
  std::string problems;
  into.scenario = scenario::with_expectations(into.played->scenario(), boost::json::serialize(*expect), rule_ids(into), problems);
  if (!into.scenario) return Refused{400, report::valid_utf8(problems)};
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
  verdict.seed = api.seed;
  return verdict;
}

// As verdict.json has it; what explains a failure is called `nearest` here.
Response told(const Question& question, verify::Verdict verdict, verify::Evidence evidence, unsigned otherwise) {
  const bool passed = verdict.kind == verify::Verdict::Kind::passed;
  report::Entry entry;
  entry.verdict = std::move(verdict);
  entry.evidence = std::move(evidence);
  boost::json::value value = boost::json::parse(report::verdict_json(entry));
  boost::json::object& object = value.get_object();
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
  return json(object, passed ? 200 : otherwise);
}

// Looks at everything that the scenario's sessions did, then answers with what `judge` makes of it.
Visit gather(const std::shared_ptr<const Question>& question, std::function<Answer(verify::Evidence)> judge) {
  const auto evidence = std::make_shared<verify::Evidence>();
  return {[question, evidence](const journal::Journal& journal) { evidence->add(journal, 0, question->played->scenario().name()); },
          [evidence, judge = std::move(judge)] { return judge(std::move(*evidence)); }};
}

bool pending(const verify::Verdict& verdict) {
  return std::ranges::any_of(verdict.judgements, [](const auto& one) { return one.outcome == verify::Judgement::Outcome::pending; });
}

// Until everything is met, something can be met no more, or it is too late.
Answer ask_again(const std::shared_ptr<const Question>& question, Api& api, bool late) {
  return gather(question, [question, &api, late](verify::Evidence evidence) -> Answer {
    verify::Verdict verdict = judged(*question, evidence, api, false);
    const bool failed = verdict.kind == verify::Verdict::Kind::failed;
    if (late || failed || !pending(verdict)) {
      verdict = judged(*question, evidence, api, true);
      return told(*question, std::move(verdict), std::move(evidence), 408);
    }
    // What has to be quiet for some time ends without an event.
    const bool quiet = std::ranges::any_of(question->scenario->model().expect,
                                           [](const auto& one) { return one.kind == scenario::Expectation::Kind::quiet; });
    const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
    const journal::TimePoint until = quiet ? std::min(question->until, soon) : question->until;
    return Pause{until, [question, &api](bool) { return ask_again(question, api, std::chrono::steady_clock::now() >= question->until); }};
  });
}

}  // namespace

Answer verify_now(const Request& request, Api& api) {
  auto question = std::make_shared<Question>();
  if (const auto refused = read(request, api, kVerifyShape, false, *question)) return error(refused->status, refused->reason);
  return gather(question, [question, &api](verify::Evidence evidence) -> Answer {
    verify::Verdict verdict = judged(*question, evidence, api, true);
    return told(*question, std::move(verdict), std::move(evidence), 422);
  });
}

Answer wait(const Request& request, Api& api) {
  auto question = std::make_shared<Question>();
  if (const auto refused = read(request, api, kWaitShape, true, *question)) return error(refused->status, refused->reason);
  return ask_again(question, api, false);
}

Answer reset(const Request&, Api& api) {
  api.smtp->additions().clear();
  for (const auto& one : api.smtp->instances()) one->reset();
  ++api.resets;
  api.read.clear();
  return Visit{[](journal::Journal& journal) { journal.clear(); }, [] { return json({{"status", "ok"}}); }};
}

}  // namespace malaposta::http
