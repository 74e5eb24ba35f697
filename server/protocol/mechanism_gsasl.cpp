// The mechanisms in which the password does not travel, as libgsasl speaks them: CRAM-MD5 (RFC 2195), SCRAM-SHA-1
// (RFC 5802) and SCRAM-SHA-256 (RFC 7677), the last two with channel binding as well. The only file that includes it.
#include <gsasl.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <new>
#include <utility>

#include "protocol/base64.hpp"
#include "protocol/mechanism.hpp"

namespace malaposta::protocol {

namespace {

// What the library asks of the mechanism whose session it is.
int answer(Gsasl*, Gsasl_session* session, Gsasl_property property);

// Only read once it is made, so all threads share it.
struct Library {
  Library() {
    if (gsasl_init(&context) != GSASL_OK) throw std::bad_alloc();
    gsasl_callback_set(context, answer);
  }
  ~Library() { gsasl_done(context); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  Gsasl* context = nullptr;
};

Gsasl* library() {
  static const Library one;
  return one.context;
}

// What SCRAM needs of a password (RFC 5802 section 3), each in base64. To make it of the password takes kScramRounds rounds of PBKDF2,
// which is milliseconds: a client that asks again and again must not have us do that more than once.
struct ScramKeys {
  std::string salt, server, stored;
};

class ScramKeyRing {
 public:
  // Of a password that a scenario names. From any thread.
  ScramKeys of(Gsasl_hash hash, const std::string& password) {
    const std::lock_guard lock(mutex_);
    const auto key = std::make_pair(hash, password);
    if (const auto known = keys_.find(key); known != keys_.end()) return known->second;
    if (keys_.size() >= kMost) keys_.clear();
    return keys_[key] = derive(hash, password);
  }
  std::uint64_t derived() const {
    const std::lock_guard lock(mutex_);
    return derived_;
  }

 private:
  static constexpr std::size_t kMost = 10'000;  // beyond, all are made anew
  static constexpr std::size_t kSaltSize = 16;  // bytes

  ScramKeys derive(Gsasl_hash hash, const std::string& password) {
    ++derived_;
    std::array<char, kSaltSize> salt{};
    std::array<char, GSASL_HASH_MAX_SIZE> salted{}, client{}, server{}, stored{};
    if (gsasl_nonce(salt.data(), salt.size()) != GSASL_OK ||
        gsasl_scram_secrets_from_password(hash, password.c_str(), kScramRounds, salt.data(), salt.size(), salted.data(), client.data(),
                                          server.data(), stored.data()) != GSASL_OK)
      throw std::bad_alloc();
    const std::size_t size = gsasl_hash_length(hash);
    return {encode_base64({salt.data(), salt.size()}), encode_base64({server.data(), size}), encode_base64({stored.data(), size})};
  }

  mutable std::mutex mutex_;
  std::map<std::pair<Gsasl_hash, std::string>, ScramKeys> keys_;
  std::uint64_t derived_ = 0;
};

ScramKeyRing& key_ring() {
  static ScramKeyRing one;
  return one;
}

bool binds_to_tls(std::string_view name) { return name.ends_with("-PLUS"); }

class ByGsasl final : public Mechanism {
 public:
  ByGsasl(const AuthGround& ground, std::string_view name)
      : Mechanism(ground),
        proves_server_(needs_passwords(name)),
        binds_to_tls_(binds_to_tls(name)),
        hash_(name.find("SHA-256") != std::string_view::npos ? GSASL_HASH_SHA256 : GSASL_HASH_SHA1) {
    if (gsasl_server_start(library(), std::string(name).c_str(), &session_) != GSASL_OK) throw std::bad_alloc();
    gsasl_session_hook_set(session_, this);
  }
  ~ByGsasl() override { gsasl_finish(session_); }
  ByGsasl(const ByGsasl&) = delete;
  ByGsasl& operator=(const ByGsasl&) = delete;

