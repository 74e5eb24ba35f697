#include "scenario/pattern.hpp"

#include <arpa/inet.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>

#include "protocol/command.hpp"
#include "protocol/grammar.hpp"

namespace malaposta::scenario {

namespace {

using protocol::grammar::lower;

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

FirstBytes first_of_text(std::string_view text, bool fold) {
  FirstBytes first;
  if (text.empty()) {
    first.empty = true;
    return first;
  }
  first.bytes.set(static_cast<unsigned char>(text[0]));
  if (fold) {
    first.bytes.set(static_cast<unsigned char>(lower(text[0])));
    if (lower(text[0]) >= 'a' && lower(text[0]) <= 'z') first.bytes.set(static_cast<unsigned char>(lower(text[0]) - ('a' - 'A')));
  }
  return first;
}

FirstBytes first_of_glob(std::string_view glob, bool fold) {
  if (glob[0] == '*') return FirstBytes::any();
  if (glob[0] == '?') {
    FirstBytes first = FirstBytes::any();
    first.empty = false;
    return first;
  }
  if (glob[0] == '\\' && glob.size() > 1) glob.remove_prefix(1);
  return first_of_text(glob.substr(0, 1), fold);
}

std::string tail_of_glob(std::string_view glob) {
  if (glob.find('\\') != std::string_view::npos) return {};
  return std::string(glob.substr(glob.find_last_of("*?") + 1));
}

constexpr int kLongestPrefix = 8;  // bytes that are looked at of what an expression can begin with

RE2::Options options(bool fold) {
  RE2::Options options;
  options.set_max_mem(kRegexMemory);
  options.set_log_errors(false);
  options.set_case_sensitive(!fold);
  return options;
}

// The length of the class at the front: "[^]a[:digit:]\\]]".
std::size_t class_length(std::string_view text) {
  std::size_t at = text.starts_with("[^") ? 2 : 1;
  if (text.substr(at).starts_with(']')) ++at;  // a bracket that comes first stands for itself
  while (at < text.size() && text[at] != ']') {
    if (text[at] == '\\')
      at += 2;
    else if (text.substr(at).starts_with("[:") && text.find(":]", at + 2) != std::string_view::npos)
      at = text.find(":]", at + 2) + 2;
    else
      ++at;
  }
  return std::min(at + 1, text.size());
}

// The length of what stands at the front of an expression: a quotation, an escape, a class, or one character.
std::size_t token_length(std::string_view expression) {
  if (expression.starts_with("\\Q")) return std::min(expression.find("\\E"), expression.size() - 2) + 2;
  if (expression[0] == '\\') return std::min<std::size_t>(2, expression.size());
  if (expression[0] == '[') return class_length(expression);
  return 1;
}

// Whether a match can only begin where the text does: '^' comes first, and no alternative goes without it.
bool is_anchored(std::string_view expression) {
  constexpr std::string_view kRepeats = "*+?{";
  if (!expression.starts_with('^') || (expression.size() > 1 && kRepeats.find(expression[1]) != std::string_view::npos)) return false;
  int depth = 0;
  for (; !expression.empty(); expression.remove_prefix(token_length(expression))) {
    if (expression[0] == '(') ++depth;
    if (expression[0] == ')') --depth;
    if (expression[0] == '|' && depth == 0) return false;
  }
  return true;
}

// What texts that match can begin with.
struct Beginning {
  FirstBytes first = FirstBytes::any();
  std::vector<std::string> prefixes{""};  // each of them has one of these, in lower case
};

// The words between which an expression has the choice at its front: "^(?:mail|rcpt)@" has two. Empty where it begins otherwise.
// RE2 alone tells no more than the range in which all of them lie. For the default scenario that is 'd' to 's': a message to
// recipient@example.org takes 600 instructions more then, 3 % (bench/profile reuse); with an expression for each of its words 60, but
// nobody would want to read that rule.
std::vector<std::string> words_at_front(std::string_view expression) {
  constexpr std::string_view kOpens = "^(?:", kRepeats = "*+?{";
  const std::size_t close = expression.find(')');
  if (!expression.starts_with(kOpens) || close == std::string_view::npos) return {};
  if (close + 1 < expression.size() && kRepeats.find(expression[close + 1]) != std::string_view::npos) return {};
  std::vector<std::string> words(1);
  for (const char c : expression.substr(kOpens.size(), close - kOpens.size())) {
    if (c == '|')
      words.emplace_back();
    else if (protocol::grammar::is_alphanumeric(c))
      words.back().push_back(c);
    else
      return {};
  }
  if (std::ranges::any_of(words, &std::string::empty)) return {};
  return words;
}

// RE2 tells the least and the greatest text that can match, of which only the beginnings count here. It is asked
// of the expression as it stands, because ignoring case would widen the range to everything between 'A' and 'z'.
// Two letters beyond ASCII have their other case in it: U+017F is an s, U+212A a k.
Beginning beginning_of_regex(const std::string& expression, bool fold) {
  if (!is_anchored(expression)) return {};
  if (const std::vector<std::string> words = words_at_front(expression); !words.empty()) {
    Beginning beginning{{}, {}};
    for (const std::string& word : words) {
      beginning.first.merge(first_of_text(word, fold));
      beginning.prefixes.push_back(to_lower(word));
    }
    for (unsigned byte = 0x80; fold && byte < 0x100; ++byte) beginning.first.bytes.set(byte);
    return beginning;
  }
  const RE2 exact(expression, options(false));
  std::string least, greatest;
  if (!exact.ok() || !exact.PossibleMatchRange(&least, &greatest, kLongestPrefix) || least.empty() || greatest.empty()) return {};
  const auto differ = std::mismatch(least.begin(), least.end(), greatest.begin(), greatest.end()).first;
  const std::string prefix = to_lower(std::string(least.begin(), std::find_if(least.begin(), differ, protocol::grammar::is_eight_bit)));
  FirstBytes first;
  for (unsigned byte = static_cast<unsigned char>(least[0]); byte <= static_cast<unsigned char>(greatest[0]); ++byte) {
    first.bytes.set(byte);
    if (fold) first.merge(first_of_text(std::string(1, static_cast<char>(byte)), true));
  }
  if (!fold) return {first, {prefix}};
  if (static_cast<unsigned char>(greatest[0]) >= 0x80)
    for (const char byte : std::string_view("ksKS")) first.bytes.set(static_cast<unsigned char>(byte));
  for (unsigned byte = 0x80; byte < 0x100; ++byte) first.bytes.set(byte);
  return {first, {prefix}};
}

// Whether the text may begin with the prefix, but for case. It may wherever a byte beyond ASCII comes before they differ.
bool may_begin(std::string_view text, std::string_view prefix) {
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (i == text.size()) return false;
    if (protocol::grammar::is_eight_bit(text[i])) return true;
    if (lower(text[i]) != prefix[i]) return false;
  }
  return true;
}

// What every Regex::expression is: a quick look at the beginning spares most texts the automaton.
struct Expression : RE2 {
  using RE2::RE2;
  Beginning beginning;
};

bool is_regex(std::string_view text) { return text.size() >= 2 && text.front() == '/' && text.back() == '/'; }
bool is_glob(std::string_view text) { return text.find_first_of("*?") != std::string_view::npos; }

bool fits(const Literal& literal, std::string_view text, Groups*) {
  return literal.fold ? protocol::equals_ignoring_case(literal.text, text) : literal.text == text;
}

bool fits(const Glob& glob, std::string_view text, Groups*) {
  if (text.size() < glob.tail.size()) return false;
  const std::string_view end = text.substr(text.size() - glob.tail.size());
  const bool ends = glob.fold ? protocol::equals_ignoring_case(end, glob.tail) : end == glob.tail;
  return ends && glob_matches(glob.text, text, glob.fold);
}

bool fits(const Regex& regex, std::string_view text, Groups* groups) {
  const std::vector<std::string>& prefixes = static_cast<const Expression&>(*regex.expression).beginning.prefixes;
  if (std::ranges::none_of(prefixes, [&](const std::string& prefix) { return may_begin(text, prefix); })) return false;
  if (groups == nullptr || regex.groups.empty()) return RE2::PartialMatch(piece(text), *regex.expression);
  std::array<re2::StringPiece, kMostGroups + 1> found;
  const int count = regex.expression->NumberOfCapturingGroups() + 1;
  if (!regex.expression->Match(piece(text), 0, text.size(), RE2::UNANCHORED, found.data(), count)) return false;
  for (const auto& [number, slot] : regex.groups)
    (*groups)[slot].assign(found[static_cast<std::size_t>(number)].data() == nullptr ? "" : found[static_cast<std::size_t>(number)].data(),
                           found[static_cast<std::size_t>(number)].size());
  return true;
}

std::optional<Regex> compile_regex(const Text& text, bool fold, GroupNames& names, Diagnostics& diagnostics) {
  const std::string expression = translate_groups(std::string_view(text.value).substr(1, text.value.size() - 2));
  auto compiled = std::make_shared<Expression>(expression, options(fold));
  if (!compiled->ok()) {
    diagnostics.error(text.place, "regular expression does not compile: " + compiled->error(),
                      "RE2 syntax; no look-around and no back-references");
    return std::nullopt;
  }
  if (compiled->NumberOfCapturingGroups() > static_cast<int>(kMostGroups)) {
    diagnostics.error(text.place, "regular expression has more than " + std::to_string(kMostGroups) + " groups",
                      "write (?:…) for those that need no value");
    return std::nullopt;
  }
  compiled->beginning = beginning_of_regex(expression, fold);
  Regex regex{compiled, {}};
  for (const auto& [name, number] : compiled->NamedCapturingGroups()) regex.groups.emplace_back(number, names.slot(name));
  return regex;
}

}  // namespace

