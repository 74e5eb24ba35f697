// What the tests say to the server, and where in a session each stage is met.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "testing/catch.hpp"
#include "wire.hpp"

namespace malaposta::testing {

inline constexpr std::string_view kContent = "Subject: hello\r\nMessage-ID: <1@client.example.test>\r\n\r\nHello!\r\n";

// "550 5.1.1", "354": what tests compare of a reply.
inline std::string summary(const Reply& reply) {
  return std::to_string(reply.code) + (reply.enhanced.empty() ? std::string{} : " " + reply.enhanced);
}

// A line of the client ("" for none: the greeting) and the summary of the reply that it gets.
struct Exchange {
  std::string_view line, reply;
};

inline void talk(Wire& wire, std::initializer_list<Exchange> exchanges) {
  for (const Exchange& exchange : exchanges) {
    INFO("C: " << exchange.line);
    REQUIRE(summary(exchange.line.empty() ? wire.reply() : wire.say(exchange.line)) == exchange.reply);
  }
}

// Greeting and EHLO.
inline void greet(Wire& wire) { talk(wire, {{"", "220"}, {"EHLO client.example.test", "250"}}); }

// A whole transaction, its content and the final dot included; the reply to these is the caller's to judge.
inline Reply transact(Wire& wire, std::string_view mail = "alice@example.com", std::string_view rcpt = "bob@example.test") {
  const std::string from = "MAIL FROM:<" + std::string(mail) + ">", to = "RCPT TO:<" + std::string(rcpt) + ">";
  talk(wire, {{from, "250 2.1.0"}, {to, "250 2.1.5"}, {"DATA", "354"}});
  return wire.say(std::string(kContent) + ".");
}

// QUIT, 221 and FIN.
inline void leave(Wire& wire) {
  talk(wire, {{"QUIT", "221 2.0.0"}});
  CHECK(wire.ending() == Ending::fin);
}

// The session goes on as if nothing had happened.
inline void check_usable(Wire& wire) {
  talk(wire, {{"NOOP", "250 2.0.0"}});
  leave(wire);
}

}  // namespace malaposta::testing
