// Where a listener stands, and the sockets of its three kinds: one that accepts, one whose port refuses and one
// whose port never answers.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "scenario/model.hpp"

namespace malaposta::net {

struct Endpoint {
  std::string address = "127.0.0.1";  // IPv4 or IPv6, textual, without brackets
  std::uint16_t port = 0;             // 0: the system chooses

  // "127.0.0.1:2525", "[::1]:2525".
  std::string text() const;
  bool loopback() const;
};

// Parses "ADDR:PORT", "[ADDR6]:PORT", "localhost:PORT" or "PORT". Throws std::invalid_argument with what is wrong.
Endpoint parse_endpoint(std::string_view text);

// A listener could not be opened. The message names the endpoint, the reason and, where it can be found out, the
// process that holds the port.
class BindError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A bound socket; owns the descriptor.
class BoundSocket {
 public:
  BoundSocket() = default;
  explicit BoundSocket(int descriptor) : descriptor_(descriptor) {}
  BoundSocket(BoundSocket&& other) noexcept : descriptor_(other.release()) {}
  BoundSocket& operator=(BoundSocket&& other) noexcept;
  ~BoundSocket();
  int get() const { return descriptor_; }
  int release();

 private:
  int descriptor_ = -1;
};

// `receive_buffer`: bytes that the kernel keeps unread on each connection (it has a least size of its own); 0: its default.
// Binds, and for `accept` and `ignore` listens. `shared`: several threads bind the same port (SO_REUSEPORT). Puts the
// port that the system chose into `endpoint`. Throws BindError.
// refuse: bound but never listening, so the kernel answers each SYN with RST (ECONNREFUSED, 111 on Linux).
// ignore: listening behind a socket filter that drops every packet, or with a full queue, so a connect times out.
BoundSocket open_socket(Endpoint& endpoint, scenario::Listen listen, bool shared, int receive_buffer = 0);

// Finds out whether the port is free, as a socket that shares it would not: such a one binds beside any other that shares
// it too. Never listens, so that no client is let in and then thrown out. Puts the port that the system chose into `endpoint`.
// Throws BindError.
void require_free(Endpoint& endpoint);

// Listens on a bound socket with a queue that its only connection, one of our own, has filled for good: the kernel drops every
// other SYN (Linux). False, and errno, where that fails.
bool listen_with_full_queue(int descriptor);

// Who listens on the TCP port, as "NAME (pid N)"; empty if that cannot be found out. Reads /proc.
std::string port_holder(std::uint16_t port);

}  // namespace malaposta::net
