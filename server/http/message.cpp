#include "http/message.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "protocol/grammar.hpp"

namespace malaposta::http {

std::string_view Request::parameter(std::string_view name, std::string_view otherwise) const {
  const auto found = std::ranges::find(query, name, [](const auto& one) { return std::string_view(one.first); });
  return found == query.end() ? otherwise : std::string_view(found->second);
}

const std::string& Request::segment(std::string_view name) const {
  static const std::string kNone;
  const auto found = std::ranges::find(matched, name, [](const auto& one) { return one.first; });
  return found == matched.end() ? kNone : found->second;
}

bool read_target(std::string_view target, Request& request) {
  const auto parsed = boost::urls::parse_origin_form(target);
  if (!parsed) return false;
  for (const auto segment : parsed->segments()) request.path.push_back(segment);
  for (const auto parameter : parsed->params()) request.query.emplace_back(parameter.key, parameter.value);
  return true;
}

std::string media_type(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' ')) content_type.remove_suffix(1);
  std::string type(content_type);
  std::ranges::transform(type, type.begin(), protocol::grammar::lower);
  return type;
}

Response json(const boost::json::value& value, unsigned status) {
  Response response;
  response.status = status;
  response.body = boost::json::serialize(value) + "\n";
  return response;
}

Response error(unsigned status, std::string_view message) { return json({{"error", message}}, status); }

}  // namespace malaposta::http
