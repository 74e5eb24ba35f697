#include "http/captured.hpp"

#include <algorithm>
#include <memory>

#include "http/numbers.hpp"
#include "http/search.hpp"

namespace malaposta::http {

namespace {

constexpr std::string_view kNone = "there is no such message, or it gave way to the limits of memory";
constexpr std::string_view kLatest = "latest";
// Each may move all messages behind it.
constexpr std::size_t kMostDeletedAtOnce = 50;

Answer look_for(journal::MessageId id, Api& api, const std::function<Answer(Captured&)>& told) {
  const auto message = std::make_shared<Captured>();
  return Visit{[message, id](const journal::Journal& journal) {
                 const journal::Message* found = journal.message(id);
                 if (found != nullptr && found->captured) *message = captured_of(*found);
               },
               [message, told, &api]() -> Answer {
                 if (message->id == 0) return error(404, kNone);
                 api.mark_read(message->id, true);
                 return told(*message);
               }};
}

Answer look_for_newest(Api& api, std::function<Answer(Captured&)> told) {
  const auto newest = std::make_shared<journal::MessageId>(0);
  return Visit{[newest](const journal::Journal& journal) {
                 if (!journal.messages().empty()) *newest = std::max(*newest, journal.messages().back().id);
               },
               [newest, told = std::move(told), &api] { return look_for(*newest, api, told); }};
}

}  // namespace

Captured captured_of(const journal::Message& message) {
  return {message.id, message.at, message.reverse_path, message.recipients, message.content.slice()};
}

Answer with_message(const Request& request, Api& api, std::function<Answer(Captured&)> told) {
  return with_message(request.segment("id"), request, api, std::move(told));
}

Answer with_message(const std::string& name, const Request& request, Api& api, std::function<Answer(Captured&)> told) {
  if (name != kLatest) {
    const auto id = number_of<journal::MessageId>(name);
    return id ? look_for(*id, api, told) : Answer(error(404, kNone));
  }
  if (request.parameter("query").empty()) return look_for_newest(api, std::move(told));
  return search(request, api, [told = std::move(told), &api](const Matches& matches) -> Answer {
    if (matches.ids.empty()) return error(404, "the search finds no message");
    return look_for(matches.ids.front(), api, told);
  });
}

Answer with_inbox(Api& api, std::function<Answer(std::vector<journal::MessageId>)> then) {
  const auto ids = std::make_shared<std::vector<journal::MessageId>>();
  return Visit{[ids](const journal::Journal& journal) {
                 for (const journal::Message& message : journal.messages()) ids->push_back(message.id);
               },
               [ids, then = std::move(then), &api]() -> Answer {
                 std::ranges::sort(*ids, std::ranges::greater{});
                 api.keep(*ids);
                 return api.tags.with(std::move(*ids), then);
               }};
}

Answer delete_all(std::vector<journal::MessageId> ids, Api& api, std::function<Answer()> then) {
  const std::size_t count = std::min(kMostDeletedAtOnce, ids.size());
  const std::vector<journal::MessageId> some(ids.end() - static_cast<std::ptrdiff_t>(count), ids.end());
  ids.resize(ids.size() - count);
  return Visit{[some](journal::Journal& journal) {
                 for (const journal::MessageId id : some) (void)journal.remove(id);
               },
               [ids = std::move(ids), some, then = std::move(then), &api]() -> Answer {
                 for (const journal::MessageId id : some) {
                   api.forget(id);
                   api.inbox.add(InboxChange::What::deleted, id);
                 }
                 return ids.empty() ? then() : delete_all(ids, api, then);
               }};
}

}  // namespace malaposta::http
