// How a server presents itself: what `server:` in a scenario says, in the form in which a session needs it.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "protocol/command.hpp"
#include "protocol/proxy_header.hpp"

namespace malaposta::protocol {

// When sessions use TLS.
enum class Tls : std::uint8_t { none, starttls, required, implicit };

// Extensions that the server honours by itself. Others may be offered (by `extra`), never honoured.
enum class Extension : std::uint8_t {
  pipelining,
  size,
  eight_bit_mime,
  smtp_utf8,
  dsn,
  enhanced_status_codes,
  chunking,
  auth,
  help,
  vrfy,
  etrn,
  expn,
  starttls,
  binary_mime,
  deliver_by,
  future_release,
  mt_priority,
  require_tls,
  limits,
  xclient,
  xforward
};
constexpr std::uint32_t bit(Extension extension) { return 1u << static_cast<unsigned>(extension); }

struct Limits {
  std::size_t recipients = 1000;        // per transaction; RFC 5321 section 4.5.3.1.8 asks for 100 at least
  std::size_t line = 4096;              // octets of a command line with its line end; RFC 5321 section 4.5.3.1.4 asks for 512 at least
  std::size_t connections = 20'000;     // open at once on one listener
  std::chrono::nanoseconds timeout = std::chrono::minutes(5);  // idle time; RFC 5321 section 4.5.3.2.7 asks for 5 minutes at least
};

// What LIMITS declares (RFC 9422 section 4); 0: nothing.
struct DeclaredLimits {
  std::uint64_t mails = 0;       // MAILMAX: transactions of a session
  std::uint64_t recipients = 0;  // RCPTMAX: of a transaction
  std::uint64_t domains = 0;     // RCPTDOMAINMAX: different ones among them
};

struct Profile {
  std::string hostname = "mx.example.test";
  bool lmtp = false;
  Syntax syntax = Syntax::tolerant;
  std::string greeting;                  // bytes on the wire
  std::string helo_reply;                // bytes on the wire
  Tls tls = Tls::none;
  Proxy proxy = Proxy::none;
  std::string ehlo_reply_in_tls;         // the same without STARTTLS (RFC 3207 section 4.2)
  std::string ehlo_reply;                // bytes on the wire, all lines
  std::uint32_t offered = 0;             // bits of Extension
  std::uint64_t size_limit = 50u << 20;  // bytes of content, what SIZE declares; 0: none
  std::uint64_t shortest_delivery = 0;   // seconds that DELIVERBY declares as its minimum
  std::int64_t latest_release = std::numeric_limits<std::int64_t>::max();  // seconds since 1970 that FUTURERELEASE declares
  std::uint64_t longest_hold = 0;        // seconds that FUTURERELEASE declares; 0: no limit
  DeclaredLimits declared;
  std::vector<std::string> mechanisms;   // that AUTH offers, upper case
  std::vector<std::pair<std::string, std::string>> users;  // name and password; none: every login succeeds
  bool auth_required = false;
  Limits limits;
};

// A profile with the default set of extensions, greeting and EHLO reply rendered for `hostname`.
Profile default_profile(std::string hostname = "mx.example.test");

// The EHLO keywords of the default set, in the order in which they are offered: "PIPELINING", "SIZE 52428800", …
std::vector<std::string> default_keywords(const Profile& profile);

// Makes `keywords` exactly what EHLO offers: renders ehlo_reply and sets `offered` and what the
// keywords declare from those that the server honours.
void offer(Profile& profile, const std::vector<std::string>& keywords);

}  // namespace malaposta::protocol
