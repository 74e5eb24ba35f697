// The table of mechanisms, and what they share.
#include "protocol/mechanism.hpp"

#include <algorithm>
#include <iterator>

namespace malaposta::protocol {

namespace {

constexpr MechanismRow kMechanisms[] = {
    {"PLAIN", Begins::client, "identity NUL user NUL password", make_plain},       // RFC 4616
    {"LOGIN", Begins::either, "", make_login},                                     // draft-murchison-sasl-login
    {"CRAM-MD5", Begins::server, "user SPACE digest", make_by_gsasl},              // RFC 2195
    {"SCRAM-SHA-1", Begins::client, "", make_by_gsasl},                         // RFC 5802
    {"SCRAM-SHA-1-PLUS", Begins::client, "", make_by_gsasl},
    {"SCRAM-SHA-256", Begins::client, "", make_by_gsasl},                     // RFC 7677
    {"SCRAM-SHA-256-PLUS", Begins::client, "", make_by_gsasl},
    {"XOAUTH2", Begins::client, "", make_xoauth2},                                 // Google's, before RFC 7628
    {"OAUTHBEARER", Begins::client, "", make_oauthbearer},                         // RFC 7628
    {"EXTERNAL", Begins::client, "", make_external},                               // RFC 4422 appendix A
    {"ANONYMOUS", Begins::client, "at most 255 octets, without NUL", make_anonymous},  // RFC 4505
    {"NTLM", Begins::client, "NTLMSSP NUL and its fields", make_ntlm},             // MS-NLMP, MS-SMTPNTLM
};

}  // namespace

const MechanismRow* find_mechanism(std::string_view name) {
  const auto* const row = std::ranges::find_if(kMechanisms, [&](const MechanismRow& one) { return equals_ignoring_case(one.name, name); });
  return row != std::end(kMechanisms) ? row : nullptr;
}

std::vector<std::string_view> mechanism_names() {
  std::vector<std::string_view> names;
  for (const MechanismRow& row : kMechanisms) names.push_back(row.name);
  return names;
}

bool needs_passwords(std::string_view name) {
  constexpr std::string_view kScram = "SCRAM-";
  return find_mechanism(name) != nullptr && equals_ignoring_case(name.substr(0, kScram.size()), kScram);
}

const std::string* Mechanism::password_of(std::string_view user) const {
  const auto& users = ground_.profile.users;
  const auto found = std::ranges::find_if(users, [&](const auto& one) { return one.first == user; });
  return found != users.end() ? &found->second : nullptr;
}

Mechanism::Verdict Mechanism::judge(std::string_view password) const {
  if (everyone()) return Verdict::accepted;
  const std::string* const known = password_of(user_);
  return known != nullptr && *known == password ? Verdict::accepted : Verdict::refused;
}

}  // namespace malaposta::protocol
