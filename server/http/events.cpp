// The events of all sessions as they happen: server-sent events, as HTML defines them (section 9.2). An id tells how many events
// each journal had had, so that a client that comes back with it goes on where it was, as long as the journals still have what it
// missed; else `gap` tells it to look at everything again.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/event_object.hpp"
#include "http/handlers.hpp"
#include "http/numbers.hpp"

namespace malaposta::http {

namespace {

constexpr std::size_t kMostAtOnce = 500;             // events of one journal, before they are sent …
constexpr std::size_t kMostBytesAtOnce = 256 * 1024;  // … and of their texts, and the rest of the last

struct Told {
  std::size_t journal = 0;  // index
  journal::SessionId session = 0;
  journal::TimePoint opened{};
  verify::Event event;
};

std::string frame(std::string_view id, std::string_view name, const boost::json::object& data) {
  return fmt::format("{}event: {}\ndata: {}\n\n", id.empty() ? "" : fmt::format("id: {}\n", id), name, boost::json::serialize(data));
}

// Where one client is in the journals, and what it has been told.
class Follower {
 public:
  Follower(Api& api, const std::string& last_id)
      : api_(api),
        process_(fmt::format("{:x}", api.started.time_since_epoch().count())),
        armed_(api.smtp->additions().revision()),
        resets_(api.resets),
        inbox_(api.inbox.number()),
        scenarios_(api.scenarios) {
    if (!last_id.empty()) resume(last_id);
  }

  void look(const journal::Journal& journal) {
    const journal::Ring& ring = journal.ring();
    if (next_ == places_.size()) places_.push_back({ring.newest(), ring.newest().number});
    Place& place = places_[next_];
    if (place.cursor.offset == 0) {
      place.cursor = ring.find(place.told);
      if (place.cursor.number != place.told) gap_ = true;
    }
    journal::Event event;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < kMostAtOnce && bytes < kMostBytesAtOnce; ++i) {
      const std::uint64_t expected = place.cursor.number;
      if (!ring.next(place.cursor, event)) break;
      if (place.cursor.number != expected + 1) gap_ = true;
      bytes += event.text.size();
      const journal::Session* session = journal.session(event.session);
      if (session != nullptr) told_.push_back({next_, event.session, session->opened, verify::copy_of(event)});
    }
    ++next_;
  }

  std::string take() {
    next_ = 0;
    std::string text;
    if (!greeted_) text += "retry: 1000\n\n";
    greeted_ = true;
    if (std::exchange(gap_, false)) text += frame({}, "gap", {});
    if (std::exchange(resets_, api_.resets) != api_.resets) text += frame({}, "reset", {});
    if (std::exchange(inbox_, api_.inbox.number()) != api_.inbox.number()) text += frame({}, "inbox", {});
    if (std::exchange(scenarios_, api_.scenarios) != api_.scenarios) text += frame({}, "scenarios", {});
    if (std::exchange(armed_, api_.smtp->additions().revision()) != api_.smtp->additions().revision()) text += frame({}, "armed", {});
    std::ranges::stable_sort(told_, {}, [](const Told& one) { return one.event.at; });
    for (const Told& one : told_) {
      ++places_[one.journal].told;
      boost::json::object data = event_object(one.event, one.opened);
      data["session"] = one.session;
      text += frame(id(), name(one.event.kind), data);
    }
    told_.clear();
    for (Place& place : places_) place.told = place.cursor.number;
    return text;
  }

 private:
  struct Place {
    journal::Ring::Cursor cursor;
    std::uint64_t told = 0;  // how many of the journal's events the client has been told, or was not there for
  };

  std::string id() const {
    std::string text = process_;
    for (const Place& place : places_) text += fmt::format("-{}", place.told);
    return text;
  }

  // An id of another process tells that everything was missed. How long one is, the limit of header fields bounds.
  void resume(const std::string& last_id) {
    std::vector<Place> places;
    std::string_view rest = last_id;
    const bool own = rest.substr(0, rest.find('-')) == process_;
    rest.remove_prefix(std::min(rest.find('-'), rest.size()));
    while (own && rest.starts_with('-')) {
      rest.remove_prefix(1);
      const auto number = number_of<std::uint64_t>(rest.substr(0, rest.find('-')));
      if (!number) break;
      places.push_back({{0, *number}, *number});
      rest.remove_prefix(std::min(rest.find('-'), rest.size()));
    }
    gap_ = !own || !rest.empty() || places.empty();
    if (!gap_) places_ = std::move(places);
  }

  Api& api_;
  std::string process_;
  std::uint64_t armed_, resets_, inbox_, scenarios_;
  std::vector<Place> places_;  // one for each journal
  std::size_t next_ = 0;       // the index of the journal that comes next
  std::vector<Told> told_;
  bool gap_ = false;
  bool greeted_ = false;
};

}  // namespace

Answer events(const Request& request, Api& api) {
  const auto follower = std::make_shared<Follower>(api, request.last_event_id);
  return Stream{"text/event-stream", [follower](const journal::Journal& journal) { follower->look(journal); },
                [follower] { return follower->take(); }, ": still here\n\n"};
}

}  // namespace malaposta::http
