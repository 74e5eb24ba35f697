// malaposta man: the manual pages, from the tables that make --help.
#include "cli/man.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "cli/commands.hpp"
#include "cli/mailpit_settings.hpp"
#include "malaposta/version.hpp"
#include "protocol/grammar.hpp"

namespace malaposta::cli {

namespace po = boost::program_options;

namespace {

// Text for troff: no line begins with a control character, and hyphens and quotes are what they are.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '\'': out += "\\(aq"; break;
      case '~': out += "\\(ti"; break;
      default: out += c;
    }
  }
  // Terminals without UTF-8 have no character for it.
  constexpr std::string_view kEllipsis = "…";
  for (std::size_t at = 0; (at = out.find(kEllipsis, at)) != std::string::npos;) out.replace(at, kEllipsis.size(), "\\&...");
  if (out.starts_with('.')) out.insert(0, "\\&");
  return out;
}

std::string mapped(std::string_view text, char (*map)(char)) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), map);
  return out;
}

// "malaposta-run"
std::string page_name(const Command& command) { return fmt::format("malaposta-{}", command.name); }

std::string title(const std::string& name, const std::string& what) {
  return fmt::format(".TH {} 1 \"\" \"malaposta {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n",
                     roff(mapped(name, protocol::grammar::upper)), MALAPOSTA_VERSION, roff(name), roff(what));
}

// A paragraph with its name before it; both are text for troff already.
std::string item(const std::string& name, const std::string& text) { return fmt::format(".TP\n{}\n{}\n", name, text); }

std::string bold(std::string_view text) { return fmt::format("\\fB{}\\fR", roff(text)); }

std::string see_also(std::vector<std::string> pages) {
  std::sort(pages.begin(), pages.end());
  std::string text = ".SH SEE ALSO\n";
  for (const std::string& page : pages) text += fmt::format(".BR {} (1){}\n", roff(page), page == pages.back() ? "" : ",");
  return text + ".PP\nRFC 5321, RFC 3463, RFC 5248.\n";
}

// What the list of manual pages shows: the summary up to its first semicolon or colon, as a part of a sentence.
std::string purpose(const Command& command) {
  std::string text(command.summary.substr(0, command.summary.find_first_of(";:")));
  text[0] = protocol::grammar::lower(text[0]);
  return text;
}

std::string options(const Command& command) {
  std::string text = ".SH OPTIONS\n";
  for (const OptionText& option : option_texts(command)) {
    std::string name = bold("--" + option.name);
    if (option.value.starts_with('['))
      name += roff(option.value);
    else if (!option.value.empty())
      name += fmt::format(" \\fI{}\\fR", roff(option.value));
    text += item(name, roff(option.description) + (option.standard.empty() ? "" : fmt::format(" (default: {})", roff(option.standard))));
  }
  return text;
}

// "0 stopped, 2 bad command line": an entry for each number.
std::string exit_status(const Command& command) {
  std::string text = ".SH EXIT STATUS\n";
  std::string_view rest = command.exits;
  while (!rest.empty()) {
    std::size_t end = rest.find(", ");
    while (end != std::string_view::npos && !protocol::grammar::is_digit(rest[end + 2])) end = rest.find(", ", end + 2);
    const std::string_view entry = rest.substr(0, end);
    const std::size_t blank = std::min(entry.find(' '), entry.size());
    text += item(bold(entry.substr(0, blank)), blank == entry.size() ? "success" : roff(entry.substr(blank + 1)));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
  }
  return text;
}

std::string settings(const Command& command) {
  std::string text = "Each option can also come from the environment; a flag counts before it.\n";
  const std::vector<OptionText> all = option_texts(command);
  const auto is = [](std::string_view name) { return [name](const OptionText& one) { return one.name == name; }; };
  if (std::any_of(all.begin(), all.end(), is("config")))
    text =
        "Each option can also come from the environment, or from a file of \\fIoption = value\\fR lines that \\fB\\-\\-config\\fR names; a flag\n"
        "counts before the environment, and that before the file.\n";
  for (const OptionText& option : all)
    if (option.name != "help")
      text += item(bold("MALAPOSTA_" + mapped(option.name, [](char c) { return c == '-' ? '_' : protocol::grammar::upper(c); })),
                   fmt::format("as \\fB\\-\\-{}\\fR{}", roff(option.name), option.value.empty() ? ": 1 or 0" : ""));
  if (std::any_of(all.begin(), all.end(), is("smtp"))) {
    text += ".PP\nWhat Mailpit\\(aqs users set is understood where it means the same; another of its names is told on standard error.\n";
    for (const MailpitSetting& one : mailpit_settings()) text += item(bold(one.name), roff(one.meaning));
  }
  return text;
}

