// What a session wants done to its connection: the protocol's only output. Whoever owns the connection carries
// the effects out in order and then gives the next input.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace malaposta::protocol {

enum class Act : std::uint8_t {
  write,       // the bytes up to `end` that were not written yet
  half_close,  // FIN; reading goes on
  close,       // FIN, and the connection is done
  reset,       // RST, and the connection is done
  start_tls,   // what follows is TLS: wait for the client's hello, then client_hello() is due
  go_on_tls,   // the hello was judged: shake hands, then handshake_done() or handshake_failed() is due
};

struct Effect {
  Act act{};
  std::size_t end = 0;  // write: end of its range in Effects::bytes
};

// Reused from input to input: its memory stays, so ordinary sessions allocate nothing here.
class Effects {
 public:
  // Writes that follow each other are one effect, and one send.
  void write(std::string_view bytes) {
    bytes_.append(bytes);
    if (!list_.empty() && list_.back().act == Act::write)
      list_.back().end = bytes_.size();
    else
      list_.push_back({Act::write, bytes_.size()});
  }
  void add(Act act) { list_.push_back({act, bytes_.size()}); }
  void clear() { bytes_.clear(), list_.clear(); }

  const std::vector<Effect>& list() const { return list_; }
  std::string_view bytes() const { return bytes_; }
  bool empty() const { return list_.empty(); }

 private:
  std::string bytes_;
  std::vector<Effect> list_;
};

}  // namespace malaposta::protocol
