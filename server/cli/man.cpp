// malaposta man: the manual page, from the tables that make --help.
#include "cli/man.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>

#include "cli/commands.hpp"
#include "cli/mailpit_settings.hpp"
#include "malaposta/version.hpp"
#include "protocol/grammar.hpp"

namespace malaposta::cli {

namespace {

// Text for troff: no line begins with a control character, and hyphens are what they are.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

std::string upper_with_underscores(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c == '-' ? '_' : protocol::grammar::upper(c); });
  return name;
}

std::string section(const Command& command) {
  std::string text = fmt::format(".SS malaposta {} [OPTION\\&...] {}\n{}.\n", command.name, roff(command.arguments), roff(command.summary));
  for (const OptionText& option : option_texts(command)) {
    const bool optional = option.value.starts_with('[');
    const std::string value = option.value.empty() ? "" : optional ? roff(option.value) : " \\fI" + roff(option.value) + "\\fR";
    text += fmt::format(".TP\n\\fB\\-\\-{}\\fR{}\n{}{}\n", roff(option.name), value, roff(option.description),
                        option.standard.empty() ? "" : fmt::format(" (default: {})", roff(option.standard)));
  }
  return text + fmt::format(".PP\nExit status: {}.\n", roff(command.exits));
}

}  // namespace

std::string manual_page() {
  std::string page = fmt::format(
      ".TH MALAPOSTA 1 \"\" \"malaposta {}\" \"User Commands\"\n"
      ".SH NAME\nmalaposta \\- {}\n"
      ".SH SYNOPSIS\n.B malaposta\n\\fICOMMAND\\fR [\\fIOPTION\\fR\\&...] [\\fIARGUMENT\\fR\\&...]\n"
      ".SH DESCRIPTION\n"
      "Malaposta is an SMTP server for testing what sends mail: it replays scripted scenarios that emit each documented reply code, drop\n"
      "connections, stall, and do every other thing that mail servers do to clients.\n"
      "A SCENARIO is a file, a folder (all *.yaml below it), or the name of a scenario that ships with the program.\n"
      ".SH COMMANDS\n",
      MALAPOSTA_VERSION, roff(kTagline));
  for (const Command* command : commands()) page += section(*command);
  page +=
      ".SH ENVIRONMENT\nEach option of \\fBserve\\fR can also come from the environment, or from a file of \\fIoption = value\\fR lines\n"
      "named by \\-\\-config; a flag counts before the environment, and that before the file.\n";
  for (const OptionText& option : option_texts(serve_command))
    if (!option.value.empty())
      page += fmt::format(".TP\n.B MALAPOSTA_{}\n{}\n", upper_with_underscores(option.name), roff(option.description));
  page += ".PP\nWhat Mailpit\\(aqs users set is understood where it means the same; another of its names is told on standard error.\n";
  for (const MailpitSetting& one : mailpit_settings()) page += fmt::format(".TP\n.B {}\n{}\n", one.name, roff(one.meaning));
  return page + ".SH SEE ALSO\nRFC 5321, RFC 3463, RFC 5248.\n";
}

namespace {

int run(const std::vector<std::string>& arguments) {
  boost::program_options::variables_map values;
  int exit = kOk;
  if (!parse(man_command, arguments, values, exit)) return exit;
  fmt::print("{}", manual_page());
  return kOk;
}

}  // namespace

const Command man_command{"man",
                          "",
                          "Prints the manual page: malaposta man | man -l -",
                          "0, 2 bad command line",
                          [] { return boost::program_options::options_description("Options"); },
                          run};

}  // namespace malaposta::cli
