// The replies of real mail providers, as the shipped scenarios of scenarios/providers have them: what `malaposta codes`
// finds by a code, or by words of a bounce message.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace malaposta::report {

struct ProviderReply {
  std::string provider;            // the scenario's name: "gmail"
  std::string rule;                // the rule's id in it
  std::string trigger;             // how a client meets it: "RCPT TO:<unknown@…>"; empty where it always does
  int code = 0;
  std::vector<std::string> lines;  // as the scenario has them, templates and all
};

// All of them, by provider and in file order. Read once.
const std::vector<ProviderReply>& provider_replies();

// Those of one code.
std::vector<const ProviderReply*> provider_replies_to(int code);

// Those that have the words in one of their lines, letter case aside; none for the empty text.
std::vector<const ProviderReply*> provider_replies_with(std::string_view words);

}  // namespace malaposta::report
