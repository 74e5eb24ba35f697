// malaposta completion: what a shell has to know to complete our commands, their options and the shipped scenarios.
#include "cli/completion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdio>
#include <iterator>

#include "catalogue/codes.hpp"
#include "cli/commands.hpp"
#include "scenario/scenario.hpp"

namespace malaposta::cli {

namespace {

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " ")); }

std::string shipped_names() {
  std::vector<std::string> names;
  for (const scenario::Shipped& shipped : scenario::shipped()) names.emplace_back(shipped.name());
  return joined(names);
}

// What the arguments of a command can be, besides options: words, and whether files too.
struct Arguments {
  std::string words;
  bool files = false;
};

std::string command_names() {
  std::vector<std::string> names;
  for (const Command* command : commands()) names.emplace_back(command->name);
  return joined(names);
}

std::string documented_codes() {
  std::vector<std::string> codes;
  for (const catalogue::Code& code : catalogue::codes()) codes.push_back(std::to_string(code.code));
  return joined(codes);
}

// What the names in a usage line stand for.
struct Placeholder {
  std::string_view name;
  std::string (*words)();
  bool files;
};
constexpr Placeholder kPlaceholders[] = {
    {"SCENARIO", shipped_names, true}, {"COMMAND", command_names, false}, {"CODE", documented_codes, false}};

Arguments arguments_of(const Command& command) {
  for (const Placeholder& one : kPlaceholders)
    if (command.arguments.find(one.name) != std::string_view::npos) return {one.words(), one.files};
  return {joined(words_of(std::string(command.arguments))), false};
}

bool takes_file(const OptionText& option) {
  return option.value.find("FILE") != std::string::npos || option.value.find("DIR") != std::string::npos;
}

// In single quotes for a shell.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string bash_completion() {
  std::string cases;
  for (const Command* command : commands()) {
    std::string options, values;
    for (const OptionText& option : option_texts(*command)) {
      options += (options.empty() ? "--" : " --") + option.name;
      if (takes_file(option))
        values += fmt::format("        --{}) compopt -o filenames; COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n", option.name);
      else if (!option.value.empty() && !option.value.starts_with('['))
        values += fmt::format("        --{}) COMPREPLY=($(compgen -W {} -- \"$word\")); return ;;\n", option.name,
                              quoted(joined(words_of(option.value))));
    }
    const Arguments arguments = arguments_of(*command);
    cases += fmt::format("    {})\n      case $before in\n{}      esac\n      options={} words={} files={} ;;\n", command->name, values,
                         quoted(options), quoted(arguments.words), arguments.files ? "yes" : "''");
  }
  return fmt::format(
      "# Completion of malaposta for bash: . <(malaposta completion bash)\n"
      "_malaposta() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} options='' words='' files=''\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W {} -- \"$word\"))\n"
      "    return\n"
      "  fi\n"
      "  case ${{COMP_WORDS[1]}} in\n"
      "{}"
      "  esac\n"
      "  case $word in\n"
      "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
      "    *)\n"
      "      COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "      if [ -n \"$files\" ]; then compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- \"$word\")); fi ;;\n"
      "  esac\n"
      "}}\n"
      "complete -F _malaposta malaposta\n",
      quoted(command_names() + " help"), cases);
}

std::string zsh_completion() {
  // In a specification of _arguments, brackets and colons are its own.
  const auto escaped = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == '[' || c == ']' || c == ':') out += '\\';
      out += c;
    }
    return out;
  };
  std::string names, cases;
  for (const Command* command : commands()) {
    names += fmt::format("    {}\n", quoted(fmt::format("{}:{}", command->name, command->summary)));
    std::string specifications;
    for (const OptionText& option : option_texts(*command)) {
      std::string one = fmt::format("--{}[{}]", option.name, escaped(option.description));
      if (!option.value.empty() && !option.value.starts_with('[')) {
        const std::vector<std::string> words = words_of(option.value);
        one += fmt::format(":{}:{}", escaped(option.value), takes_file(option) ? "_files" : words.empty() ? "" : "(" + joined(words) + ")");
      }
      specifications += " \\\n        " + quoted(one);
    }
    const Arguments arguments = arguments_of(*command);
    if (arguments.files)
      specifications += " \\\n        '*:scenario:{ compadd -- " + arguments.words + "; _files }'";
    else if (!arguments.words.empty())
      specifications += " \\\n        '1:argument:(" + arguments.words + ")'";
    cases += fmt::format("    {})\n      _arguments{} ;;\n", command->name, specifications);
  }
  return fmt::format(
      "#compdef malaposta\n"
      "# Completion of malaposta for zsh: save it as _malaposta in a folder of $fpath.\n"
      "_malaposta() {{\n"
      "  local -a commands=(\n{}  )\n"
      "  if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
      "  local command=${{words[2]}}\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  case $command in\n{}  esac\n"
      "}}\n"
      "if [ \"$funcstack[1]\" = _malaposta ]; then _malaposta \"$@\"; else compdef _malaposta malaposta; fi\n",
      names, cases);
}

std::string fish_completion() {
  std::string lines = "# Completion of malaposta for fish: malaposta completion fish | source\ncomplete -c malaposta -f\n";
  for (const Command* command : commands()) {
    lines += fmt::format("complete -c malaposta -n __fish_use_subcommand -a {} -d {}\n", command->name, quoted(command->summary));
    const std::string seen = fmt::format("complete -c malaposta -n '__fish_seen_subcommand_from {}'", command->name);
    for (const OptionText& option : option_texts(*command)) {
      std::string value;
      if (takes_file(option))
        value = " -r -F";
      else if (!option.value.empty() && !option.value.starts_with('['))
        value = " -x -a " + quoted(joined(words_of(option.value)));
      lines += fmt::format("{} -l {}{} -d {}\n", seen, option.name, value, quoted(option.description));
    }
    const Arguments arguments = arguments_of(*command);
    if (!arguments.words.empty()) lines += fmt::format("{}{} -a {}\n", seen, arguments.files ? " -F" : "", quoted(arguments.words));
  }
  return lines;
}

namespace {

struct Shell {
  std::string_view name;
  std::string (*script)();
};
constexpr Shell kShells[] = {{"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}};

int run(const std::vector<std::string>& arguments) {
  boost::program_options::variables_map values;
  int exit = kOk;
  if (!parse(completion_command, arguments, values, exit)) return exit;
  std::vector<std::string> given;
  if (values.count("argument") != 0) given = values["argument"].as<std::vector<std::string>>();
  const auto* const shell = std::find_if(std::begin(kShells), std::end(kShells),
                                         [&](const Shell& one) { return given.size() == 1 && one.name == given.front(); });
  if (shell == std::end(kShells)) {
    fmt::print(stderr, "malaposta completion: {}: bash, zsh or fish is expected; see 'malaposta completion --help'\n",
               given.empty() ? "no shell is named" : "'" + joined(given) + "' is no shell that it knows");
    return kBadInput;
  }
  fmt::print("{}", shell->script());
  return kOk;
}

}  // namespace

constexpr Example kExamples[] = {
    {". <(malaposta completion bash)", "In the bash that reads it"},
    {"malaposta completion fish | source", "In this fish"},
};

const Command completion_command{"completion",
                                 "bash|zsh|fish",
                                 "Prints a completion script for the shell",
                                 "0, 2 bad command line",
                                 [] { return boost::program_options::options_description("Options"); },
                                 run,
                                 kExamples};

}  // namespace malaposta::cli
