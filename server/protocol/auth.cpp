#include "protocol/auth.hpp"

#include <algorithm>

#include "protocol/base64.hpp"

namespace malaposta::protocol {

namespace {

constexpr std::string_view kSucceeded = "235 2.7.0 Authentication succeeded";
constexpr std::string_view kInvalid = "535 5.7.8 Authentication credentials invalid";
constexpr std::string_view kNotBase64 = "501 5.5.2 Cannot decode the response: it is not base64";
constexpr std::string_view kCancelled = "501 5.7.0 Authentication cancelled";
constexpr std::string_view kNoInitial = "501 5.7.0 The server begins with this mechanism: no initial response";
constexpr std::string_view kNoMechanism = "504 5.5.4 Mechanism not offered";
constexpr std::string_view kNoTls = "538 5.7.11 This mechanism is bound to TLS: start it first";
constexpr std::string_view kNoPassword =
    "535 5.7.8 This mechanism proves that the server knows the password: name the user under auth.users in the scenario";

}  // namespace

std::string_view AuthExchange::start(const AuthGround& ground, std::string_view mechanism, std::optional<std::string_view> initial) {
  *this = AuthExchange();
  const bool offered =
      std::ranges::any_of(ground.profile.mechanisms, [&](const std::string& one) { return equals_ignoring_case(one, mechanism); });
  row_ = offered ? find_mechanism(mechanism) : nullptr;
  if (row_ == nullptr) return decided(kNoMechanism);
  mechanism_ = row_->make(ground, row_->name);
  if (initial && row_->begins == Begins::server) return decided(kNoInitial);
  if (!initial && row_->begins == Begins::client) return reply_ = "334 ";
  if (row_->begins != Begins::client) take({});
  if (!initial) return reply_;
  return *initial == "=" ? take({}) : respond(*initial);
}

std::string_view AuthExchange::respond(std::string_view line) {
  if (line == "*") return decided(kCancelled);
  const std::optional<std::string> message = decode_base64(line);
  if (!message) return decided(kNotBase64);
  // A rule may have asked for more than the mechanism needs: its verdict stands. Or it began an exchange of its own.
  if (decided_) return reply_;
  return mechanism_ == nullptr ? decided(kNoMechanism) : take(*message);
}

std::string_view AuthExchange::take(std::string_view message) {
  using Verdict = Mechanism::Verdict;
  std::string challenge;
  const Verdict verdict = mechanism_->take(message, challenge);
  user_ = mechanism_->user();
  switch (verdict) {
    case Verdict::go_on: return reply_ = "334 " + encode_base64(challenge);
    case Verdict::accepted: return decided(kSucceeded);
    case Verdict::refused: break;
    case Verdict::malformed:
      return decided("501 5.5.2 This is no response of " + std::string(row_->name) +
                     (row_->form.empty() ? std::string{} : ": " + std::string(row_->form)));
    case Verdict::no_password: return decided(kNoPassword);
    case Verdict::no_tls: return decided(kNoTls);
  }
  return decided(kInvalid);
}

std::string_view AuthExchange::decided(std::string_view reply) {
  decided_ = true;
  return reply_ = reply;
}

}  // namespace malaposta::protocol
