// PROXY headers: however the bytes are split, the same number is taken and the same client found, within the limits.
#include <cstddef>
#include <cstdint>

#include "protocol/proxy_header.hpp"
#include "require.hpp"

using namespace malaposta::protocol;
using malaposta::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  for (const Proxy expected : {Proxy::v1, Proxy::v2, Proxy::any}) {
    ProxyHeader whole(expected), split(expected);
    const std::size_t used = whole.read(bytes);
    std::size_t used_split = 0;
    while (used_split < size && split.state() == ProxyHeader::State::open) used_split += split.read(bytes.substr(used_split, 1));
    require(used == used_split && whole.state() == split.state(), "splitting changes nothing");
    require(whole.address() == split.address() && whole.port() == split.port(), "the client is the same");
    require(used <= ProxyHeader::kLongestV2, "no header is longer than its limit");
    require((whole.state() == ProxyHeader::State::malformed) == !whole.problem().empty(), "what is malformed has a reason");
    require(whole.state() != ProxyHeader::State::open || used == size, "an open header takes all there is");
  }
  return 0;
}
