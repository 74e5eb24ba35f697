// The parameters that extensions add to MAIL and RCPT: which of them the server knows, and which values they may have.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/command.hpp"
#include "protocol/profile.hpp"

namespace malaposta::protocol {

// The reply to parameters that cannot be accepted; empty if all can. `tls`: the session is inside TLS.
std::string_view parameter_refusal(std::string_view parameters, Verb verb, const Profile& profile, bool tls);

// Digits alone; nullopt for anything else and beyond 64 bits.
std::optional<std::uint64_t> decimal(std::string_view digits);

// Seconds since 1970 of an Internet date and time (RFC 3339 section 5.6); none if it is none.
std::optional<std::int64_t> parse_date_time(std::string_view value);

bool is_xtext(std::string_view value);  // RFC 3461 section 4

}  // namespace malaposta::protocol
