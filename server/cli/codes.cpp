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
#include <iterator>
#include <optional>

#include "cli/settings.hpp"
#include "protocol/reply.hpp"
#include "report/providers.hpp"
#include "scenario/scenario.hpp"

namespace malaposta::cli {

namespace po = boost::program_options;
using catalogue::Code;
using report::in;
using report::provider_replies_to;
using report::provider_replies_with;
using report::ProviderReply;

namespace {

constexpr std::size_t kNearest = 3;  // how many documented codes are named for one that is not

// Words of the page that are not of the catalogue.
struct Labels {
  catalogue::Text meaning{"Meaning", "Significato"}, advice{"What to do", "Che cosa fare"},
      client{"A correct client", "Un client corretto"}, stages{"Where", "Dove"}, reply{"Reply", "Risposta"},
      enhanced{"Enhanced code", "Codice esteso"}, closes{"Afterwards", "Dopo"}, documented{"Documented in", "Documentato in"},
      address{"By address", "Con un indirizzo"}, scenario{"By scenario", "Con uno scenario"}, variants{"Variants", "Varianti"},
      gallery{"By port", "Con una porta"}, listener{"when the client connects", "quando il client si connette"},
      user{"as the user name of AUTH", "come nome utente di AUTH"}, providers{"Real servers", "Server reali"};
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

// Columns that UTF-8 text takes: one per character, for what the catalogue is written in.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
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

// The first sentence of a meaning; where that is too wide, what stands before its first colon or semicolon; where that
// is too wide as well, the words that fit.
std::string summary(std::string_view text, std::size_t width) {
  text = text.substr(0, text.find(". "));
  if (text.ends_with('.')) text.remove_suffix(1);
  if (columns(text) > width) text = text.substr(0, text.find_first_of(":;"));
  if (columns(text) <= width) return std::string(text);
  while (columns(text) >= width && text.find(' ') != std::string_view::npos) text = text.substr(0, text.rfind(' '));
  if (text.ends_with(',')) text.remove_suffix(1);
  return std::string(text) + "…";
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

// What the words of an entry's origin stand for; "rfc5321" speaks for itself.
struct Origin {
  std::string_view word;
  catalogue::Text name;
};
constexpr Origin kOrigins[] = {
    {"seed", {"tables of SMTP codes in common use", "tabelle di codici SMTP di uso comune"}},
    {"vendor", {"mail servers of several vendors", "server di posta di vari produttori"}},
    {"exchange", {"Microsoft Exchange", "Microsoft Exchange"}},
    {"groupwise", {"Novell GroupWise", "Novell GroupWise"}},
};

std::string origins_of(const Code& code, Language language) {
  std::string result;
  for (std::string_view rest = code.origin; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    if (!result.empty()) result += ", ";
    const auto* const known = std::ranges::find(kOrigins, word, &Origin::word);
    if (known != std::end(kOrigins))
      result += in(known->name, language);
    else
      result += fmt::format("RFC {}", word.substr(std::string_view("rfc").size()));
  }
  return result;
}

// The trigger where a client has to put it. The default scenario knows it by its first word.
std::string trigger_of(const Code& code, Language language) {
  static constexpr std::string_view kSenders[] = {"mail", "data", "rset", "noop", "quit", "starttls"};
  if (code.trigger.empty()) return {};
  if (code.trigger.find('@') == std::string_view::npos) return fmt::format("EHLO {}", code.trigger);
  const std::string_view word = code.trigger.substr(0, code.trigger.find_first_of("0123456789@"));
  if (word == "badauth") return fmt::format("{}, {}", code.trigger, in(kLabels.user, language));
  const bool sender = std::ranges::find(kSenders, word) != std::end(kSenders);
  return fmt::format("{}:<{}>", sender ? "MAIL FROM" : "RCPT TO", code.trigger);
}

// "550-mail" is a variant of 550.
std::string variants_of(const Code& code) {
  std::string result;
  for (const scenario::Shipped& shipped : scenario::shipped())
    if (shipped.path.starts_with("codes/") && shipped.name().starts_with(fmt::format("{}-", code.code)))
      result += (result.empty() ? "" : ", ") + std::string(shipped.name());
  return result;
}

// The reply, and under it how to meet it.
std::string told(const ProviderReply& reply, std::size_t indent) {
  std::string lines = reply.provider + ": ";
  for (const std::string& line : reply.lines) lines += (&line == &reply.lines.front() ? "" : " ") + line;
  const std::string way = fmt::format("malaposta serve {}{}{}", reply.provider, reply.trigger.empty() ? "" : ", ", reply.trigger);
  return wrapped(lines, indent) + "\n" + std::string(indent, ' ') + way;
}

std::string providers_of(const Code& code, std::size_t indent) {
  std::string result;
  for (const ProviderReply* reply : provider_replies_to(code.code))
    result += (result.empty() ? "" : "\n" + std::string(indent, ' ')) + told(*reply, indent);
  return result;
}

constexpr std::size_t kLabelWidth = 21;

void add_as_is(std::string& page, const catalogue::Text& label, std::string_view text, Language language) {
  if (text.empty()) return;
  const std::string_view title = in(label, language);
  page += fmt::format("  {}{}{}\n", title, std::string(kLabelWidth - 2 - columns(title), ' '), text);
}

void add(std::string& page, const catalogue::Text& label, std::string_view text, Language language) {
  add_as_is(page, label, wrapped(text, kLabelWidth), language);
}

}  // namespace

std::string code_table(const std::vector<const Code*>& codes, Language language) {
  std::string table;
  for (const Code* code : codes) {
    const std::string kind(in(kClasses.at(static_cast<std::size_t>(code->kind)), language));
    const std::string stage(code->stages.empty() ? "listen" : name(code->stages.front()));
    const std::string head = fmt::format("{}  {}{}  {:<11}  ", code->code, kind, std::string(17 - columns(kind), ' '), stage);
    table += head + summary(in(code->meaning, language), kWidth - columns(head)) + "\n";
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
  add(page, kLabels.documented, origins_of(code, language), language);
  add(page, kLabels.address, trigger_of(code, language), language);
  add(page, kLabels.scenario, fmt::format("malaposta serve {}", code.scenario), language);
  add(page, kLabels.variants, variants_of(code), language);
  add(page, kLabels.gallery, fmt::format("malaposta serve --gallery: {}", kGalleryBase + static_cast<unsigned>(code.code)), language);
  add_as_is(page, kLabels.providers, providers_of(code, kLabelWidth), language);
  return page;
}

std::string codes_json(const std::vector<const Code*>& codes, Language language) {
  boost::json::array list;
  for (const Code* code : codes) list.push_back(report::json_of(*code, language));
  return boost::json::serialize(list) + "\n";
}

namespace {

po::options_description options() {
  po::options_description options("Options");
  options.add_options()("lang", po::value<std::string>()->default_value("en")->value_name("en|it"), "language of the texts")(
      "json", po::bool_switch(), "print a JSON array instead");
  return options;
}

// The documented codes nearest to one that is not: "538, 541, 550".
std::string nearest_codes(int wanted) {
  std::vector<int> all;
  for (const Code& code : catalogue::codes()) all.push_back(code.code);
  // Wider than the argument, which may be any int.
  std::ranges::stable_sort(all, {}, [wanted](int code) { return std::abs(static_cast<long long>(code) - wanted); });
  all.resize(kNearest);
  std::ranges::sort(all);
  return fmt::format("{}", fmt::join(all, ", "));
}

// The entry of the code that `text` names, or nullptr and one more line of `errors`.
const Code* named(const std::string& text, std::string& errors) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    errors += fmt::format(
        "malaposta codes: '{}' is no code and in no provider's reply: a number such as 550, or words of a bounce, are expected\n", text);
    return nullptr;
  }
  const Code* code = catalogue::find(number);
  if (code == nullptr)
    errors += fmt::format("malaposta codes: {} is not documented; the nearest that are: {}\n", number, nearest_codes(number));
  return code;
}

bool is_number(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

std::string providers_answer(const std::vector<const ProviderReply*>& replies, bool json) {
  if (json) return boost::json::serialize(report::json_of(replies)) + "\n";
  std::string list;
  for (const ProviderReply* reply : replies) list += told(*reply, 2) + "\n";
  return list;
}

int run(const std::vector<std::string>& arguments) {
  po::variables_map values;
  int exit = kOk;
  if (!parse(codes_command, arguments, values, exit)) return exit;
  std::vector<std::string> codes;
  if (values.count("argument") != 0) codes = values["argument"].as<std::vector<std::string>>();
  const CodesAnswer answer = answer_codes(codes, values["lang"].as<std::string>(), values["json"].as<bool>());
  fmt::print(stderr, "{}", answer.error);
  fmt::print("{}", answer.out);
  return answer.exit;
}

}  // namespace

CodesAnswer answer_codes(const std::vector<std::string>& codes, std::string_view language_name, bool json) {
  if (language_name != "en" && language_name != "it")
    return {kBadInput, {}, fmt::format("malaposta codes: --lang is en or it, not '{}'; see 'malaposta codes --help'\n", language_name)};
  const Language language = language_name == "it" ? Language::it : Language::en;

  if (codes.size() == 1)
    if (const auto replies = provider_replies_with(codes.front()); !replies.empty() && !is_number(codes.front()))
      return {kOk, providers_answer(replies, json), {}};

  std::vector<const Code*> chosen;
  std::string errors;
  for (const std::string& code : codes) chosen.push_back(named(code, errors));
  if (!errors.empty()) return {kBadInput, {}, errors};
  if (codes.empty())
    for (const Code& code : catalogue::codes()) chosen.push_back(&code);

  if (json) return {kOk, codes_json(chosen, language), {}};
  if (codes.empty()) return {kOk, code_table(chosen, language), {}};
  std::string pages;
  for (const Code* code : chosen) pages += (pages.empty() ? "" : "\n") + code_page(*code, language);
  return {kOk, pages, {}};
}

constexpr Example kExamples[] = {
    {"malaposta codes 452", "What a code means, what is to be done about it, and how to meet it"},
    {"malaposta codes --lang it 550", "The same in Italian"},
    {"malaposta codes \"over quota\"", "Which providers say these words of a bounce, and the recipient that meets them"},
};

const Command codes_command{
    "codes",
    "[CODE…|WORDS]",
    "Explains the documented codes: what each means, what to do about it and how to meet it; finds words of a bounce "
    "message in the replies of real providers",
    "0, 2 bad command line or unknown code",
    options,
    run,
    kExamples};

}  // namespace malaposta::cli
