#include "wire.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <regex>
#include <utility>

namespace malaposta::testing {

namespace {

constexpr std::size_t kReadSize = 64 * 1024;
constexpr int kStuckAfter = 200;  // milliseconds without room for one more byte

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int connect_to(int socket, std::uint16_t port) {
  const sockaddr_in address = loopback(port);
  return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

std::string system_error(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

// The enhanced code that the texts of all lines begin with (RFC 2034 section 4); empty if one has none or another.
std::string enhanced_of(const std::vector<std::string>& lines) {
  static const std::regex kEnhanced(R"(^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})(?: |$))");
  std::string common;
  for (const std::string& line : lines) {
    std::smatch match;
    if (!std::regex_search(line, match, kEnhanced)) return {};
    if (common.empty()) common = match[1];
    if (common != match[1]) return {};
  }
  return common;
}

}  // namespace

Wire::Wire(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (socket_ < 0) throw WireError(system_error("socket"));
  const timeval timeout{std::chrono::duration_cast<std::chrono::seconds>(kTimeout).count(), 0};
  (void)::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  (void)::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  const int on = 1;
  (void)::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const int error = connect_to(socket_, port);
  if (error == 0) return;
  ::close(socket_);
  throw WireError("connect to port " + std::to_string(port) + ": " + std::strerror(error));
}

Wire::~Wire() {
  if (socket_ >= 0) ::close(socket_);
}

void Wire::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0 && (errno == EPIPE || errno == ECONNRESET)) return;
    if (size < 0) throw WireError(system_error("send"));
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
}

void Wire::send_urgent(char byte) {
  if (::send(socket_, &byte, 1, MSG_OOB | MSG_NOSIGNAL) != 1) throw WireError(system_error("send"));
}

std::size_t Wire::send_until_stuck(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    pollfd room{socket_, POLLOUT, 0};
    if (::poll(&room, 1, kStuckAfter) == 0) break;
    const ssize_t size = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0 && errno != EAGAIN) throw WireError(system_error("send"));
    sent += static_cast<std::size_t>(std::max<ssize_t>(size, 0));
  }
  return sent;
}

// False once the connection has ended.
bool Wire::receive() {
  if (ended_ != Ending::open) return false;
  char bytes[kReadSize];
  const ssize_t size = ::recv(socket_, bytes, sizeof bytes, 0);
  if (size > 0) {
    received_.append(bytes, static_cast<std::size_t>(size));
    return true;
  }
  if (size == 0) {
    ended_ = Ending::fin;
  } else if (errno == ECONNRESET) {
    ended_ = Ending::reset;
  } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
    throw WireError("the server said nothing for " + std::to_string(kTimeout.count()) + " s; before that: '" + received_ + "'");
  } else {
    throw WireError(system_error("recv"));
  }
  return false;
}

std::string Wire::line() {
  std::size_t end = 0;
  while ((end = received_.find('\n')) == std::string::npos)
    if (!receive()) throw WireError("the connection ended before a reply was complete: '" + received_ + "'");
  std::string result = received_.substr(0, end + 1);
  received_.erase(0, end + 1);
  if (!result.ends_with("\r\n")) throw WireError("a line without CRLF: '" + result + "'");
  result.resize(result.size() - 2);
  return result;
}

Reply Wire::reply() {
  static const std::regex kLine(R"(^([2-5]\d\d)(-[^\r\n]*| [^\r\n]*|)$)");
  Reply reply;
  for (bool last = false; !last;) {
    const std::string& text = reply.lines.emplace_back(line());
    std::smatch match;
    if (!std::regex_match(text, match, kLine)) throw WireError("no reply line: '" + text + "'");
    const int code = std::stoi(match[1]);
    if (reply.code != 0 && code != reply.code) throw WireError("a line of a reply has another code: '" + text + "'");
    reply.code = code;
    last = text.size() == 3 || text[3] == ' ';
  }
  reply.enhanced = enhanced_of(reply.lines);
  return reply;
}

Reply Wire::say(std::string_view line) {
  send(std::string(line) + "\r\n");
  return reply();
}

std::string Wire::exactly(std::size_t count) {
  while (received_.size() < count && receive()) {}
  std::string bytes = received_.substr(0, count);
  received_.erase(0, bytes.size());
  return bytes;
}

std::string Wire::some() {
  if (received_.empty()) (void)receive();
  return std::exchange(received_, {});
}

bool Wire::quiet_for(std::chrono::milliseconds time) {
  pollfd something{socket_, POLLIN, 0};
  return received_.empty() && ended_ == Ending::open && ::poll(&something, 1, static_cast<int>(time.count())) == 0;
}

std::string Wire::rest() {
  while (receive()) {}
  return std::exchange(received_, {});
}

Ending Wire::ending() {
  (void)rest();
  return ended_;
}

void Wire::finish_sending() { (void)::shutdown(socket_, SHUT_WR); }

void Wire::abort() {
  const linger abort{1, 0};
  (void)::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  ::close(std::exchange(socket_, -1));
}

int connect_error(std::uint16_t port, std::chrono::milliseconds timeout) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int error = connect_to(socket, port);
  pollfd done{socket, POLLOUT, 0};
  if (error == EINPROGRESS && ::poll(&done, 1, static_cast<int>(timeout.count())) == 0) {
    error = ETIMEDOUT;
  } else if (error == EINPROGRESS) {
    socklen_t size = sizeof error;
    (void)::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  ::close(socket);
  return error;
}

}  // namespace malaposta::testing
