#include "protocol/extension_parameters.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "protocol/grammar.hpp"

namespace malaposta::protocol {

std::optional<std::uint64_t> decimal(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// xtext (RFC 3461 section 4): printable ASCII without '+' and '=', or +XX.
bool is_xtext(std::string_view value) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '+') {
      const auto upper_hex = [&](std::size_t at) {
        return at < value.size() && (grammar::is_digit(value[at]) || (value[at] >= 'A' && value[at] <= 'F'));
      };
      if (!upper_hex(i + 1) || !upper_hex(i + 2)) return false;
      i += 2;
    } else if (c < '!' || c > '~' || c == '=') {
      return false;
    }
  }
  return true;
}

namespace {

constexpr std::string_view kBad = "501 5.5.4 Invalid parameter value";
constexpr std::string_view kUnknown = "555 5.5.4 Parameter not recognized";
constexpr std::string_view kTooShort = "550 5.4.7 The message cannot be delivered in so short a time";
constexpr std::size_t kMostDigits = 9;  // of times in DELIVERBY and FUTURERELEASE

bool one_of(std::string_view value, std::initializer_list<std::string_view> allowed) {
  return std::any_of(allowed.begin(), allowed.end(), [&](std::string_view one) { return equals_ignoring_case(one, value); });
}

// NEVER alone, or any of the others (RFC 3461 section 4.1).
bool is_notify(std::string_view value) {
  if (equals_ignoring_case(value, "NEVER")) return true;
  while (true) {
    const std::size_t comma = value.find(',');
    if (!one_of(value.substr(0, comma), {"SUCCESS", "FAILURE", "DELAY"})) return false;
    if (comma == std::string_view::npos) return true;
    value.remove_prefix(comma + 1);
  }
}

// addr-type ";" xtext (RFC 3461 section 4.2).
bool is_original_recipient(std::string_view value) {
  const std::size_t semicolon = value.find(';');
  return semicolon != std::string_view::npos && semicolon > 0 && is_xtext(value.substr(semicolon + 1));
}

// [+-] up to nine digits ";" R or N, and perhaps T. To be returned (R) in no time at all is no wish that can be met (RFC 2852
// section 4).
bool is_deliver_by(std::string_view value) {
  const std::size_t semicolon = std::min(value.find(';'), value.size());
  std::string_view time = value.substr(0, semicolon);
  const std::string_view mode = value.substr(semicolon);
  const bool negative = time.starts_with('-');
  if (negative || time.starts_with('+')) time.remove_prefix(1);
  const std::optional<std::uint64_t> seconds = decimal(time);
  if (!seconds || time.size() > kMostDigits || !one_of(mode, {";R", ";N", ";RT", ";NT"})) return false;
  return grammar::upper(mode[1]) == 'N' || (!negative && *seconds > 0);
}

// A message that is to be returned sooner than the server declares that it can tell is refused (RFC 2852 section 4).
bool is_too_short(std::string_view value, std::uint64_t minimum) {
  if (value.starts_with('+')) value.remove_prefix(1);
  const std::size_t semicolon = value.find(';');
  return grammar::upper(value[semicolon + 1]) == 'R' && decimal(value.substr(0, semicolon)).value_or(0) < minimum;
}

}  // namespace

// "2026-01-31T23:59:59Z", with a fraction or an offset perhaps.
std::optional<std::int64_t> parse_date_time(std::string_view value) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00";
  if (value.size() <= kForm.size()) return std::nullopt;
  for (std::size_t i = 0; i < kForm.size(); ++i)
    if (kForm[i] == '0' ? !grammar::is_digit(value[i]) : grammar::upper(value[i]) != kForm[i]) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) { return static_cast<int>(decimal(value.substr(at, digits)).value_or(0)); };
  namespace chrono = std::chrono;
  const chrono::year_month_day day(chrono::year(number(0, 4)), chrono::month(static_cast<unsigned>(number(5, 2))),
                                   chrono::day(static_cast<unsigned>(number(8, 2))));
  constexpr int kLeapSecond = 60;
  if (!day.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > kLeapSecond) return std::nullopt;
  std::int64_t seconds = chrono::duration_cast<chrono::seconds>(chrono::sys_days(day).time_since_epoch()).count() + number(11, 2) * 3600 +
                         number(14, 2) * 60 + number(17, 2);
  value.remove_prefix(kForm.size());
  if (value.starts_with('.')) value.remove_prefix(std::min(value.find_first_not_of("0123456789", 1), value.size()));
  if (value.size() == 1 && grammar::upper(value[0]) == 'Z') return seconds;
  const bool offset = value.size() == 6 && (value[0] == '+' || value[0] == '-') && value[3] == ':' && decimal(value.substr(1, 2)) &&
                      decimal(value.substr(4));
  if (!offset) return std::nullopt;
  const int ahead = number(1, 2) * 3600 + number(4, 2) * 60;
  return seconds - (value[0] == '+' ? ahead : -ahead);
}

