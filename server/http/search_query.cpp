#include "http/search_query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "http/dates.hpp"
#include "report/report.hpp"

namespace malaposta::http {

using Term = SearchQuery::Term;

namespace {

enum class Value { none, text, size, date };

}  // namespace

struct SearchFilter {
  std::string_view name;  // "from:"; "" for words
  Value value = Value::none;
  bool (*holds)(const Term& term, const Candidate& candidate) = nullptr;
};

namespace {

template <Searched kWhich>
bool has(const Term& term, const Candidate& candidate) {
  return candidate.mail.text(kWhich).find(term.text) != std::string::npos;
}

bool addressed(const Term& term, const Candidate& candidate) {
  return has<Searched::from>(term, candidate) || has<Searched::to>(term, candidate) || has<Searched::cc>(term, candidate) ||
         has<Searched::bcc>(term, candidate) || has<Searched::reply_to>(term, candidate);
}

bool tagged(const Term& term, const Candidate& candidate) {
  return std::ranges::any_of(candidate.tags, [&](const std::string& tag) { return searchable(tag) == term.text; });
}

bool has_attachment(const Term&, const Candidate& candidate) { return !candidate.mail.mail.attachments.empty(); }
bool has_inline(const Term&, const Candidate& candidate) { return !candidate.mail.mail.inlined.empty(); }

constexpr SearchFilter kFilters[] = {
    {"from:", Value::text, has<Searched::from>},
    {"to:", Value::text, has<Searched::to>},
    {"cc:", Value::text, has<Searched::cc>},
    {"bcc:", Value::text, has<Searched::bcc>},
    {"reply-to:", Value::text, has<Searched::reply_to>},
    {"addressed:", Value::text, addressed},
    {"subject:", Value::text, has<Searched::subject>},
    {"message-id:", Value::text, has<Searched::message_id>},
    {"tag:", Value::text, tagged},
    {"before:", Value::date, [](const Term& term, const Candidate& candidate) { return candidate.received <= term.date; }},
    {"after:", Value::date, [](const Term& term, const Candidate& candidate) { return candidate.received >= term.date; }},
    {"larger:", Value::size,
     [](const Term& term, const Candidate& candidate) { return static_cast<double>(candidate.mail.size) > term.size; }},
    {"smaller:", Value::size,
     [](const Term& term, const Candidate& candidate) { return static_cast<double>(candidate.mail.size) < term.size; }},
    {"is:read", Value::none, [](const Term&, const Candidate& candidate) { return candidate.read; }},
    {"is:unread", Value::none, [](const Term&, const Candidate& candidate) { return !candidate.read; }},
    {"is:tagged", Value::none, [](const Term&, const Candidate& candidate) { return !candidate.tags.empty(); }},
    {"has:attachment", Value::none, has_attachment},
    {"has:attachments", Value::none, has_attachment},
    {"has:inline", Value::none, has_inline},
    {"has:inlines", Value::none, has_inline},
};
constexpr SearchFilter kWords{{}, Value::text, has<Searched::words>};

// "a \"b c\" d:\"e f\"" -> a, b c, d:e f.
std::vector<std::string> arguments(std::string_view query) {
  std::vector<std::string> list;
  bool quoted = false, open = false;
  for (const char c : query) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      open = false;
    } else {
      if (!std::exchange(open, true)) list.emplace_back();
      list.back() += c;
    }
  }
  return list;
}

bool begins(std::string_view text, std::string_view lower) { return folded(text.substr(0, lower.size())) == lower; }

const SearchFilter* filter_of(std::string_view argument) {
  const auto* const found = std::ranges::find_if(kFilters, [&](const SearchFilter& one) {
    return begins(argument, one.name) && (one.value != Value::none || argument.size() == one.name.size());
  });
  return found == std::end(kFilters) ? &kWords : found;
}

// "2", "1.5kb", "4M".
std::optional<double> size_of(std::string_view text) {
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  const std::string unit = folded(std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end)));
  constexpr std::pair<std::string_view, double> kUnits[] = {{"", 1}, {"k", 1024}, {"kb", 1024}, {"m", 1024 * 1024}, {"mb", 1024 * 1024}};
  const auto* const factor = std::ranges::find(kUnits, unit, [](const auto& one) { return one.first; });
  if (problem != std::errc() || !(number > 0) || factor == std::end(kUnits)) return std::nullopt;
  return number * factor->second;
}

// What is wrong; empty: nothing.
std::string read_value(std::string_view value, const std::string& argument, std::string_view time_zone, Term& term) {
  switch (term.filter->value) {
    case Value::none: break;
    case Value::text:
      term.text = searchable(value);
      if (term.text.empty()) return fmt::format("'{}' says nothing to look for", argument);
      // A filter that is misspelt would find nothing.
      if (term.filter == &kWords && (term.text.starts_with("is:") || term.text.starts_with("has:")))
        return fmt::format("'{}' is no filter: is:read, is:unread, is:tagged, has:attachment, has:inline are", argument);
      break;
    case Value::size: {
      const std::optional<double> size = size_of(value);
      if (!size) return fmt::format("'{}': not a size such as 500, 20k or 1.5M", argument);
      term.size = *size;
      break;
    }
    case Value::date: {
      const std::optional<Calendar::Date> date = read_date(value, time_zone);
      if (!date) return fmt::format("'{}': not a date such as 2024/02/29, or \"2024-02-29 12:30\" in quotes", argument);
      term.date = *date;
      break;
    }
  }
  return {};
}

}  // namespace

std::variant<SearchQuery, std::string> SearchQuery::parse(std::string_view query, std::string_view time_zone) {
  if (query.size() > kLongest) return fmt::format("the query is longer than {} bytes", kLongest);
  if (!is_time_zone(time_zone)) return fmt::format("'{}' is no time zone that is known here", report::valid_utf8(time_zone));
  SearchQuery result;
  const std::string valid = report::valid_utf8(query);
  for (const std::string& argument : arguments(valid)) {
    Term term;
    std::string_view rest = argument;
    if (rest.size() > 1 && (rest.front() == '-' || rest.front() == '!')) {
      term.excluded = true;
      rest.remove_prefix(1);
    }
    term.filter = filter_of(rest);
    rest.remove_prefix(term.filter->name.size());
    if (std::string problem = read_value(rest, argument, time_zone, term); !problem.empty()) return problem;
    result.terms_.push_back(std::move(term));
  }
  if (result.terms_.empty()) return std::string("the query is empty: ?query=from:alice, for example");
  if (result.terms_.size() > kMostTerms) return fmt::format("the query has more than {} terms", kMostTerms);
  return result;
}

bool SearchQuery::matches(const Candidate& candidate) const {
  return std::ranges::all_of(terms_, [&](const Term& term) { return term.filter->holds(term, candidate) != term.excluded; });
}

}  // namespace malaposta::http
