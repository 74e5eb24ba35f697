// The attributes of XCLIENT and XFORWARD: what a trusted proxy says of the client behind it.
// https://www.postfix.org/XCLIENT_README.html, https://www.postfix.org/XFORWARD_README.html
#pragma once

#include <string_view>

#include "protocol/command.hpp"
#include "protocol/decision.hpp"

namespace malaposta::protocol {

// The reply to the attributes of that command (XCLIENT or XFORWARD) where they cannot be accepted; empty if all can.
std::string_view attribute_refusal(std::string_view attributes, Verb verb);

// What XCLIENT changes of what is known of the client: ADDR, PORT, HELO and LOGIN; the others are in the journal alone.
// [UNAVAILABLE] and [TEMPUNAVAIL] take away what was known. The attributes have been accepted. Whether HELO was among them.
bool override_client(std::string_view attributes, Facts& facts);

}  // namespace malaposta::protocol
