// Answers to requests with conditions and for parts of a content (RFC 9110 sections 13 and 14).
#pragma once

#include "http/message.hpp"

namespace malaposta::http {

// Makes of an answer 200 with an entity tag what the request asks for: 304 where the client has it already, 206 with the range that it
// wants, 416 where there is none such. A request for several ranges gets all of it.
void apply_conditions(const Request& request, Response& response);

// A tag for a content that is what it says.
std::string entity_tag(std::string_view content);

}  // namespace malaposta::http
