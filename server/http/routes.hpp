// The table of routes: it dispatches requests, and the OpenAPI document is made from it. A new path is one row here, one
// handler and, where its answer has a new shape, one row in schemas.cpp.
#pragma once

#include <span>
#include <string_view>

#include "http/api.hpp"
#include "http/message.hpp"

namespace malaposta::http {

struct Parameter {
  std::string_view name;
  std::string_view schema;   // JSON Schema
  std::string_view summary;
};

struct Outcome {
  std::string_view status;   // "201"
  std::string_view schema;   // the shape of its JSON, by name; empty: it has no content
  std::string_view summary;
};

struct Route {
  Method method;
  std::string_view path;      // "/api/v1/codes/{code}"
  std::string_view id;        // operationId
  std::string_view summary;
  std::span<const Parameter> parameters;  // those of the query; the path's own are strings that its summary explains
  std::string_view type;      // media type of the answer; empty: it is a WebSocket
  std::string_view schema;    // its shape, by name; empty where it is no JSON
  std::string_view body;      // media types that a request may have, comma separated; empty: it has no content
  bool open;                  // answers without the token
  Answer (*answer)(const Request&, Api&);
  std::span<const Outcome> outcomes = {};  // its answers with another status than 200 that are no plain Error
  bool content_needed = true;              // where it has a `body`
  std::string_view text = {};              // media type of another form of the answer, which Accept asks for
};

std::span<const Route> routes();

// "GET".
std::string_view name(Method method);

// 404, or 405 with Allow, where no route is meant; 415 where it does not take the content.
Answer dispatch(Request request, Api& api);

// The route that the request means; nullptr: none.
const Route* find_route(const Request& request);

}  // namespace malaposta::http
