// /api/events: what happens to the inbox, over a WebSocket, in the shapes that Mailpit's clients know. Like the server-sent events it is
// read from the journals at each look, and nothing is queued for a client: what it has missed meanwhile it is told with `prune`, upon which
// Mailpit's clients look at the whole list again.
#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/captured.hpp"
#include "http/handlers.hpp"
#include "http/message_json.hpp"
#include "malaposta/version.hpp"

namespace malaposta::http {

namespace {

constexpr std::size_t kMostAtOnce = 50;  // new messages of one journal, before they are told …
constexpr std::size_t kMostBytesAtOnce = 1u << 20;  // … and of their contents, but the last may be longer

// Each on a line of its own, which becomes a message.
std::string line(std::string_view type, const boost::json::value& data) {
  return boost::json::serialize(boost::json::object{{"Type", type}, {"Data", data}}) + "\n";
}

// Where one client is, and what it has been told.
class MailFollower {
 public:
  explicit MailFollower(Api& api) : api_(api), changes_(api.inbox.number()), resets_(api.resets) {}

  void look(const journal::Journal& journal) {
    const auto& messages = journal.messages();
    const std::uint64_t evicted = journal.evicted().messages;
    if (next_ == places_.size()) places_.push_back({messages.empty() ? 0 : messages.back().id, evicted});
    Place& place = places_[next_++];
    // The count begins anew when everything is forgotten.
    if (std::exchange(place.evicted, evicted) < evicted) pruned_ = true;
    total_ += messages.size();
    if (gathering_)
      for (const journal::Message& message : messages) there_.push_back(message.id);
    std::size_t bytes = 0, count = 0;
    for (auto message = std::ranges::upper_bound(messages, place.told, {}, &journal::Message::id);
         message != messages.end() && count < kMostAtOnce && bytes < kMostBytesAtOnce; ++message, ++count) {
      fresh_.push_back(captured_of(*message));
      bytes += message->content.size();
      place.told = message->id;
    }
  }

  std::string take() {
    bool complete = true;
    const std::vector<InboxChange> changes = api_.inbox.since(std::exchange(changes_, api_.inbox.number()), complete);
    const bool emptied = std::exchange(resets_, api_.resets) != api_.resets ||
                         std::ranges::find(changes, InboxChange::What::emptied, &InboxChange::what) != changes.end();
    std::string text;
    if (emptied) text += line("truncate", nullptr);
    for (const Captured& message : std::exchange(fresh_, {})) {
      api_.tags.learn(message.id, message.content);
      text += line("new", line_of(*api_.index.of(message), api_));
    }
    for (const InboxChange& change : changes) text += told(change);
    const bool pruned = std::exchange(pruned_, false);
    if (pruned || !complete) text += line("prune", nullptr);
    const std::size_t total = std::exchange(total_, 0);
    next_ = 0;
    if (std::exchange(gathering_, pruned && !gathering_)) {
      std::ranges::sort(there_, std::ranges::greater{});
      api_.keep(std::exchange(there_, {}));
    }
    changed_ = changed_ || !text.empty() || !changes.empty();
    // The next look follows at once, since there is something to tell.
    if (gathering_ || !std::exchange(changed_, false)) return text;
    return text + line("stats", {{"Total", total}, {"Unread", api_.unread(total)}, {"Version", MALAPOSTA_VERSION}});
  }

 private:
  struct Place {
    journal::MessageId told = 0;  // the newest message that the client has been told, or was not there for
    std::uint64_t evicted = 0;  // how many had given way by then
  };

  std::string told(const InboxChange& change) const {
    const std::string id = std::to_string(change.id);
    switch (change.what) {
      case InboxChange::What::deleted: return line("delete", {{"ID", id}});
      case InboxChange::What::read: return line("update", {{"ID", id}, {"Read", api_.read.contains(change.id)}});
      case InboxChange::What::tagged: return line("update", {{"ID", id}, {"Tags", tags_of(change.id, api_)}});
      case InboxChange::What::sent:
      case InboxChange::What::emptied: break;
    }
    return {};
  }

  Api& api_;
  std::uint64_t changes_, resets_;
  std::vector<Place> places_;  // one for each journal
  std::size_t next_ = 0;  // the index of the journal that comes next
  std::size_t total_ = 0;  // messages of the journals that were looked at
  std::vector<Captured> fresh_;
  bool pruned_ = false;
  // Messages have given way since their marks and tags were forgotten: this look tells which are still there, and then how many are unread.
  bool gathering_ = true;
  std::vector<journal::MessageId> there_;  // in the journals that were looked at, while gathering
  bool changed_ = false;  // since the client was told the numbers
};

}  // namespace

Answer mail_events(const Request& request, Api& api) {
  if (!request.upgrade) {
    Response response = error(426, "this path takes a WebSocket only; GET /api/v1/events tells as much without one");
    response.headers.emplace_back("Upgrade", "websocket");
    return response;
  }
  const auto follower = std::make_shared<MailFollower>(api);
  return Stream{{}, [follower](const journal::Journal& journal) { follower->look(journal); }, [follower] { return follower->take(); }, {}};
}

}  // namespace malaposta::http
