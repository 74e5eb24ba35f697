#include "scenario/read_values.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "scenario/template.hpp"
#include "scenario/units.hpp"

namespace malaposta::scenario {

namespace json = boost::json;

namespace {

constexpr std::string_view kDigits = "0123456789";

// What a template looks like to the schema, which cannot know what it stands for.
constexpr std::string_view kOrTemplate = "|\\$\\{";

// Plain numbers and booleans are texts here; editors take them for what they look like.
json::array scalar_types() { return {"string", "number", "boolean"}; }

json::object pattern_schema(std::string pattern) {
  return {{"type", {"string", "number"}}, {"pattern", std::move(pattern) + std::string(kOrTemplate)}};
}

// The text of a scalar in which `vars` are replaced; empty if the node is none, or if something was wrong and told.
struct Filled {
  bool fits = false;  // a scalar
  std::optional<std::string> text;
};
Filled fill(Reading& reading, const Node& node) {
  if (!node.is_scalar() || node.is_nothing()) return {};
  if (node.text.find("${") == std::string::npos) return {true, node.text};
  const std::size_t before = reading.diagnostics.errors();
  const Template filled = parse_template({node.text, node.place}, {&reading.vars, nullptr}, reading.diagnostics);
  if (reading.diagnostics.errors() > before) return {true, std::nullopt};
  if (filled.is_literal()) return {true, filled.literal()};
  reading.diagnostics.error(node.place, "only `vars` and ${env:NAME} are known here: the value is needed when the file is loaded");
  return {true, std::nullopt};
}

// Reads a scalar by `parse`, from its text to an optional value.
template <typename V, typename Parse>
bool read_filled(Reading& reading, const Node& node, V& into, const Parse& parse) {
  const Filled filled = fill(reading, node);
  if (!filled.fits) return false;
  if (!filled.text) return true;
  const std::optional<V> value = parse(*filled.text);
  if (value) into = *value;
  return value.has_value();
}

template <typename V, typename Parse>
bool read_setting(const Node& node, Setting<V>& into, const Parse& parse) {
  if (!node.is_scalar() || node.is_nothing()) return false;
  into.text = {node.text, node.place};
  if (node.text.find("${") != std::string::npos) return true;
  into.fixed = parse(node.text);
  return into.fixed.has_value();
}

// Digits, and perhaps a point with digits behind it: no sign, no exponent.
std::optional<double> parse_decimal(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

using Range = NumberPattern::Range;

// What may stand before a number in a pattern; the longer ones first.
struct Comparison {
  std::string_view sign;
  std::optional<Range> (*range)(std::uint64_t);
};
constexpr std::array kComparisons{
    Comparison{">=",
               [](std::uint64_t n) -> std::optional<Range> {
                 return Range{n, UINT64_MAX};
               }},
    Comparison{"<=",
               [](std::uint64_t n) -> std::optional<Range> {
                 return Range{0, n};
               }},
    Comparison{">",
               [](std::uint64_t n) -> std::optional<Range> {
                 return n == UINT64_MAX ? std::nullopt : std::optional(Range{n + 1, UINT64_MAX});
               }},
    Comparison{"<",
               [](std::uint64_t n) -> std::optional<Range> {
                 return n == 0 ? std::nullopt : std::optional(Range{0, n - 1});
               }},
    Comparison{"",
               [](std::uint64_t n) -> std::optional<Range> {
                 return Range{n, n};
               }},
};

std::optional<Range> parse_range(std::string_view text) {
  if (const std::size_t dots = text.find(".."); dots != std::string_view::npos) {
    const auto low = parse_size(trimmed(text.substr(0, dots))), high = parse_size(trimmed(text.substr(dots + 2)));
    if (!low || !high || *low > *high) return std::nullopt;
    return Range{*low, *high};
  }
  for (const Comparison& comparison : kComparisons) {
    if (!text.starts_with(comparison.sign)) continue;
    const auto number = parse_size(trimmed(text.substr(comparison.sign.size())));
    return number ? comparison.range(*number) : std::nullopt;
  }
  return std::nullopt;
}

bool read_range(Reading& reading, const Node& node, Range& into) { return read_filled(reading, node, into, parse_range); }
json::object range_schema(Definitions&) {
  constexpr std::string_view kNumber = "[0-9]+(B|kB|MB|GB|KiB|MiB|GiB)?";
  return pattern_schema(fmt::format("^(>=|<=|>|<)? *{0}$|^{0} *\\.\\. *{0}$", kNumber));
}
constexpr Shape<Range> kRange{kNumberPattern.expected, range_schema, read_range};

// { not: PATTERN }, where PATTERN is what `kItems` reads.
template <typename Pattern, const auto& kItems>
constexpr std::array kNotFields{
    Field<Pattern>{"not", "Matches whatever this pattern does not", kItems.schema,
                   [](Reading& reading, const Node&, const Node& value, Pattern& pattern) {
                     pattern.negated = true;
                     take(reading, kItems, value, pattern.any_of);
                   },
                   true},
};
template <typename Pattern, const auto& kItems>
constexpr Table<Pattern> kNot{kItems.schema == kOneOrMore<Range, kRange>.schema ? "number pattern" : "text pattern",
                              "The opposite of a pattern", kNotFields<Pattern, kItems>, true};

template <typename Pattern, const auto& kItems>
bool read_pattern(Reading& reading, const Node& node, Pattern& into) {
  if (node.is_mapping()) return read_mapping<kNot<Pattern, kItems>>(reading, node, into);
  return !node.is_nothing() && kItems.read(reading, node, into.any_of);
}

template <typename Pattern, const auto& kItems>
json::object schema_of_pattern(Definitions& definitions) {
  json::object schema = kItems.schema(definitions);
  schema["oneOf"].as_array().push_back(schema_of<kNot<Pattern, kItems>>(definitions));
  return schema;
}

// A line of a reply: a scalar is split at its line breaks.
void add_lines(const Node& node, std::vector<Text>& into) {
  std::string_view rest = node.text;
  if (rest.ends_with('\n')) rest.remove_suffix(1);
  Place place = node.place;
  const std::uint32_t column = place.column;
  for (bool more = true; more;) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    more = end < rest.size();
    // A block's lines are those of the file; it may indent some of them more than the first.
    const std::string_view line = rest.substr(0, end);
    if (node.literal) place.column = column, place.length = static_cast<std::uint32_t>(std::max<std::size_t>(line.size(), 1));
    into.push_back({std::string(line), place});
    if (node.literal) ++place.line;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace

bool read_text(Reading&, const Node& node, Text& into) {
  if (!node.is_scalar() || node.is_nothing()) return false;
  into = {node.text, node.place};
  return true;
}

bool read_line(Reading& reading, const Node& node, Text& into) {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  return !node.text.empty() && std::none_of(node.text.begin(), node.text.end(), is_control) && read_text(reading, node, into);
}

bool read_string(Reading&, const Node& node, std::string& into) {
  if (!node.is_scalar() || node.is_nothing()) return false;
  into = node.text;
  return true;
}

bool read_flag(Reading&, const Node& node, bool& into) {
  into = node.text == "true";
  return node.is_scalar() && (into || node.text == "false");
}

json::object text_schema(Definitions&) { return {{"type", scalar_types()}}; }
json::object line_schema(Definitions&) { return {{"type", scalar_types()}, {"pattern", "^[^\\u0000-\\u001f\\u007f]+$"}}; }
json::object flag_schema(Definitions&) { return {{"enum", {true, false, "true", "false"}}}; }

bool read_count(Reading& reading, const Node& node, std::uint64_t& into) { return read_filled(reading, node, into, parse_size); }

bool read_positive(Reading& reading, const Node& node, std::uint64_t& into) {
  return read_filled(reading, node, into, [](std::string_view text) {
    const auto number = parse_size(text);
    return number == 0u ? std::nullopt : number;
  });
}

bool read_duration(Reading& reading, const Node& node, Duration& into) { return read_filled(reading, node, into, parse_duration); }
bool read_factor(Reading& reading, const Node& node, double& into) { return read_filled(reading, node, into, parse_decimal); }

bool read_probability(Reading& reading, const Node& node, double& into) {
  return read_filled(reading, node, into, [](std::string_view text) {
    const auto number = parse_decimal(text);
    return number && *number <= 1 ? number : std::nullopt;
  });
}

bool read_reply_code(Reading& reading, const Node& node, int& into) {
  return read_filled(reading, node, into, [](std::string_view text) -> std::optional<int> {
    if (text.size() != 3 || text[0] < '1' || text[0] > '5' || text.find_first_not_of(kDigits) != std::string_view::npos)
      return std::nullopt;
    return (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  });
}

json::object count_schema(Definitions&) {
  json::object schema = pattern_schema("^[0-9]+(B|kB|MB|GB|KiB|MiB|GiB)?$");
  schema["minimum"] = 0;
  return schema;
}

json::object duration_schema(Definitions&) {
  json::object schema = pattern_schema("^(0|[0-9]+(\\.[0-9]+)?(us|ms|s|m|h))$");
  schema["minimum"] = 0, schema["maximum"] = 0;  // all other times have a unit, so they are texts
  return schema;
}

json::object decimal_schema(Definitions&) {
  json::object schema = pattern_schema("^[0-9]*\\.?[0-9]+$");
  schema["minimum"] = 0;
  return schema;
}

json::object reply_code_schema(Definitions&) {
  json::object schema = pattern_schema("^[1-5][0-9][0-9]$");
  schema["minimum"] = 100, schema["maximum"] = 599;
  return schema;
}

bool read_count_setting(Reading&, const Node& node, Setting<std::uint64_t>& into) { return read_setting(node, into, parse_size); }
bool read_duration_setting(Reading&, const Node& node, Setting<Duration>& into) { return read_setting(node, into, parse_duration); }

namespace {
constexpr auto& kTexts = kOneOrMore<Text, kText>;
constexpr auto& kRanges = kOneOrMore<Range, kRange>;
}  // namespace

bool read_text_pattern(Reading& reading, const Node& node, TextPattern& into) {
  return read_pattern<TextPattern, kTexts>(reading, node, into);
}
bool read_number_pattern(Reading& reading, const Node& node, NumberPattern& into) {
  return read_pattern<NumberPattern, kRanges>(reading, node, into);
}
json::object text_pattern_schema(Definitions& definitions) { return schema_of_pattern<TextPattern, kTexts>(definitions); }
json::object number_pattern_schema(Definitions& definitions) { return schema_of_pattern<NumberPattern, kRanges>(definitions); }

bool read_reply(Reading& reading, const Node& node, ReplyText& into) {
  into.place = node.place;
  if (node.is_scalar() && !node.is_nothing()) {
    add_lines(node, into.lines);
    return true;
  }
  if (!node.is_list() || node.children.empty()) return false;
  for (const Node& line : node.children) {
    Text checked;
    if (take(reading, kText, line, checked)) add_lines(line, into.lines);
  }
  return true;
}

json::object reply_schema(Definitions& definitions) { return kTexts.schema(definitions); }

void tell_unknown_word(Reading& reading, const Node& node, std::string_view what, const std::vector<std::string_view>& words) {
  if (!node.is_scalar() || node.is_nothing()) return tell_unexpected(reading, node, fmt::format("one of {}", fmt::join(words, ", ")));
  const std::string_view near = nearest(node.text, words);
  reading.diagnostics.error(node.place, fmt::format("unknown {} '{}'", what, quoted(node.text)),
                            near.empty() ? fmt::format("one of {}", fmt::join(words, ", ")) : fmt::format("did you mean '{}'?", near));
}

json::object words_schema(const std::vector<std::string_view>& words) {
  json::array list;
  for (const std::string_view word : words) list.emplace_back(word);
  return {{"enum", std::move(list)}};
}

bool read_stage(Reading& reading, const Node& node, Stage& into) {
  if (!node.is_scalar() || node.is_nothing()) return false;
  if (const auto stage = catalogue::stage_named(node.text))
    into = *stage;
  else
    tell_unknown_word(reading, node, "stage", {catalogue::kStageNames.begin(), catalogue::kStageNames.end()});
  return true;
}

json::object stage_schema(Definitions&) { return words_schema({catalogue::kStageNames.begin(), catalogue::kStageNames.end()}); }

}  // namespace malaposta::scenario
