#include "net/endpoint.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

namespace malaposta::net {

namespace {

namespace asio = boost::asio;

asio::ip::tcp::endpoint socket_address(const Endpoint& endpoint) { return {asio::ip::make_address(endpoint.address), endpoint.port}; }

[[noreturn]] void fail(const Endpoint& endpoint, int error) {
  std::string reason = std::generic_category().message(error);
  if (error == EADDRINUSE) {
    const std::string holder = port_holder(endpoint.port);
    reason = fmt::format("the port is in use by {}", holder.empty() ? "another process" : holder);
  } else if (error == EACCES) {
    reason = "no permission: ports below 1024 need root or CAP_NET_BIND_SERVICE";
  } else if (error == EADDRNOTAVAIL) {
    reason = "this machine has no such address";
  }
  throw BindError(fmt::format("cannot listen on {}: {}", endpoint.text(), reason));
}

void set_option(int descriptor, int level, int name) {
  const int on = 1;
  // Where one of these is refused, the bind that follows tells what really stands in the way.
  (void)::setsockopt(descriptor, level, name, &on, sizeof on);
}

// A classic BPF program that accepts no byte of any packet.
bool drop_everything(int descriptor) {
  sock_filter drop{BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog program{1, &drop};
  return ::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

// The inode of the socket that listens on that port, from a table such as /proc/net/tcp; empty if there is none.
std::string listening_inode(const char* table, std::uint16_t port) {
  constexpr std::string_view kListening = "0A";
  std::ifstream in(table);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string slot, local, remote, state, skipped, inode;
    fields >> slot >> local >> remote >> state >> skipped >> skipped >> skipped >> skipped >> skipped >> inode;
    const std::size_t colon = local.rfind(':');
    if (colon == std::string::npos || state != kListening) continue;
    if (std::stoul(local.substr(colon + 1), nullptr, 16) == port) return inode;
  }
  return {};
}

bool holds(const std::filesystem::path& process, const std::string& socket) {
  std::error_code error;
  for (std::filesystem::directory_iterator at(process / "fd", error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (std::filesystem::read_symlink(at->path(), gone) == socket) return true;
  }
  return false;
}

}  // namespace

std::string Endpoint::text() const {
  return address.find(':') == std::string::npos ? fmt::format("{}:{}", address, port) : fmt::format("[{}]:{}", address, port);
}

bool Endpoint::loopback() const { return asio::ip::make_address(address).is_loopback(); }

Endpoint parse_endpoint(std::string_view text) {
  Endpoint endpoint;
  const std::size_t colon = text.rfind(':');
  std::string_view port = text;
  if (colon != std::string_view::npos) {
    std::string_view address = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (address.size() >= 2 && address.front() == '[' && address.back() == ']') address = address.substr(1, address.size() - 2);
    if (address == "localhost") address = "127.0.0.1";
    boost::system::error_code error;
    endpoint.address = asio::ip::make_address(address, error).to_string();
    if (error) throw std::invalid_argument(fmt::format("'{}' is no IP address: ADDR:PORT is expected, such as 127.0.0.1:2525", address));
  }
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (port.empty() || error != std::errc() || end != port.data() + port.size())
    throw std::invalid_argument(fmt::format("'{}' is no port: 0 to 65535 is expected", port));
  return endpoint;
}

BoundSocket& BoundSocket::operator=(BoundSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

BoundSocket::~BoundSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int BoundSocket::release() { return std::exchange(descriptor_, -1); }

namespace {

// Not listening yet.
BoundSocket new_socket(const Endpoint& endpoint, const asio::ip::tcp::endpoint& address) {
  BoundSocket result(::socket(address.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (result.get() < 0) fail(endpoint, errno);
  if (address.protocol() == asio::ip::tcp::v6()) set_option(result.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  return result;
}

void bind(const BoundSocket& socket, Endpoint& endpoint, asio::ip::tcp::endpoint address) {
  if (::bind(socket.get(), address.data(), static_cast<socklen_t>(address.size())) != 0) fail(endpoint, errno);
  auto size = static_cast<socklen_t>(address.capacity());
  if (::getsockname(socket.get(), address.data(), &size) != 0) fail(endpoint, errno);
  endpoint.port = address.port();
}

}  // namespace

BoundSocket open_socket(Endpoint& endpoint, scenario::Listen listen, bool shared, int receive_buffer) {
  const asio::ip::tcp::endpoint address = socket_address(endpoint);
  BoundSocket result = new_socket(endpoint, address);
  // A port whose old connections are in TIME_WAIT is free all the same. Not where none ever were: there it would let
  // another process listen on the port that is to refuse.
  if (listen != scenario::Listen::refuse) set_option(result.get(), SOL_SOCKET, SO_REUSEADDR);
  if (shared) set_option(result.get(), SOL_SOCKET, SO_REUSEPORT);
  // Accepted connections inherit it: replies leave as they are written.
  set_option(result.get(), IPPROTO_TCP, TCP_NODELAY);
  // Accepted connections inherit this too; only before listen() does it bound the window that is announced (tcp(7)).
  if (receive_buffer > 0) (void)::setsockopt(result.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  bind(result, endpoint, address);
  // Some systems let nobody but root attach filters.
  const bool filtered = listen == scenario::Listen::ignore && drop_everything(result.get());
  if (listen == scenario::Listen::ignore && !filtered && !listen_with_full_queue(result.get())) fail(endpoint, errno);
  if ((listen == scenario::Listen::accept || filtered) && ::listen(result.get(), SOMAXCONN) != 0) fail(endpoint, errno);
  return result;
}

void require_free(Endpoint& endpoint) {
  const asio::ip::tcp::endpoint address = socket_address(endpoint);
  const BoundSocket probe = new_socket(endpoint, address);
  set_option(probe.get(), SOL_SOCKET, SO_REUSEADDR);  // as open_socket() does
  bind(probe, endpoint, address);
}

bool listen_with_full_queue(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  // A queue of length 0 has room for one connection.
  if (::listen(descriptor, 0) != 0 || ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return false;
  const BoundSocket only(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return only.get() >= 0 && ::connect(only.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0;
}

std::string port_holder(std::uint16_t port) {
  std::string inode = listening_inode("/proc/net/tcp", port);
  if (inode.empty()) inode = listening_inode("/proc/net/tcp6", port);
  if (inode.empty()) return {};
  const std::string socket = fmt::format("socket:[{}]", inode);
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
    const std::string pid = at->path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos || !holds(at->path(), socket)) continue;
    std::string name;
    std::ifstream in(at->path() / "comm");
    std::getline(in, name);
    return fmt::format("{} (pid {})", name, pid);
  }
  return {};
}

}  // namespace malaposta::net
