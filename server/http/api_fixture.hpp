// Requests to the API without a socket: what tests of handlers share.
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "http/routes.hpp"
#include "testing/answers.hpp"

namespace malaposta::http::testing {

struct Asked {
  std::string content_type;
  std::string body;
  std::string accept = {}, if_match = {}, if_none_match = {};
};

// The answer once the journals have been looked at. What would be waited for has happened already.
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
  for (;;) {
    if (std::holds_alternative<Visit>(answer)) {
      const Visit visit = std::get<Visit>(std::move(answer));
      for (journal::Journal* journal : journals) visit.look(*journal);
      answer = visit.answer();
    } else if (std::holds_alternative<Pause>(answer)) {
      const Pause pause = std::get<Pause>(std::move(answer));
      answer = pause.go_on();
    } else {
      break;
    }
  }
  Response response = std::get<Response>(std::move(answer));
  malaposta::testing::note_answer(name(method), target, response.status, response.content_type, response.body);
  return response;
}

// A message that alice@example.com sent to bob and carol.
inline journal::MessageId deliver(journal::Journal& journal, std::string_view content, journal::TimePoint at = {}) {
  journal::Message message;
  message.reverse_path = "alice@example.com";
  message.recipients = {"bob@example.test", "carol@example.test"};
  message.content.append(content);
  return journal.deliver(std::move(message), 0, at);
}

inline boost::json::value parsed(const Response& response) { return boost::json::parse(response.body); }

}  // namespace malaposta::http::testing
