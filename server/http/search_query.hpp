// Mailpit's language for searches: words and "phrases" that all have to be there, filters such as from:alice, and - or ! before what
// must not be. A query is a list of rows of one table (search_query.cpp); docs/api.md lists them.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/api.hpp"
#include "http/mail_index.hpp"

namespace malaposta::http {

struct SearchFilter;

// What a search looks at.
struct Candidate {
  const Indexed& mail;
  bool read = false;
  const std::vector<std::string>& tags;
  Calendar::Date received;
};

class SearchQuery {
 public:
  static constexpr std::size_t kLongest = 1'000;  // bytes
  static constexpr std::size_t kMostTerms = 50;

  struct Term {
    const SearchFilter* filter = nullptr;
    bool excluded = false;
    std::string text;      // searchable()
    double size = 0;       // bytes
    Calendar::Date date{};
  };

  // The query, or what is wrong with it. Dates without an offset are of the time zone, by its name in the tz database; UTC where it is
// empty.
  static std::variant<SearchQuery, std::string> parse(std::string_view query, std::string_view time_zone = {});

  bool matches(const Candidate& candidate) const;

 private:
  std::vector<Term> terms_;
};

}  // namespace malaposta::http
