// EHLO keywords: which of them the server honours, and the reply that offers them.
#include "protocol/profile.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "protocol/extension_parameters.hpp"
#include "protocol/grammar.hpp"

namespace malaposta::protocol {
namespace {

struct ExtensionRow {
  std::string_view keyword;
  Extension extension;
};

constexpr ExtensionRow kExtensions[] = {
    {"PIPELINING", Extension::pipelining},
    {"SIZE", Extension::size},
    {"ETRN", Extension::etrn},
    {"AUTH", Extension::auth},
    {"ENHANCEDSTATUSCODES", Extension::enhanced_status_codes},
    {"8BITMIME", Extension::eight_bit_mime},
    {"DSN", Extension::dsn},
    {"SMTPUTF8", Extension::smtp_utf8},
    {"CHUNKING", Extension::chunking},
    {"VRFY", Extension::vrfy},
    {"HELP", Extension::help},
    {"EXPN", Extension::expn},
    {"STARTTLS", Extension::starttls},
    {"BINARYMIME", Extension::binary_mime},
    {"DELIVERBY", Extension::deliver_by},
    {"FUTURERELEASE", Extension::future_release},
    {"MT-PRIORITY", Extension::mt_priority},
    {"REQUIRETLS", Extension::require_tls},
    {"LIMITS", Extension::limits},
    {"XCLIENT", Extension::xclient},
    {"XFORWARD", Extension::xforward},
};

std::string_view cut_word(std::string_view& text, std::string_view separators) {
  text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
  const auto word = text.substr(0, text.find_first_of(separators));
  text.remove_prefix(word.size());
  return word;
}

// The declared limit; 0, no number, or one beyond 64 bits declare none (RFC 1870 section 4).
std::uint64_t size_value(std::string_view text) {
  std::uint64_t value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stop == end ? value : 0;
}

void add_mechanism(std::vector<std::string>& mechanisms, std::string_view word) {
  std::string name{word};
  std::ranges::transform(name, name.begin(), grammar::upper);
  if (std::ranges::find(mechanisms, name) == mechanisms.end()) mechanisms.push_back(std::move(name));
}

// "RCPTMAX=10 MAILMAX=5"; names that are unknown are left alone (RFC 9422 section 3).
void add_limits(DeclaredLimits& declared, std::string_view line) {
  constexpr std::pair<std::string_view, std::uint64_t DeclaredLimits::*> kNames[] = {
      {"MAILMAX", &DeclaredLimits::mails}, {"RCPTMAX", &DeclaredLimits::recipients}, {"RCPTDOMAINMAX", &DeclaredLimits::domains}};
  for (auto word = cut_word(line, " "); !word.empty(); word = cut_word(line, " ")) {
    const auto name = cut_word(word, "=");
    for (const auto& [known, member] : kNames)
      if (equals_ignoring_case(known, name)) declared.*member = size_value(word.substr(std::min<std::size_t>(1, word.size())));
  }
}

// "AUTH=PLAIN" is the form of drafts before RFC 2554, which old clients still look for.
void honour(Profile& profile, std::string_view line) {
  const auto keyword = cut_word(line, " =");
  const auto row =
      std::ranges::find_if(kExtensions, [&](const ExtensionRow& known) { return equals_ignoring_case(known.keyword, keyword); });
  if (row == std::end(kExtensions)) return;
  profile.offered |= bit(row->extension);
  if (row->extension == Extension::size) profile.size_limit = size_value(cut_word(line, " "));
  if (row->extension == Extension::deliver_by) profile.shortest_delivery = size_value(cut_word(line, " "));
  if (row->extension == Extension::future_release) {
    profile.longest_hold = size_value(cut_word(line, " "));
    profile.latest_release = parse_date_time(cut_word(line, " ")).value_or(std::numeric_limits<std::int64_t>::max());
  }
  if (row->extension == Extension::limits) add_limits(profile.declared, line);
  if (row->extension != Extension::auth) return;
  for (auto word = cut_word(line, " ="); !word.empty(); word = cut_word(line, " =")) add_mechanism(profile.mechanisms, word);
}

std::vector<std::string> without(std::vector<std::string> keywords, std::string_view left_out) {
  std::erase_if(keywords, [&](const std::string& keyword) { return equals_ignoring_case(keyword, left_out); });
  return keywords;
}

std::string ehlo_reply(const std::string& hostname, const std::vector<std::string>& keywords) {
  std::string reply = (keywords.empty() ? "250 " : "250-") + hostname + "\r\n";
  for (std::size_t i = 0; i < keywords.size(); ++i) reply += (i + 1 == keywords.size() ? "250 " : "250-") + keywords[i] + "\r\n";
  return reply;
}

}  // namespace

std::vector<std::string> default_keywords(const Profile& profile) {
  std::string auth = "AUTH";
  for (const auto& mechanism : profile.mechanisms) auth += " " + mechanism;
  const std::string size = profile.size_limit == 0 ? "SIZE" : "SIZE " + std::to_string(profile.size_limit);
  std::vector<std::string> keywords{"PIPELINING", size};
  if (profile.tls == Tls::starttls || profile.tls == Tls::required) keywords.emplace_back("STARTTLS");
  for (std::string keyword :
       std::initializer_list<std::string>{"ETRN", profile.mechanisms.empty() ? "AUTH PLAIN LOGIN" : auth, "ENHANCEDSTATUSCODES", "8BITMIME",
                                          "DSN", "SMTPUTF8", "CHUNKING", "VRFY", "HELP"})
    keywords.push_back(std::move(keyword));
  return keywords;
}

void offer(Profile& profile, const std::vector<std::string>& keywords) {
  profile.offered = 0;
  profile.size_limit = 0;
  profile.longest_hold = 0;
  profile.declared = {};
  profile.mechanisms.clear();
  for (const std::string& keyword : keywords) honour(profile, keyword);
  // Each where it makes sense (RFC 3207 section 4.2, RFC 8689 section 2).
  const bool both = profile.tls == Tls::starttls || profile.tls == Tls::required;
  profile.ehlo_reply = ehlo_reply(profile.hostname, both ? without(keywords, "REQUIRETLS") : keywords);
  profile.ehlo_reply_in_tls = ehlo_reply(profile.hostname, without(keywords, "STARTTLS"));
}

Profile default_profile(std::string hostname) {
  Profile profile;
  profile.hostname = std::move(hostname);
  profile.greeting = "220 " + profile.hostname + " ESMTP Malaposta ready\r\n";
  profile.helo_reply = "250 " + profile.hostname + "\r\n";
  offer(profile, default_keywords(profile));
  return profile;
}

}  // namespace malaposta::protocol
