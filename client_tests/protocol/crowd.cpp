#include "crowd.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace malaposta::testing {

namespace {

constexpr std::size_t kReadSize = 64 * 1024;
constexpr std::size_t kKept = 256;             // bytes of what a client has read
constexpr std::size_t kBurst = 256 * 1024;     // bytes that a client sends before others have their turn
constexpr std::size_t kOtherDescriptors = 64;  // that a program needs beside its connections
constexpr int kStuckAfter = 1'000;             // milliseconds in which nobody can send or read

void raise_descriptors() {
  rlimit files{};
  (void)::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

std::size_t crowd_size(std::size_t usual) {
  const char* wanted = std::getenv("MALAPOSTA_TEST_CLIENTS");
  rlimit files{};
  (void)::getrlimit(RLIMIT_NOFILE, &files);
  return std::min<std::size_t>(wanted == nullptr ? usual : std::strtoul(wanted, nullptr, 10), files.rlim_max - kOtherDescriptors);
}

Crowd::Crowd(std::uint16_t port, std::size_t clients) : clients_(clients) {
  raise_descriptors();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (Client& client : clients_) {
    client.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client.socket < 0 || ::connect(client.socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
    (void)::fcntl(client.socket, F_SETFL, O_NONBLOCK);
  }
}

Crowd::~Crowd() {
  for (const Client& client : clients_)
    if (client.socket >= 0) ::close(client.socket);
}

void Crowd::act(const Conduct& conduct) {
  for (Client& client : clients_) client.sent = 0;
  const std::size_t total = std::max(conduct.first.size(), conduct.bytes);
  std::vector<pollfd> watched(clients_.size());
  for (;;) {
    bool busy = false;
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      const bool sends = !clients_[i].ended && clients_[i].sent < total;
      busy = busy || sends;
      const short events = static_cast<short>((sends ? POLLOUT : 0) | (conduct.reads ? POLLIN : 0));
      watched[i] = {clients_[i].ended ? -1 : clients_[i].socket, events, 0};
    }
    // What has been sent is answered or dropped by the time when nothing can be read any more.
    const int ready = ::poll(watched.data(), watched.size(), kStuckAfter);
    if (ready == 0) return;
    if (!busy && !conduct.reads) return;
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if ((watched[i].revents & (POLLERR | POLLHUP)) != 0 && !conduct.reads) clients_[i].ended = true;
      if ((watched[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0 && conduct.reads) receive(clients_[i]);
      if ((watched[i].revents & POLLOUT) != 0 && !clients_[i].ended) send(clients_[i], conduct);
    }
  }
}

void Crowd::send(Client& client, const Conduct& conduct) {
  const std::size_t total = std::max(conduct.first.size(), conduct.bytes);
  for (std::size_t burst = 0; client.sent < total && burst < kBurst;) {
    std::string_view bytes = conduct.first;
    std::size_t at = client.sent;
    if (at >= bytes.size()) at = (at - bytes.size()) % conduct.again.size(), bytes = conduct.again;
    const ssize_t size = ::send(client.socket, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0 && (errno == EPIPE || errno == ECONNRESET)) client.ended = true;
    if (size < 0) return;
    client.sent += static_cast<std::size_t>(size);
    burst += static_cast<std::size_t>(size);
  }
}

void Crowd::receive(Client& client) {
  static char bytes[kReadSize];
  const ssize_t size = ::recv(client.socket, bytes, sizeof bytes, MSG_DONTWAIT);
  if (size == 0 || (size < 0 && errno != EAGAIN)) client.ended = true;
  if (size <= 0) return;
  client.heard.append(bytes, static_cast<std::size_t>(size));
  if (client.heard.size() > kKept) client.heard.erase(0, client.heard.size() - kKept);
}

std::size_t Crowd::heard(std::string_view text) const {
  return static_cast<std::size_t>(
      std::count_if(clients_.begin(), clients_.end(), [&](const Client& one) { return one.heard.find(text) != std::string::npos; }));
}

std::size_t Crowd::ended() const {
  return static_cast<std::size_t>(std::count_if(clients_.begin(), clients_.end(), [](const Client& one) { return one.ended; }));
}

}  // namespace malaposta::testing
