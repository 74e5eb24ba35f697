// What a correct client is expected to do: one entry of `expect`.
#include <boost/json/array.hpp>

#include "scenario/read_values.hpp"
#include "scenario/tables.hpp"

namespace malaposta::scenario {

namespace json = boost::json;

namespace {

using Kind = Expectation::Kind;

// Words that the model keeps as texts. A word that ends with a dot is the beginning of words which carry a name.
constexpr std::array<std::string_view, 3> kEnds{"quit", "close", "reset"};
constexpr std::array<std::string_view, 3> kLevels{"note", "warning", "error"};
constexpr std::array<std::string_view, 3> kSames{"mail", "rcpts", "header."};

template <const auto& kWords>
bool is_one_of(std::string_view text) {
  for (const std::string_view word : kWords)
    if (word.ends_with('.') ? text.starts_with(word) && text.size() > word.size() : text == word) return true;
  return false;
}

template <const auto& kWords>
bool read_text_word(Reading& reading, const Node& node, Text& into) {
  if (!read_text(reading, node, into)) return false;
  if (!is_one_of<kWords>(node.text)) tell_unknown_word(reading, node, "word", {kWords.begin(), kWords.end()});
  return true;
}
template <const auto& kWords>
json::object text_word_schema(Definitions&) {
  std::string pattern;
  for (const std::string_view word : kWords) {
    const bool prefix = word.ends_with('.');
    pattern += (pattern.empty() ? "^(" : "|") + std::string(prefix ? word.substr(0, word.size() - 1) : word) + (prefix ? "\\..+" : "");
  }
  return {{"type", "string"}, {"pattern", pattern + ")$"}};
}
template <const auto& kWords>
constexpr Shape<Text> kTextWord{"a word", text_word_schema<kWords>, read_text_word<kWords>};

// How often

template <auto kApply>
constexpr Field<Expectation> count(std::string_view key, std::string_view doc) {
  return {key, doc, count_schema, [](Reading& reading, const Node&, const Node& value, Expectation& into) {
            std::uint64_t number = 0;
            if (!into.count) into.count.emplace();
            if (take(reading, kCount, value, number)) kApply(*into.count, number);
          }};
}
constexpr auto kExactly = count<[](Count& count, std::uint64_t n) { count = {n, n}; }>("exactly", "This often");
constexpr auto kMin = count<[](Count& count, std::uint64_t n) { count.min = n; }>("min", "At least this often");
constexpr auto kMax = count<[](Count& count, std::uint64_t n) { count.max = n; }>("max", "At most this often");

constexpr std::array kGapFields{
    field<&Expectation::gap_min, kDuration>("min", "No two are closer than this"),
    field<&Expectation::gap_max, kDuration>("max", "No two are farther apart than this"),
};
constexpr Table<Expectation> kGap{"gap", "Time between two attempts", kGapFields};

// A mapping whose values belong to the expectation itself, and what is checked once they are read.
template <const auto& kTable>
void read_part(Reading& reading, const Node& value, Expectation& into) {
  const Place place = into.place;
  if (!read_mapping<kTable>(reading, value, into)) tell_unexpected(reading, value, "a mapping");
  into.place = place;
}

void read_gap(Reading& reading, const Node&, const Node& value, Expectation& into) {
  read_part<kGap>(reading, value, into);
  if (into.gap_min && into.gap_max && *into.gap_min > *into.gap_max) reading.diagnostics.error(value.place, "'min' is greater than 'max'");
}

constexpr std::array kCountFields{kExactly, kMin, kMax};
constexpr Table<Expectation> kCounts{"count", "How often", kCountFields};

constexpr std::array kAttemptFields{
    kExactly,
    kMin,
    kMax,
    field<&Expectation::same, kOneOrMore<Text, kTextWord<kSames>>>("same", "What is the same in all attempts: mail, rcpts, header.NAME"),
    Field<Expectation>{"gap", "Time between two attempts", schema_of<kGap>, read_gap},
};
constexpr Table<Expectation> kAttempts{"attempts", "Transactions that reached MAIL", kAttemptFields};

constexpr std::array kCommandFields{kExactly, kMin, kMax, field<&Expectation::verb, kLine>("verb", "Only commands with this verb")};
constexpr Table<Expectation> kCommands{"commands", "Command lines", kCommandFields};

template <Kind kKind, const auto& kTable>
constexpr Field<Expectation> counted(std::string_view key, std::string_view doc) {
  constexpr auto schema = [](Definitions& definitions) {
    return json::object{{"oneOf", {count_schema(definitions), schema_of<kTable>(definitions)}}};
  };
  return {key, doc, schema, [](Reading& reading, const Node&, const Node& value, Expectation& into) {
            into.kind = kKind;
            if (!value.is_mapping()) return kExactly.read(reading, value, value, into);
            const std::size_t before = reading.diagnostics.errors();
            read_part<kTable>(reading, value, into);
            if (reading.diagnostics.errors() > before) return;
            const bool exactly = find(value, "exactly") != nullptr;
            if (exactly && (find(value, "min") != nullptr || find(value, "max") != nullptr))
              reading.diagnostics.error(value.place, "'exactly' leaves nothing to 'min' and 'max'");
            else if (into.count && into.count->min > into.count->max)
              reading.diagnostics.error(value.place, "'min' is greater than 'max'");
            else if (!into.count && into.same.empty() && !into.gap_min && !into.gap_max)
              reading.diagnostics.error(value.place, "how often?", "say 'exactly', 'min' or 'max'");
          }};
}

// What else

constexpr std::array kNeverFields{
    field<&Expectation::at, kOneOrMore<Stage, kStage>>("at", "At none of these stages", true),
    field<&Expectation::tls, kFlag>("tls", "Only with TLS, or only without"),
};
constexpr Table<Expectation> kNever{"never", "What no client does", kNeverFields};

constexpr Field<Expectation> of_message(std::string_view key, std::string_view doc) {
  return {key, doc, text_pattern_schema, [](Reading& reading, const Node& key, const Node& value, Expectation& into) {
            TextPattern pattern;
            if (take(reading, kTextPattern, value, pattern)) into.message.emplace_back(Text{key.text, key.place}, std::move(pattern));
          }};
}
constexpr std::array kMessageFields{
    of_message("mail", "Its reverse path"),
    of_message("rcpts", "Its recipients"),
    of_message("body", "Its decoded text"),
    of_message("header.", "A header field's value"),
};
constexpr Table<Expectation> kMessage{"message", "Some captured message matches all of this", kMessageFields};

constexpr std::array kClientFields{field<&Expectation::exit, kCount>("exit", "What the client command exits with", true)};
constexpr Table<Expectation> kClient{"client", "How the client command of 'run' ends", kClientFields};

constexpr std::array kFindingsFields{
    field<&Expectation::findings, kTextWord<kLevels>>("none", "No finding at or above this level", true),
};
constexpr Table<Expectation> kFindings{"findings", "How well the client keeps to the standards", kFindingsFields};

constexpr std::array kFiredFields{
    field<&Expectation::rule, kLine>("id", "The rule's id", true),
    field<&Expectation::fired, kCount>("fired", "How often it has fired; at least once if not said"),
};
constexpr Table<Expectation> kFired{"fired rule", "Whether a rule has fired", kFiredFields};

template <Kind kKind, const auto& kTable>
constexpr Field<Expectation> part(std::string_view key, std::string_view doc) {
  return {key, doc, schema_of<kTable>, [](Reading& reading, const Node&, const Node& value, Expectation& into) {
            into.kind = kKind;
            read_part<kTable>(reading, value, into);
          }};
}

template <Kind kKind, auto kMember, const auto& kShape>
constexpr Field<Expectation> single(std::string_view key, std::string_view doc) {
  return {key, doc, kShape.schema, [](Reading& reading, const Node&, const Node& value, Expectation& into) {
            into.kind = kKind;
            take(reading, kShape, value, into.*kMember);
          }};
}

constexpr std::array kFields{
    counted<Kind::connections, kCounts>("connections", "How many connections there were"),
    counted<Kind::attempts, kAttempts>("attempts", "How many transactions reached MAIL, and what they have in common"),
    counted<Kind::accepted, kCounts>("accepted", "How many messages were acknowledged"),
    counted<Kind::captured, kCounts>("captured", "How many messages were kept"),
    counted<Kind::commands, kCommands>("commands", "How many commands there were"),
    single<Kind::quiet, &Expectation::quiet, kDuration>("quiet", "Nothing more arrives for this long"),
    single<Kind::sequence, &Expectation::sequence, kOneOrMore<Text, kLine>>("sequence", "Verbs in this order; others may stand between"),
    part<Kind::never, kNever>("never", "What must not happen"),
    part<Kind::message, kMessage>("message", "Some captured message matches"),
    single<Kind::ends, &Expectation::ends, kOneOrMore<Text, kTextWord<kEnds>>>("ends", "How the client leaves: quit, close, reset"),
    part<Kind::client, kClient>("client", "How the client command of 'run' ends"),
    part<Kind::findings, kFindings>("findings", "Findings of the client's conformance"),
    part<Kind::rule, kFired>("rule", "How often a rule has fired"),
};
constexpr Table<Expectation> kTable{"expectation", "What a correct client does", kFields, true};

}  // namespace

bool read_expectation(Reading& reading, const Node& node, Expectation& into) { return read_mapping<kTable>(reading, node, into); }
json::object expectation_schema(Definitions& definitions) { return schema_of<kTable>(definitions); }

}  // namespace malaposta::scenario
