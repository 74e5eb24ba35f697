// Who may ask: the API is for the machine that it runs on and for programs that its owner runs, not for any page that a browser
// of theirs has open. A page reaches a local server in two ways: across sites, where the browser tells its origin, and by a
// name of its own that comes to mean 127.0.0.1 (DNS rebinding), where the Host field tells that name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "net/endpoint.hpp"

namespace malaposta::http {

// The fields of a request that decide it; empty where they are missing.
struct Credentials {
  std::string_view host;
  std::string_view origin;
  std::string_view authorization;
};

// The refusal, or nothing. `bound`: where the API listens; `token`: empty if none is asked for; `open`: the route needs none.
std::optional<Response> refuse(const Credentials& credentials, const net::Endpoint& bound, std::string_view token, bool open);

}  // namespace malaposta::http
