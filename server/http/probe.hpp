// Asking a server whether it is ready: the other side of /readyz.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "net/endpoint.hpp"

namespace malaposta::http {

// One attempt, which ends at `until` at the latest. Nothing where the server whose API listens there is ready; else why it is not.
std::optional<std::string> not_ready(const net::Endpoint& server, std::chrono::steady_clock::time_point until);

}  // namespace malaposta::http
