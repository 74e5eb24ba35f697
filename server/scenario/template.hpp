// Templates: text with ${…} in it, parsed once when a scenario is loaded. Names are resolved then: what is unknown is
// an error at its place. Lookup order: named groups of the rule, `vars`, the built-in names.
// "$${" stands for "${". A template without variables is a literal, and costs nothing when a rule fires.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenario/diagnostic.hpp"
#include "scenario/model.hpp"
#include "scenario/pattern.hpp"

namespace malaposta::scenario {

inline constexpr std::size_t kDeepestTemplate = 8;  // `vars` in `vars`, templates in templates
inline constexpr std::size_t kLongestTemplate =
    256 * 1024;  // bytes and parts, with `vars` filled in: keeps doubling vars from growing without end

// What a variable of a template stands for.
enum class Variable : std::uint8_t {
  literal,
  group,
  rcpt,
  mail,
  helo,
  ip,
  port,
  user,
  mechanism,
  sni,
  command,
  argument,
  code,
  hostname,
  size,
  rcpts,
  transaction,
  connection,
  attempt,
  state,
  header,
  param,  // with a name
  uuid,
  now,
  random,  // random: with a range
  base64,  // with a template
};

struct Part;
using Parts = std::vector<Part>;

struct Part {
  Variable variable = Variable::literal;
  std::string text;                    // literal: the bytes; header, param: the name
  std::uint32_t group = 0;             // slot
  std::uint64_t low = 0, high = 0;     // random
  std::shared_ptr<const Parts> inner;  // base64
};

// Where values come from when a rule fires.
class Values {
 public:
  virtual ~Values() = default;
  // Appends the value of any variable but literal and base64. What is not known is empty.
  virtual void append(const Part& part, std::string& out) = 0;
};

class Template {
 public:
  Template() = default;
  explicit Template(Parts parts);

  bool is_literal() const { return parts_.empty(); }
  const std::string& literal() const { return literal_; }
  const Parts& parts() const { return parts_; }
  bool uses(Variable variable) const;

  // Appends the text. With `clean`, control characters in values (not in what the scenario's author wrote) become
  // '?', so that a client can put no line of its own into a reply.
  void render(Values& values, std::string& out, bool clean) const;

 private:
  std::string literal_;
  Parts parts_;  // empty for a literal
};

// What names mean in one rule.
struct Names {
  const std::vector<std::pair<Text, Text>>* vars = nullptr;
  const GroupNames* groups = nullptr;
};

// Problems are told at the text's place.
Template parse_template(const Text& text, const Names& names, Diagnostics& diagnostics);

}  // namespace malaposta::scenario