bool ignores_case(Subject subject) {
  switch (subject) {
    case Subject::helo:
    case Subject::mail:
    case Subject::rcpt:
    case Subject::mechanism:
    case Subject::sni:
    case Subject::command:
    case Subject::argument: return true;
    default: return false;
  }
}

FirstBytes FirstBytes::any() {
  FirstBytes first;
  first.bytes.set();
  first.empty = true;
  return first;
}

std::uint32_t GroupNames::slot(std::string_view name) {
  if (const auto found = find(name)) return *found;
  names.emplace_back(name);
  return static_cast<std::uint32_t>(names.size() - 1);
}

std::optional<std::uint32_t> GroupNames::find(std::string_view name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - names.begin());
}

TextMatcher::TextMatcher(const TextPattern& pattern, bool fold, GroupNames& names, Diagnostics& diagnostics) : negated_(pattern.negated) {
  bool only_literals = !pattern.negated;
  for (const Text& text : pattern.any_of) {
    if (is_regex(text.value)) {
      only_literals = false;
      if (auto regex = compile_regex(text, fold, names, diagnostics)) {
        const FirstBytes first = static_cast<const Expression&>(*regex->expression).beginning.first;
        any_of_.push_back({std::move(*regex), first});
      }
    } else if (is_glob(text.value)) {
      only_literals = false;
      any_of_.push_back({Glob{text.value, fold, tail_of_glob(text.value)}, first_of_glob(text.value, fold)});
    } else {
      any_of_.push_back({Literal{text.value, fold}, first_of_text(text.value, fold)});
      literals_.push_back(fold ? to_lower(text.value) : text.value);
    }
    if (!any_of_.empty()) first_.merge(any_of_.back().first);
  }
  if (!only_literals) literals_.clear();
  if (negated_) first_ = FirstBytes::any();
}

