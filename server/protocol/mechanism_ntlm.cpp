// NTLM (MS-NLMP) as far as a client's first steps: its negotiation is answered with one fixed challenge, and its
// authentication is read for the user's name. The digests are not verified: they need what no scenario tells.
#include <array>
#include <cstdint>
#include <optional>

#include "protocol/mechanism.hpp"

namespace malaposta::protocol {

namespace {

constexpr std::string_view kSignature("NTLMSSP\0", 8);
constexpr std::uint32_t kNegotiate = 1, kAuthenticate = 3;  // message types
constexpr std::uint32_t kUnicode = 0x1;                     // negotiate flag

// CHALLENGE_MESSAGE (section 2.2.1.2), numbers in little endian.
constexpr std::string_view kChallenge(
    "NTLMSSP\0"
    "\2\0\0\0"
    "\x12\0\x12\0\x38\0\0\0"           // target name: 18 bytes at 56
    "\x05\x02\x81\0"                   // Unicode, request target, NTLM, target is a domain, target info
    "\x01\x23\x45\x67\x89\xab\xcd\xef"  // the server's challenge
    "\0\0\0\0\0\0\0\0"
    "\x1a\0\x1a\0\x4a\0\0\0"           // target info: 26 bytes at 74
    "\0\0\0\0\0\0\0\0"                 // version: not told
    "M\0A\0L\0A\0P\0O\0S\0T\0A\0"
    "\2\0\x12\0M\0A\0L\0A\0P\0O\0S\0T\0A\0"  // MsvAvNbDomainName
    "\0\0\0\0",                              // MsvAvEOL
    100);

std::optional<std::uint32_t> number(std::string_view message, std::size_t at, std::size_t bytes) {
  if (at + bytes > message.size()) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(message[at + i]);
  return value;
}

// A field: its length, its room, and where it stands in the message.
std::optional<std::string_view> payload(std::string_view message, std::size_t at) {
  const std::optional<std::uint32_t> length = number(message, at, 2), offset = number(message, at + 4, 4);
  if (!length || !offset || *offset > message.size() || *length > message.size() - *offset) return std::nullopt;
  return message.substr(*offset, *length);
}

void append_utf8(std::string& text, std::uint32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
    return;
  }
  const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  constexpr std::array<unsigned, 4> kLead{0, 0xc0, 0xe0, 0xf0};
  text += static_cast<char>(kLead[static_cast<std::size_t>(more)] | c >> (6 * more));
  for (int i = more - 1; i >= 0; --i) text += static_cast<char>(0x80 | (c >> (6 * i) & 0x3f));
}

// A surrogate without its partner becomes U+FFFD, like every decoder has it.
std::string utf8_of_utf16(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at + 2 <= bytes.size(); at += 2) {
    std::uint32_t c = *number(bytes, at, 2);
    if (c >= 0xd800 && c < 0xe000) {
      const std::uint32_t low = c < 0xdc00 ? number(bytes, at + 2, 2).value_or(0) : 0;
      const bool pair = low >= 0xdc00 && low < 0xe000;
      c = pair ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
      if (pair) at += 2;
    }
    append_utf8(text, c);
  }
  return text;
}

class Ntlm final : public Mechanism {
 public:
  using Mechanism::Mechanism;

  Verdict take(std::string_view message, std::string& challenge) override {
    constexpr std::size_t kType = 8, kUser = 36, kFlags = 60;
    if (!message.starts_with(kSignature)) return Verdict::malformed;
    if (number(message, kType, 4) != (challenged_ ? kAuthenticate : kNegotiate)) return Verdict::malformed;
    if (!challenged_) {
      challenged_ = true;
      challenge = kChallenge;
      return Verdict::go_on;
    }
    const std::optional<std::string_view> user = payload(message, kUser);
    if (!user) return Verdict::malformed;
    user_ = (number(message, kFlags, 4).value_or(0) & kUnicode) != 0 ? utf8_of_utf16(*user) : std::string(*user);
    return everyone() || password_of(user_) != nullptr ? Verdict::accepted : Verdict::refused;
  }

 private:
  bool challenged_ = false;
};

}  // namespace

std::unique_ptr<Mechanism> make_ntlm(const AuthGround& ground, std::string_view) { return std::make_unique<Ntlm>(ground); }

}  // namespace malaposta::protocol
