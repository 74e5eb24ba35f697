// The mechanisms that carry a bearer token: XOAUTH2 (Google's, which others copied) and its successor OAUTHBEARER
// (RFC 7628). Both tell why a token was refused in one more challenge, to which the client has to respond.
#include <optional>

#include "protocol/mechanism.hpp"

namespace malaposta::protocol {

namespace {

// What one of the two calls things.
struct Dialect {
  std::string_view malformed, refused;  // JSON
};
constexpr Dialect kXoauth2{R"({"status":"400","schemes":"Bearer","scope":"mail"})",
                           R"({"status":"401","schemes":"Bearer","scope":"mail"})"};
constexpr Dialect kOauthBearer{R"({"status":"invalid_request","scope":"mail"})", R"({"status":"invalid_token","scope":"mail"})"};

// The value of KEY=VALUE among the fields, each of which ends with ^A.
std::optional<std::string_view> field(std::string_view fields, std::string_view key) {
  while (!fields.empty()) {
    const std::size_t end = fields.find('\1');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view one = fields.substr(0, end);
    if (one.size() > key.size() && one.starts_with(key) && one[key.size()] == '=') return one.substr(key.size() + 1);
    fields.remove_prefix(end + 1);
  }
  return std::nullopt;
}

// The token of `auth=Bearer TOKEN`; the fields end with an empty one.
std::optional<std::string_view> bearer_token(std::string_view fields) {
  constexpr std::string_view kBearer = "Bearer ";
  const std::optional<std::string_view> auth = field(fields, "auth");
  if (!fields.ends_with("\1\1") || !auth || !equals_ignoring_case(auth->substr(0, kBearer.size()), kBearer)) return std::nullopt;
  const std::string_view token = auth->substr(kBearer.size());
  return token.empty() ? std::nullopt : std::optional(token);
}

class Oauth : public Mechanism {
 public:
  Oauth(const AuthGround& ground, const Dialect& dialect) : Mechanism(ground), dialect_(dialect) {}

  Verdict take(std::string_view message, std::string& challenge) final {
    if (told_) return Verdict::refused;  // whatever the client says to the reason, an empty response or ^A
    const std::optional<std::string_view> token = token_of(message);
    if (token && judge(*token) == Verdict::accepted) return Verdict::accepted;
    told_ = true;
    challenge = token ? dialect_.refused : dialect_.malformed;
    return Verdict::go_on;
  }

 protected:
  // Sets user_.
  virtual std::optional<std::string_view> token_of(std::string_view message) = 0;

  // Whose token it is, where the client leaves that open; empty if nobody's.
  std::string_view owner(std::string_view token) const {
    for (const auto& [user, password] : ground_.profile.users)
      if (password == token) return user;
    return {};
  }

 private:
  const Dialect& dialect_;
  bool told_ = false;
};

class Xoauth2 final : public Oauth {
 public:
  explicit Xoauth2(const AuthGround& ground) : Oauth(ground, kXoauth2) {}

 private:
  // user=NAME ^A auth=Bearer TOKEN ^A ^A
  std::optional<std::string_view> token_of(std::string_view message) override {
    const std::optional<std::string_view> user = field(message, "user");
    user_ = user.value_or(std::string_view{});
    return user_.empty() ? std::nullopt : bearer_token(message);
  }
};

// What GS2 escapes in a name (RFC 5801 section 4). nullopt if another escape is in it.
std::optional<std::string> unescape(std::string_view name) {
  std::string plain;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '=') {
      plain += name[i];
      continue;
    }
    const std::string_view code = name.substr(i + 1, 2);
    if (code != "2C" && code != "3D") return std::nullopt;
    plain += code == "2C" ? ',' : '=';
    i += 2;
  }
  return plain;
}

class OauthBearer final : public Oauth {
 public:
  explicit OauthBearer(const AuthGround& ground) : Oauth(ground, kOauthBearer) {}

 private:
  // n,a=NAME, ^A host=… ^A port=… ^A auth=Bearer TOKEN ^A ^A; NAME may be left out, it is the token's then.
  std::optional<std::string_view> token_of(std::string_view message) override {
    const std::size_t comma = message.find(',');
    const std::size_t end = message.find('\1');
    if (comma != 1 || end == std::string_view::npos || end < 3 || message[end - 1] != ',') return std::nullopt;
    if (message[0] != 'n' && message[0] != 'y') return std::nullopt;
    const std::string_view identity = message.substr(comma + 1, end - 1 - (comma + 1));
    const std::optional<std::string_view> token = bearer_token(message.substr(end + 1));
    if (identity.empty()) {
      user_ = token ? owner(*token) : std::string_view{};
      return token;
    }
    const std::optional<std::string> name = identity.starts_with("a=") ? unescape(identity.substr(2)) : std::nullopt;
    user_ = name.value_or(std::string{});
    return name ? token : std::nullopt;
  }
};

}  // namespace

std::unique_ptr<Mechanism> make_xoauth2(const AuthGround& ground, std::string_view) { return std::make_unique<Xoauth2>(ground); }
std::unique_ptr<Mechanism> make_oauthbearer(const AuthGround& ground, std::string_view) { return std::make_unique<OauthBearer>(ground); }

}  // namespace malaposta::protocol
