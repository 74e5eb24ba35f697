// malaposta codes: the catalogue for people who met a code and want to know what it says, or to meet it.
#include "cli/codes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <boost/program_options.hpp>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "cli/command.hpp"
#include "protocol/reply.hpp"
#include "scenario/scenario.hpp"

namespace malaposta::cli {

namespace po = boost::program_options;
using catalogue::Code;

namespace {

constexpr int kGalleryBase = 20000;

std::string_view in(const catalogue::Text& text, Language language) { return language == Language::en ? text.en : text.it; }

// Words of the page that are not of the catalogue.
struct Labels {
  catalogue::Text meaning{"Meaning", "Significato"}, advice{"What to do", "Che cosa fare"}, client{"A correct client", "Un client corretto"},
      stages{"Where", "Dove"}, reply{"Reply", "Risposta"}, enhanced{"Enhanced code", "Codice esteso"}, closes{"Afterwards", "Dopo"},
      documented{"Documented in", "Documentato in"}, address{"By address", "Con un indirizzo"}, scenario{"By scenario", "Con uno scenario"},
      variants{"Variants", "Varianti"}, gallery{"By port", "Con una porta"}, listener{"when the client connects", "quando il client si connette"};
};
const Labels kLabels;

constexpr std::array<catalogue::Text, 5> kClasses{{{"transport", "trasporto"},
                                                   {"success", "successo"},
                                                   {"intermediate", "intermedio"},
                                                   {"transient failure", "errore temporaneo"},
                                                   {"permanent failure", "errore permanente"}}};
constexpr std::array<catalogue::Text, 3> kClosings{{{"the session goes on", "la sessione prosegue"},
                                                    {"the server closes the connection", "il server chiude la connessione"},
                                                    {"the connection is reset (RST)", "la connessione viene interrotta (RST)"}}};
constexpr std::array<std::string_view, 3> kClosingNames{"no", "fin", "reset"};

// Columns that UTF-8 text takes: one per character, for what the catalogue is written in.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// Breaks text between words; lines after the first begin with `indent` blanks, where the first one already is.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string result;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    if (column > indent && column + 1 + columns(word) > kWidth) {
      result += '\n' + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) result += ' ', ++column;
    result += word;
    column += columns(word);
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return result;
}

std::string first_sentence(std::string_view text) {
  const std::size_t end = text.find(". ");
  return std::string(text.substr(0, end == std::string_view::npos ? text.size() : end + 1));
}

std::string cut(const std::string& text, std::size_t width) {
  if (columns(text) <= width) return text;
  std::size_t bytes = 0;
  for (std::size_t column = 0; column + 1 < width; ++column) {
    ++bytes;
    while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) ++bytes;
  }
  return text.substr(0, bytes) + "…";
}

std::string stages_of(const Code& code) {
  std::string result;
  for (const catalogue::Stage stage : code.stages) result += (result.empty() ? "" : ", ") + std::string(name(stage));
  return result;
}

std::string reply_of(const Code& code) {
  const std::string text = fmt::to_string(code.code);
  const std::string_view line = text;
  const auto parsed = protocol::parse_reply({&line, 1});
  const auto* reply = std::get_if<protocol::Reply>(&parsed);
  return reply == nullptr ? std::string{} : protocol::render(*reply);
}

// "550-mail" is a variant of 550.
std::string variants_of(const Code& code) {
  std::string result;
  for (const scenario::Shipped& shipped : scenario::shipped())
    if (shipped.path.starts_with("codes/") && shipped.name().starts_with(fmt::format("{}-", code.code)))
      result += (result.empty() ? "" : ", ") + std::string(shipped.name());
  return result;
}

void add(std::string& page, const catalogue::Text& label, std::string_view text, Language language) {
  constexpr std::size_t kLabelWidth = 21;
  if (text.empty()) return;
  const std::string_view title = in(label, language);
  page += fmt::format("  {}{}", title, std::string(kLabelWidth - 2 - columns(title), ' ')) + wrapped(text, kLabelWidth) + "\n";
}

}  // namespace

std::string code_table(const std::vector<const Code*>& codes, Language language) {
  std::string table;
  for (const Code* code : codes) {
    const std::string kind(in(kClasses.at(static_cast<std::size_t>(code->kind)), language));
    const std::string stage(code->stages.empty() ? "-" : name(code->stages.front()));
    const std::string head = fmt::format("{}  {}{}  {:<11}  ", code->code, kind, std::string(17 - columns(kind), ' '), stage);
    table += head + cut(first_sentence(in(code->meaning, language)), kWidth - columns(head)) + "\n";
  }
  return table;
}

