#include "net/acceptance.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace malaposta::net {

namespace {

bool is_starved(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

bool anybody_waits(int listening) {
  pollfd one{listening, POLLIN, 0};
  return ::poll(&one, 1, 0) != 0;
}

}  // namespace

Acceptance::Next Acceptance::next(int listening) {
  peer_ = {};
  auto size = static_cast<socklen_t>(peer_.capacity());
  descriptor_ = ::accept4(listening, peer_.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor_ >= 0) return Next::taken;
  int reason = errno;
  // The system wants a descriptor before it looks whether anybody is there.
  if (is_starved(reason) && !anybody_waits(listening)) reason = EAGAIN;
  if (is_starved(reason)) {
    tell(reason);
    return Next::pause;
  }
  if (reason != EAGAIN && reason != EWOULDBLOCK && reason != EBADF && reason != EINVAL) return Next::failed;
  tell(0);
  return reason == EBADF || reason == EINVAL ? Next::closed : Next::none;
}

void Acceptance::tell(int reason) {
  const bool now = reason != 0;
  if (std::exchange(starving_, now) != now) starved_(reason);
}

}  // namespace malaposta::net
