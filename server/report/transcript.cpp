// Sessions in the syntax of dialogs: C: what the client said, S: what it was told, !: what else the server did. What is written here
// can be played (scenario/dialog.cpp): whoever says the same again is told the same again.
#include <fmt/format.h>

#include <optional>

#include "protocol/command.hpp"
#include "report/report.hpp"
#include "verify/excerpt.hpp"

namespace malaposta::report {

namespace {

using verify::Event;
using verify::Kind;

bool printable(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7f;
}

// So that a dialog reads it as these bytes and nothing else: no template, no escape, no blank that an editor would take away.
std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool last_blank = c == ' ' && i + 1 == text.size();
    if (c == '\\')
      out += "\\\\";
    else if (!printable(c) || last_blank)
      out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
    else if (c == '$' && text.substr(i).starts_with("${"))
      out += "$$";
    else
      out += c;
  }
  return out;
}

// The same of a line that a client sent: there "..." at the end and "<" at the beginning mean something, and so does "=/".
std::string escaped_line(std::string_view text) {
  std::string out = escaped(text);
  if (out.ends_with("...")) out.replace(out.size() - 1, 1, "\\x2E");
  if (out.starts_with('<')) out.replace(0, 1, "\\x3C");
  for (std::size_t at = 0; (at = out.find("=/", at)) != std::string::npos;) out.replace(at, 2, "=\\x2F");
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
    } else if (line.ends_with('\r')) {
      form = "S(cr)";
      line.remove_suffix(1);
    }
    out += fmt::format("{}: {}\n", form, escaped(line));
  }
  return out;
}

// Exactly, in the largest unit that allows it.
std::string time(std::uint64_t nanoseconds) {
  if (nanoseconds % 1'000'000'000 == 0) return fmt::format("{}s", nanoseconds / 1'000'000'000);
  if (nanoseconds % 1'000'000 == 0) return fmt::format("{}ms", nanoseconds / 1'000'000);
  return fmt::format("{}.{:03}us", nanoseconds / 1'000, nanoseconds % 1'000);
}

class Writer {
 public:
  void session(std::size_t number, const verify::SessionRecord& session) {
    text_ += fmt::format("# session {} from {}\n", number, session.peer);
    if (!session.complete) text_ += "# its beginning gave way to the limits of memory\n";
    ended_ = after_command_ = false;
    for (std::size_t i = 0; i < session.events.size(); ++i) {
      const Event& event = session.events[i];
      text_ += line_of(event);
      // Whatever the client said after that was not listened to.
      const bool last_word = i + 1 < session.events.size() && session.events[i + 1].kind == Kind::closed;
      if (event.kind == Kind::fault && event.text == "half-close" && last_word) text_ += "!: silence\n", ended_ = true;
    }
  }
  std::string take() { return std::move(text_); }

 private:
  std::string line_of(const Event& event) {
    switch (event.kind) {
      case Kind::command:
        after_command_ = true;
        return fmt::format("{}: {}\n", (event.number & protocol::kNoLineEnd) != 0 ? "C(raw)" : "C", escaped_line(event.text));
      case Kind::reply: return reply_lines(event.text);
      case Kind::content: return fmt::format("C: <message {} {} bytes>\n", ++messages_, event.number);
      case Kind::read: return event.text == "line" ? std::string("!: read line\n") : fmt::format("!: read {}\n", event.number);
      case Kind::wait: return fmt::format("!: wait {}\n", time(event.number));
      case Kind::fault:
        ended_ = event.text != "half-close";
        return event.number == 0 ? fmt::format("!: {}\n", event.text) : fmt::format("!: {} {}\n", event.text, time(event.number));
      // A handshake before the first word belongs to the port, not to the session.
      case Kind::tls:
        return fmt::format("{}# TLS{}: {}\n", after_command_ ? "!: starttls\n" : "", event.code == 1 ? "" : " failed", escaped(event.text));
      case Kind::rule: return fmt::format("# {}\n", verify::rule_words(escaped(event.text), event.number));
      case Kind::dialog:
        return event.code == 1 ? std::string{}
                               : fmt::format("# line {} expected {}\n", event.number, escaped(journal::mismatch_of(event.text).expected));
      case Kind::login:
      case Kind::note: return fmt::format("# {}\n", escaped(event.text));
      case Kind::closed: return how_it_ended(event.text);
      default: return {};
    }
  }

  std::string how_it_ended(std::string_view end) const {
    if (end == name(journal::End::client_closed) || end == name(journal::End::client_reset))
      return fmt::format("{}# ended: {}\n", ended_ ? "" : "C: <eof>\n", end);
    return fmt::format("{}# ended: {}\n", ended_ ? "" : "!: close\n", end);
  }

  std::string text_;
  std::uint64_t messages_ = 0;
  bool ended_ = false;  // a step that ends the session is written
  bool after_command_ = false;
};

}  // namespace

std::string transcript(const verify::Evidence& evidence) {
  Writer writer;
  for (std::size_t i = 0; i < evidence.sessions.size(); ++i) writer.session(i + 1, evidence.sessions[i]);
  return writer.take();
}

}  // namespace malaposta::report
