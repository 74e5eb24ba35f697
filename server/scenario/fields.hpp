// The mechanism behind every mapping of the scenario language. A shape is a kind of value: how it is read, what it is
// called in messages, its JSON Schema. A table is a kind of mapping: one row per key. Reader, messages and schema come
// from the same tables, so they cannot differ; a new key is one row.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "scenario/diagnostic.hpp"
#include "scenario/model.hpp"
#include "scenario/yaml.hpp"

namespace malaposta::scenario {

using Vars = std::vector<std::pair<Text, Text>>;

// What reading needs besides the node: where problems go, and `vars`, which may stand for numbers and times.
struct Reading {
  Diagnostics& diagnostics;
  Vars vars{};
};

// The `definitions` of the JSON Schema, one per table, filled while the schema is written.
class Definitions {
 public:
  // Whether `name` is new; its schema is then to be given by put().
  bool begin(std::string_view name);
  void put(std::string_view name, boost::json::object schema) { all_[name] = std::move(schema); }
  boost::json::object take() { return std::move(all_); }

 private:
  boost::json::object all_;
};

template <typename V>
struct Shape {
  std::string_view expected;  // completes "expected …, not 'soon'"
  boost::json::object (*schema)(Definitions&);
  // False if the node is not of this shape. Everything else that is wrong is told by `read` itself.
  bool (*read)(Reading&, const Node&, V&);
};

// A value as messages quote it: cut where it is long.
std::string quoted(std::string_view text);

// "expected a list, not 'soon'"
void tell_unexpected(Reading& reading, const Node& node, std::string_view expected);

// Reads the node, or tells what was expected. False if anything was wrong.
template <typename V>
bool take(Reading& reading, const Shape<V>& shape, const Node& node, V& into) {
  const std::size_t before = reading.diagnostics.errors();
  if (!shape.read(reading, node, into)) tell_unexpected(reading, node, shape.expected);
  return reading.diagnostics.errors() == before;
}

// One key of a mapping. A key that ends with a dot is the beginning of keys which carry a name ("header.").
template <typename Owner>
struct Field {
  std::string_view key;
  std::string_view doc;
  boost::json::object (*schema)(Definitions&);
  void (*read)(Reading&, const Node& key, const Node& value, Owner&);
  bool required = false;
};

template <typename>
struct MemberOf;
template <typename O, typename V>
struct MemberOf<V O::*> {
  using Owner = O;
  using Value = V;
};

// A key whose value goes to a member of the model. An optional member stays empty when its value is wrong.
template <auto Member, const auto& kShape>
constexpr auto field(std::string_view key, std::string_view doc, bool required = false) {
  using Owner = typename MemberOf<decltype(Member)>::Owner;
  using Value = typename MemberOf<decltype(Member)>::Value;
  constexpr auto read = [](Reading& reading, const Node&, const Node& value, Owner& owner) {
    if constexpr (requires(Value member) { member.emplace(); }) {
      typename Value::value_type made{};
      if (take(reading, kShape, value, made)) owner.*Member = std::move(made);
    } else {
      take(reading, kShape, value, owner.*Member);
    }
  };
  return Field<Owner>{key, doc, kShape.schema, read, required};
}

// A kind of mapping.
template <typename Owner>
struct Table {
  std::string_view name;  // in messages, and of its definition in the schema
  std::string_view doc;
  std::span<const Field<Owner>> fields;  // read in this order, whatever the order in the file
  bool one_key = false;                  // exactly one of the keys, such as a step of `do`
};

// What the untyped part of a table says about its keys.
struct KeyRow {
  std::string_view key;
  std::string_view doc;
  boost::json::object (*schema)(Definitions&);
  bool required;
};

// The entries of a mapping by the row that they belong to. Tells unknown, double, missing and too many keys.
struct Entry {
  const Node* key;
  const Node* value;
};
std::vector<std::vector<Entry>> sort_entries(Reading& reading, const Node& mapping, std::string_view table, const std::vector<KeyRow>& rows,
                                             bool one_key);
boost::json::object mapping_schema(Definitions& definitions, std::string_view table, std::string_view doc, const std::vector<KeyRow>& rows,
                                   bool one_key);

template <typename Owner>
std::vector<KeyRow> key_rows(const Table<Owner>& table) {
  std::vector<KeyRow> rows;
  for (const Field<Owner>& field : table.fields) rows.push_back({field.key, field.doc, field.schema, field.required});
  return rows;
}

template <const auto& kTable, typename Owner>
bool read_mapping(Reading& reading, const Node& node, Owner& into) {
  static const std::vector<KeyRow> rows = key_rows(kTable);
  if (!node.is_mapping()) return false;
  if constexpr (requires { into.place; }) into.place = node.place;
  const auto entries = sort_entries(reading, node, kTable.name, rows, kTable.one_key);
  for (std::size_t i = 0; i < entries.size(); ++i)
    for (const Entry& entry : entries[i]) kTable.fields[i].read(reading, *entry.key, *entry.value, into);
  return true;
}

template <const auto& kTable>
boost::json::object schema_of(Definitions& definitions) {
  return mapping_schema(definitions, kTable.name, kTable.doc, key_rows(kTable), kTable.one_key);
}

// The value of that key, or nullptr.
const Node* find(const Node& mapping, std::string_view key);

// The shape of a mapping that is all its table says.
template <typename Owner, const auto& kTable>
inline constexpr Shape<Owner> kMapping{"a mapping", schema_of<kTable>, read_mapping<kTable, Owner>};

// A list of values, each of the same shape.
template <typename V, const auto& kItem>
inline constexpr Shape<std::vector<V>> kListOf{"a list",
                                               [](Definitions& definitions) {
                                                 return boost::json::object{{"type", "array"}, {"items", kItem.schema(definitions)}};
                                               },
                                               [](Reading& reading, const Node& node, std::vector<V>& into) {
                                                 if (!node.is_list()) return false;
                                                 for (const Node& child : node.children) {
                                                   V item{};
                                                   if (take(reading, kItem, child, item)) into.push_back(std::move(item));
                                                 }
                                                 return true;
                                               }};

// One value, or a list of them.
template <typename V, const auto& kItem>
inline constexpr Shape<std::vector<V>> kAnyNumber{kItem.expected,
                                                  [](Definitions& definitions) {
                                                    boost::json::object items = kItem.schema(definitions);
                                                    return boost::json::object{{"oneOf", {items, {{"type", "array"}, {"items", items}}}}};
                                                  },
                                                  [](Reading& reading, const Node& node, std::vector<V>& into) {
                                                    if (node.is_list()) return kListOf<V, kItem>.read(reading, node, into);
                                                    V item{};
                                                    if (take(reading, kItem, node, item)) into.push_back(std::move(item));
                                                    return true;
                                                  }};

// The same where an empty list would say nothing, or what nothing can be: a rule at no stage, a pattern without a text.
template <typename V, const auto& kItem>
inline constexpr Shape<std::vector<V>> kOneOrMore{kItem.expected,
                                                  [](Definitions& definitions) {
                                                    boost::json::object schema = kAnyNumber<V, kItem>.schema(definitions);
                                                    schema["oneOf"].as_array()[1].as_object()["minItems"] = 1;
                                                    return schema;
                                                  },
                                                  [](Reading& reading, const Node& node, std::vector<V>& into) {
                                                    const bool empty = node.is_list() && node.children.empty();
                                                    return !empty && kAnyNumber<V, kItem>.read(reading, node, into);
                                                  }};

}  // namespace malaposta::scenario
