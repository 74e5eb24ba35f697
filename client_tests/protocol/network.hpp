// A network that only the test and the programs that it starts see, with settings that the system's own had better not get.
#pragma once

#include <cstddef>
#include <cstdint>

namespace malaposta::testing {

class OwnNetwork {
 public:
  // Listening sockets that are made in it let so many connections wait to be accepted, and one more (net.core.somaxconn).
  explicit OwnNetwork(std::size_t accept_queue);
  ~OwnNetwork();
  OwnNetwork(const OwnNetwork&) = delete;
  OwnNetwork& operator=(const OwnNetwork&) = delete;

  // False where the system does not allow one: it is the system's own then.
  bool is_there() const { return there_; }

 private:
  int before_ = -1;
  bool there_ = false;
};

// How many connections to that port have not been let in yet (SYN_SENT).
std::size_t connecting_to(std::uint16_t port);

}  // namespace malaposta::testing
