// The routes of tags, as Mailpit's clients know them.
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "http/captured.hpp"
#include "http/handlers.hpp"
#include "http/message_json.hpp"
#include "http/numbers.hpp"

namespace malaposta::http {

namespace {

struct Wanted {
  std::vector<journal::MessageId> ids;
  std::vector<std::string> tags;
};

// Nothing where the content is not like {"IDs": ["1"], "Tags": ["a"]}; without Tags, the messages are to have none.
std::optional<Wanted> wanted_of(const Request& request) {
  boost::system::error_code problem;
  const boost::json::value content = boost::json::parse(request.body, problem);
  if (problem || !content.is_object()) return std::nullopt;
  const boost::json::value* ids = content.get_object().if_contains("IDs");
  const boost::json::value* tags = content.get_object().if_contains("Tags");
  if (ids == nullptr || !ids->is_array() || (tags != nullptr && !tags->is_null() && !tags->is_array())) return std::nullopt;
  Wanted wanted;
  for (const boost::json::value& one : ids->get_array()) {
    const auto id = one.is_string() ? number_of<journal::MessageId>(one.get_string()) : std::nullopt;
    if (!id) return std::nullopt;
    wanted.ids.push_back(*id);
  }
  if (tags != nullptr && tags->is_array())
    for (const boost::json::value& one : tags->get_array()) {
      if (!one.is_string()) return std::nullopt;
      wanted.tags.emplace_back(one.get_string());
    }
  return wanted;
}

Response renamed(const std::vector<journal::MessageId>& messages, Api& api) {
  if (messages.empty()) return error(404, "no message has such a tag");
  for (const journal::MessageId id : messages) api.tagged(id);
  return done();
}

}  // namespace

Answer tags(const Request&, Api& api) {
  return with_inbox(api, [&api](const auto&) -> Answer {
    boost::json::array list;
    for (const auto& [tag, count] : api.tags.all()) list.emplace_back(tag);
    return json(list);
  });
}

Answer set_tags(const Request& request, Api& api) {
  const std::optional<Wanted> wanted = wanted_of(request);
  if (!wanted) return error(400, R"(the content must be like {"IDs": ["1", "2"], "Tags": ["one", "two"]})");
  for (const std::string& tag : wanted->tags)
    if (clean_tag(tag).empty()) return error(400, "a tag has letters, digits, blanks, hyphens, dots and underscores");
  return with_inbox(api, [wanted = *wanted, &api](const auto&) -> Answer {
    for (const journal::MessageId id : wanted.ids) {
      api.tags.set(id, wanted.tags);
      api.tagged(id);
    }
    return done();
  });
}

Answer rename_tag(const Request& request, Api& api) {
  boost::system::error_code problem;
  const boost::json::value content = boost::json::parse(request.body, problem);
  const boost::json::value* name = !problem && content.is_object() ? content.get_object().if_contains("Name") : nullptr;
  const std::string tag = name != nullptr && name->is_string() ? clean_tag(name->get_string()) : std::string{};
  if (tag.empty()) return error(400, R"(the content must be like {"Name": "another"}, with letters, digits, blanks, -, . and _)");
  return with_inbox(api,
                    [old = request.segment("tag"), tag, &api](const auto&) -> Answer { return renamed(api.tags.rename(old, tag), api); });
}

Answer delete_tag(const Request& request, Api& api) {
  return with_inbox(api, [old = request.segment("tag"), &api](const auto&) -> Answer { return renamed(api.tags.rename(old), api); });
}

}  // namespace malaposta::http
