// Scenarios as the API tells them: those that are played, under one name wherever that is, and those that ship with the program.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/api.hpp"
#include "http/message.hpp"
#include "scenario/additions.hpp"
#include "scenario/scenario.hpp"

namespace malaposta::http {

// All that has one name.
struct Named {
  scenario::ScenarioPtr scenario;
  std::vector<net::Playing> places;                   // empty: it ships with the program, and is not played
  std::vector<scenario::Additions::Addition> added;  // rules, in the order in which they are asked

  bool is_played() const { return !places.empty(); }
  // It shares the ports of others, for the sessions that its route matches.
  bool is_shared() const { return is_played() && !places.front().listener; }
};

// Nothing where no scenario of that name is played or ships.
std::optional<Named> find_scenario(const Api& api, std::string_view name);
Response no_scenario();

// Which state the definition is in: it changes with the text and with the rules that are added and taken away, not with what they count.
std::string revision_of(const Named& named);

// As an entity tag.
std::string tag_of(const Named& named);

// The refusal where the request names another state of the scenario than the present one (If-Match, or If-None-Match for something
// that is to be new).
std::optional<Response> outdated(const Request& request, const std::optional<Named>& present);

// The refusal where there is nothing of that name to change, or it is outdated.
std::optional<Response> not_changeable(const Request& request, const std::optional<Named>& named);

// A rule that is asked, wherever it comes from.
struct ListedRule {
  const scenario::Rule* rule = nullptr;
  std::uint64_t fired = 0;       // at all places together
  std::uint64_t addition = 0;    // its id, where the rule was added; 0: it is the file's
  const std::string* text = nullptr;  // of an added one: the JSON of a scenario with that rule
};
// In the order in which they are asked. Pointers into `named`.
std::vector<ListedRule> rules_of(const Named& named);

boost::json::object rule_object(const ListedRule& listed);
boost::json::array rule_list(const Named& named);
// With its text, rules and diagnostics, or only what a list shows of it.
boost::json::object scenario_object(const Named& named);
boost::json::object scenario_line(const Named& named);

boost::json::object diagnostic_object(const scenario::Diagnostic& diagnostic);
// 422: what is wrong with a scenario, as POST /api/v1/check tells it. `message`: where its diagnostics do not say it.
Response refused_scenario(const scenario::Loaded& loaded, std::string_view message = {});

}  // namespace malaposta::http
