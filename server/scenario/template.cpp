#include "scenario/template.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "protocol/base64.hpp"

namespace malaposta::scenario {

namespace {

struct Name {
  std::string_view name;
  Variable variable;
};

constexpr std::array kNames{
    Name{"rcpt", Variable::rcpt},
    Name{"mail", Variable::mail},
    Name{"helo", Variable::helo},
    Name{"ip", Variable::ip},
    Name{"port", Variable::port},
    Name{"user", Variable::user},
    Name{"mechanism", Variable::mechanism},
    Name{"sni", Variable::sni},
    Name{"command", Variable::command},
    Name{"argument", Variable::argument},
    Name{"code", Variable::code},
    Name{"hostname", Variable::hostname},
    Name{"size", Variable::size},
    Name{"rcpts", Variable::rcpts},
    Name{"transaction", Variable::transaction},
    Name{"connection", Variable::connection},
    Name{"attempt", Variable::attempt},
    Name{"state", Variable::state},
    Name{"uuid", Variable::uuid},
    Name{"now", Variable::now},
};

constexpr std::array<std::string_view, 5> kFunctions{"header.", "param.", "env:", "random:", "base64:"};

// Parses one template; recursion is for `vars` and for templates in templates.
class Parser {
 public:
  Parser(Place place, const Names& names, Diagnostics& diagnostics) : place_(place), names_(names), diagnostics_(diagnostics) {}

  Parts parse(std::string_view text) {
    Parts parts;
    if (++depth_ > kDeepestTemplate)
      fail("template is nested too deeply", "a variable must not lead back to itself");
    else
      while (!failed_ && !text.empty()) text = one(text, parts);
    --depth_;
    return parts;
  }

 private:
  // Takes one literal run or one variable from the front; gives the rest.
  std::string_view one(std::string_view text, Parts& parts) {
    if (text.starts_with("$${")) {
      literal("${", parts);
      return text.substr(3);
    }
    if (!text.starts_with("${")) {
      const std::size_t next = std::min(text.find('$', 1), text.size());
      literal(text.substr(0, next), parts);
      return text.substr(next);
    }
    const std::size_t end = closing(text);
    if (end == std::string_view::npos) {
      fail("'${' is not closed", "write '$${' for the characters themselves");
      return {};
    }
    variable(text.substr(2, end - 2), parts);
    return text.substr(end + 1);
  }

  // Where the brace stands that closes the one at the front.
  static std::size_t closing(std::string_view text) {
    std::size_t open = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text.substr(i).starts_with("${")) ++open;
      if (text[i] == '}' && --open == 0) return i;
    }
    return std::string_view::npos;
  }

  void literal(std::string_view bytes, Parts& parts) {
    grow(bytes.size());
    if (parts.empty() || parts.back().variable != Variable::literal) parts.emplace_back();
    parts.back().text.append(bytes);
  }

  void add(Part part, Parts& parts) {
    grow(1);
    parts.push_back(std::move(part));
  }

  void grow(std::size_t by) {
    grown_ += by;
    if (grown_ > kLongestTemplate)
      fail("template grows beyond " + std::to_string(kLongestTemplate) + " bytes", "use fewer `vars` in `vars`");
  }

  void variable(std::string_view name, Parts& parts) {
    grow(1);
    if (names_.groups != nullptr)
      if (const auto slot = names_.groups->find(name)) return add({Variable::group, std::string(name), *slot, 0, 0, nullptr}, parts);
    if (names_.vars != nullptr)
      for (const auto& [key, value] : *names_.vars)
        if (key.value == name) return splice(parse(value.value), parts);
    for (const Name& known : kNames)
      if (known.name == name) return add({known.variable, {}, 0, 0, 0, nullptr}, parts);
    if (!function(name, parts)) unknown(name);
  }

  void splice(Parts inner, Parts& parts) {
    for (Part& part : inner) {
      if (part.variable == Variable::literal)
        literal(part.text, parts);
      else
        add(std::move(part), parts);
    }
  }

