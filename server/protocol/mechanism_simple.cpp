// The mechanisms that tell everything in the clear: PLAIN, LOGIN, ANONYMOUS, EXTERNAL. Their own, because each is a few
// lines, and because clients look for the very words of LOGIN's challenges.
#include "protocol/mechanism.hpp"

namespace malaposta::protocol {

namespace {

class Plain final : public Mechanism {
 public:
  using Mechanism::Mechanism;

  // [authzid] NUL authcid NUL passwd (RFC 4616 section 2). Whose rights are asked for (authzid) is not judged.
  Verdict take(std::string_view message, std::string&) override {
    const std::size_t first = message.find('\0');
    const std::size_t second = first == std::string_view::npos ? first : message.find('\0', first + 1);
    if (second == std::string_view::npos || message.find('\0', second + 1) != std::string_view::npos) return Verdict::malformed;
    user_ = message.substr(first + 1, second - first - 1);
    return judge(message.substr(second + 1));
  }
};

class Login final : public Mechanism {
 public:
  using Mechanism::Mechanism;

  Verdict take(std::string_view message, std::string& challenge) override {
    switch (asked_++) {
      case 0: challenge = "Username:"; return Verdict::go_on;
      case 1:
        user_ = message;
        challenge = "Password:";
        return Verdict::go_on;
      default: return judge(message);
    }
  }

 private:
  int asked_ = 0;
};

class Anonymous final : public Mechanism {
 public:
  using Mechanism::Mechanism;

  // The message is a trace, an address for instance, and no identity (RFC 4505 section 2).
  Verdict take(std::string_view message, std::string&) override {
    constexpr std::size_t kLongestTrace = 255;
    if (message.size() > kLongestTrace || message.find('\0') != std::string_view::npos) return Verdict::malformed;
    user_ = "anonymous";
    return Verdict::accepted;
  }
};

class External final : public Mechanism {
 public:
  using Mechanism::Mechanism;

  // The client is who its certificate says; the message may ask for that very identity by name.
  Verdict take(std::string_view message, std::string&) override {
    const std::string& certified = ground_.tls.client_name;
    user_ = message.empty() ? std::string_view(certified) : message;
    if (everyone()) return Verdict::accepted;
    return !certified.empty() && user_ == certified && password_of(user_) != nullptr ? Verdict::accepted : Verdict::refused;
  }
};

}  // namespace

std::unique_ptr<Mechanism> make_plain(const AuthGround& ground, std::string_view) { return std::make_unique<Plain>(ground); }
std::unique_ptr<Mechanism> make_login(const AuthGround& ground, std::string_view) { return std::make_unique<Login>(ground); }
std::unique_ptr<Mechanism> make_anonymous(const AuthGround& ground, std::string_view) { return std::make_unique<Anonymous>(ground); }
std::unique_ptr<Mechanism> make_external(const AuthGround& ground, std::string_view) { return std::make_unique<External>(ground); }

}  // namespace malaposta::protocol
