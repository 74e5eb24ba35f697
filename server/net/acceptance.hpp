// Taking connections from a port: what comes next where the system has one, has none, or has no descriptor or memory left for it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>

namespace malaposta::net {

// Of one listening socket, which does not block. Without descriptors connections stay in the accept queue, and none is lost.
class Acceptance {
 public:
  enum class Next {
    taken,   // descriptor() is a connection; whoever asked owns it
    none,    // nobody waits: ask again once the socket can be read
    pause,   // somebody waits whom nothing is left for: ask again after kPause
    failed,  // that one went before it was taken: ask again
    closed,  // the listening socket is no more
  };
  // No event tells when there are descriptors again.
  static constexpr std::chrono::milliseconds kPause{100};

  // `starved` is told when connections begin to wait, with the reason (errno), and with 0 when they do no longer.
  explicit Acceptance(std::function<void(int error)> starved) : starved_(std::move(starved)) {}

  Next next(int listening);
  int descriptor() const { return descriptor_; }
  const boost::asio::ip::tcp::endpoint& peer() const { return peer_; }

 private:
  void tell(int reason);

  std::function<void(int error)> starved_;
  bool starving_ = false;
  int descriptor_ = -1;
  boost::asio::ip::tcp::endpoint peer_;
};

}  // namespace malaposta::net
