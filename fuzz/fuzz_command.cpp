// Command lines and the arguments of MAIL, RCPT, HELO and EHLO, in both modes: results are views into the line, strict
// accepts nothing that tolerant refuses, and an accepted path puts together what was sent.
#include <cstddef>
#include <cstdint>

#include "protocol/command.hpp"
#include "require.hpp"

using namespace malaposta::protocol;
using malaposta::fuzz::require;
using malaposta::fuzz::within;

namespace {

void check_path(std::string_view argument, const PathArgument& result) {
  const auto& path = result.path;
  if (result.error != SyntaxError::none) {
    require(path.text.empty() && result.parameters.empty(), "an error carries no path");
    return;
  }
  require(within(path.text, argument) && within(result.parameters, argument), "path and parameters lie in the argument");
  const auto at = path.domain.empty() ? 0 : 1;
  require(path.text.size() == path.local_part.size() + at + path.domain.size(), "a path is its local part and its domain");
  require(path.text.starts_with(path.local_part) && path.text.ends_with(path.domain), "local part first, domain last");
  require(path.local_part.empty() == path.text.empty(), "only <> lacks a local part");
  ParameterWalk walk{result.parameters};
  while (const auto parameter = walk.next()) {
    require(within(parameter->keyword, result.parameters) && within(parameter->value, result.parameters), "parameters lie in the argument");
    require(find_parameter(result.parameters, parameter->keyword).has_value(), "a parameter that is there is found");
  }
  require(!walk.malformed(), "accepted parameters are well-formed");
}

void check_both_modes(std::string_view argument) {
  for (const bool utf8 : {false, true})
    for (const auto parse : {parse_mail_argument, parse_rcpt_argument}) {
      const auto tolerant = parse(argument, Syntax::tolerant, utf8);
      const auto strict = parse(argument, Syntax::strict, utf8);
      check_path(argument, tolerant);
      check_path(argument, strict);
      if (strict.error != SyntaxError::none) continue;
      require(tolerant.error == SyntaxError::none && tolerant.path.text == strict.path.text, "tolerant takes what strict takes");
      require((strict.deviations & ~Deviations{kSourceRoute | kTrailingSpace}) == 0, "strict takes no other deviation");
    }
  const auto tolerant = parse_helo_argument(argument, Syntax::tolerant);
  const auto strict = parse_helo_argument(argument, Syntax::strict);
  require(within(tolerant.name, argument) && within(strict.name, argument), "the name lies in the argument");
  if (strict.error == SyntaxError::none) require(strict.name == tolerant.name && tolerant.deviations == 0, "strict takes no deviation");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line{reinterpret_cast<const char*>(data), size};
  const auto command = parse_command(line);
  require(within(command.verb_text, line) && within(command.argument, line), "verb and argument lie in the line");
  check_both_modes(command.argument);
  check_both_modes(line);
  return 0;
}
