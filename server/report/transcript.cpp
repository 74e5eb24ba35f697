// Sessions in the syntax of dialogs: C: what the client said, S: what it was told, !: what else the server did.
#include <fmt/format.h>

#include "report/report.hpp"

namespace malaposta::report {

namespace {

using verify::Event;
using verify::Kind;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\')
      out += "\\\\";
    else if (byte < 0x20 || byte >= 0x7f)
      out += fmt::format("\\x{:02X}", byte);
    else
      out += c;
  }
  return out;
}

// A reply is a line for each of its own; what does not end with CRLF says how it does.
std::string reply_lines(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    std::string_view line = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
    bytes.remove_prefix(line.size());
    std::string_view form = "S(raw)";
    if (line.ends_with("\r\n")) {
      form = "S";
      line.remove_suffix(2);
    } else if (line.ends_with('\n')) {
      form = "S(lf)";
      line.remove_suffix(1);
    }
    out += fmt::format("{}: {}\n", form, escaped(line));
  }
  return out;
}

std::string line_of(const Event& event, std::uint64_t& message) {
  switch (event.kind) {
    case Kind::command: return fmt::format("C: {}\n", escaped(event.text));
    case Kind::reply: return reply_lines(event.text);
    case Kind::content: return fmt::format("C: <message {} {} bytes>\n", ++message, event.number);
    case Kind::wait: return fmt::format("!: wait {}ms\n", event.number / 1'000'000);
    case Kind::fault: return fmt::format("!: {}\n", event.text);
    case Kind::tls:
      return event.code == 1 ? fmt::format("# TLS: {}\n", escaped(event.text)) : fmt::format("# TLS failed: {}\n", escaped(event.text));
    case Kind::rule: return fmt::format("# rule '{}' (line {})\n", escaped(event.text), event.number);
    case Kind::login:
    case Kind::note: return fmt::format("# {}\n", escaped(event.text));
    case Kind::closed:
      return event.text == "client-closed" || event.text == "quit" ? "C: <eof>\n" : fmt::format("# ended: {}\n", event.text);
    default: return {};
  }
}

}  // namespace

std::string transcript(const verify::Evidence& evidence) {
  std::string text;
  std::uint64_t message = 0;
  for (std::size_t i = 0; i < evidence.sessions.size(); ++i) {
    const verify::SessionRecord& session = evidence.sessions[i];
    text += fmt::format("# session {} from {}\n", i + 1, session.peer);
    if (!session.complete) text += "# its beginning gave way to the limits of memory\n";
    for (const Event& event : session.events) text += line_of(event, message);
  }
  return text;
}

}  // namespace malaposta::report
