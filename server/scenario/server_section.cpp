// How the server presents itself: `server:` of a scenario becomes the session's profile.
#include <algorithm>
#include <ranges>
#include <variant>

#include "protocol/mechanism.hpp"
#include "protocol/reply.hpp"
#include "scenario/compile.hpp"

namespace malaposta::scenario {

namespace {

std::string_view keyword_of(std::string_view line) { return line.substr(0, line.find_first_of(" =")); }

class SectionCompiler {
 public:
  SectionCompiler(const Model& model, Diagnostics& diagnostics) : model_(model), section_(model.server), diagnostics_(diagnostics) {}

  protocol::Profile compile(const CompileOptions& options) {
    profile_ = protocol::default_profile(section_.hostname ? fixed(*section_.hostname) : options.hostname);
    profile_.lmtp = section_.lmtp;
    if (section_.strict_syntax) profile_.syntax = protocol::Syntax::strict;
    if (section_.size) profile_.size_limit = *section_.size;
    if (section_.mechanisms) mechanisms(*section_.mechanisms);
    profile_.tls = section_.tls.mode;
    profile_.proxy = section_.proxy;
    protocol::offer(profile_, keywords());
    if (section_.greeting) greeting(*section_.greeting);
    for (const auto& [user, password] : section_.users) profile_.users.emplace_back(fixed(user), fixed(password));
    profile_.auth_required = section_.auth_required;
    logins();
    limits();
    return std::move(profile_);
  }

 private:
  void mechanisms(const std::vector<Text>& named) {
    profile_.mechanisms.clear();
    for (const Text& mechanism : named) {
      profile_.mechanisms.push_back(fixed(mechanism));
      if (protocol::find_mechanism(profile_.mechanisms.back()) == nullptr)
        diagnostics_.warning(mechanism.place,
                             "the server does not know the mechanism '" + mechanism.value + "': it offers it, and refuses it with 504",
                             suggestion(mechanism.value, protocol::mechanism_names()));
    }
  }

  // `extensions` as a list is exactly what is offered; as a map it changes the default set.
  std::vector<std::string> keywords() {
    std::vector<std::string> lines;
    if (section_.keywords) {
      for (const Text& keyword : *section_.keywords) lines.push_back(fixed(keyword));
      return lines;
    }
    lines = protocol::default_keywords(profile_);
    if (section_.mechanisms && section_.mechanisms->empty()) remove("AUTH", lines);
    for (const Text& keyword : section_.without)
      if (!remove(keyword.value, lines)) unknown(keyword, lines);
    lines.reserve(lines.size() + section_.extra.size());
    for (const Text& keyword : section_.extra) lines.push_back(fixed(keyword));
    return lines;
  }

  static bool remove(std::string_view keyword, std::vector<std::string>& lines) {
    return std::erase_if(lines, [&](const std::string& line) { return protocol::equals_ignoring_case(keyword_of(line), keyword); }) > 0;
  }

  void unknown(const Text& keyword, const std::vector<std::string>& lines) {
    std::vector<std::string_view> candidates;
    candidates.reserve(lines.size());
    for (const std::string& line : lines) candidates.push_back(keyword_of(line));
    diagnostics_.error(keyword.place, "'" + keyword.value + "' is not offered by default, so it cannot be left out",
                       suggestion(keyword.value, candidates));
  }

  void greeting(const ReplyText& written) {
    std::vector<std::string> lines;
    for (const Text& line : written.lines) lines.push_back(fixed(line));
    const std::vector<std::string_view> views(lines.begin(), lines.end());
    const auto parsed = protocol::parse_reply(views);
    if (const auto* error = std::get_if<protocol::ReplyError>(&parsed))
      diagnostics_.error(error->line < written.lines.size() ? written.lines[error->line].place : written.place, error->message);
    else
      profile_.greeting = protocol::render(std::get<protocol::Reply>(parsed));
  }

  // Without users every login succeeds, save where the server has to prove that it knows the password too.
  void logins() {
    if (!profile_.users.empty()) return;
    if (section_.mechanisms) proving(*section_.mechanisms);
    if (section_.keywords) proving(*section_.keywords);
    proving(section_.extra);
  }

  void proving(const std::vector<Text>& offered) {
    for (const Text& text : offered)
      for (const auto word : std::views::split(std::string_view(text.value), ' '))
        if (const std::string name(word.begin(), word.end()); protocol::needs_passwords(name))
          diagnostics_.warning(text.place, name + " has to know the passwords: without users no login by it succeeds",
                               "name users: auth: { users: { alice: secret } }");
  }

  void limits() {
    if (section_.recipients) profile_.limits.recipients = *section_.recipients;
    if (section_.line) profile_.limits.line = *section_.line;
    if (section_.connections) profile_.limits.connections = *section_.connections;
    if (section_.timeout) profile_.limits.timeout = *section_.timeout;
  }

  // A text in which only what is known at load can stand: `vars`, ${env:NAME}.
  std::string fixed(const Text& text) {
    const Template parsed = parse_template(text, {&model_.vars, nullptr}, diagnostics_);
    if (!parsed.is_literal()) diagnostics_.error(text.place, "only `vars` and ${env:NAME} are known when the server presents itself");
    return parsed.literal();
  }

  const Model& model_;
  const ServerSection& section_;
  Diagnostics& diagnostics_;
  protocol::Profile profile_;
};

}  // namespace

protocol::Profile make_profile(const Model& model, const CompileOptions& options, Diagnostics& diagnostics) {
  return SectionCompiler(model, diagnostics).compile(options);
}

}  // namespace malaposta::scenario
