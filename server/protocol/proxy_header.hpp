// The header of the PROXY protocol, versions 1 and 2, that a proxy sends before the client's own bytes: who the client
// is. No I/O: bytes are given as they come, however they are split.
// https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace malaposta::protocol {

// What is expected in front of a session.
enum class Proxy : std::uint8_t { none, v1, v2, any };

class ProxyHeader {
 public:
  static constexpr std::size_t kLongestV1 = 107;        // octets with CRLF, section 2.1
  static constexpr std::size_t kFixedV2 = 16;           // octets before the addresses, section 2.2
  static constexpr std::size_t kLongestV2 = 4096;       // octets in all: addresses, and TLVs that are skipped

  explicit ProxyHeader(Proxy expected) : expected_(expected) {}

  // Takes bytes up to the end of the header, and no further. Returns how many.
  std::size_t read(std::string_view bytes);

  enum class State : std::uint8_t { open, done, malformed };
  State state() const { return state_; }

  // Why it is malformed.
  std::string_view problem() const { return problem_; }

  // Once done: the client; the address is empty where the header names none (UNKNOWN, LOCAL, AF_UNIX).
  const std::string& address() const { return address_; }
  std::uint16_t port() const { return port_; }

 private:
  void look();
  void look_v1();
  void look_v2();
  void parse_v1(std::string_view line);
  void parse_v2();
  void fail(std::string_view problem);
  std::uint8_t octet(std::size_t at) const { return static_cast<std::uint8_t>(taken_[at]); }

  Proxy expected_;
  State state_ = State::open;
  std::string taken_;
  std::string_view problem_;
  std::string address_;
  std::uint16_t port_ = 0;
};

}  // namespace malaposta::protocol