namespace {

// -9 to 9, without a leading zero and no plus (RFC 6710 section 4.1).
bool is_priority(std::string_view value) {
  if (value == "0") return true;
  if (value.starts_with('-')) value.remove_prefix(1);
  return value.size() == 1 && value[0] >= '1' && value[0] <= '9';
}

// Who gives a value, and to whom.
struct Context {
  const Profile& profile;
  bool tls;
  bool offers(Extension extension) const { return (profile.offered & bit(extension)) != 0; }
};

// What is wrong with a value, as a reply; empty: nothing.
std::string_view unless(bool good) { return good ? std::string_view{} : kBad; }

struct KnownParameter {
  std::string_view keyword;
  Verb verb;
  std::uint32_t extensions;  // any of these has to be offered
  std::string_view (*refusal)(const Parameter&, const Context&);
};
constexpr KnownParameter kParameters[] = {
    {"SIZE", Verb::mail, bit(Extension::size), [](const Parameter& p, const Context&) { return unless(decimal(p.value).has_value()); }},
    {"BODY", Verb::mail, bit(Extension::eight_bit_mime) | bit(Extension::binary_mime),
     [](const Parameter& p, const Context& context) {
       // BINARYMIME needs CHUNKING (RFC 3030 section 3).
       const bool binary = context.offers(Extension::binary_mime) && context.offers(Extension::chunking);
       return unless(one_of(p.value, {"7BIT", "8BITMIME"}) || (binary && equals_ignoring_case(p.value, "BINARYMIME")));
     }},
    {"SMTPUTF8", Verb::mail, bit(Extension::smtp_utf8), [](const Parameter& p, const Context&) { return unless(!p.has_value); }},
    {"AUTH", Verb::mail, bit(Extension::auth), [](const Parameter& p, const Context&) { return unless(p.has_value && is_xtext(p.value)); }},
    {"RET", Verb::mail, bit(Extension::dsn),
     [](const Parameter& p, const Context&) {
       return unless(one_of(p.value, {"FULL", "HDRS"}));
     }},
    {"ENVID", Verb::mail, bit(Extension::dsn), [](const Parameter& p, const Context&) { return unless(p.has_value && is_xtext(p.value)); }},
    {"NOTIFY", Verb::rcpt, bit(Extension::dsn), [](const Parameter& p, const Context&) { return unless(is_notify(p.value)); }},
    {"ORCPT", Verb::rcpt, bit(Extension::dsn), [](const Parameter& p, const Context&) { return unless(is_original_recipient(p.value)); }},
    {"BY", Verb::mail, bit(Extension::deliver_by),
     [](const Parameter& p, const Context& context) {
       if (!is_deliver_by(p.value)) return kBad;
       return is_too_short(p.value, context.profile.shortest_delivery) ? kTooShort : std::string_view{};
     }},
    {"HOLDFOR", Verb::mail, bit(Extension::future_release),
     [](const Parameter& p, const Context& context) {
       const std::optional<std::uint64_t> seconds = decimal(p.value);
       const std::uint64_t most = context.profile.longest_hold;
       return unless(seconds && p.value.size() <= kMostDigits && *seconds > 0 && (most == 0 || *seconds <= most));
     }},
    {"HOLDUNTIL", Verb::mail, bit(Extension::future_release),
     [](const Parameter& p, const Context& context) {
       const std::optional<std::int64_t> until = parse_date_time(p.value);
       return unless(until && *until <= context.profile.latest_release);
     }},
    {"MT-PRIORITY", Verb::mail, bit(Extension::mt_priority),
     [](const Parameter& p, const Context&) { return unless(is_priority(p.value)); }},
    {"REQUIRETLS", Verb::mail, bit(Extension::require_tls),
     [](const Parameter& p, const Context& context) {
       if (p.has_value) return kBad;
       return context.tls ? std::string_view{} : std::string_view{"530 5.7.10 REQUIRETLS is for sessions inside TLS"};
     }},
};

}  // namespace

std::string_view parameter_refusal(std::string_view parameters, Verb verb, const Profile& profile, bool tls) {
  const Context context{profile, tls};
  ParameterWalk walk(parameters);
  std::uint32_t holds = 0;
  while (const std::optional<Parameter> parameter = walk.next()) {
    const auto* const known = std::find_if(std::begin(kParameters), std::end(kParameters), [&](const KnownParameter& one) {
      return one.verb == verb && equals_ignoring_case(one.keyword, parameter->keyword) && (profile.offered & one.extensions) != 0;
    });
    if (known == std::end(kParameters)) return kUnknown;
    if (const std::string_view refusal = known->refusal(*parameter, context); !refusal.empty()) return refusal;
    // One of HOLDFOR and HOLDUNTIL, once (RFC 4865 section 4).
    if (known->extensions == bit(Extension::future_release) && ++holds > 1) return kBad;
  }
  return walk.malformed() ? syntax_error_reply(SyntaxError::bad_parameter, verb) : std::string_view{};
}

}  // namespace malaposta::protocol
