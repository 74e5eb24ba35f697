// How a rule's answer leaves: `delay`, `dribble`, `read` and the steps of `do`.
#include <boost/json/array.hpp>

#include "protocol/decision.hpp"
#include "scenario/read_values.hpp"
#include "scenario/tables.hpp"

namespace malaposta::scenario {

namespace json = boost::json;

namespace {

// delay

void read_uniform(Reading& reading, const Node&, const Node& value, Delay& into) {
  into.kind = Delay::Kind::uniform;
  if (!value.is_list() || value.children.size() != 2) return tell_unexpected(reading, value, "a list of two times, such as [1s, 3s]");
  const bool low = take(reading, kDuration, value.children[0], into.low), high = take(reading, kDuration, value.children[1], into.high);
  if (low && high && into.low > into.high) reading.diagnostics.error(value.children[0].place, "the first time is longer than the second");
}
json::object uniform_schema(Definitions& definitions) {
  return {{"type", "array"}, {"items", duration_schema(definitions)}, {"minItems", 2}, {"maxItems", 2}};
}

constexpr std::array kNormalFields{
    field<&Delay::mean, kDuration>("mean", "The mean of the times", true),
    field<&Delay::sd, kDuration>("sd", "Their standard deviation", true),
};
constexpr Table<Delay> kNormal{"normal", "Normally distributed times, none below zero", kNormalFields};

constexpr std::array kLognormalFields{
    field<&Delay::median, kDuration>("median", "The median of the times", true),
    field<&Delay::sigma, kFactor>("sigma", "The standard deviation of their logarithm", true),
    field<&Delay::max, kDuration>("max", "No time is longer than this"),
};
constexpr Table<Delay> kLognormal{"lognormal", "Log-normally distributed times, as those of networks are", kLognormalFields};

template <Delay::Kind kKind, const auto& kTable>
constexpr Field<Delay> distribution(std::string_view key, std::string_view doc) {
  return {key, doc, schema_of<kTable>, [](Reading& reading, const Node&, const Node& value, Delay& into) {
            into.kind = kKind;
            const Place place = into.place;
            if (!read_mapping<kTable>(reading, value, into)) tell_unexpected(reading, value, "a mapping");
            into.place = place;
          }};
}

constexpr std::array kDelayFields{
    Field<Delay>{"uniform", "Any time between the two", uniform_schema, read_uniform},
    distribution<Delay::Kind::normal, kNormal>("normal", "Normally distributed: { mean: 1s, sd: 200ms }"),
    distribution<Delay::Kind::lognormal, kLognormal>("lognormal", "Log-normally distributed: { median: 90ms, sigma: 0.4, max: 2s }"),
};
constexpr Table<Delay> kDelayTable{"delay", "A distribution of times", kDelayFields, true};

// dribble

constexpr std::array kDribbleFields{
    field<&Dribble::bytes, kPositive>("bytes", "Size of each piece; 1 if not said"),
    field<&Dribble::every, kDuration>("every", "Time between two pieces"),
    field<&Dribble::over, kDuration>("over", "Instead of 'every': the pieces are spread over this time"),
};
constexpr Table<Dribble> kDribbleTable{"dribble", "The reply leaves in pieces", kDribbleFields};

// read

constexpr std::array kSlowReadFields{
    field<&SlowRead::bytes, kPositive>("bytes", "Bytes that are taken at a time; 1 if not said"),
    field<&SlowRead::every, kDuration>("every", "Time between two such pieces", true),
};
constexpr Table<SlowRead> kSlowReadTable{"read", "From here on the client's bytes are read slowly", kSlowReadFields};

// do

template <DoStep::Kind kKind, auto kMember, const auto& kShape>
constexpr Field<DoStep> step(std::string_view key, std::string_view doc) {
  return {key, doc, kShape.schema, [](Reading& reading, const Node&, const Node& value, DoStep& into) {
            into.kind = kKind;
            take(reading, kShape, value, into.*kMember);
          }};
}

void read_read(Reading& reading, const Node&, const Node& value, DoStep& into) {
  into.kind = value.text == "line" ? DoStep::Kind::read_line : DoStep::Kind::read_bytes;
  if (into.kind == DoStep::Kind::read_bytes && !read_positive(reading, value, into.number))
    tell_unexpected(reading, value, "a number of bytes from 1, or line");
}
json::object read_schema(Definitions& definitions) { return {{"oneOf", {{{"const", "line"}}, count_schema(definitions)}}}; }

std::vector<std::string_view> destinations() {
  std::vector<std::string_view> names;
  for (const Stage stage : protocol::kDestinations) names.push_back(catalogue::name(stage));
  return names;
}
void read_destination(Reading& reading, const Node&, const Node& value, DoStep& into) {
  into.kind = DoStep::Kind::go_to;
  for (const Stage stage : protocol::kDestinations)
    if (value.is_scalar() && catalogue::name(stage) == value.text) {
      into.stage = stage;
      return;
    }
  tell_unknown_word(reading, value, "stage to go to", destinations());
}
json::object destination_schema(Definitions&) { return words_schema(destinations()); }

constexpr std::array kStepFields{
    step<DoStep::Kind::send, &DoStep::text, kText>("send", "Sends these bytes; no line end is added"),
    step<DoStep::Kind::reply, &DoStep::reply, kReply>("reply", "Sends a reply"),
    step<DoStep::Kind::wait, &DoStep::duration, kDurationSetting>("wait", "Waits for this time"),
    Field<DoStep>{"read", "Reads this many bytes, or a line", read_schema, read_read},
    step<DoStep::Kind::set, &DoStep::text, kLine>("set", "Enters this state"),
    Field<DoStep>{"goto", "The session stands at this stage from now on, whatever was said", destination_schema, read_destination},
};
constexpr Table<DoStep> kStepTable{"step", "One step of do", kStepFields, true};

constexpr auto kPlainSteps = words<DoStep::Kind>("step", {
                                                             {"close", DoStep::Kind::close},
                                                             {"reset", DoStep::Kind::reset},
                                                             {"half-close", DoStep::Kind::half_close},
                                                             {"starttls", DoStep::Kind::starttls},
                                                         });

bool read_step(Reading& reading, const Node& node, DoStep& into) {
  if (node.is_mapping()) return read_mapping<kStepTable>(reading, node, into);
  into.place = node.place;
  return node.is_scalar() && !node.is_nothing() && read_word<DoStep::Kind, kPlainSteps>(reading, node, into.kind);
}
json::object step_schema(Definitions& definitions) {
  return {{"oneOf", {words_schema(kPlainSteps.names()), schema_of<kStepTable>(definitions)}}};
}
constexpr Shape<DoStep> kStep{"a step, such as wait: 2s or close", step_schema, read_step};
constexpr auto& kStepList = kListOf<DoStep, kStep>;

}  // namespace

bool read_delay(Reading& reading, const Node& node, Delay& into) {
  if (node.is_mapping()) return read_mapping<kDelayTable>(reading, node, into);
  into.place = node.place;
  return read_duration_setting(reading, node, into.fixed);
}
json::object delay_schema(Definitions& definitions) {
  return {{"oneOf", {duration_schema(definitions), schema_of<kDelayTable>(definitions)}}};
}

bool read_slow_read(Reading& reading, const Node& node, SlowRead& into) { return read_mapping<kSlowReadTable>(reading, node, into); }
json::object slow_read_schema(Definitions& definitions) { return schema_of<kSlowReadTable>(definitions); }

bool read_dribble(Reading& reading, const Node& node, Dribble& into) {
  if (!read_mapping<kDribbleTable>(reading, node, into)) return false;
  const bool every = find(node, "every") != nullptr, over = find(node, "over") != nullptr;
  if (every == over)
    reading.diagnostics.error(node.place, every ? "dribble has both 'every' and 'over'" : "dribble has neither 'every' nor 'over'",
                              "'every' is the time between two pieces, 'over' that of all of them");
  return true;
}
json::object dribble_schema(Definitions& definitions) { return schema_of<kDribbleTable>(definitions); }

bool read_steps(Reading& reading, const Node& node, std::vector<DoStep>& into) {
  return !(node.is_list() && node.children.empty()) && kStepList.read(reading, node, into);
}
json::object steps_schema(Definitions& definitions) {
  json::object schema = kStepList.schema(definitions);
  schema["minItems"] = 1;
  return schema;
}

}  // namespace malaposta::scenario
