// One captured message, and what it is made of.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>

#include "http/captured.hpp"
#include "http/handlers.hpp"
#include "http/message_json.hpp"
#include "http/mime.hpp"

namespace malaposta::http {

namespace {

// A message never changes, but the next process counts anew.
std::string lasting_tag(journal::MessageId id, std::string_view what, const Api& api) {
  return fmt::format("\"{:x}-{}-{}\"", api.started.time_since_epoch().count(), id, what);
}

}  // namespace

Answer message(const Request& request, Api& api) {
  return with_message(request, api, [&api](Captured& message) -> Answer {
    const journal::MessageId id = message.id;
    auto object = std::make_shared<boost::json::object>(whole_of(message, api));
    return api.tags.with({id}, [id, object, &api](const auto&) -> Answer {
      (*object)["Tags"] = tags_of(id, api);
      return tagged_json(*object);
    });
  });
}

Answer message_headers(const Request& request, Api& api) {
  return with_message(request, api, [](Captured& message) -> Answer {
    boost::json::object object;
    for (const auto& [name, value] : read_mail(message.content).fields) {
      boost::json::value& values = object[name];
      if (!values.is_array()) values.emplace_array();
      values.get_array().emplace_back(value);
    }
    return json(object);
  });
}

Answer message_raw(const Request& request, Api& api) {
  return with_message(request, api, [&api](Captured& message) -> Answer {
    Response response{200, "text/plain; charset=utf-8", {}, {}};
    response.etag = lasting_tag(message.id, "raw", api);
    response.ranges = true;
    response.content = std::make_shared<const journal::Content>(std::move(message.content));
    return response;
  });
}

Answer message_part(const Request& request, Api& api) {
  return with_message(request, api, [id = request.segment("part"), &api](Captured& message) -> Answer {
    std::optional<PartContent> part = read_part(message.content, id);
    if (!part) return error(404, "the message has no such part; its PartIDs are in GET /api/v1/message/{id}");
    Response response{200, std::move(part->content_type), std::move(part->bytes), {}};
    response.etag = lasting_tag(message.id, id, api);
    response.ranges = true;
    return response;
  });
}

}  // namespace malaposta::http
