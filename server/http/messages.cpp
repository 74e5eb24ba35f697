// The inbox: captured mail, in the paths and shapes that Mailpit's clients know.
#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/captured.hpp"
#include "http/handlers.hpp"
#include "http/message_json.hpp"
#include "http/numbers.hpp"
#include "http/page.hpp"
#include "http/search.hpp"

namespace malaposta::http {

namespace {

constexpr std::string_view kShape =
    R"(the content must be like {"IDs": ["1", "2"]}, or {"Search": "from:alice"}, not both; without them, all messages are meant)";

// The messages that the content names; nothing where it is no list of them. None: all that there are.
struct Chosen {
  std::vector<journal::MessageId> ids;
  std::string search;
  bool all = true;
  bool read = false;
};

// Each member that is there must be what it should be.
std::optional<Chosen> chosen(const Request& request) {
  Chosen result;
  if (request.body.empty()) return result;
  boost::system::error_code problem;
  const boost::json::value content = boost::json::parse(request.body, problem);
  if (problem || !content.is_object()) return std::nullopt;
  if (const boost::json::value* read = content.get_object().if_contains("Read")) {
    if (!read->is_bool()) return std::nullopt;
    result.read = read->get_bool();
  }
  if (const boost::json::value* search = content.get_object().if_contains("Search")) {
    if (!search->is_string()) return std::nullopt;
    result.search = search->get_string();
  }
  const boost::json::value* ids = content.get_object().if_contains("IDs");
  if (ids != nullptr && !ids->is_null()) {
    if (!ids->is_array()) return std::nullopt;
    for (const boost::json::value& one : ids->get_array()) {
      const auto id = one.is_string() ? number_of<journal::MessageId>(one.get_string()) : std::nullopt;
      if (!id) return std::nullopt;
      result.ids.push_back(*id);
    }
    std::ranges::sort(result.ids);
  }
  result.all = result.ids.empty() && result.search.empty();
  if (!result.ids.empty() && !result.search.empty()) return std::nullopt;
  return result;
}

Response mark(const std::vector<journal::MessageId>& ids, bool read, Api& api) {
  for (const journal::MessageId id : ids) api.mark_read(id, read);
  return done();
}

}  // namespace

Answer messages(const Request& request, Api& api) {
  const std::optional<Page> page = page_of(request);
  if (!page) return no_page();
  return with_inbox(api, [page = *page, &api](const std::vector<journal::MessageId>& ids) -> Answer {
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(std::min(page.start, ids.size()));
    const auto count = std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(page.limit), ids.end() - begin);
    return api.index.with({begin, begin + count}, [total = ids.size(), page, &api](const std::vector<IndexedPtr>& entries) -> Answer {
      return tagged_json(list_of(entries, total, page.start, api));
    });
  });
}

Answer delete_messages(const Request& request, Api& api) {
  const std::optional<Chosen> choice = chosen(request);
  if (!choice) return error(400, kShape);
  if (choice->all)
    return Visit{[](journal::Journal& journal) { (void)journal.remove_messages(); },
                 [&api]() -> Answer {
                   api.keep({});
                   api.inbox.add(InboxChange::What::emptied);
                   return done();
                 }};
  if (choice->search.empty()) return delete_all(choice->ids, api, done);
  return search(choice->search, request, {0, 0}, api, [&api](const Matches& found) { return delete_all(found.ids, api, done); });
}

Answer mark_messages(const Request& request, Api& api) {
  const std::optional<Chosen> choice = chosen(request);
  if (!choice) return error(400, kShape);
  if (!choice->search.empty())
    return search(choice->search, request, {0, 0}, api,
                  [read = choice->read, &api](const Matches& found) -> Answer { return mark(found.ids, read, api); });
  return with_inbox(api, [choice = *choice, &api](std::vector<journal::MessageId> ids) -> Answer {
    // Those that are not there are not marked.
    if (!choice.all) std::erase_if(ids, [&](journal::MessageId id) { return !std::ranges::binary_search(choice.ids, id); });
    return mark(ids, choice.read, api);
  });
}

}  // namespace malaposta::http