bool TextMatcher::matches(std::string_view text, Groups* groups) const {
  if (!first_.allow(text)) return negated_;
  for (const Alternative& alternative : any_of_) {
    if (!alternative.first.allow(text)) continue;
    if (std::visit([&](const auto& how) { return fits(how, text, groups); }, alternative.how)) return !negated_;
  }
  return negated_;
}

std::optional<Network> parse_network(std::string_view text) {
  Network network;
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  if (inet_pton(AF_INET, address.c_str(), network.address.data()) == 1)
    network.family = 4;
  else if (inet_pton(AF_INET6, address.c_str(), network.address.data()) == 1)
    network.family = 16;
  else
    return std::nullopt;
  network.bits = network.family * 8;
  if (slash != std::string_view::npos) {
    const std::string_view bits = text.substr(slash + 1);
    unsigned value = 0;
    const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), value);
    if (error != std::errc() || end != bits.data() + bits.size() || bits.empty() || value > network.bits) return std::nullopt;
    network.bits = value;
  }
  return network;
}

bool contains(const Network& network, std::string_view address) {
  // A peer that came to an IPv6 socket over IPv4 is written ::ffff:192.0.2.1 (RFC 4291 section 2.5.5.2).
  constexpr std::string_view kMapped = "::ffff:";
  if (network.family == 4 && address.starts_with(kMapped) && address.find('.') != std::string_view::npos)
    address.remove_prefix(kMapped.size());
  const auto other = parse_network(address);
  if (!other || other->family != network.family) return false;
  const std::size_t whole = network.bits / 8;
  if (!std::equal(network.address.begin(), network.address.begin() + static_cast<std::ptrdiff_t>(whole), other->address.begin()))
    return false;
  const unsigned rest = network.bits % 8;
  return rest == 0 || ((network.address[whole] ^ other->address[whole]) >> (8 - rest)) == 0;
}

