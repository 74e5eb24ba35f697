#include "http/guard.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "protocol/grammar.hpp"

namespace malaposta::http {

namespace {

using boost::asio::ip::address;

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return protocol::grammar::lower(x) == protocol::grammar::lower(y); });
}

// "[::1]:8025" -> "::1", "localhost:8025" -> "localhost".
std::string host_name(std::string_view host) {
  if (host.starts_with('[')) return std::string(host.substr(1, std::min(host.find(']'), host.size()) - 1));
  return std::string(host.substr(0, host.find(':')));
}

// Names without a dot, such as a container's, are in no public DNS: nobody else can make them mean this machine. And who
// knows the token is no page of a stranger.
bool known_host(std::string_view field, const net::Endpoint& bound, bool token) {
  const std::string name = host_name(field);
  if (name.empty()) return false;
  boost::system::error_code no_address;
  const address given = boost::asio::ip::make_address(name, no_address);
  const address own = boost::asio::ip::make_address(bound.address);
  if (!no_address) return given.is_loopback() || given == own || own.is_unspecified();
  if (same_name(name, "localhost")) return true;
  return !own.is_loopback() && (token || name.find('.') == std::string::npos);
}

bool same_origin(std::string_view origin, std::string_view host) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (origin.starts_with(scheme) && same_name(origin.substr(scheme.size()), host)) return true;
  return false;
}

// Takes as long for a wrong token as for the right one.
bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned differences = 0;
  for (std::size_t i = 0; i < a.size(); ++i) differences |= static_cast<unsigned>(a[i] ^ b[i]);
  return differences == 0;
}

bool authorized(std::string_view field, std::string_view token) {
  constexpr std::string_view kScheme = "bearer ";
  return field.size() > kScheme.size() && same_name(field.substr(0, kScheme.size()), kScheme) &&
         same_secret(field.substr(kScheme.size()), token);
}

}  // namespace

std::optional<Response> refuse(const Credentials& credentials, const net::Endpoint& bound, std::string_view token, bool open) {
  if (!known_host(credentials.host, bound, !token.empty()))
    return error(403, "the Host field names another server: use localhost or the address where the API listens");
  if (!credentials.origin.empty() && !same_origin(credentials.origin, credentials.host))
    return error(403, "pages of other sites may not use the API");
  if (!token.empty() && !open && !authorized(credentials.authorization, token)) {
    Response response = error(401, "the token is needed: Authorization: Bearer TOKEN, as --api-token has it");
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
  }
  return std::nullopt;
}

}  // namespace malaposta::http
