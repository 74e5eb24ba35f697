// The SMTP sessions, their events and transcripts.
#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <memory>

#include "http/event_object.hpp"
#include "http/handlers.hpp"
#include "http/numbers.hpp"
#include "http/page.hpp"
#include "report/report.hpp"
#include "scenario/play.hpp"
#include "verify/evidence_add.hpp"
#include "verify/verdict.hpp"

namespace malaposta::http {

namespace {

// What is found about a session may hang on those before it, as whether a message is tried again: on so many of its scenario's.
constexpr std::size_t kSessionsBefore = 100;

constexpr std::string_view kNone = "there is no such session, or it gave way to the limits of memory";

// The code of the last reply that refused something (4yz or 5yz); 0: none did. What is behind it, and QUIT is, says nothing of that.
int refusal_in(const journal::Journal& journal, journal::SessionId id) {
  int refusal = 0;
  for (const journal::Event& event : journal.events(id))
    if (event.kind == journal::Kind::reply && event.code >= 400) refusal = event.code;
  return refusal;
}

boost::json::object object_of(const journal::Session& session, int refusal, const Calendar& calendar) {
  const bool over = session.end != journal::End::open;
  boost::json::object object{{"id", session.id},
                             {"peer", session.peer},
                             {"local_port", session.local_port},
                             {"scenario", session.scenario},
                             {"opened", calendar.text(session.opened)},
                             {"closed", nullptr},
                             {"seconds", nullptr},
                             {"end", name(session.end)},
                             {"commands", session.commands},
                             {"accepted", session.accepted},
                             {"last_code", session.last_code},
                             {"refusal", refusal}};
  if (over) {
    object["closed"] = calendar.text(session.closed);
    object["seconds"] = std::chrono::duration<double>(session.closed - session.opened).count();
  }
  return object;
}

boost::json::array events_of(const verify::SessionRecord& session) {
  boost::json::array list;
  for (const verify::Event& event : session.events) list.push_back(event_object(event, session.opened));
  return list;
}

struct Found {
  journal::Session session;
  verify::SessionRecord record;
  int refusal = 0;
};

// Looks for the session that the path names, and answers with what `told` makes of it.
Answer with_session(const Request& request, std::function<Answer(const Found&)> told) {
  const auto id = number_of<journal::SessionId>(request.segment("id"));
  if (!id) return error(404, kNone);
  const auto found = std::make_shared<std::unique_ptr<Found>>();
  return Visit{[found, id = *id](const journal::Journal& journal) {
                 if (const journal::Session* session = journal.session(id))
                   *found = std::make_unique<Found>(Found{*session, verify::record_of(journal, *session), refusal_in(journal, id)});
               },
               [found, told = std::move(told)]() -> Answer { return *found ? told(**found) : error(404, kNone); }};
}

scenario::ScenarioPtr scenario_of(const journal::Session& session, const Api& api) {
  if (api.smtp == nullptr) return nullptr;
  for (const net::Playing& one : api.smtp->playing())
    if (one.instance->scenario().name() == session.scenario) return one.instance->scenario_pointer();
  return nullptr;
}

boost::json::array findings_of(const Found& found, const verify::Evidence& evidence, const scenario::Scenario& scenario) {
  boost::json::array list;
  for (const verify::Finding& one : verify::find(evidence, scenario))
    if (evidence.sessions.at(one.session).id == found.session.id)
      list.push_back({{"id", one.id},
                      {"severity", catalogue::name(one.severity)},
                      {"session", found.session.id},
                      {"line", one.event + 1},
                      {"detail", report::valid_utf8(one.detail)}});
  return list;
}

Response told(const Found& found, const Api& api, const verify::Evidence& evidence) {
  const scenario::ScenarioPtr scenario = scenario_of(found.session, api);
  boost::json::object object = object_of(found.session, found.refusal, api.calendar);
  object["complete"] = found.record.complete;
  object["file"] = scenario ? boost::json::value(report::valid_utf8(scenario->model().file)) : boost::json::value(nullptr);
  object["findings"] = scenario ? findings_of(found, evidence, *scenario) : boost::json::array();
  object["events"] = events_of(found.record);
  return json(object);
}

// Looks at the session and at those before it, and answers with all that is known of it.
Answer with_findings(const Found& first, const Api& api) {
  const auto ids = std::make_shared<std::vector<journal::SessionId>>();
  return Visit{[ids, id = first.session.id, scenario = first.session.scenario](const journal::Journal& journal) {
                 for (const journal::Session& one : journal.sessions())
                   if (one.id <= id && one.scenario == scenario) ids->push_back(one.id);
               },
               [ids, first, &api]() -> Answer {
                 std::ranges::sort(*ids, std::ranges::greater{});
                 ids->resize(std::min(ids->size(), kSessionsBefore + 1));
                 const auto evidence = std::make_shared<verify::Evidence>();
                 return Visit{[ids, evidence](const journal::Journal& journal) {
                                verify::add_if(*evidence, journal, [&](const journal::Session& session) {
                                  return std::ranges::binary_search(*ids, session.id, std::ranges::greater{});
                                });
                              },
                              [evidence, first, &api]() -> Answer {
                                // Lines that findings name are those of the record that they were found in.
                                Found found = first;
                                for (const verify::SessionRecord& one : evidence->sessions)
                                  if (one.id == found.session.id) found.record = one;
                                return told(found, api, *evidence);
                              }};
               }};
}

}  // namespace

boost::json::object event_object(const verify::Event& event, journal::TimePoint opened) {
  return {{"seconds", std::chrono::duration<double>(event.at - opened).count()},
          {"kind", name(event.kind)},
          {"code", event.code},
          {"number", event.number},
          {"text", report::valid_utf8(event.text)}};
}

Answer sessions(const Request& request, Api& api) {
  const std::optional<Page> page = page_of(request);
  if (!page) return no_page();
  struct List {
    std::size_t total = 0;
    std::vector<journal::Session> newest;
  };
  const auto list = std::make_shared<List>();
  return Visit{[list, page = *page](const journal::Journal& journal) {
                 const auto& all = journal.sessions();
                 list->total += all.size();
                 const std::size_t wanted = std::min(all.size(), page.start + page.limit);
                 list->newest.insert(list->newest.end(), all.end() - static_cast<std::ptrdiff_t>(wanted), all.end());
               },
               [list, page = *page, &api]() -> Answer {
                 std::vector<journal::Session>& rows = list->newest;
                 std::ranges::sort(rows, std::ranges::greater{}, &journal::Session::id);
                 rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(page.start, rows.size())));
                 rows.resize(std::min(page.limit, rows.size()));
                 const auto refusals = std::make_shared<std::map<journal::SessionId, int>>();
                 return Visit{[list, refusals](const journal::Journal& journal) {
                                for (const journal::Session& one : list->newest)
                                  if (journal.session(one.id) != nullptr) (*refusals)[one.id] = refusal_in(journal, one.id);
                              },
                              [list, refusals, page, &api] {
                                boost::json::array rows;
                                for (const journal::Session& one : list->newest)
                                  rows.push_back(object_of(one, (*refusals)[one.id], api.calendar));
                                return json({{"total", list->total}, {"start", page.start}, {"sessions", rows}});
                              }};
               }};
}

Answer session(const Request& request, Api& api) {
  return with_session(request, [&api](const Found& found) { return with_findings(found, api); });
}

Answer session_transcript(const Request& request, Api&) {
  return with_session(request, [](const Found& found) {
    verify::Evidence evidence;
    evidence.sessions.push_back(found.record);
    Response response;
    response.content_type = "text/plain; charset=utf-8";
    response.body = report::transcript(evidence);
    return response;
  });
}

}  // namespace malaposta::http