  bool function(std::string_view name, Parts& parts) {
    const auto cut = [&](std::string_view prefix) {
      if (!name.starts_with(prefix) || name.size() == prefix.size()) return false;
      name.remove_prefix(prefix.size());
      return true;
    };
    if (cut("header."))
      add({Variable::header, std::string(name), 0, 0, 0, nullptr}, parts);
    else if (cut("param."))
      add({Variable::param, std::string(name), 0, 0, 0, nullptr}, parts);
    else if (cut("env:"))
      environment(name, parts);
    else if (cut("random:"))
      random(name, parts);
    else if (cut("base64:"))
      encode(name, parts);
    else
      return false;
    return true;
  }

  void environment(std::string_view name, Parts& parts) {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr)
      return fail("environment variable '" + std::string(name) + "' is not set", "set it before the scenario is loaded");
    literal(value, parts);
  }

  void random(std::string_view range, Parts& parts) {
    Part part{Variable::random, {}, 0, 0, 0, nullptr};
    const std::size_t dots = range.find("..");
    const auto number = [](std::string_view digits, std::uint64_t& out) {
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
      return error == std::errc() && end == digits.data() + digits.size() && !digits.empty();
    };
    if (dots == std::string_view::npos || !number(range.substr(0, dots), part.low) || !number(range.substr(dots + 2), part.high) ||
        part.low > part.high)
      return fail("'" + std::string(range) + "' is not a range of numbers", "for example ${random:1..9}");
    add(std::move(part), parts);
  }

  void encode(std::string_view text, Parts& parts) {
    auto inner = std::make_shared<const Parts>(parse(text));
    const bool fixed = std::all_of(inner->begin(), inner->end(), [](const Part& part) { return part.variable == Variable::literal; });
    if (fixed) return literal(protocol::encode_base64(inner->empty() ? std::string_view{} : std::string_view((*inner)[0].text)), parts);
    add({Variable::base64, {}, 0, 0, 0, std::move(inner)}, parts);
  }

  void unknown(std::string_view name) {
    std::vector<std::string_view> candidates;
    candidates.reserve(kNames.size());
    for (const Name& known : kNames) candidates.push_back(known.name);
    candidates.insert(candidates.end(), kFunctions.begin(), kFunctions.end());
    if (names_.groups != nullptr) candidates.insert(candidates.end(), names_.groups->names.begin(), names_.groups->names.end());
    if (names_.vars != nullptr)
      for (const auto& entry : *names_.vars) candidates.push_back(entry.first.value);
    const std::string_view near = nearest(name, candidates);
    fail("unknown template variable '" + std::string(name) + "'",
         near.empty() ? "a named group of this rule, one of `vars`, or a built-in name" : "did you mean '" + std::string(near) + "'?");
  }

  void fail(std::string message, std::string hint) {
    if (!failed_) diagnostics_.error(place_, std::move(message), std::move(hint));
    failed_ = true;
  }

  Place place_;
  const Names& names_;
  Diagnostics& diagnostics_;
  std::size_t depth_ = 0;
  std::size_t grown_ = 0;
  bool failed_ = false;
};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

void render_parts(const Parts& parts, Values& values, std::string& out, bool clean) {
  for (const Part& part : parts) {
    if (part.variable == Variable::literal) {
      out.append(part.text);
      continue;
    }
    if (part.variable == Variable::base64) {
      std::string inner;
      render_parts(*part.inner, values, inner, false);
      out.append(protocol::encode_base64(inner));
      continue;
    }
    const std::size_t begin = out.size();
    values.append(part, out);
    if (clean) std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), is_control, '?');
  }
}

bool parts_use(const Parts& parts, Variable variable) {
  return std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
    return part.variable == variable || (part.inner != nullptr && parts_use(*part.inner, variable));
  });
}

}  // namespace

Template::Template(Parts parts) : parts_(std::move(parts)) {
  const bool fixed = std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.variable == Variable::literal; });
  if (!fixed) return;
  for (const Part& part : parts_) literal_.append(part.text);
  parts_.clear();
}

bool Template::uses(Variable variable) const { return parts_use(parts_, variable); }

void Template::render(Values& values, std::string& out, bool clean) const {
  out.append(literal_);
  render_parts(parts_, values, out, clean);
}

Template parse_template(const Text& text, const Names& names, Diagnostics& diagnostics) {
  return Template(Parser(text.place, names, diagnostics).parse(text.value));
}

}  // namespace malaposta::scenario
