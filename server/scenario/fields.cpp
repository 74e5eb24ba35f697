#include "scenario/fields.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include <algorithm>
#include <unordered_map>

namespace malaposta::scenario {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestQuote = 60;  // bytes of a value in a message

bool is_prefix(std::string_view row) { return row.ends_with('.'); }

// Rows are few and keys short: a walk is faster than a map that would have to be built.
std::size_t row_of(std::string_view key, const std::vector<KeyRow>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (is_prefix(rows[i].key) ? key.size() > rows[i].key.size() && key.starts_with(rows[i].key) : key == rows[i].key) return i;
  return rows.size();
}

std::string listed(const std::vector<KeyRow>& rows) {
  std::string list;
  for (const KeyRow& row : rows) list += fmt::format("{}{}{}", list.empty() ? "" : ", ", row.key, is_prefix(row.key) ? "NAME" : "");
  return list;
}

void unknown_key(Reading& reading, const Node& key, std::string_view table, const std::vector<KeyRow>& rows) {
  std::vector<std::string_view> keys;
  for (const KeyRow& row : rows) keys.push_back(row.key);
  const std::string_view near = nearest(key.text, keys);
  const std::string_view name = is_prefix(near) ? "NAME" : "";
  reading.diagnostics.error(key.place, fmt::format("unknown key '{}' in {}", quoted(key.text), table),
                            near.empty() ? "its keys are " + listed(rows) : fmt::format("did you mean '{}{}'?", near, name));
}

}  // namespace

bool Definitions::begin(std::string_view name) { return all_.emplace(name, json::object{}).second; }

std::string quoted(std::string_view text) {
  if (text.size() <= kLongestQuote) return std::string(text);
  std::size_t end = kLongestQuote;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a character
  return std::string(text.substr(0, end)) + "…";
}

void tell_unexpected(Reading& reading, const Node& node, std::string_view expected) {
  std::string found = fmt::format("not '{}'", quoted(node.text));
  if (node.is_list()) found = node.children.empty() ? "not an empty list" : "not a list";
  if (node.is_mapping()) found = "not a mapping";
  if (node.is_nothing()) found = "and nothing is here";
  reading.diagnostics.error(node.place, fmt::format("expected {}, {}", expected, found));
}

const Node* find(const Node& mapping, std::string_view key) {
  for (std::size_t i = 0; mapping.is_mapping() && i + 1 < mapping.children.size(); i += 2)
    if (mapping.children[i].is_scalar() && mapping.children[i].text == key) return &mapping.children[i + 1];
  return nullptr;
}

std::vector<std::vector<Entry>> sort_entries(Reading& reading, const Node& mapping, std::string_view table, const std::vector<KeyRow>& rows,
                                             bool one_key) {
  std::vector<std::vector<Entry>> sorted(rows.size());
  std::unordered_map<std::string_view, const Node*> seen;
  for (std::size_t i = 0; i + 1 < mapping.children.size(); i += 2) {
    const Node& key = mapping.children[i];
    if (!key.is_scalar()) {
      tell_unexpected(reading, key, "a key");
      continue;
    }
    if (const auto [first, added] = seen.emplace(key.text, &key); !added) {
      reading.diagnostics.error(key.place, fmt::format("key '{}' stands twice in {}", quoted(key.text), table),
                                fmt::format("first on line {}", first->second->place.line));
      continue;
    }
    const std::size_t row = row_of(key.text, rows);
    if (row == rows.size())
      unknown_key(reading, key, table, rows);
    else if (one_key && seen.size() > 1)
      reading.diagnostics.error(key.place, fmt::format("{} has one key, and '{}' is a second one", table, key.text),
                                mapping.place.line == key.place.line ? "" : "begin it with '- '");
    else
      sorted[row].push_back({&key, &mapping.children[i + 1]});
  }
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].required && sorted[i].empty()) reading.diagnostics.error(mapping.place, fmt::format("{} has no '{}'", table, rows[i].key));
  if (one_key && mapping.children.empty())
    reading.diagnostics.error(mapping.place, fmt::format("{} is empty", table), "its keys are " + listed(rows));
  return sorted;
}

json::object mapping_schema(Definitions& definitions, std::string_view table, std::string_view doc, const std::vector<KeyRow>& rows,
                            bool one_key) {
  std::string id(table);
  std::replace(id.begin(), id.end(), ' ', '-');
  json::object reference{{"$ref", "#/definitions/" + id}};
  if (!definitions.begin(id)) return reference;
  json::object schema{{"title", table}, {"description", doc}, {"type", "object"}, {"additionalProperties", false}};
  json::object properties, patterns;
  json::array required;
  for (const KeyRow& row : rows) {
    json::object value = row.schema(definitions);
    // Beside a "$ref" nothing else counts in draft-07.
    if (value.contains("$ref")) value = {{"allOf", json::array{value}}};
    value["description"] = row.doc;
    if (is_prefix(row.key))
      patterns["^" + std::string(row.key.substr(0, row.key.size() - 1)) + "\\..+$"] = std::move(value);
    else
      properties[row.key] = std::move(value);
    if (row.required) required.emplace_back(row.key);
  }
  if (!properties.empty()) schema["properties"] = std::move(properties);
  if (!patterns.empty()) schema["patternProperties"] = std::move(patterns);
  if (!required.empty()) schema["required"] = std::move(required);
  if (one_key) schema["minProperties"] = 1, schema["maxProperties"] = 1;
  definitions.put(id, std::move(schema));
  return reference;
}

}  // namespace malaposta::scenario
