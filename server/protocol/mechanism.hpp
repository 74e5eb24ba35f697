// The mechanisms of AUTH (SASL, RFC 4422), each a state machine of its own: messages of the client go in, challenges
// come out. They know nothing of SMTP or base64, read no file and never wait. What libgsasl does well as a server it
// does (mechanism_gsasl.cpp, the only file that includes it); the others are small and stand in mechanism_*.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/handshake.hpp"
#include "protocol/profile.hpp"

namespace malaposta::protocol {

// Against what a login is judged. Both outlive the exchange.
struct AuthGround {
  const Profile& profile;  // its users; none: every login succeeds
  const Handshake& tls;    // as if empty before TLS
};

class Mechanism {
 public:
  enum class Verdict : std::uint8_t {
    go_on,        // the challenge is to be sent
    accepted,
    refused,
    malformed,    // the message is not what the mechanism sends
    no_password,  // the server would have to know the user's password, and the scenario names no users
    no_tls,       // the mechanism binds to TLS, and there is none
  };

  explicit Mechanism(const AuthGround& ground) : ground_(ground) {}
  virtual ~Mechanism() = default;
  Mechanism(const Mechanism&) = delete;
  Mechanism& operator=(const Mechanism&) = delete;

  // The client's next message, decoded. `challenge` is empty before. Not called again after a final verdict.
  virtual Verdict take(std::string_view message, std::string& challenge) = 0;

  // Whose password, token or certificate it is (authcid, not authzid), as soon as the client has said so.
  const std::string& user() const { return user_; }

 protected:
  bool everyone() const { return ground_.profile.users.empty(); }
  // nullptr if there is no such user.
  const std::string* password_of(std::string_view user) const;
  // Whether the user has this password or token; without users everyone has.
  Verdict judge(std::string_view password) const;

  AuthGround ground_;
  std::string user_;
};

// Who speaks first.
enum class Begins : std::uint8_t {
  client,
  server,
  either,  // the server, but its first challenge may be left out: LOGIN with an initial response
};

struct MechanismRow {
  std::string_view name;
  Begins begins;
  std::string_view form;  // what its response has to be, where that fits into a reply
  std::unique_ptr<Mechanism> (*make)(const AuthGround& ground, std::string_view name);
};

// nullptr if the server does not know the mechanism. Case is ignored.
const MechanismRow* find_mechanism(std::string_view name);

// All that it knows.
std::vector<std::string_view> mechanism_names();

// Whether the server has to know a user's password to prove itself: SCRAM cannot accept everyone.
bool needs_passwords(std::string_view name);

// Rounds of PBKDF2 between a password and SCRAM's keys: as few as RFC 7677 section 4 allows.
inline constexpr unsigned kScramRounds = 4096;

// How often the process has made keys of a password. It does so once for each password and hash, whatever clients send.
std::uint64_t scram_derivations();

// The makers.
std::unique_ptr<Mechanism> make_plain(const AuthGround& ground, std::string_view name);
std::unique_ptr<Mechanism> make_login(const AuthGround& ground, std::string_view name);
std::unique_ptr<Mechanism> make_anonymous(const AuthGround& ground, std::string_view name);
std::unique_ptr<Mechanism> make_external(const AuthGround& ground, std::string_view name);
std::unique_ptr<Mechanism> make_xoauth2(const AuthGround& ground, std::string_view name);
std::unique_ptr<Mechanism> make_oauthbearer(const AuthGround& ground, std::string_view name);
std::unique_ptr<Mechanism> make_ntlm(const AuthGround& ground, std::string_view name);
std::unique_ptr<Mechanism> make_by_gsasl(const AuthGround& ground, std::string_view name);

}  // namespace malaposta::protocol
