// Command lines: the table of verbs, the cut into verb and argument, and the argument of HELO and EHLO.
#include "protocol/command.hpp"

#include <algorithm>
#include <array>

#include "protocol/grammar.hpp"
#include "protocol/octets.hpp"

namespace malaposta::protocol {
namespace {

using catalogue::Stage;

struct VerbRow {
  std::string_view name;
  Stage stage;
  bool takes_argument;
};

// In the order of Verb.
constexpr auto kVerbs = std::to_array<VerbRow>({
    {"HELO", Stage::helo, true},         {"EHLO", Stage::ehlo, true},          {"LHLO", Stage::lhlo, true},
    {"MAIL", Stage::mail, true},         {"RCPT", Stage::rcpt, true},          {"DATA", Stage::data, false},
    {"BDAT", Stage::bdat, true},         {"RSET", Stage::rset, false},         {"NOOP", Stage::noop, true},
    {"QUIT", Stage::quit, false},        {"VRFY", Stage::vrfy, true},          {"EXPN", Stage::expn, true},
    {"HELP", Stage::help, true},         {"ETRN", Stage::etrn, true},          {"ATRN", Stage::etrn, true},
    {"AUTH", Stage::auth, true},         {"STARTTLS", Stage::starttls, false}, {"XCLIENT", Stage::xclient, true},
    {"XFORWARD", Stage::xforward, true}, {"unknown", Stage::unknown, true},
});
static_assert(kVerbs.size() == static_cast<std::size_t>(Verb::unknown) + 1);

constexpr const VerbRow& row(Verb verb) { return kVerbs[static_cast<std::size_t>(verb)]; }

// Four letters as one number, whatever their case: bit 5 tells the cases apart, and no other octet becomes a letter without it.
constexpr std::uint32_t key_of(std::string_view four) {
  std::uint32_t key = 0;
  for (const char c : four) key = key << 8 | (static_cast<unsigned char>(c) & 0xdfu);
  return key;
}

// Of the verbs of four letters, which most are; 0 for the others.
constexpr std::size_t kShort = 4;
constexpr std::array<std::uint32_t, kVerbs.size()> kKeys = [] {
  std::array<std::uint32_t, kVerbs.size()> keys{};
  for (std::size_t i = 0; i < kVerbs.size(); ++i) keys[i] = kVerbs[i].name.size() == kShort ? key_of(kVerbs[i].name) : 0;
  return keys;
}();

Verb verb_named(std::string_view text) {
  if (text.size() == kShort) {
    const auto* const found = std::find(kKeys.begin(), kKeys.end(), key_of(text));
    return found == kKeys.end() ? Verb::unknown : static_cast<Verb>(found - kKeys.begin());
  }
  const auto found =
      std::find_if(kVerbs.begin(), kVerbs.end() - 1, [&](const VerbRow& verb) { return equals_ignoring_case(verb.name, text); });
  return static_cast<Verb>(found - kVerbs.begin());
}

// What the octets of a line tell, wherever they stand.
Deviations octet_deviations(std::string_view line) {
  Deviations deviations = 0;
  if (!has_control(line)) return deviations;
  for (const char c : line) {
    if (!grammar::is_control(c)) continue;
    deviations |= c == '\r' ? kBareCarriageReturn : c == '\n' ? kBareLineFeed : kControlCharacter;
  }
  return deviations;
}

}  // namespace

std::string_view name(Verb verb) { return row(verb).name; }

Stage stage_of(Verb verb) { return row(verb).stage; }

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return grammar::upper(x) == grammar::upper(y); });
}

Command parse_command(std::string_view line) {
  Command command;
  command.deviations = octet_deviations(line);
  while (!line.empty() && grammar::is_blank(line.back())) {
    line.remove_suffix(1);
    command.deviations |= kTrailingSpace;
  }
  while (!line.empty() && grammar::is_blank(line.front())) {
    line.remove_prefix(1);
    command.deviations |= kExtraSpace;
  }
  const auto verb_end = std::find_if(line.begin(), line.end(), grammar::is_blank);
  const auto argument_begin = std::find_if_not(verb_end, line.end(), grammar::is_blank);
  if (argument_begin - verb_end > 1) command.deviations |= kExtraSpace;
  command.verb_text = {line.begin(), verb_end};
  command.argument = {argument_begin, line.end()};
  command.verb = verb_named(command.verb_text);
  if (!command.argument.empty() && !row(command.verb).takes_argument) command.deviations |= kArgumentNotAllowed;
  return command;
}

HeloArgument parse_helo_argument(std::string_view argument, Syntax syntax) {
  if (std::ranges::any_of(argument, grammar::is_control)) return {SyntaxError::control_character, {}, kControlCharacter};
  HeloArgument result;
  result.name = argument.substr(0, argument.find(' '));
  if (result.name.empty()) return {SyntaxError::bad_helo_name, {}, 0};
  // The name is sent before SMTPUTF8 could be negotiated; it takes A-labels only (RFC 6531 section 3.7.1).
  if (std::ranges::any_of(argument, grammar::is_eight_bit)) result.deviations |= kEightBit;
  const bool fits = grammar::domain(result.name) == grammar::Fit::exact || grammar::address_literal(result.name);
  if (!fits || result.name.size() != argument.size()) result.deviations |= kOddHeloName;
  if (syntax == Syntax::tolerant || result.deviations == 0) return result;
  return {result.deviations & kEightBit ? SyntaxError::eight_bit : SyntaxError::bad_helo_name, {}, result.deviations};
}

}  // namespace malaposta::protocol
