// The SMTP sessions, their events and transcripts.
#include <algorithm>
#include <boost/json.hpp>
#include <memory>

#include "http/event_object.hpp"
#include "http/handlers.hpp"
#include "http/numbers.hpp"
#include "http/page.hpp"
#include "report/report.hpp"
#include "verify/evidence.hpp"

namespace malaposta::http {

namespace {

constexpr std::string_view kNone = "there is no such session, or it gave way to the limits of memory";

boost::json::object object_of(const journal::Session& session, const Calendar& calendar) {
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
                             {"last_code", session.last_code}};
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
};

// Looks for the session that the path names, and answers with what `told` makes of it.
Answer with_session(const Request& request, std::function<Response(const Found&)> told) {
  const auto id = number_of<journal::SessionId>(request.segment("id"));
  if (!id) return error(404, kNone);
  const auto found = std::make_shared<std::unique_ptr<Found>>();
  return Visit{[found, id = *id](const journal::Journal& journal) {
                 if (const journal::Session* session = journal.session(id))
                   *found = std::make_unique<Found>(Found{*session, verify::record_of(journal, *session)});
               },
               [found, told = std::move(told)] { return *found ? told(**found) : error(404, kNone); }};
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
               [list, page = *page, &api] {
                 std::ranges::sort(list->newest, std::ranges::greater{}, &journal::Session::id);
                 boost::json::array rows;
                 for (std::size_t i = page.start; i < list->newest.size() && rows.size() < page.limit; ++i)
                   rows.push_back(object_of(list->newest[i], api.calendar));
                 return json({{"total", list->total}, {"start", page.start}, {"sessions", rows}});
               }};
}

Answer session(const Request& request, Api& api) {
  return with_session(request, [&api](const Found& found) {
    boost::json::object object = object_of(found.session, api.calendar);
    object["complete"] = found.record.complete;
    object["events"] = events_of(found.record);
    return json(object);
  });
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
