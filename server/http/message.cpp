#include "http/message.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "protocol/grammar.hpp"

namespace malaposta::http {

namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// What stands before the separator; the text goes on behind it.
std::string_view cut(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view first = trimmed(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return first;
}

// A weight like "0.8" in thousandths; of anything else all of them.
int weight(std::string_view text) {
  if (text.size() > 5 || !(text.starts_with("0.") || text == "0")) return 1000;
  int thousandths = 0;
  for (std::size_t i = 2; i < 5; ++i)
    thousandths = thousandths * 10 + (i < text.size() && text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 0);
  return thousandths;
}

// How exactly a range of Accept names the type: 0 not at all.
int exactness(std::string_view range, std::string_view type) {
  if (range == type) return 3;
  if (range == "*/*") return 1;
  return range.ends_with("/*") && type.starts_with(range.substr(0, range.size() - 1)) ? 2 : 0;
}

// In thousandths; the most exact range decides.
int liking(std::string_view accept, std::string_view type) {
  int liked = 0, exact = 0;
  while (!accept.empty()) {
    std::string_view element = cut(accept, ',');
    const int how_exact = exactness(media_type(cut(element, ';')), type);
    int wanted = 1000;
    while (!element.empty())
      if (const std::string_view parameter = cut(element, ';'); parameter.starts_with("q=") || parameter.starts_with("Q="))
        wanted = weight(parameter.substr(2));
    if (how_exact > exact) exact = how_exact, liked = wanted;
  }
  return liked;
}

}  // namespace

std::string_view preferred(std::string_view accept, std::span<const std::string_view> offered) {
  return *std::ranges::max_element(offered, {}, [&](std::string_view type) { return liking(accept, type); });
}

bool names_tag(std::string_view field, std::string_view tag) {
  while (!field.empty()) {
    std::string_view one = cut(field, ',');
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == "*" || one == tag) return true;
  }
  return false;
}

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
  // Some clients have one slash too many between the address and the path.
  while (request.path.size() > 1 && request.path.front().empty()) request.path.erase(request.path.begin());
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
