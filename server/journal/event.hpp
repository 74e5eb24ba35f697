// What the journal is made of: one event says one thing that happened in one session.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace malaposta::journal {

using TimePoint = std::chrono::steady_clock::time_point;
using SessionId = std::uint64_t;  // unique in the process, ascending, from 1
using MessageId = std::uint64_t;  // unique in the process, ascending, from 1

enum class Kind : std::uint8_t {
  opened,   // text: "127.0.0.1:54321"; number: the local port
  command,  // text: the line without its line end; number: protocol::Deviations found in it
  reply,    // text: the bytes as sent, line ends included; code: the reply code, 0 when raw bytes have none
  content,  // number: content bytes received; text: "DATA" or "BDAT"; code: the sum of what holds of it, below
  message,  // number: MessageId; code: 1 if it was captured, 0 if its content is kept as evidence only; text: the reply
            // that acknowledged it, or empty when it never was
  rule,     // text: the rule's id; number: its line in the file, 0 if it was added; code: 1 if it decided, 0 if it only took effect
  read,     // bytes of the client that are neither a command nor a whole content. number: how many; text: "line" or "bytes", what a
            // step asked for, or "content", under way when the session came to its end
  wait,     // number: nanoseconds that the server waits before it goes on
  fault,    // text: what the server did to the connection: "close", "reset", "half-close", "stall", "silence"; number: for how
            // many nanoseconds, 0 if for ever
  dialog,  // number: a line of the scenario file; code: 1 if the session kept to the dialog to its end, then without a text; 0 if it left
           // it there, text: what was expected, a line feed, and what came instead
  tls,  // text: the handshake's outcome: "TLSv1.3 TLS_AES_256_GCM_SHA384"; code: 1 if it succeeded, else text says why
  login,  // text: the mechanism and, behind a space, the user who has logged in by it
  note,  // text: something worth telling: a time-out, a limit reached, bytes after the end
  closed,  // text: the End's name
};

inline constexpr std::array<std::string_view, 14> kKindNames{"opened", "command", "reply",  "content", "message", "rule", "read",
                                                             "wait",   "fault",   "dialog", "tls",     "login",   "note", "closed"};
static_assert(kKindNames.size() == static_cast<std::size_t>(Kind::closed) + 1);
constexpr std::string_view name(Kind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

// The code of a Kind::content event.
inline constexpr int kContentAhead = 1;  // it began before the reply to DATA was sent
inline constexpr int kDotNotDoubled = 2;  // a line began with one dot and had more octets (RFC 5321 section 4.5.2)

// The text of the note about commands in clear behind STARTTLS (RFC 3207 section 4.2); its number: how many bytes.
inline constexpr std::string_view kClearBehindStartTls = "sent in clear behind STARTTLS: dropped";

struct Event {
  Kind kind{};
  SessionId session = 0;
  TimePoint at{};
  int code = 0;
  std::uint64_t number = 0;
  std::string_view text;  // points into the ring: valid until the next append; cut to kLongestText
};

// Where a dialog was left: the text of a Kind::dialog event.
struct Mismatch {
  std::string_view expected;  // "C?: RSET or C: QUIT"
  std::string_view received;  // the client's line; "<eof>", or in such brackets how else the session ended
};
constexpr Mismatch mismatch_of(std::string_view text) {
  const std::size_t cut = text.find('\n');
  if (cut == std::string_view::npos) return {text, {}};
  return {text.substr(0, cut), text.substr(cut + 1)};
}

}  // namespace malaposta::journal
