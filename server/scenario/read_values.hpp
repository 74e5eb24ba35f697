// The shapes of single values: texts, words of a list, counts, sizes, times, patterns, replies.
#pragma once

#include <array>

#include "scenario/fields.hpp"

namespace malaposta::scenario {

bool read_text(Reading& reading, const Node& node, Text& into);
bool read_line(Reading& reading, const Node& node, Text& into);
bool read_string(Reading& reading, const Node& node, std::string& into);
bool read_flag(Reading& reading, const Node& node, bool& into);
boost::json::object text_schema(Definitions& definitions);
boost::json::object line_schema(Definitions& definitions);
boost::json::object flag_schema(Definitions& definitions);

inline constexpr Shape<Text> kText{"a text", text_schema, read_text};
// What names something, or stands in a line of the protocol that is not to be broken up.
inline constexpr Shape<Text> kLine{"a text of one line", line_schema, read_line};
inline constexpr Shape<std::string> kString{"a text", text_schema, read_string};
inline constexpr Shape<bool> kFlag{"true or false", flag_schema, read_flag};

// Numbers and times. `vars` may stand for them, or for a part of them: max: "${window}".
bool read_count(Reading& reading, const Node& node, std::uint64_t& into);
bool read_positive(Reading& reading, const Node& node, std::uint64_t& into);
bool read_duration(Reading& reading, const Node& node, Duration& into);
bool read_probability(Reading& reading, const Node& node, double& into);
bool read_factor(Reading& reading, const Node& node, double& into);
bool read_reply_code(Reading& reading, const Node& node, int& into);
boost::json::object count_schema(Definitions& definitions);
boost::json::object duration_schema(Definitions& definitions);
boost::json::object decimal_schema(Definitions& definitions);
boost::json::object reply_code_schema(Definitions& definitions);

inline constexpr Shape<std::uint64_t> kCount{"a number, such as 3 or 10kB", count_schema, read_count};
inline constexpr Shape<std::uint64_t> kPositive{"a number from 1", count_schema, read_positive};
inline constexpr Shape<Duration> kDuration{"a time with its unit, such as 500ms or 2s", duration_schema, read_duration};
inline constexpr Shape<double> kProbability{"a number from 0 to 1, such as 0.25", decimal_schema, read_probability};
inline constexpr Shape<double> kFactor{"a number, such as 0.4", decimal_schema, read_factor};
inline constexpr Shape<int> kReplyCode{"a code from 100 to 599", reply_code_schema, read_reply_code};

// The same where any template may stand: it is filled in when the rule fires.
bool read_count_setting(Reading& reading, const Node& node, Setting<std::uint64_t>& into);
bool read_duration_setting(Reading& reading, const Node& node, Setting<Duration>& into);
inline constexpr Shape<Setting<std::uint64_t>> kCountSetting{kCount.expected, count_schema, read_count_setting};
inline constexpr Shape<Setting<Duration>> kDurationSetting{kDuration.expected, duration_schema, read_duration_setting};

bool read_text_pattern(Reading& reading, const Node& node, TextPattern& into);
bool read_number_pattern(Reading& reading, const Node& node, NumberPattern& into);
boost::json::object text_pattern_schema(Definitions& definitions);
boost::json::object number_pattern_schema(Definitions& definitions);
inline constexpr Shape<TextPattern> kTextPattern{"a text, a list of texts, or { not: … }", text_pattern_schema, read_text_pattern};
inline constexpr Shape<NumberPattern> kNumberPattern{"a number, such as 3, \">= 100\" or \"10..20\"", number_pattern_schema,
                                                     read_number_pattern};

bool read_reply(Reading& reading, const Node& node, ReplyText& into);
boost::json::object reply_schema(Definitions& definitions);
inline constexpr Shape<ReplyText> kReply{"a reply, such as 550 5.1.1 User unknown, or a list of its lines", reply_schema, read_reply};

// A value that is one of a few words.
template <typename E>
struct Word {
  std::string_view name;
  E value;
};
template <typename E, std::size_t N>
struct Words {
  std::string_view what;  // "fault"
  std::array<Word<E>, N> words;

  std::vector<std::string_view> names() const {
    std::vector<std::string_view> list;
    for (const Word<E>& word : words) list.push_back(word.name);
    return list;
  }
  const E* find(std::string_view name) const {
    for (const Word<E>& word : words)
      if (word.name == name) return &word.value;
    return nullptr;
  }
};
template <typename E, std::size_t N>
constexpr Words<E, N> words(std::string_view what, const Word<E> (&list)[N]) {
  return {what, std::to_array(list)};
}

// Tells that the node is none of these words.
void tell_unknown_word(Reading& reading, const Node& node, std::string_view what, const std::vector<std::string_view>& words);
boost::json::object words_schema(const std::vector<std::string_view>& words);

template <typename E, const auto& kWords>
bool read_word(Reading& reading, const Node& node, E& into) {
  const E* value = node.is_scalar() ? kWords.find(node.text) : nullptr;
  if (value != nullptr)
    into = *value;
  else
    tell_unknown_word(reading, node, kWords.what, kWords.names());
  return true;
}

template <typename E, const auto& kWords>
inline constexpr Shape<E> kOneOf{kWords.what, [](Definitions&) { return words_schema(kWords.names()); }, read_word<E, kWords>};

bool read_stage(Reading& reading, const Node& node, Stage& into);
boost::json::object stage_schema(Definitions& definitions);
inline constexpr Shape<Stage> kStage{"a stage, such as rcpt", stage_schema, read_stage};

}  // namespace malaposta::scenario
