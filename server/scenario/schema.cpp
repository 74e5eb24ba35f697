#include "scenario/schema.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace malaposta::scenario {

namespace json = boost::json;

namespace {

constexpr std::size_t kWidest = 100;  // of a value that stays on one line

bool is_nested(const json::value& value) { return value.is_object() || value.is_array(); }

bool is_flat(const json::value& value) {
  if (value.is_array()) return std::none_of(value.get_array().begin(), value.get_array().end(), is_nested);
  return std::none_of(value.get_object().begin(), value.get_object().end(), [](const auto& member) { return is_nested(member.value()); });
}

void write(const json::value& value, std::size_t indent, std::string& out) {
  std::string line = json::serialize(value);
  if (!is_nested(value) || (is_flat(value) && line.size() <= kWidest)) {
    out += line;
    return;
  }
  const std::string blanks(indent + 2, ' ');
  const bool object = value.is_object();
  std::string_view before = object ? "{\n" : "[\n";
  const auto item = [&](const json::value& child, std::string_view key) {
    out.append(before).append(blanks);
    if (object) out += json::serialize(key) + ": ";
    write(child, indent + 2, out);
    before = ",\n";
  };
  if (object)
    for (const auto& member : value.get_object()) item(member.value(), member.key());
  else
    for (const json::value& child : value.get_array()) item(child, {});
  out.append("\n").append(indent, ' ').append(object ? "}" : "]");
}

}  // namespace

std::string pretty(const json::value& value) {
  std::string out;
  write(value, 0, out);
  return out + "\n";
}

}  // namespace malaposta::scenario
