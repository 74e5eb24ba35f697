#include "http/routes.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "http/handlers.hpp"
#include "http/metrics.hpp"

namespace malaposta::http {

namespace {

constexpr std::string_view kJson = "application/json";

constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kEvents = "text/event-stream";
constexpr std::string_view kAny = "*/*";
// What a scenario file comes as.
constexpr std::string_view kYaml = "application/yaml,application/x-yaml,text/yaml,text/x-yaml,text/plain";
constexpr std::string_view kScenario = "application/yaml,application/x-yaml,text/yaml,text/x-yaml,text/plain,application/json";

constexpr Parameter kLanguage[] = {{"lang", R"({"enum": ["en", "it"], "default": "en"})", "language of the texts"}};
constexpr Parameter kPage[] = {
    {"start", R"({"type": "integer", "minimum": 0, "default": 0})", "how many of the newest are left out"},
    {"limit", R"({"type": "integer", "minimum": 0, "maximum": 1000, "default": 50})", "how many are listed at most"}};
constexpr Parameter kQuery[] = {
    {"query", R"({"type": "string", "maxLength": 1000})", "words, phrases and filters, as docs/api.md lists them"},
    {"tz", R"({"type": "string", "default": "UTC"})", "the time zone of dates in it, by its name in the tz database"}};
constexpr Parameter kFound[] = {kQuery[0], kQuery[1], kPage[0], kPage[1]};
constexpr Parameter kLatest[] = {{"query", kQuery[0].schema, "where the id is latest: the newest message that this search finds"},
                                 kQuery[1]};
constexpr Parameter kFile[] = {
    {"file", R"({"type": "string", "default": "scenario.yaml"})", "the name that diagnostics give the scenario"}};

constexpr Parameter kPlayed[] = {
    {"played", R"({"type": "boolean"})", "only those that are played, or only those that are not; all if it is not said"}};
constexpr Parameter kPort[] = {{"port", R"({"type": "integer", "minimum": 0, "maximum": 65535, "default": 0})",
                                "of a scenario that is not played yet: where it is to be played; 0: the system chooses"}};

constexpr Outcome kUnchanged[] = {{"304", {}, "It is as If-None-Match says"}};
constexpr Outcome kPut[] = {{"201", "Scenario", "It is played on a port of its own"}, {"422", "Refused", "The scenario cannot be played"}};
constexpr Outcome kAdded[] = {{"201", "Rule", "It was added"}, {"422", "Refused", "The rule is wrong"}};
constexpr Outcome kFailed[] = {{"422", "Verdict", "Not everything is as expected"}};
constexpr Outcome kInVain[] = {{"408", "Verdict", "Not everything is as expected"}};

constexpr Route kRoutes[] = {
    {Method::get, "/livez", "livez", "Answers while the process lives", {}, kJson, "Status", {}, true, livez},
    {Method::get,
     "/readyz",
     "readyz",
     "Answers once every listener accepts and every thread is at work",
     {},
     kJson,
     "Status",
     {},
     true,
     readyz},
    {Method::get, "/metrics", "metrics", "Metrics in the text format of Prometheus", {}, kMetricsType, {}, {}, false, metrics},
    {Method::get, "/openapi.json", "openapi", "This document", {}, kJson, "OpenApi", {}, false, openapi},
    {Method::get, "/api/v1/info", "info", "Version, counts and SMTP listeners", {}, kJson, "Info", {}, false, info},
    {Method::get, "/api/v1/codes", "codes", "The catalogue of documented codes", kLanguage, kJson, "Codes", {}, false, codes},
    {Method::get, "/api/v1/codes/{code}", "code", "One documented code", kLanguage, kJson, "Code", {}, false, code},
    {Method::get,
     "/api/v1/findings",
     "findings",
     "What is found about clients: the table of findings",
     {},
     kJson,
     "Findings",
     {},
     false,
     findings},
    {Method::get, "/api/v1/sessions", "sessions", "The SMTP sessions, the newest first", kPage, kJson, "Sessions", {}, false, sessions},
    {Method::get, "/api/v1/sessions/{id}", "session", "One session, with its events", {}, kJson, "SessionWithEvents", {}, false, session},
    {Method::get,
     "/api/v1/sessions/{id}/transcript",
     "sessionTranscript",
     "What was said in a session, as a dialog that can be played",
     {},
     kText,
     {},
     {},
     false,
     session_transcript},
    {Method::post,
     "/api/v1/verify",
     "verify",
     "The verdict on the client by now: 200 where everything is as expected, else 422",
     {},
     kJson,
     "Verdict",
     kJson,
     false,
     verify_now,
     kFailed},
    {Method::post,
     "/api/v1/wait",
     "wait",
     "Answers 200 as soon as everything is as expected, or 408 once that can no longer be or the time is up",
     {},
     kJson,
     "Verdict",
     kJson,
     false,
     wait,
     kInVain},
    {Method::post,
     "/api/v1/reset",
     "reset",
     "Forgets ended sessions, messages and armed faults, and starts the counters and states of all scenarios anew",
     {},
     kJson,
     "Status",
     {},
     false,
     reset},
    {Method::get,
     "/api/v1/events",
     "events",
     "What happens from now on, or since Last-Event-ID, as server-sent events",
     {},
     kEvents,
     {},
     {},
     false,
     events},
    {Method::get,
     "/api/events",
     "mailEvents",
     "What happens to the inbox from now on, in Mailpit's shapes, over a WebSocket",
     {},
     {},
     {},
     {},
     false,
     mail_events},
    {Method::post, "/api/v1/check", "check", "The problems of a scenario, as `malaposta check` tells them", kFile, kJson, "Checked", kYaml,
     false, check},
    {Method::get,
     "/api/v1/scenarios",
     "scenarios",
     "The scenarios that are played, and those that ship with the program",
     kPlayed,
     kJson,
     "Scenarios",
     {},
     false,
     scenarios,
     kUnchanged},
    {Method::post, "/api/v1/scenarios", "addScenario", "Plays a scenario on a port of its own, under the name that its text has", kPort,
     kJson, "Scenario", kScenario, false, add_scenario, kPut},
    {Method::get,
     "/api/v1/scenarios/{name}",
     "scenario",
     "One scenario: its text, where it is played, its rules and how often each fired",
     {},
     kJson,
     "Scenario",
     {},
     false,
     scenario,
     kUnchanged,
     true,
     "application/yaml"},
    {Method::put, "/api/v1/scenarios/{name}", "putScenario",
     "Plays this text of it from the next connection on, where it is played, or on a port of its own; without a text the one that ships",
     kPort, kJson, "Scenario", kScenario, false, put_scenario, kPut, false},
    {Method::del, "/api/v1/scenarios/{name}", "closeScenario", "Closes its ports", {}, kJson, "Closed", {}, false, close_scenario},
    {Method::post,
     "/api/v1/scenarios/{name}/reset",
     "resetScenario",
     "Starts its counters, state and rules anew",
     {},
     kJson,
     "Scenario",
     {},
     false,
     reset_scenario},
    {Method::get, "/api/v1/scenarios/{name}/rules", "rules", "Its rules and how often each fired", {}, kJson, "Rules", {}, false, rules},
    {Method::post,
     "/api/v1/scenarios/{name}/rules",
     "addRule",
     "Adds a rule, which comes before those of the text, in sessions that run as well",
     {},
     kJson,
     "Rule",
     kJson,
     false,
     add_rule,
     kAdded},
    {Method::del, "/api/v1/scenarios/{name}/rules", "removeRules", "Takes all rules away", {}, kJson, "Rules", {}, false, remove_rules},
    {Method::get, "/api/v1/scenarios/{name}/rules/{id}", "rule", "One of its rules", {}, kJson, "Rule", {}, false, rule},
    {Method::del,
     "/api/v1/scenarios/{name}/rules/{id}",
     "removeRule",
     "Takes a rule away, in sessions that run as well, until the scenario is reset",
     {},
     kJson,
     "Rules",
     {},
     false,
     remove_rule},
    {Method::get,
     "/api/v1/ca",
     "authority",
     "The certificate that clients of TLS have to trust, where the server signs those that it shows itself",
     {},
     "application/pem-certificate-chain",
     {},
     {},
     false,
     ca},
    {Method::get, "/api/v1/schema", "schema", "The JSON Schema (draft-07) of scenario files", {}, kJson, "JsonSchema", {}, false, schema},
    {Method::get, "/", "webPage", "The web page", {}, kHtml, {}, {}, true, web_page},
    {Method::get, "/assets/{file}", "webAsset", "A file of the web page", {}, kAny, {}, {}, true, web_asset},
    {Method::get, "/api/v1/messages", "messages", "The captured messages, the newest first", kPage, kJson, "Messages", {}, false, messages},
    {Method::del,
     "/api/v1/messages",
     "deleteMessages",
     "Deletes the messages that IDs names, or all",
     {},
     kText,
     {},
     kJson,
     false,
     delete_messages},
    {Method::put,
     "/api/v1/messages",
     "markMessages",
     "Marks the messages that IDs names, or all, as Read says",
     {},
     kText,
     {},
     kJson,
     false,
     mark_messages},
    {Method::get,
     "/api/v1/search",
     "search",
     "The messages that a search finds, the newest first",
     kFound,
     kJson,
     "Messages",
     {},
     false,
     search_messages},
    {Method::del, "/api/v1/search", "deleteFound", "Deletes the messages that a search finds", kQuery, kText, {}, {}, false, delete_found},
    {Method::post, "/api/v1/send", "send", "Writes a message and puts it into the inbox", {}, kJson, "Sent", kJson, false, send},
    {Method::get,
     "/api/v1/chaos",
     "chaos",
     "How often senders, recipients and logins are refused by chance",
     {},
     kJson,
     "Chaos",
     {},
     false,
     chaos},
    {Method::put,
     "/api/v1/chaos",
     "setChaos",
     "Arms faults with a probability, one for each trigger",
     {},
     kJson,
     "Chaos",
     kJson,
     false,
     set_chaos},
    {Method::get, "/api/v1/webui", "webui", "What Mailpit tells its own page", {}, kJson, "WebUi", {}, false, webui},
    {Method::get, "/api/v1/tags", "tags", "The tags that messages have", {}, kJson, "Tags", {}, false, tags},
    {Method::put,
     "/api/v1/tags",
     "setTags",
     "Gives the messages that IDs names these Tags and no others",
     {},
     kText,
     {},
     kJson,
     false,
     set_tags},
    {Method::put, "/api/v1/tags/{tag}", "renameTag", "Gives a tag another Name, in all messages", {}, kText, {}, kJson, false, rename_tag},
    {Method::del, "/api/v1/tags/{tag}", "deleteTag", "Takes a tag from all messages", {}, kText, {}, {}, false, delete_tag},
    {Method::get,
     "/view/{page}",
     "view",
     "A message's HTML or text alone, for browsers: {id}.html or {id}.txt. The HTML can run and load nothing; images that it has with it are within",
     kLatest,
     kAny,
     {},
     {},
     false,
     view},
    {Method::get,
     "/api/v1/message/{id}",
     "message",
     "One message, taken apart; the id latest is the newest one's",
     kLatest,
     kJson,
     "Message",
     {},
     false,
     message},
    {Method::get,
     "/api/v1/message/{id}/headers",
     "messageHeaders",
     "Its header fields",
     kLatest,
     kJson,
     "Headers",
     {},
     false,
     message_headers},
    {Method::get,
     "/api/v1/message/{id}/raw",
     "messageRaw",
     "The message as it came, without the dots that SMTP adds",
     kLatest,
     kText,
     {},
     {},
     false,
     message_raw},
    {Method::get, "/api/v1/message/{id}/part/{part}", "messagePart", "A part of it, decoded", kLatest, kAny, {}, {}, false, message_part},
    {Method::get, "/api/v1/arm", "armed", "The armed faults, the newest first", {}, kJson, "ArmedList", {}, false, armed},
    {Method::post,
     "/api/v1/arm",
     "arm",
     "Arms a documented code: the next commands that match meet it, in every session, whatever its scenario says",
     {},
     kJson,
     "Armed",
     kJson,
     false,
     arm},
    {Method::del, "/api/v1/arm", "disarmAll", "Disarms all faults", {}, kJson, "Disarmed", {}, false, disarm_all},
    {Method::del, "/api/v1/arm/{id}", "disarm", "Disarms one fault", {}, kJson, "Disarmed", {}, false, disarm},
};

std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);  // the slash
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool is_name(std::string_view segment) { return segment.starts_with('{'); }

bool matches(std::string_view pattern, const std::vector<std::string>& path) {
  for (const std::string& given : path) {
    if (pattern.empty()) return false;
    const std::string_view wanted = next_segment(pattern);
    if (is_name(wanted) ? given.empty() : wanted != given) return false;
  }
  return pattern.empty() || (path.empty() && pattern == "/");
}

void match(std::string_view pattern, Request& request) {
  for (const std::string& given : request.path) {
    const std::string_view wanted = next_segment(pattern);
    if (is_name(wanted)) request.matched.emplace_back(wanted.substr(1, wanted.size() - 2), given);
  }
}

// HEAD is GET whose content stays at home.
bool answers(const Route& route, Method method) { return route.method == (method == Method::head ? Method::get : method); }

Response not_allowed(const std::vector<std::string>& path) {
  std::string allow;
  for (const Route& route : kRoutes)
    if (matches(route.path, path)) {
      if (!allow.empty()) allow += ", ";
      allow += route.method == Method::get ? "GET, HEAD" : name(route.method);
    }
  if (allow.empty()) return error(404, "there is no such path; GET /openapi.json lists all");
  Response response = error(405, "the path takes " + allow);
  response.headers.emplace_back("Allow", allow);
  return response;
}

bool takes(const Route& route, const std::string& type) {
  for (std::string_view rest = route.body; !rest.empty();) {
    const std::string_view one = rest.substr(0, rest.find(','));
    if (one == type) return true;
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  }
  return false;
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

std::string_view name(Method method) {
  static constexpr std::string_view kNames[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OTHER"};
  return kNames[static_cast<std::size_t>(method)];
}

const Route* find_route(const Request& request) {
  const auto* const found = std::ranges::find_if(
      kRoutes, [&](const Route& route) { return answers(route, request.method) && matches(route.path, request.path); });
  return found == std::end(kRoutes) ? nullptr : found;
}

Answer dispatch(Request request, Api& api) {
  const Route* route = find_route(request);
  if (route == nullptr) return not_allowed(request.path);
  if (!request.body.empty() && !takes(*route, request.content_type))
    return error(415, route->body.empty() ? "no content is expected" : "the content must be " + std::string(route->body));
  match(route->path, request);
  return route->answer(request, api);
}

}  // namespace malaposta::http
