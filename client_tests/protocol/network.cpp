#include "network.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace malaposta::testing {

namespace {

bool raise_loopback() {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", sizeof "lo");
  request.ifr_flags = IFF_UP;
  const bool done = socket >= 0 && ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
  if (socket >= 0) ::close(socket);
  return done;
}

bool set(const char* name, std::size_t value) {
  std::ofstream file(std::string("/proc/sys/net/") + name);
  file << value << std::flush;
  return file.good();
}

}  // namespace

OwnNetwork::OwnNetwork(std::size_t accept_queue) : before_(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) {
  if (before_ < 0 || ::unshare(CLONE_NEWNET) != 0) return;
  // With SYN cookies a connection can be open for the client alone, of which the listener knows nothing: one that waits for the greeting
  // would wait for ever. They are for queues of half-open connections that are full, which is not what is asked for.
  there_ = raise_loopback() && set("core/somaxconn", accept_queue) && set("ipv4/tcp_syncookies", 0);
}

OwnNetwork::~OwnNetwork() {
  if (before_ < 0) return;
  (void)::setns(before_, CLONE_NEWNET);
  ::close(before_);
}

std::size_t connecting_to(std::uint16_t port) {
  constexpr std::string_view kConnecting = "02";
  std::ifstream table("/proc/thread-self/net/tcp");
  std::string line, slot, local, remote, state;
  std::size_t count = 0;
  for (std::getline(table, line); std::getline(table, line);) {
    std::istringstream(line) >> slot >> local >> remote >> state;
    if (state == kConnecting && std::stoul(remote.substr(remote.find(':') + 1), nullptr, 16) == port) ++count;
  }
  return count;
}

}  // namespace malaposta::testing