  Verdict take(std::string_view message, std::string& challenge) override {
    // The server's proof was sent as a challenge, and is acknowledged with an empty response (RFC 4954 section 4).
    if (proved_) return message.empty() ? Verdict::accepted : Verdict::malformed;
    if (binds_to_tls_ && ground_.tls.tls_unique.empty() && ground_.tls.tls_exporter.empty()) return Verdict::no_tls;
    char* output = nullptr;
    std::size_t size = 0;
    const int result = gsasl_step(session_, message.data(), message.size(), &output, &size);
    if (output != nullptr) challenge.assign(output, size);
    gsasl_free(output);
    if (const char* const user = gsasl_property_fast(session_, GSASL_AUTHID)) user_ = user;
    switch (result) {
      case GSASL_NEEDS_MORE: return Verdict::go_on;
      case GSASL_OK: proved_ = !challenge.empty(); return proved_ ? Verdict::go_on : Verdict::accepted;
      case GSASL_MECHANISM_PARSE_ERROR: return Verdict::malformed;
      case GSASL_NO_PASSWORD:
        // Without users nothing is verified where that can be: a digest is believed, but no proof can be given.
        if (!everyone()) return Verdict::refused;
        return proves_server_ ? Verdict::no_password : Verdict::accepted;
      default: return Verdict::refused;
    }
  }

  int tell(Gsasl_property property) {
    switch (property) {
      case GSASL_PASSWORD: {
        const std::string* const password = password_of_user();
        return password != nullptr ? gsasl_property_set(session_, property, password->c_str()) : GSASL_NO_PASSWORD;
      }
      case GSASL_SCRAM_ITER: return gsasl_property_set(session_, property, std::to_string(kScramRounds).c_str());
      case GSASL_SCRAM_SALT: return tell_key(property, &ScramKeys::salt);
      case GSASL_SCRAM_SERVERKEY: return tell_key(property, &ScramKeys::server);
      case GSASL_SCRAM_STOREDKEY: return tell_key(property, &ScramKeys::stored);
      case GSASL_CB_TLS_UNIQUE: return tell_binding(property, ground_.tls.tls_unique, GSASL_NO_CB_TLS_UNIQUE);
      case GSASL_CB_TLS_EXPORTER: return tell_binding(property, ground_.tls.tls_exporter, GSASL_NO_CB_TLS_EXPORTER);
      default: return GSASL_NO_CALLBACK;
    }
  }

 private:
  const std::string* password_of_user() const {
    const char* const user = gsasl_property_fast(session_, GSASL_AUTHID);
    return user != nullptr ? password_of(user) : nullptr;
  }

  // For a user that nobody knows the library makes up a salt, and asks for the password in vain.
  int tell_key(Gsasl_property property, std::string ScramKeys::*key) {
    const std::string* const password = password_of_user();
    return password != nullptr ? gsasl_property_set(session_, property, (key_ring().of(hash_, *password).*key).c_str()) : GSASL_NO_CALLBACK;
  }

  // A client that could bind, and was not offered to, says so; the library takes that for an attack if it knows of a
  // binding (RFC 5802 section 6). So it is told only where binding is offered.
  int tell_binding(Gsasl_property property, const std::string& binding, int none) {
    const bool offered = std::ranges::any_of(ground_.profile.mechanisms, binds_to_tls);
    return binding.empty() || !offered ? none : gsasl_property_set(session_, property, encode_base64(binding).c_str());
  }

  bool proves_server_, binds_to_tls_;
  Gsasl_hash hash_;  // of SCRAM
  bool proved_ = false;
  Gsasl_session* session_ = nullptr;
};

int answer(Gsasl*, Gsasl_session* session, Gsasl_property property) {
  auto* const mechanism = static_cast<ByGsasl*>(gsasl_session_hook_get(session));
  return mechanism != nullptr ? mechanism->tell(property) : GSASL_NO_CALLBACK;
}

}  // namespace

std::uint64_t scram_derivations() { return key_ring().derived(); }

std::unique_ptr<Mechanism> make_by_gsasl(const AuthGround& ground, std::string_view name) {
  return std::make_unique<ByGsasl>(ground, name);
}

}  // namespace malaposta::protocol
