#include "scenario/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "scenario/dialog.hpp"
#include "scenario/read_values.hpp"
#include "scenario/schema.hpp"
#include "scenario/tables.hpp"

namespace malaposta::scenario {

namespace json = boost::json;

namespace {

constexpr std::string_view kFormatVersion = "1";

// What a file's table fills: the model, and the vars that its numbers and times may use.
void read_version(Reading& reading, const Node&, const Node& value, Model&) {
  if (value.text != kFormatVersion)
    reading.diagnostics.error(value.place, fmt::format("format version '{}' is not known", quoted(value.text)),
                              "this program reads version 1");
}
json::object version_schema(Definitions&) { return {{"enum", {1, kFormatVersion}}}; }

bool is_kebab_case(std::string_view text) {
  if (text.empty() || text.front() == '-' || text.back() == '-' || text.find("--") != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

void read_name(Reading& reading, const Node&, const Node& value, Model& model) {
  if (take(reading, kText, value, model.name) && !is_kebab_case(value.text))
    reading.diagnostics.error(value.place, fmt::format("name '{}' is not in kebab-case", quoted(value.text)),
                              "lower-case letters and digits, with single hyphens between");
}
json::object name_schema(Definitions&) { return {{"type", {"string", "integer"}}, {"pattern", "^[a-z0-9]+(-[a-z0-9]+)*$"}}; }

// The file's base name without extension, in kebab-case: "My_Test.yaml" is my-test.
std::string name_of_file(std::string_view file) {
  file.remove_prefix(file.find_last_of('/') + 1);
  file = file.substr(0, file.find_last_of('.'));
  std::string name;
  for (const char c : file) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "scenario" : name;
}

// Letters, digits, hyphen and underscore: a dot or a colon belongs to names such as ${header.subject} and ${env:HOME}.
bool is_var_name(std::string_view text) {
  const auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

void read_vars(Reading& reading, const Node&, const Node& value, Model& model) {
  take(reading, kNames, value, model.vars);
  for (const auto& [name, text] : model.vars)
    if (!is_var_name(name.value))
      reading.diagnostics.error(name.place, fmt::format("'{}' cannot be used as ${{…}}", quoted(name.value)),
                                "a name has letters, digits, '-' and '_'");
  if (model.vars.size() > kMostVars) {
    reading.diagnostics.error(model.vars[kMostVars].first.place, fmt::format("a scenario has {} `vars` at most", kMostVars));
    model.vars.resize(kMostVars);
  }
  reading.vars = model.vars;
}
json::object vars_schema(Definitions& definitions) {
  json::object schema = names_schema(definitions);
  schema["propertyNames"] = {{"pattern", "^[A-Za-z0-9_-]+$"}};
  schema["maxProperties"] = kMostVars;
  return schema;
}

void read_server_section(Reading& reading, const Node& key, const Node& value, Model& model) {
  model.server_place = key.place;
  take(reading, kServer, value, model.server);
}

void read_route(Reading& reading, const Node& key, const Node& value, Model& model) {
  model.route_place = key.place;
  take(reading, kConditions, value, model.route);
}

void read_matrix(Reading& reading, const Node&, const Node& value, Model& model) {
  if (!value.is_mapping()) {
    tell_unexpected(reading, value, "a mapping of names to lists of values");
    return;
  }
  for (std::size_t i = 0; i + 1 < value.children.size(); i += 2) {
    auto& [name, values] = model.matrix.emplace_back();
    if (!take(reading, kText, value.children[i], name)) continue;
    if (!is_var_name(name.value))
      reading.diagnostics.error(name.place, fmt::format("'{}' cannot be used as ${{matrix.…}}", quoted(name.value)),
                                "a name has letters, digits, '-' and '_'");
    take(reading, kOneOrMore<Text, kText>, value.children[i + 1], values);
  }
}
json::object matrix_schema(Definitions& definitions) {
  return {{"type", "object"},
          {"propertyNames", {{"pattern", "^[A-Za-z0-9_-]+$"}}},
          {"additionalProperties", kOneOrMore<Text, kText>.schema(definitions)}};
}

bool read_rules(Reading& reading, const Node& node, std::vector<Rule>& into) {
  if (!node.is_list()) return false;
  for (const Node& child : node.children) {
    if (into.size() == kMostRules) {
      reading.diagnostics.error(child.place, fmt::format("a scenario has {} rules at most", kMostRules));
      break;
    }
    Rule& rule = into.emplace_back();
    take(reading, kRule, child, rule);
    if (rule.id.value.empty()) rule.id = {fmt::format("rule-{}", into.size()), child.place};
  }
  return true;
}
json::object rules_schema(Definitions& definitions) { return kListOf<Rule, kRule>.schema(definitions); }
constexpr Shape<std::vector<Rule>> kRules{"a list of rules", rules_schema, read_rules};

// The lines of a text and where each stands: of a block, in lines of the file; else all at the value's place.
std::vector<Text> lines_of(const Node& node) {
  std::vector<Text> lines;
  for (const std::string_view line : split_lines(node.text)) {
    Place place = node.place;
    if (node.literal) place.line += static_cast<std::uint32_t>(lines.size());
    if (node.literal) place.length = static_cast<std::uint32_t>(std::max<std::size_t>(1, line.size()));
    lines.push_back({std::string(line), place});
  }
  return lines;
}

void read_dialog(Reading& reading, const Node& key, const Node& value, Model& model) {
  model.dialog_place = key.place;
  if (!value.is_scalar() || value.is_nothing()) return tell_unexpected(reading, value, "a block of lines: dialog: |");
  model.dialog = lines_of(value);
  if (model.dialog.size() > kMostDialogLines) {
    reading.diagnostics.error(model.dialog[kMostDialogLines].place, fmt::format("a dialog has {} lines at most", kMostDialogLines));
    model.dialog.resize(kMostDialogLines);
  }
}
json::object dialog_schema(Definitions&) { return {{"type", "string"}}; }

// `vars` stand above all that may use them.
constexpr std::array kFields{
    Field<Model>{"malaposta", "The format's version", version_schema, read_version, true},
    Field<Model>{"name", "In kebab-case, unique in one run; the file's name if not said", name_schema, read_name},
    field<&Model::title, kString>("title", "What happens, in one line"),
    field<&Model::description, kString>("description", "Why, and what a client should do about it"),
    field<&Model::codes, kOneOrMore<int, kReplyCode>>("codes", "The documented codes that it exercises"),
    Field<Model>{"matrix", "The scenario runs once for each combination of these values: ${matrix.NAME}", matrix_schema, read_matrix},
    Field<Model>{"vars", "Names for values: ${NAME}", vars_schema, read_vars},
    Field<Model>{"server", "How the server presents itself", server_schema, read_server_section},
    Field<Model>{"route", "On a port that several scenarios share: the sessions that this one applies to", conditions_schema, read_route},
    field<&Model::rules, kRules>("rules", "What goes wrong and when; the first live match decides"),
    Field<Model>{"dialog", "Instead of rules: a session line by line, in the syntax of transcripts", dialog_schema, read_dialog},
    field<&Model::expect, kListOf<Expectation, kExpectation>>("expect", "What a correct client is expected to do"),
};
constexpr Table<Model> kTable{"scenario", "How a server presents itself, what goes wrong and when, and what a correct client does about it",
                              kFields};

}  // namespace

namespace {

using Cell = std::vector<std::pair<std::string, std::string>>;  // what stands for each ${matrix.NAME}

void fill(Node& node, const Cell& cell) {
  for (const auto& [mark, value] : cell)
    for (std::size_t at = 0; (at = node.text.find(mark, at)) != std::string::npos; at += value.size())
      node.text.replace(at, mark.size(), value);
  for (Node& child : node.children) fill(child, cell);
}

Model read_tree(const std::string& file, const Node& root, Diagnostics& diagnostics) {
  Model model;
  model.name = {name_of_file(file), {}};
  model.file = file;
  Reading reading{diagnostics};
  if (!read_mapping<kTable>(reading, root, model))
    diagnostics.error(root.place, "a scenario is a mapping", "it begins with 'malaposta: 1'");
  return model;
}

// The n-th combination; the last name's values change fastest.
Cell cell_of(const Model& model, std::size_t n) {
  Cell cell(model.matrix.size());
  for (std::size_t i = model.matrix.size(); i-- > 0;) {
    const auto& [name, values] = model.matrix[i];
    cell[i] = {"${matrix." + name.value + "}", values[n % values.size()].value};
    n /= values.size();
  }
  return cell;
}

std::size_t count_cells(const Model& model) {
  std::size_t count = 1;
  for (const auto& [name, values] : model.matrix) count = count > kMostCells ? count : count * values.size();
  return count;
}

// The matrix alone: what else is in the file may make sense only once its names are filled in.
Model read_matrix_of(const Node& root, Diagnostics& diagnostics) {
  Model model;
  Reading reading{diagnostics};
  for (std::size_t i = 0; root.is_mapping() && i + 1 < root.children.size(); i += 2)
    if (root.children[i].text == "matrix" && model.matrix.empty()) read_matrix(reading, root.children[i], root.children[i + 1], model);
  return model;
}

}  // namespace

std::vector<Model> read(const std::string& file, std::string_view source, Diagnostics& diagnostics) {
  std::vector<Model> models;
  if (looks_like_dialog(source)) {
    Node whole;
    whole.quoted = whole.literal = true;
    whole.place = {1, 1, 1};
    whole.text = source.starts_with(kByteOrderMark) ? source.substr(kByteOrderMark.size()) : source;
    Model& model = models.emplace_back();
    model.file = file;
    model.name = {name_of_file(file), {}};
    Reading reading{diagnostics};
    read_dialog(reading, whole, whole, model);
    return models;
  }
  const std::optional<Node> root = parse_yaml(source, diagnostics);
  if (!root) {
    models.emplace_back().file = file;
    models.back().name = {name_of_file(file), {}};
    return models;
  }
  Diagnostics told_again(file, source);
  const Model matrix = read_matrix_of(*root, told_again);
  if (matrix.matrix.empty() || told_again.failed()) return {read_tree(file, *root, diagnostics)};
  const std::size_t count = count_cells(matrix);
  if (count > kMostCells) {
    diagnostics.error(matrix.matrix.front().first.place, fmt::format("the matrix has more than {} cells", kMostCells));
    return {read_tree(file, *root, diagnostics)};
  }
  for (std::size_t n = 0; n < count && !diagnostics.failed(); ++n) {
    const Cell cell = cell_of(matrix, n);
    Node filled = *root;
    fill(filled, cell);
    Model& model = models.emplace_back(read_tree(file, filled, diagnostics));
    for (const auto& [mark, value] : cell) model.cell += (model.cell.empty() ? "" : ",") + value;
    model.name.value += "[" + model.cell + "]";
  }
  return models;
}

std::string schema() {
  Definitions definitions;
  json::object root = schema_of<kTable>(definitions);
  json::object all{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "Malaposta scenario"}};
  for (auto& member : root) all.insert(member);
  all["definitions"] = definitions.take();
  return pretty(all);
}

}  // namespace malaposta::scenario