std::string environment(const Command& command) {
  if (!command.settings && command.variables.empty()) return {};
  std::string text = ".SH ENVIRONMENT\n";
  if (command.settings) text += settings(command);
  if (!command.variables.empty()) text += "The client is told in its environment:\n";
  for (const Variable& one : command.variables) text += item(bold(one.name), roff(one.meaning));
  return text;
}

std::string examples(const Command& command) {
  if (command.examples.empty()) return {};
  std::string text = ".SH EXAMPLES\n";
  for (const Example& one : command.examples) text += item(bold(one.line), roff(one.purpose) + ".");
  return text;
}

}  // namespace

std::string manual_page() {
  std::string page =
      title("malaposta", std::string(kTagline)) +
      ".SH SYNOPSIS\n.B malaposta\n\\fICOMMAND\\fR [\\fIOPTION\\fR\\&...] [\\fIARGUMENT\\fR\\&...]\n"
      ".SH DESCRIPTION\n"
      "Malaposta is an SMTP server for testing what sends mail: it replays scripted scenarios that emit each documented reply code, drop\n"
      "connections, stall, and do every other thing that mail servers do to clients; and it judges what a client did about it.\n"
      ".PP\n"
      "Where a command takes a SCENARIO, that is a file, a folder (all *.yaml below it), or the name of a scenario that ships with the\n"
      "program; \\fBmalaposta codes\\fR has those names.\n"
      ".SH COMMANDS\n"
      "Each has a page of its own, and \\fB\\-\\-help\\fR.\n";
  std::vector<std::string> pages;
  for (const Command* command : commands()) {
    page += item(fmt::format("\\fB{}\\fR(1)", roff(page_name(*command))), roff(command->summary) + ".");
    pages.push_back(page_name(*command));
  }
  return page + see_also(std::move(pages));
}

std::string manual_page(const Command& command) {
  return title(page_name(command), purpose(command)) +
         fmt::format(".SH SYNOPSIS\n.B malaposta {}\n[\\fIOPTION\\fR\\&...] {}\n.SH DESCRIPTION\n{}.\n", command.name,
                     roff(command.arguments), roff(command.summary)) +
         options(command) + exit_status(command) + environment(command) + examples(command) + see_also({"malaposta"});
}

namespace {

po::options_description man_options() {
  po::options_description options("Options");
  options.add_options()("to", po::value<std::string>()->value_name("DIR"), "write all pages into the folder, which is made if need be");
  return options;
}

void write(const std::filesystem::path& file, const std::string& page) {
  std::ofstream out(file);
  out << page;
  out.close();
  if (!out) throw std::runtime_error(fmt::format("{}: {}", file.string(), std::strerror(errno)));
}

void write_all(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  write(folder / "malaposta.1", manual_page());
  for (const Command* command : commands()) write(folder / (page_name(*command) + ".1"), manual_page(*command));
}

int run(const std::vector<std::string>& arguments) {
  po::variables_map values;
  int exit = kOk;
  if (!parse(man_command, arguments, values, exit)) return exit;
  if (values.count("to") != 0 && values.count("argument") == 0) {
    write_all(values["to"].as<std::string>());
    return kOk;
  }
  std::vector<std::string> names;
  if (values.count("argument") != 0) names = values["argument"].as<std::vector<std::string>>();
  if (names.empty()) {
    fmt::print("{}", manual_page());
    return kOk;
  }
  const auto all = commands();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Command* one) { return one->name == names.front(); });
  if (names.size() != 1 || values.count("to") != 0 || found == all.end()) {
    fmt::print(stderr, "malaposta man: {}: the name of one command, or --to DIR, is expected; see 'malaposta man --help'\n",
               fmt::join(names, " "));
    return kBadInput;
  }
  fmt::print("{}", manual_page(**found));
  return kOk;
}

constexpr Example kExamples[] = {
    {"malaposta man run | man -l -", "Reads the page of a command where it is not installed"},
    {"malaposta man --to ~/.local/share/man/man1", "Lets man find all pages"},
};

}  // namespace

const Command man_command{"man",
                          "[COMMAND]",
                          "Prints a manual page: of the program, or of one of its commands",
                          "0, 2 bad command line, 3 the pages could not be written",
                          man_options,
                          run,
                          kExamples};

}  // namespace malaposta::cli
