// Mailpit's chaos: a share of the senders, recipients and logins is refused. Each trigger is an armed fault like any other, a rule with
// `probability`, and goes when all faults are disarmed.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string>

#include "http/handlers.hpp"
#include "report/report.hpp"
#include "scenario/additions.hpp"
#include "scenario/play.hpp"
#include "scenario/scenario.hpp"

namespace malaposta::http {

namespace {

constexpr std::string_view kShape =
    R"(the content must be like {"Sender": {"ErrorCode": 451, "Probability": 5}}; Recipient and Authentication may be there too; an ErrorCode is from 400 to 599, a Probability from 0 to 100)";

struct Trigger {
  std::string_view name;   // in the JSON
  std::string_view word;   // in the rule and in the reply
  std::string_view stage;
  int code;                // where none is said
};
constexpr std::array<Trigger, std::tuple_size_v<decltype(Api::chaos)>> kTriggers{
    {{"Sender", "sender", "mail", 451}, {"Recipient", "recipient", "rcpt", 451}, {"Authentication", "authentication", "auth", 535}}};

// The member's number; `otherwise` where it is not there. False where it is none from `least` to `most`.
bool read_number(const boost::json::object& from, std::string_view member, int least, int most, int& into) {
  const boost::json::value* value = from.if_contains(member);
  if (value == nullptr) return true;
  const std::int64_t* number = value->if_int64();
  if (number == nullptr || *number < least || *number > most) return false;
  into = static_cast<int>(*number);
  return true;
}

bool read_trigger(const boost::json::object& content, const Trigger& trigger, Chaos& into) {
  into = {trigger.code, 0, 0};
  const boost::json::value* value = content.if_contains(trigger.name);
  if (value == nullptr) return true;
  return value->is_object() && read_number(value->get_object(), "ErrorCode", 400, 599, into.code) &&
         read_number(value->get_object(), "Probability", 0, 100, into.percent);
}

scenario::ScenarioPtr rule_of(const Trigger& trigger, const Chaos& chaos) {
  const std::string text =
      fmt::format("malaposta: 1\nname: chaos\nrules: [{{id: chaos-{0}, at: {1}, probability: {2}, reply: '{3} Chaos {0} error'}}]\n",
                  trigger.word, trigger.stage, chaos.percent / 100.0, chaos.code);
  return scenario::load_text("chaos", text, {}).scenarios.at(0);
}

bool armed(const Api& api, const Chaos& chaos) {
  const scenario::Additions::List all = api.smtp->additions().list();
  return std::ranges::find(*all, chaos.addition, &scenario::Additions::Addition::id) != all->end();
}

Response told(const Api& api) {
  boost::json::object object;
  for (std::size_t i = 0; i < kTriggers.size(); ++i) {
    const Chaos& chaos = api.chaos.at(i);
    object[kTriggers.at(i).name] = {{"ErrorCode", chaos.code == 0 ? kTriggers.at(i).code : chaos.code},
                                    {"Probability", armed(api, chaos) ? chaos.percent : 0}};
  }
  return json(object);
}

}  // namespace

Answer chaos(const Request&, Api& api) { return told(api); }

Answer set_chaos(const Request& request, Api& api) {
  boost::system::error_code problem;
  const boost::json::value content = boost::json::parse(request.body, problem);
  if (problem || !content.is_object()) return error(400, kShape);
  std::array<Chaos, kTriggers.size()> wanted;
  for (const auto& member : content.get_object())
    if (std::ranges::find(kTriggers, std::string_view(member.key()), &Trigger::name) == kTriggers.end())
      return error(400, fmt::format("unknown trigger '{}': {}", report::valid_utf8(member.key()), kShape));
  for (std::size_t i = 0; i < kTriggers.size(); ++i)
    if (!read_trigger(content.get_object(), kTriggers.at(i), wanted.at(i))) return error(400, kShape);
  for (const Chaos& before : api.chaos) (void)api.smtp->additions().remove(before.addition);
  for (std::size_t i = 0; i < kTriggers.size(); ++i) {
    if (wanted.at(i).percent == 0) continue;
    const auto id = api.smtp->additions().add(rule_of(kTriggers.at(i), wanted.at(i)), api.smtp->seed());
    if (!id) return error(409, fmt::format("{} faults are armed already: disarm some first", scenario::Additions::kMost));
    wanted.at(i).addition = *id;
  }
  api.chaos = wanted;
  return told(api);
}

}  // namespace malaposta::http
