// Requests to the API without a socket: what tests of handlers share.
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "http/routes.hpp"

namespace malaposta::http::testing {

struct Asked {
  std::string content_type;
  std::string body;
  std::string accept = {}, if_match = {}, if_none_match = {};
};

// The answer once the journals have been looked at.
inline Response ask(Api& api, Method method, std::string_view target, std::initializer_list<journal::Journal*> journals = {},
                    Asked content = {}) {
  Request request;
  request.method = method;
  if (!read_target(target, request)) return error(400, "the target is no path");
  request.content_type = std::move(content.content_type);
  request.body = std::move(content.body);
  request.accept = std::move(content.accept);
  request.if_match = std::move(content.if_match);
  request.if_none_match = std::move(content.if_none_match);
  Answer answer = dispatch(std::move(request), api);
  while (std::holds_alternative<Visit>(answer)) {
    const Visit visit = std::get<Visit>(std::move(answer));
    for (journal::Journal* journal : journals) visit.look(*journal);
    answer = visit.answer();
  }
  return std::get<Response>(std::move(answer));
}

inline boost::json::value parsed(const Response& response) { return boost::json::parse(response.body); }

}  // namespace malaposta::http::testing
