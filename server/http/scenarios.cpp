// The scenarios that are played, each on its ports, and those that ship with the program.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <set>
#include <utility>
#include <variant>

#include "http/handlers.hpp"
#include "http/message_json.hpp"
#include "http/numbers.hpp"
#include "http/scenario_object.hpp"
#include "report/report.hpp"
#include "scenario/play.hpp"

namespace malaposta::http {

namespace {

constexpr std::string_view kYaml = "application/yaml";

Response with_tag(Response response, const std::string& tag) {
  response.headers.emplace_back("ETag", tag);
  return response;
}

// In JSON the tag is weak: what rules count is in the content, and not in the revision.
Response told(const Named& named, unsigned status = 200) { return with_tag(json(scenario_object(named), status), "W/" + tag_of(named)); }

// What could be played, and the lines that a list has of it.
const std::vector<std::pair<std::string, boost::json::object>>& shipped_lines() {
  static const auto kLines = [] {
    std::vector<std::pair<std::string, boost::json::object>> lines;
    for (const scenario::Shipped& file : scenario::shipped())
      for (const scenario::ScenarioPtr& one : scenario::load({std::string(file.name())}, {}).scenarios)
        lines.emplace_back(one->name(), scenario_line({one, {}, {}}));
    return lines;
  }();
  return kLines;
}

// The port that is asked for; 0: the system chooses.
std::variant<std::uint16_t, Response> port_of(const Request& request) {
  const std::string_view text = request.parameter("port", "0");
  if (const auto port = number_of<std::uint16_t>(text)) return *port;
  return error(400, "port is a number up to 65535; 0: the system chooses");
}

std::string names_of(const scenario::Loaded& loaded) {
  std::string names;
  for (const scenario::ScenarioPtr& one : loaded.scenarios) names += (names.empty() ? "" : ", ") + one->name();
  return names;
}

std::optional<Response> replace(const scenario::ScenarioPtr& scenario, const Named& present, std::uint16_t port, Api& api) {
  const std::string& name = scenario->name();
  if (present.is_shared()) return error(409, "the scenario shares the ports of others: it can only be changed where the server is started");
  const auto is_there = [&](const net::Playing& one) { return one.listener->endpoint.port == port; };
  if (port != 0 && std::ranges::none_of(present.places, is_there))
    return error(409, fmt::format("it is played on port {}: DELETE it first", present.places.front().listener->endpoint.port));
  if (!api.smtp->replace(scenario))
    return error(409, "'listen' and 'receive-buffer' stay what they are as long as the port is open: DELETE the scenario first");
  (void)api.smtp->additions().clear(name);
  return std::nullopt;
}

std::optional<Response> open(const scenario::ScenarioPtr& scenario, std::uint16_t port, Api& api) {
  if (api.smtp->listeners().size() >= Api::kMostListeners)
    return error(409, fmt::format("{} ports are open already: DELETE a scenario first", Api::kMostListeners));
  (void)api.smtp->open({{api.address, port}, scenario});
  return std::nullopt;
}

// Plays it where it is played already, or on a port of its own.
Answer play(const scenario::ScenarioPtr& scenario, const std::optional<Named>& present, const scenario::Loaded& loaded,
            const Request& request, Api& api) {
  const auto port = port_of(request);
  if (std::holds_alternative<Response>(port)) return std::get<Response>(port);
  const bool there = present && present->is_played();
  try {
    const auto number = std::get<std::uint16_t>(port);
    if (auto refused = there ? replace(scenario, *present, number, api) : open(scenario, number, api)) return std::move(*refused);
  } catch (const net::BindError& problem) {
    return error(409, report::valid_utf8(problem.what()));
  } catch (const std::exception& problem) {  // a certificate that cannot be used
    return refused_scenario(loaded, problem.what());
  }
  ++api.scenarios;
  Response response = told(*find_scenario(api, scenario->name()), there ? 200 : 201);
  if (!there)
    response.headers.emplace_back("Location", "/api/v1/scenarios/" + boost::urls::encode(scenario->name(), boost::urls::unreserved_chars));
  return response;
}

}  // namespace

Answer scenarios(const Request& request, Api& api) {
  const std::string_view wanted = request.parameter("played");
  if (!wanted.empty() && wanted != "true" && wanted != "false") return error(400, "played is true or false");
  std::set<std::string, std::less<>> played;
  boost::json::array list;
  for (const net::Playing& one : api.smtp->playing()) {
    const std::string& name = one.instance->scenario().name();
    if (!played.insert(name).second || wanted == "false") continue;
    if (const auto named = find_scenario(api, name)) list.push_back(scenario_line(*named));
  }
  if (wanted != "true")
    for (const auto& [name, line] : shipped_lines())
      if (!played.contains(name)) list.push_back(line);
  return tagged_json({{"scenarios", std::move(list)}});
}

Answer scenario(const Request& request, Api& api) {
  static constexpr std::array<std::string_view, 2> kOffered{"application/json", kYaml};
  const auto named = find_scenario(api, request.segment("name"));
  if (!named) return no_scenario();
  const bool as_text = preferred(request.accept, kOffered) == kYaml;
  Response response;
  if (!request.if_none_match.empty() && names_tag(request.if_none_match, tag_of(*named)))
    response.status = 304;
  else if (as_text)
    response = {200, std::string(kYaml), *named->scenario->model().source, {}};
  else
    response = json(scenario_object(*named));
  response.headers.emplace_back("Vary", "Accept");
  return with_tag(std::move(response), (as_text ? "" : "W/") + tag_of(*named));
}

Answer add_scenario(const Request& request, Api& api) {
  const scenario::Loaded loaded = scenario::load_text("scenario.yaml", request.body, api.compile);
  if (loaded.failed()) return refused_scenario(loaded);
  if (loaded.scenarios.size() != 1) return refused_scenario(loaded, "it has a matrix: PUT one of " + names_of(loaded));
  const scenario::ScenarioPtr& one = loaded.scenarios.front();
  const auto present = find_scenario(api, one->name());
  if (present && present->is_played()) return error(409, fmt::format("'{}' is played already: PUT takes another text of it", one->name()));
  return play(one, std::nullopt, loaded, request, api);
}

Answer put_scenario(const Request& request, Api& api) {
  const std::string& name = request.segment("name");
  const std::string file = name.substr(0, name.find('['));
  const auto present = find_scenario(api, name);
  if (auto refused = outdated(request, present)) return std::move(*refused);
  if (request.body.empty() && scenario::find_shipped(file) == nullptr)
    return error(400, "no scenario of that name ships with malaposta: send its text");
  const scenario::Loaded loaded =
      request.body.empty() ? scenario::load({file}, api.compile) : scenario::load_text(file + ".yaml", request.body, api.compile);
  if (loaded.failed()) return refused_scenario(loaded);
  const auto found =
      std::ranges::find(loaded.scenarios, name, [](const scenario::ScenarioPtr& one) -> const std::string& { return one->name(); });
  if (found == loaded.scenarios.end())
    return refused_scenario(loaded, fmt::format("the path names '{}', the text {}", name, names_of(loaded)));
  return play(*found, present, loaded, request, api);
}

Answer close_scenario(const Request& request, Api& api) {
  const auto named = find_scenario(api, request.segment("name"));
  if (auto refused = not_changeable(request, named)) return std::move(*refused);
  if (named->is_shared()) return error(409, "the scenario shares the ports of others: it stays as long as the server runs");
  const std::size_t closed = api.smtp->close(named->scenario->name());
  (void)api.smtp->additions().clear(named->scenario->name());
  ++api.scenarios;
  // Once all threads have been visited, the ports are free.
  return Visit{[](const journal::Journal&) {}, [closed] { return json({{"closed", closed}}); }};
}

Answer reset_scenario(const Request& request, Api& api) {
  const auto named = find_scenario(api, request.segment("name"));
  if (auto refused = not_changeable(request, named)) return std::move(*refused);
  for (const net::Playing& one : named->places) one.instance->reset();
  (void)api.smtp->additions().clear(named->scenario->name());
  ++api.scenarios;
  return told(*find_scenario(api, named->scenario->name()));
}

}  // namespace malaposta::http
