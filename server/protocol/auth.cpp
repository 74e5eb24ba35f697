#include "protocol/auth.hpp"

#include <algorithm>
#include <array>

namespace malaposta::protocol {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto kValues = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}();

constexpr std::string_view kSucceeded = "235 2.7.0 Authentication succeeded";
constexpr std::string_view kInvalid = "535 5.7.8 Authentication credentials invalid";
constexpr std::string_view kMalformed = "501 5.5.2 Cannot decode the response: it is not base64";
constexpr std::string_view kCancelled = "501 5.7.0 Authentication cancelled";
constexpr std::string_view kBadPlain = "501 5.5.2 A PLAIN response is identity NUL user NUL password";
constexpr std::string_view kAskResponse = "334 ";
constexpr std::string_view kAskUser = "334 VXNlcm5hbWU6";      // "Username:"
constexpr std::string_view kAskPassword = "334 UGFzc3dvcmQ6";  // "Password:"
constexpr std::string_view kNoMechanism = "504 5.5.4 Mechanism not offered";

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t word = 0;
  int bits = 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const std::int8_t value = kValues[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    word = (word << 6) | static_cast<std::uint8_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<char>((word >> bits) & 0xff));
    }
  }
  return bytes;
}

std::string encode_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t word = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    for (std::size_t i = 0; i < 3; ++i) word = (word << 8) | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i) text.push_back(i <= count ? kAlphabet[(word >> (18 - 6 * i)) & 63] : '=');
  }
  return text;
}

std::string_view AuthExchange::start(const Profile& profile, std::string_view mechanism, std::optional<std::string_view> initial) {
  *this = AuthExchange();
  const bool offered = std::any_of(profile.mechanisms.begin(), profile.mechanisms.end(),
                                   [&](const std::string& one) { return equals_ignoring_case(one, mechanism); });
  if (offered && equals_ignoring_case(mechanism, "PLAIN")) step_ = Step::plain;
  if (offered && equals_ignoring_case(mechanism, "LOGIN")) step_ = Step::login_user;
  if (step_ == Step::none) return kNoMechanism;
  if (!initial) return step_ == Step::plain ? kAskResponse : kAskUser;
  return *initial == "=" ? take(profile, "") : respond(profile, *initial);
}

std::string_view AuthExchange::respond(const Profile& profile, std::string_view line) {
  if (line == "*") return kCancelled;
  const std::optional<std::string> decoded = decode_base64(line);
  return decoded ? take(profile, *decoded) : kMalformed;
}

std::string_view AuthExchange::take(const Profile& profile, std::string_view decoded) {
  switch (step_) {
    case Step::plain: {
      // [authzid] NUL authcid NUL passwd (RFC 4616 section 2).
      const std::size_t first = decoded.find('\0');
      const std::size_t second = first == std::string_view::npos ? first : decoded.find('\0', first + 1);
      if (second == std::string_view::npos) return kBadPlain;
      user_ = decoded.substr(first + 1, second - first - 1);
      return judge(profile, decoded.substr(second + 1));
    }
    case Step::login_user:
      user_ = decoded;
      step_ = Step::login_password;
      return kAskPassword;
    case Step::login_password: return judge(profile, decoded);
    case Step::none: break;  // an exchange that only a scenario's rule keeps going
  }
  return kNoMechanism;
}

std::string_view AuthExchange::judge(const Profile& profile, std::string_view password) const {
  if (profile.users.empty()) return kSucceeded;
  const bool known = std::any_of(profile.users.begin(), profile.users.end(),
                                 [&](const auto& user) { return user.first == user_ && user.second == password; });
  return known ? kSucceeded : kInvalid;
}

}  // namespace malaposta::protocol
