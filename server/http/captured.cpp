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

// Copies the message at as many visits as it takes, and answers with what `told` makes of it.
Answer copy(const std::shared_ptr<Captured>& message, Api& api, const std::function<Answer(Captured&)>& told) {
  const auto there = std::make_shared<bool>(false);
  return Visit{[message, there](const journal::Journal& journal) {
                 const journal::Message* found = journal.message(message->id);
                 if (found == nullptr || !found->captured) return;
                 *there = true;
                 std::size_t budget = kMostCopiedAtOnce;
                 message->copy_from(*found, budget);
               },
               [message, there, told, &api]() -> Answer {
                 if (!*there) return error(404, kNone);
                 if (!message->complete()) return copy(message, api, told);
                 api.mark_read(message->id, true);
                 return told(*message);
               }};
}

Answer look_for(journal::MessageId id, Api& api, const std::function<Answer(Captured&)>& told) {
  const auto message = std::make_shared<Captured>();
  message->id = id;
  return copy(message, api, told);
}

Answer look_for_newest(Api& api, std::function<Answer(Captured&)> told) {
  const auto newest = std::make_shared<journal::MessageId>(0);
  return Visit{[newest](const journal::Journal& journal) {
                 if (!journal.messages().empty()) *newest = std::max(*newest, journal.messages().back().id);
               },
               [newest, told = std::move(told), &api] { return look_for(*newest, api, told); }};
}

}  // namespace

void Captured::copy_from(const journal::Message& message, std::size_t& budget) {
  if (content.empty()) {
    id = message.id;
    at = message.at;
    reverse_path = message.reverse_path;
    recipients = message.recipients;
    size = message.content.size();
  }
  std::size_t skipped = content.size();
  message.content.for_each([&](std::string_view block) {
    const std::size_t known = std::min(skipped, block.size());
    skipped -= known;
    const std::string_view fresh = block.substr(known, budget);
    content.append(fresh);
    budget -= fresh.size();
  });
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
                 api.keep_read(*ids);
                 api.tags.keep(*ids);
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
                   api.read.erase(id);
                   ++api.inbox;
                 }
                 return ids.empty() ? then() : delete_all(ids, api, then);
               }};
}

}  // namespace malaposta::http
