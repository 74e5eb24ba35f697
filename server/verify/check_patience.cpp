// How long the client waits for a reply before it gives up: RFC 5321 section 4.5.3.2 says the least for each command.
#include <algorithm>
#include <chrono>
#include <iterator>

#include "verify/findings.hpp"

namespace malaposta::verify::checks {

using protocol::Verb;
using What = Exchange::What;

namespace {

struct Least {
  What what;
  Verb verb;
  std::chrono::minutes time;
};
// The RFC is silent about the other commands, and so is this.
constexpr Least kLeast[] = {
    {What::connect, Verb::unknown, std::chrono::minutes(5)},  // 4.5.3.2.1
    {What::command, Verb::mail, std::chrono::minutes(5)},     // 4.5.3.2.2
    {What::command, Verb::rcpt, std::chrono::minutes(5)},     // 4.5.3.2.3
    {What::command, Verb::data, std::chrono::minutes(2)},     // 4.5.3.2.4
    {What::content, Verb::data, std::chrono::minutes(10)},    // 4.5.3.2.6
};

}  // namespace

std::optional<std::size_t> gave_up_too_soon(const SessionView& session) {
  const SessionRecord& record = session.record;
  const Exchange& final = session.exchanges.back();
  const bool by_client = record.end == journal::End::client_closed || record.end == journal::End::client_reset;
  if (!by_client || !final.reply.empty()) return std::nullopt;
  // Within a handshake no greeting is awaited yet.
  if (final.what == What::connect && session.scenario.profile().tls == protocol::Tls::implicit) return std::nullopt;
  const auto* const least = std::find_if(std::begin(kLeast), std::end(kLeast),
                                         [&](const Least& one) { return one.what == final.what && one.verb == final.verb; });
  const bool hasty = least != std::end(kLeast) && record.closed - record.events[final.event].at < least->time;
  return hasty ? std::optional(final.event) : std::nullopt;
}

}  // namespace malaposta::verify::checks
