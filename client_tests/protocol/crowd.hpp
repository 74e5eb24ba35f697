// Many clients at once, from one thread: each sends the same bytes again and again, and reads what comes or never does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace malaposta::testing {

struct Conduct {
  std::string_view first{};  // what a client sends at first, once
  std::string_view again{};  // and then, again and again
  std::size_t bytes = 0;     // until it has sent at least so many; 0: `first` alone
  bool reads = true;         // whether it reads replies
};

class Crowd {
 public:
  // Connects to that port of 127.0.0.1, all before anything is sent.
  Crowd(std::uint16_t port, std::size_t clients);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // Until every client has sent all, was closed by the server, or finds no more room for what it sends.
  void act(const Conduct& conduct);

  // How many clients have that text among the last bytes that they have read.
  std::size_t heard(std::string_view text) const;

  std::size_t ended() const;  // clients that the server has closed
  std::size_t size() const { return clients_.size(); }

 private:
  struct Client {
    int socket = -1;
    std::size_t sent = 0;
    bool ended = false;
    std::string heard;  // the last kKept bytes of what it has read
  };
  void send(Client& client, const Conduct& conduct);
  void receive(Client& client);

  std::vector<Client> clients_;
};

// How many clients a test can have: as MALAPOSTA_TEST_CLIENTS says, and as many descriptors as the system gives.
std::size_t crowd_size(std::size_t usual);

}  // namespace malaposta::testing
