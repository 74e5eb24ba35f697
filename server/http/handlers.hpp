// The handlers, one function for each route; those of one subject stand in one file.
#pragma once

#include "http/api.hpp"
#include "http/message.hpp"

namespace malaposta::http {

// health.cpp
Answer livez(const Request& request, Api& api);
Answer readyz(const Request& request, Api& api);
Answer info(const Request& request, Api& api);
// openapi.cpp
Answer openapi(const Request& request, Api& api);

// codes.cpp
Answer codes(const Request& request, Api& api);
Answer code(const Request& request, Api& api);
Answer findings(const Request& request, Api& api);
// sessions.cpp
Answer sessions(const Request& request, Api& api);
Answer session(const Request& request, Api& api);
Answer session_transcript(const Request& request, Api& api);
// arm.cpp
Answer armed(const Request& request, Api& api);
Answer arm(const Request& request, Api& api);
Answer disarm_all(const Request& request, Api& api);
Answer disarm(const Request& request, Api& api);
// messages.cpp
Answer messages(const Request& request, Api& api);
Answer delete_messages(const Request& request, Api& api);
Answer mark_messages(const Request& request, Api& api);
// search.cpp
Answer search_messages(const Request& request, Api& api);
Answer delete_found(const Request& request, Api& api);
// one_message.cpp
Answer message(const Request& request, Api& api);
Answer message_headers(const Request& request, Api& api);
Answer message_raw(const Request& request, Api& api);
Answer message_part(const Request& request, Api& api);
// send.cpp
Answer send(const Request& request, Api& api);
// chaos.cpp
Answer chaos(const Request& request, Api& api);
Answer set_chaos(const Request& request, Api& api);
// webui.cpp
Answer webui(const Request& request, Api& api);
// view.cpp
Answer view(const Request& request, Api& api);
// tagging.cpp
Answer tags(const Request& request, Api& api);
Answer set_tags(const Request& request, Api& api);
Answer rename_tag(const Request& request, Api& api);
Answer delete_tag(const Request& request, Api& api);
// verify.cpp
Answer verify_now(const Request& request, Api& api);
Answer wait(const Request& request, Api& api);
Answer reset(const Request& request, Api& api);
// events.cpp
Answer events(const Request& request, Api& api);
// ca.cpp
Answer ca(const Request& request, Api& api);
// mail_events.cpp
Answer mail_events(const Request& request, Api& api);
// scenarios.cpp
Answer scenarios(const Request& request, Api& api);
Answer scenario(const Request& request, Api& api);
Answer add_scenario(const Request& request, Api& api);
Answer put_scenario(const Request& request, Api& api);
Answer close_scenario(const Request& request, Api& api);
Answer reset_scenario(const Request& request, Api& api);
// rules.cpp
Answer rules(const Request& request, Api& api);
Answer rule(const Request& request, Api& api);
Answer add_rule(const Request& request, Api& api);
Answer remove_rule(const Request& request, Api& api);
Answer remove_rules(const Request& request, Api& api);
// check.cpp
Answer check(const Request& request, Api& api);
Answer schema(const Request& request, Api& api);
// web.cpp
Answer web_page(const Request& request, Api& api);
Answer web_asset(const Request& request, Api& api);

}  // namespace malaposta::http
