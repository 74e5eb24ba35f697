// AUTH without TLS (RFC 4954): the mechanisms PLAIN (RFC 4616) and LOGIN, as a server without rules answers them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/profile.hpp"

namespace malaposta::protocol {

// Strict base64 (RFC 4648 section 4): no blanks, padding required. nullopt if malformed.
std::optional<std::string> decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);

// One exchange, step by step. The replies are those of a correct server, with line end.
class AuthExchange {
 public:
  // `initial`: the initial response as sent (still base64), if there was one; "=" is an empty one.
  std::string_view start(const Profile& profile, std::string_view mechanism, std::optional<std::string_view> initial);
  // The client's next line.
  std::string_view respond(const Profile& profile, std::string_view line);

  // The identity, once the client has named it.
  const std::string& user() const { return user_; }

 private:
  enum class Step : std::uint8_t { none, plain, login_user, login_password };
  std::string_view take(const Profile& profile, std::string_view decoded);
  std::string_view judge(const Profile& profile, std::string_view password) const;

  Step step_ = Step::none;
  std::string user_;
};

}  // namespace malaposta::protocol
