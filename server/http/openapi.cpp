// The OpenAPI 3.1 document, made from the table of routes and the table of shapes: it cannot differ from what is served.
#include <algorithm>
#include <boost/json.hpp>
#include <string>

#include "http/handlers.hpp"
#include "http/routes.hpp"
#include "http/schemas.hpp"
#include "malaposta/version.hpp"

namespace malaposta::http {

namespace {

boost::json::object reference(std::string_view schema) { return {{"$ref", "#/components/schemas/" + std::string(schema)}}; }

boost::json::object content_of(std::string_view type, std::string_view schema) {
  const boost::json::value shape = schema.empty() ? boost::json::value{{"type", "string"}} : boost::json::value(reference(schema));
  return {{type, {{"schema", shape}}}};
}

boost::json::array parameters_of(const Route& route) {
  boost::json::array list;
  for (std::string_view rest = route.path; rest.find('{') != std::string_view::npos;) {
    rest.remove_prefix(rest.find('{') + 1);
    list.push_back({{"name", rest.substr(0, rest.find('}'))}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  for (const Parameter& one : route.parameters)
    list.push_back({{"name", one.name}, {"in", "query"}, {"description", one.summary}, {"schema", boost::json::parse(one.schema)}});
  return list;
}

boost::json::object content_taken(std::string_view types) {
  boost::json::object content;
  for (; !types.empty();) {
    const std::string_view one = types.substr(0, types.find(','));
    content[one] = {{"schema", {{"type", one == "application/json" ? "object" : "string"}}}};
    types.remove_prefix(std::min(one.size() + 1, types.size()));
  }
  return content;
}

boost::json::object operation(const Route& route) {
  boost::json::object responses;
  if (route.type.empty()) {
    responses["101"] = {{"description", "Switching to a WebSocket"}};
  } else {
    boost::json::object content = content_of(route.type, route.schema);
    if (!route.text.empty()) content[route.text] = {{"schema", {{"type", "string"}}}};
    responses["200"] = {{"description", "OK"}, {"content", std::move(content)}};
  }
  for (const Outcome& one : route.outcomes) {
    boost::json::object told{{"description", one.summary}};
    if (!one.schema.empty()) told["content"] = content_of("application/json", one.schema);
    responses[one.status] = std::move(told);
  }
  responses["default"] = {{"description", "The request was refused"}, {"content", content_of("application/json", "Error")}};
  boost::json::object result{
      {"operationId", route.id}, {"summary", route.summary}, {"parameters", parameters_of(route)}, {"responses", std::move(responses)}};
  if (!route.body.empty()) result["requestBody"] = {{"required", route.content_needed}, {"content", content_taken(route.body)}};
  if (route.open) result["security"] = boost::json::array{};
  return result;
}

std::string lower(std::string_view method) {
  std::string result(method);
  std::ranges::transform(result, result.begin(), [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  return result;
}

boost::json::object document() {
  boost::json::object paths, shapes;
  for (const Route& route : routes()) {
    boost::json::value& path = paths[route.path];
    if (!path.is_object()) path.emplace_object();
    path.as_object()[lower(name(route.method))] = operation(route);
  }
  for (const Schema& schema : schemas()) shapes[schema.name] = boost::json::parse(schema.text);
  return {{"openapi", "3.1.0"},
          {"info", {{"title", "Malaposta"}, {"version", MALAPOSTA_VERSION}}},
          {"paths", paths},
          // An empty requirement beside the token: only a server that was given one asks for it.
          {"security", {boost::json::object{}, {{"token", boost::json::array{}}}}},
          {"components", {{"schemas", shapes}, {"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}}}}};
}

}  // namespace

Answer openapi(const Request&, Api&) {
  static const Response kDocument = json(document());
  return kDocument;
}

}  // namespace malaposta::http
