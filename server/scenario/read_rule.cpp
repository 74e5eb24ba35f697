// A rule: where it stands, when it is live, what happens then.
#include "scenario/read_values.hpp"
#include "scenario/tables.hpp"

namespace malaposta::scenario {

namespace {

constexpr auto kFaults = words<FaultKind>("fault", {
                                                       {"close", FaultKind::close},
                                                       {"reset", FaultKind::reset},
                                                       {"half-close", FaultKind::half_close},
                                                       {"stall", FaultKind::stall},
                                                       {"silence", FaultKind::silence},
                                                       {"garbage", FaultKind::garbage},
                                                       {"truncate", FaultKind::truncate},
                                                       {"discard", FaultKind::discard},
                                                       {"duplicate", FaultKind::duplicate},
                                                   });

constexpr auto kThens = words<Then>("end", {
                                               {"stay", Then::stay},
                                               {"close", Then::close},
                                               {"reset", Then::reset},
                                               {"half-close", Then::half_close},
                                               {"stall", Then::stall},
                                               {"starttls", Then::starttls},
                                           });

constexpr auto kKeys = words<Subject>("part of a key", {
                                                           {"ip", Subject::ip},
                                                           {"helo", Subject::helo},
                                                           {"mail", Subject::mail},
                                                           {"rcpt", Subject::rcpt},
                                                           {"user", Subject::user},
                                                           {"mechanism", Subject::mechanism},
                                                           {"sni", Subject::sni},
                                                       });

constexpr std::array kWindowFields{
    field<&Window::after, kDuration>("after", "Live from this time on"),
    field<&Window::until, kDuration>("until", "Live up to this time"),
};
constexpr Table<Window> kWindowTable{"window", "Times since the key was first seen", kWindowFields};

constexpr std::array kRateFields{
    field<&Rate::max, kPositive>("max", "How many matches are let through", true),
    field<&Rate::per, kDuration>("per", "In how much time", true),
};
constexpr Table<Rate> kRateTable{"rate", "Live once there are more matches than this", kRateFields};

// Members whose place matters too: that of the value.
template <auto kMember, auto kPlace, const auto& kShape>
constexpr Field<Rule> placed(std::string_view key, std::string_view doc, bool required = false) {
  auto row = field<kMember, kShape>(key, doc, required);
  row.read = [](Reading& reading, const Node& key, const Node& value, Rule& rule) {
    rule.*kPlace = value.place;
    field<kMember, kShape>({}, {}).read(reading, key, value, rule);
  };
  return row;
}

constexpr std::array kFields{
    field<&Rule::id, kLine>("id", "Its name in reports and expectations; rule-N if not said"),
    placed<&Rule::at, &Rule::at_place, kOneOrMore<Stage, kStage>>("at", "The stage, or any of a list of stages", true),
    field<&Rule::when, kConditions>("when", "Conditions, all of which must hold"),
    field<&Rule::times, kCountSetting>("times", "How often the rule fires; then evaluation falls through"),
    field<&Rule::skip, kCountSetting>("skip", "How many matches pass before the rule is live"),
    field<&Rule::every, kCountSetting>("every", "Live at every Nth match"),
    field<&Rule::probability, kProbability>("probability", "Live with this probability, decided by seed, rule, key and attempt"),
    field<&Rule::key, kOneOrMore<Subject, kOneOf<Subject, kKeys>>>(
        "key", "Counters and state are kept for each of these; one for all if not said"),
    field<&Rule::window, kMapping<Window, kWindowTable>>("window", "Live for a time, counted from when the key was first seen"),
    field<&Rule::rate, kMapping<Rate, kRateTable>>("rate", "Live once this rate is exceeded"),
    field<&Rule::set, kLine>("set", "The state to enter when the rule fires"),
    field<&Rule::reply, kReply>("reply", "The reply; a bare code takes the rest from the catalogue; a list or a block has several lines"),
    placed<&Rule::fault, &Rule::fault_place, kOneOf<FaultKind, kFaults>>("fault", "What goes wrong"),
    field<&Rule::then, kOneOf<Then, kThens>>("then", "What happens after the reply"),
    field<&Rule::hold, kDurationSetting>("for", "How long a stall or a silence lasts; for ever if not said"),
    field<&Rule::bytes, kCountSetting>("bytes", "Of garbage: how many bytes; of truncate: where the reply ends"),
    field<&Rule::after, kCountSetting>("after", "At body: the number of content bytes after which it happens"),
    field<&Rule::delay, kDelay>("delay", "Waits before the answer"),
    field<&Rule::dribble, kDribble>("dribble", "The reply leaves in pieces"),
    field<&Rule::read, kSlowRead>("read", "From here on the client's bytes are read slowly, so that its writes block"),
    field<&Rule::steps, kSteps>("do", "Steps, where one outcome is not enough"),
    field<&Rule::capture, kFlag>("capture", "Whether the message is kept; if not said, when the final reply is 2yz"),
};
constexpr Table<Rule> kTable{"rule", "What happens at a stage", kFields};

}  // namespace

bool read_rule(Reading& reading, const Node& node, Rule& into) {
  const std::size_t before = reading.diagnostics.errors();
  if (!read_mapping<kTable>(reading, node, into)) return false;
  if (reading.diagnostics.errors() == before) return true;
  // Something is missing from this rule. Its other parts are still worth checking, but not how these go together.
  into.fault.reset();
  into.then.reset();
  into.hold.reset();
  into.bytes.reset();
  into.after.reset();
  into.capture.reset();
  return true;
}

boost::json::object rule_schema(Definitions& definitions) { return schema_of<kTable>(definitions); }

}  // namespace malaposta::scenario
