// AUTH (RFC 4954): one exchange, in the replies of a correct server. What the mechanism is about stands in mechanism.hpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/mechanism.hpp"

namespace malaposta::protocol {

// The replies come without line end, and are valid until the next call. What was decided once stays decided: a client
// that a scenario's rule keeps going is told the same again.
class AuthExchange {
 public:
  // `initial`: the initial response as sent (still base64), if there was one; "=" is an empty one.
  std::string_view start(const AuthGround& ground, std::string_view mechanism, std::optional<std::string_view> initial);
  // The client's next line.
  std::string_view respond(std::string_view line);

  // The identity, once the client has told it.
  const std::string& user() const { return user_; }

 private:
  std::string_view take(std::string_view message);
  std::string_view decided(std::string_view reply);

  std::unique_ptr<Mechanism> mechanism_;
  const MechanismRow* row_ = nullptr;
  bool decided_ = false;
  std::string reply_;
  std::string user_;
};

}  // namespace malaposta::protocol
