#include "report/providers.hpp"

#include <algorithm>
#include <cctype>

#include "protocol/reply.hpp"
#include "scenario/scenario.hpp"

namespace malaposta::report {

namespace {

// The address that a rule waits for, where a client has to put it.
std::string trigger_of(const scenario::Rule& rule) {
  for (const scenario::Condition& condition : rule.when) {
    if (condition.subject != scenario::Subject::mail && condition.subject != scenario::Subject::rcpt) continue;
    std::string address = condition.text.any_of.front().value;
    if (const std::size_t star = address.find('*'); star != std::string::npos) address.replace(star, 1, "example.test");
    return (condition.subject == scenario::Subject::mail ? "MAIL FROM:<" : "RCPT TO:<") + address + ">";
  }
  return {};
}

std::vector<ProviderReply> read() {
  std::vector<ProviderReply> found;
  for (const scenario::Shipped& shipped : scenario::shipped()) {
    if (!shipped.path.starts_with("providers/")) continue;
    const scenario::Loaded loaded = scenario::load({std::string(shipped.name())}, {});
    for (const scenario::ScenarioPtr& one : loaded.scenarios)
      for (const scenario::Rule& rule : one->model().rules) {
        if (!rule.reply) continue;
        ProviderReply reply{one->name(), rule.id.value, trigger_of(rule), 0, {}};
        for (const scenario::Text& line : rule.reply->lines) reply.lines.push_back(line.value);
        reply.code = protocol::last_code(reply.lines.back() + "\r\n");
        found.push_back(std::move(reply));
      }
  }
  return found;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

template <typename Wanted>
std::vector<const ProviderReply*> select(const Wanted& wanted) {
  std::vector<const ProviderReply*> found;
  for (const ProviderReply& reply : provider_replies())
    if (wanted(reply)) found.push_back(&reply);
  return found;
}

}  // namespace

const std::vector<ProviderReply>& provider_replies() {
  static const std::vector<ProviderReply> all = read();
  return all;
}

std::vector<const ProviderReply*> provider_replies_to(int code) {
  return select([code](const ProviderReply& reply) { return reply.code == code; });
}

std::vector<const ProviderReply*> provider_replies_with(std::string_view words) {
  if (words.empty()) return {};
  return select([wanted = lower(words)](const ProviderReply& reply) {
    return std::any_of(reply.lines.begin(), reply.lines.end(),
                       [&](const std::string& line) { return lower(line).find(wanted) != std::string::npos; });
  });
}

}  // namespace malaposta::report
