#include "protocol/proxy_header.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace malaposta::protocol {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSignatureV1 = "PROXY"sv;
constexpr std::string_view kSignatureV2 = "\r\n\r\n\0\r\nQUIT\n"sv;

// The address as inet_ntop() writes it; empty if it is none of that family.
std::string normal(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> binary{};
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (inet_pton(family, text.c_str(), binary.data()) != 1) return {};
  return inet_ntop(family, binary.data(), out.data(), out.size());
}

// Decimal, without leading zeros (section 2.1).
std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return port;
}

std::string_view cut_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

}  // namespace

// Octet by octet: a header is short, and what follows it is not ours.
std::size_t ProxyHeader::read(std::string_view bytes) {
  std::size_t used = 0;
  while (state_ == State::open && used < bytes.size()) {
    taken_.push_back(bytes[used++]);
    look();
  }
  return used;
}

void ProxyHeader::look() {
  const std::string_view start = std::string_view(taken_).substr(0, kSignatureV2.size());
  if (expected_ != Proxy::v2 && start.substr(0, kSignatureV1.size()) == kSignatureV1.substr(0, start.size()))
    look_v1();
  else if (expected_ != Proxy::v1 && start == kSignatureV2.substr(0, start.size()))
    look_v2();
  else
    fail("the session does not begin with a PROXY header");
}

void ProxyHeader::look_v1() {
  const std::string_view line = taken_;
  if (line.ends_with("\r\n"))
    parse_v1(line.substr(0, line.size() - 2));
  else if (line.back() == '\n')
    fail("a PROXY header ends with CRLF");
  else if (line.size() >= kLongestV1)
    fail("a PROXY header of version 1 is longer than 107 octets");
}

void ProxyHeader::parse_v1(std::string_view line) {
  if (cut_word(line) != kSignatureV1) return fail("no space follows PROXY");
  const std::string_view family = cut_word(line);
  if (family == "UNKNOWN") {
    state_ = State::done;
    return;
  }
  const int number = family == "TCP4" ? AF_INET : AF_INET6;
  if (number == AF_INET6 && family != "TCP6") return fail("a PROXY header is for TCP4, TCP6 or UNKNOWN");
  address_ = normal(number, std::string(cut_word(line)));
  const std::string destination = normal(number, std::string(cut_word(line)));
  const auto port = port_of(cut_word(line)), destination_port = port_of(line);
  if (address_.empty() || destination.empty()) return fail("an address in the PROXY header is none of its family");
  if (!port || !destination_port) return fail("a port in the PROXY header is no number up to 65535");
  port_ = *port;
  state_ = State::done;
}

void ProxyHeader::look_v2() {
  if (taken_.size() < kFixedV2) return;
  const std::size_t length = kFixedV2 + octet(14) * 256u + octet(15);
  if (length > kLongestV2)
    fail("a PROXY header of version 2 is longer than 4096 octets");
  else if (taken_.size() == length)
    parse_v2();
}

// Version and command, family and transport, length; then source, destination and their ports (section 2.2).
void ProxyHeader::parse_v2() {
  constexpr std::uint8_t kLocal = 0x20, kProxied = 0x21;
  constexpr std::uint8_t kTcp4 = 0x11, kTcp6 = 0x21;
  if (octet(12) != kLocal && octet(12) != kProxied) return fail("a PROXY header of version 2 has a version or command that is unknown");
  state_ = State::done;
  if (octet(12) == kLocal || (octet(13) != kTcp4 && octet(13) != kTcp6)) return;  // no address that means anything here
  const bool four = octet(13) == kTcp4;
  const std::size_t size = four ? sizeof(in_addr) : sizeof(in6_addr);
  if (taken_.size() < kFixedV2 + 2 * size + 4) return fail("the addresses of a PROXY header are cut short");
  std::array<char, INET6_ADDRSTRLEN> out{};
  address_ = inet_ntop(four ? AF_INET : AF_INET6, taken_.data() + kFixedV2, out.data(), out.size());
  const std::size_t port = kFixedV2 + 2 * size;
  port_ = static_cast<std::uint16_t>(octet(port) * 256u + octet(port + 1));
}

void ProxyHeader::fail(std::string_view problem) {
  problem_ = problem;
  state_ = State::malformed;
}

}  // namespace malaposta::protocol
