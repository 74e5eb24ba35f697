// ESMTP parameters of MAIL and RCPT (RFC 5321 section 4.1.2: esmtp-param), walked one by one where they stand.
#include <algorithm>

#include "protocol/command.hpp"
#include "protocol/grammar.hpp"

namespace malaposta::protocol {
namespace {

bool is_keyword(std::string_view text) {
  return !text.empty() && grammar::is_alphanumeric(text.front()) &&
         std::ranges::all_of(text, [](char c) { return grammar::is_alphanumeric(c) || c == '-'; });
}

bool is_value(std::string_view text) {
  return !text.empty() && std::ranges::none_of(text, [](char c) { return c == '=' || grammar::is_control(c); });
}

}  // namespace

std::optional<Parameter> ParameterWalk::next() {
  if (rest_.empty()) return std::nullopt;
  const auto begin = std::find_if_not(rest_.begin(), rest_.end(), grammar::is_blank);
  const auto end = std::find_if(begin, rest_.end(), grammar::is_blank);
  if (begin == end) return std::nullopt;
  const std::string_view word{begin, end};
  const auto equals = word.find('=');
  Parameter parameter{word.substr(0, equals), {}, equals != std::string_view::npos};
  if (parameter.has_value) parameter.value = word.substr(equals + 1);
  malformed_ = !is_keyword(parameter.keyword) || (parameter.has_value && !is_value(parameter.value));
  rest_ = malformed_ ? std::string_view{} : std::string_view{end, rest_.end()};
  if (malformed_) return std::nullopt;
  return parameter;
}

std::optional<Parameter> find_parameter(std::string_view parameters, std::string_view keyword) {
  ParameterWalk walk{parameters};
  while (auto parameter = walk.next())
    if (equals_ignoring_case(parameter->keyword, keyword)) return parameter;
  return std::nullopt;
}

}  // namespace malaposta::protocol