AddressMatcher::AddressMatcher(const TextPattern& pattern, Diagnostics& diagnostics) : negated_(pattern.negated) {
  for (const Text& text : pattern.any_of) {
    if (const auto network = parse_network(text.value))
      any_of_.push_back(*network);
    else
      diagnostics.error(text.place, "not an IP address or network: '" + text.value + "'", "for example 192.0.2.0/24 or 2001:db8::/32");
  }
}

bool AddressMatcher::matches(std::string_view address) const {
  const bool any = std::any_of(any_of_.begin(), any_of_.end(), [&](const Network& network) { return contains(network, address); });
  return any != negated_;
}

bool matches(const NumberPattern& pattern, std::uint64_t number) {
  const bool any = std::any_of(pattern.any_of.begin(), pattern.any_of.end(),
                               [&](const NumberPattern::Range& range) { return range.min <= number && number <= range.max; });
  return any != pattern.negated;
}

// Linear but for the way back to the last star: at most glob times text steps.
bool glob_matches(std::string_view glob, std::string_view text, bool fold) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t g = 0, t = 0, star = kNone, resume = 0;
  while (t < text.size()) {
    const bool escaped = g + 1 < glob.size() && glob[g] == '\\';
    if (!escaped && g < glob.size() && glob[g] == '*') {
      star = g++;
      resume = t;
      continue;
    }
    const bool equal = g < glob.size() &&
                       ((!escaped && glob[g] == '?') || (fold ? lower(glob[g + escaped]) == lower(text[t]) : glob[g + escaped] == text[t]));
    if (equal) {
      g += escaped ? 2 : 1;
      ++t;
    } else if (star != kNone) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

std::string translate_groups(std::string_view expression) {
  std::string out;
  while (!expression.empty()) {
    const std::size_t length = token_length(expression);
    const bool named = expression.starts_with("(?<") && expression.size() > 3 && expression[3] != '=' && expression[3] != '!';
    out.append(named ? "(?P" : expression.substr(0, length));
    expression.remove_prefix(named ? 2 : length);
  }
  return out;
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

}  // namespace malaposta::scenario
