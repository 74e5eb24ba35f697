// Written replies: what is accepted is rendered as lines of one code, and read back as the same reply. Raw bytes: a code
// is found or not, without a read too far.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/reply.hpp"
#include "require.hpp"

using namespace malaposta::protocol;
using malaposta::fuzz::require;

namespace {

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(separator, begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + separator.size();
  }
  return lines;
}

void check_round_trip(const Reply& reply) {
  const std::string wire = render(reply);
  require(last_code(wire) == reply.code, "the rendered reply has the reply's code");
  require(wire.ends_with("\r\n"), "a rendered reply ends its last line");
  const auto lines = split(std::string_view{wire}.substr(0, wire.size() - 2), "\r\n");
  require(lines.size() == reply.lines.size(), "each line is rendered as one");
  for (const auto line : lines) require(line.find_first_of("\r\n") == std::string_view::npos, "no line holds a line end");
  const auto again = parse_reply(lines);
  const auto* same = std::get_if<Reply>(&again);
  require(same && same->code == reply.code && same->enhanced == reply.enhanced && same->lines == reply.lines,
          "reading what was rendered gives the same reply");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const int code = last_code(text);
  require(code == 0 || (code >= 200 && code <= 599), "only reply codes are found");
  const auto lines = split(text, "\n");
  const auto parsed = parse_reply(lines);
  if (const auto* reply = std::get_if<Reply>(&parsed))
    check_round_trip(*reply);
  else
    require(std::get<ReplyError>(parsed).line < lines.size() && !std::get<ReplyError>(parsed).message.empty(), "an error names its line");
  const auto rendered = render_code(550, {}, text);
  require(last_code(rendered) == 550 && rendered.ends_with("\r\n"), "whatever the text, a code given at run time makes one reply");
  return 0;
}