std::string code_page(const Code& code, Language language) {
  std::string page = fmt::format("{}  {}\n", code.code, in(kClasses.at(static_cast<std::size_t>(code.kind)), language));
  add(page, kLabels.meaning, in(code.meaning, language), language);
  add(page, kLabels.advice, in(code.advice, language), language);
  add(page, kLabels.client, in(code.client, language), language);
  add(page, kLabels.stages, code.stages.empty() ? std::string(in(kLabels.listener, language)) : stages_of(code), language);
  const std::string reply = reply_of(code);
  for (std::string_view rest = reply; !rest.empty() && code.kind != catalogue::Class::transport;) {
    const std::size_t end = rest.find("\r\n");
    add(page, kLabels.reply, rest.substr(0, end), language);
    rest.remove_prefix(end + 2);
  }
  add(page, kLabels.enhanced, code.enhanced, language);
  if (!code.stages.empty()) add(page, kLabels.closes, in(kClosings.at(static_cast<std::size_t>(code.closes)), language), language);
  add(page, kLabels.documented, code.origin, language);
  add(page, kLabels.address, code.trigger, language);
  add(page, kLabels.scenario, fmt::format("malaposta serve {}", code.scenario), language);
  add(page, kLabels.variants, variants_of(code), language);
  add(page, kLabels.gallery, fmt::format("malaposta serve --gallery: {}", kGalleryBase + code.code), language);
  return page;
}

std::string codes_json(const std::vector<const Code*>& codes, Language language) {
  boost::json::array list;
  for (const Code* code : codes) {
    boost::json::array stages;
    for (const catalogue::Stage stage : code->stages) stages.emplace_back(name(stage));
    list.push_back({{"code", code->code},
                    {"class", name(code->kind)},
                    {"origin", code->origin},
                    {"stages", stages},
                    {"enhanced", code->enhanced},
                    {"closes", kClosingNames.at(static_cast<std::size_t>(code->closes))},
                    {"text", code->text},
                    {"meaning", in(code->meaning, language)},
                    {"advice", in(code->advice, language)},
                    {"client", in(code->client, language)},
                    {"trigger", code->trigger},
                    {"scenario", code->scenario}});
  }
  return boost::json::serialize(list) + "\n";
}

namespace {

po::options_description options() {
  po::options_description options("Options");
  options.add_options()("lang", po::value<std::string>()->default_value("en")->value_name("en|it"), "language of the texts")(
      "json", po::bool_switch(), "print a JSON array instead");
  return options;
}

// The documented code nearest to one that is not.
int nearest_code(int wanted) {
  const auto all = catalogue::codes();
  return std::min_element(all.begin(), all.end(), [&](const Code& a, const Code& b) { return std::abs(a.code - wanted) < std::abs(b.code - wanted); })->code;
}

// The entry of the code that `text` names, or nullptr after an error message.
const Code* named(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    fmt::print(stderr, "malaposta codes: '{}' is no code: a number such as 550 is expected\n", text);
    return nullptr;
  }
  const Code* code = catalogue::find(number);
  if (code == nullptr) fmt::print(stderr, "malaposta codes: {} is not documented; the nearest that is: {}\n", number, nearest_code(number));
  return code;
}

int run(const std::vector<std::string>& arguments) {
  po::variables_map values;
  int exit = kOk;
  if (!parse(codes_command, arguments, values, exit)) return exit;
  const std::string& language_name = values["lang"].as<std::string>();
  if (language_name != "en" && language_name != "it") {
    fmt::print(stderr, "malaposta codes: --lang is en or it, not '{}'; see 'malaposta codes --help'\n", language_name);
    return kBadInput;
  }
  const Language language = language_name == "it" ? Language::it : Language::en;

  std::vector<const Code*> chosen;
  const bool all = values.count("argument") == 0;
  if (all)
    for (const Code& code : catalogue::codes()) chosen.push_back(&code);
  else
    for (const std::string& argument : values["argument"].as<std::vector<std::string>>()) chosen.push_back(named(argument));
  if (std::find(chosen.begin(), chosen.end(), nullptr) != chosen.end()) return kBadInput;

  if (values["json"].as<bool>()) {
    fmt::print("{}", codes_json(chosen, language));
  } else if (all) {
    fmt::print("{}", code_table(chosen, language));
  } else {
    for (std::size_t i = 0; i < chosen.size(); ++i) fmt::print("{}{}", i == 0 ? "" : "\n", code_page(*chosen[i], language));
  }
  return kOk;
}

}  // namespace

const Command codes_command{"codes", "[CODE…]", "Explains the documented codes: what each means, what to do about it and how to meet it",
                            "0, 2 bad command line or unknown code", options, run};

}  // namespace malaposta::cli
