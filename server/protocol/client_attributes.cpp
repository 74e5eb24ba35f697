#include "protocol/client_attributes.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "protocol/extension_parameters.hpp"
#include "protocol/grammar.hpp"

namespace malaposta::protocol {
namespace {

constexpr std::string_view kIpV6 = "IPV6:";

bool is_unavailable(std::string_view value) {
  return equals_ignoring_case(value, "[UNAVAILABLE]") || equals_ignoring_case(value, "[TEMPUNAVAIL]");
}

std::string_view without_prefix(std::string_view address) {
  if (equals_ignoring_case(address.substr(0, kIpV6.size()), kIpV6)) address.remove_prefix(kIpV6.size());
  return address;
}

bool is_address(std::string_view value) {
  std::array<unsigned char, sizeof(in6_addr)> binary{};
  const std::string address{without_prefix(value)};
  return inet_pton(address.size() == value.size() ? AF_INET : AF_INET6, address.c_str(), binary.data()) == 1;
}

bool is_port(std::string_view value) {
  const auto number = decimal(value);
  return number && *number <= 65535;
}

bool is_protocol(std::string_view value) { return equals_ignoring_case(value, "SMTP") || equals_ignoring_case(value, "ESMTP"); }
bool is_source(std::string_view value) { return equals_ignoring_case(value, "LOCAL") || equals_ignoring_case(value, "REMOTE"); }

struct Attribute {
  std::string_view name;
  bool xclient, xforward;
  bool (*valid)(std::string_view value);
};
constexpr Attribute kAttributes[] = {
    {"NAME", true, true, is_xtext},        {"ADDR", true, true, is_address},   {"PORT", true, true, is_port},
    {"PROTO", true, true, is_protocol},    {"HELO", true, true, is_xtext},     {"LOGIN", true, false, is_xtext},
    {"DESTADDR", true, false, is_address}, {"DESTPORT", true, false, is_port}, {"IDENT", false, true, is_xtext},
    {"SOURCE", false, true, is_source},
};

// xtext without its "+XX" (RFC 3461 section 4).
std::string decoded(std::string_view xtext) {
  std::string text;
  for (std::size_t i = 0; i < xtext.size(); ++i) {
    if (xtext[i] != '+') {
      text += xtext[i];
      continue;
    }
    unsigned value = 0;
    std::from_chars(xtext.data() + i + 1, xtext.data() + i + 3, value, 16);
    text += static_cast<char>(value);
    i += 2;
  }
  return text;
}

}  // namespace

std::string_view attribute_refusal(std::string_view attributes, Verb verb) {
  ParameterWalk walk(attributes);
  while (const auto given = walk.next()) {
    const auto* const known = std::find_if(std::begin(kAttributes), std::end(kAttributes), [&](const Attribute& one) {
      return (verb == Verb::xclient ? one.xclient : one.xforward) && equals_ignoring_case(one.name, given->keyword);
    });
    if (known == std::end(kAttributes)) return "501 5.5.4 Attribute not recognized";
    if (!is_unavailable(given->value) && !(given->has_value && known->valid(given->value))) return "501 5.5.4 Invalid attribute value";
  }
  return walk.malformed() ? std::string_view{"501 5.5.4 Syntax: attribute=value"} : std::string_view{};
}

bool override_client(std::string_view attributes, Facts& facts) {
  bool helo = false;
  ParameterWalk walk(attributes);
  while (const auto given = walk.next()) {
    const std::string value = is_unavailable(given->value) ? std::string{} : decoded(given->value);
    if (equals_ignoring_case(given->keyword, "ADDR")) facts.peer_ip = without_prefix(value);
    if (equals_ignoring_case(given->keyword, "PORT")) facts.peer_port = static_cast<std::uint16_t>(decimal(value).value_or(0));
    if (equals_ignoring_case(given->keyword, "HELO")) facts.helo = value, helo = true;
    if (equals_ignoring_case(given->keyword, "LOGIN")) facts.user = value, facts.authenticated = !value.empty();
  }
  return helo;
}

}  // namespace malaposta::protocol
