// The catalogue of codes, and the one of findings.
#include <boost/json.hpp>
#include <optional>

#include "catalogue/findings.hpp"
#include "http/handlers.hpp"
#include "http/numbers.hpp"
#include "report/catalogue.hpp"

namespace malaposta::http {

namespace {

// The wanted language; nothing where it is none of the catalogue's.
std::optional<report::Language> language_of(const Request& request) {
  const std::string_view wanted = request.parameter("lang", "en");
  if (wanted == "en") return report::Language::en;
  if (wanted == "it") return report::Language::it;
  return std::nullopt;
}

Response no_language() { return error(400, "lang is en or it"); }

}  // namespace

Answer codes(const Request& request, Api&) {
  const auto language = language_of(request);
  if (!language) return no_language();
  boost::json::array list;
  for (const catalogue::Code& code : catalogue::codes()) list.push_back(report::json_of(code, *language));
  return json(list);
}

Answer code(const Request& request, Api&) {
  const auto language = language_of(request);
  if (!language) return no_language();
  const auto number = number_of<int>(request.segment("code"));
  const catalogue::Code* found = number ? catalogue::find(*number) : nullptr;
  if (found == nullptr) return error(404, "the code is not documented; GET /api/v1/codes lists those that are");
  return json(report::json_of(*found, *language));
}

Answer findings(const Request&, Api&) {
  boost::json::array list;
  for (const catalogue::FindingInfo& one : catalogue::findings())
    list.push_back({{"id", one.id},
                    {"severity", catalogue::name(one.severity)},
                    {"rule", one.rule},
                    {"title", one.title},
                    {"meaning", one.meaning},
                    {"advice", one.advice}});
  return json(list);
}

}  // namespace malaposta::http
