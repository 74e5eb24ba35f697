#include "http/search.hpp"

#include <boost/json.hpp>
#include <memory>
#include <utility>

#include "http/captured.hpp"
#include "http/handlers.hpp"
#include "http/message_json.hpp"
#include "http/search_query.hpp"

namespace malaposta::http {

namespace {

// One search on its way through the inbox: so many messages, and then others have their turn.
class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(SearchQuery query, const Page& page, Api& api, std::function<Answer(const Matches&)> then)
      : query_(std::move(query)), page_(page), api_(api), then_(std::move(then)) {}

  Answer start() {
    return with_inbox(api_, [run = shared_from_this()](std::vector<journal::MessageId> ids) {
      run->matches_.total = ids.size();
      run->left_ = std::move(ids);
      return run->go_on();
    });
  }

 private:
  Answer go_on() {
    if (next_ == left_.size()) return then_(matches_);
    const std::size_t count = std::min(MailIndex::kMostAtOnce, left_.size() - next_);
    const auto begin = left_.begin() + static_cast<std::ptrdiff_t>(next_);
    next_ += count;
    return api_.index.with({begin, begin + static_cast<std::ptrdiff_t>(count)},
                           [run = shared_from_this()](const std::vector<IndexedPtr>& entries) -> Answer {
                             for (const IndexedPtr& entry : entries) run->look_at(entry);
                             return Pause{{}, [run] { return run->go_on(); }};
                           });
  }

  void look_at(const IndexedPtr& entry) {
    const bool read = api_.read.contains(entry->id);
    if (!query_.matches({*entry, read, api_.tags.of(entry->id), api_.calendar.date(entry->at)})) return;
    if (matches_.ids.size() >= page_.start && matches_.page.size() < page_.limit) matches_.page.push_back(entry);
    matches_.ids.push_back(entry->id);
    if (!read) ++matches_.unread;
  }

  SearchQuery query_;
  Page page_;
  Api& api_;
  std::function<Answer(const Matches&)> then_;
  std::vector<journal::MessageId> left_;
  std::size_t next_ = 0;
  Matches matches_;
};

}  // namespace

Answer search(std::string_view query, const Request& request, const Page& page, Api& api, std::function<Answer(const Matches&)> then) {
  auto parsed = SearchQuery::parse(query, request.parameter("tz"));
  if (const auto* problem = std::get_if<std::string>(&parsed)) return error(400, *problem);
  return std::make_shared<Run>(std::get<SearchQuery>(std::move(parsed)), page, api, std::move(then))->start();
}

Answer search(const Request& request, Api& api, std::function<Answer(const Matches&)> then) {
  return search(request.parameter("query"), request, {0, 0}, api, std::move(then));
}

Answer search_messages(const Request& request, Api& api) {
  const std::optional<Page> page = page_of(request);
  if (!page) return no_page();
  return search(request.parameter("query"), request, *page, api, [start = page->start, &api](const Matches& matches) -> Answer {
    boost::json::object list = list_of(matches.page, matches.total, start, api);
    list["messages_count"] = matches.ids.size();
    list["messages_unread"] = matches.unread;
    return tagged_json(list);
  });
}

Answer delete_found(const Request& request, Api& api) {
  return search(request, api, [&api](const Matches& matches) -> Answer { return delete_all(matches.ids, api, done); });
}

}  // namespace malaposta::http
