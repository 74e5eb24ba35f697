// Base64 (RFC 4648 section 4), as AUTH and the scenario language write it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace malaposta::protocol {

// Strict: no blanks, padding required. nullopt if malformed.
std::optional<std::string> decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);

}  // namespace malaposta::protocol
