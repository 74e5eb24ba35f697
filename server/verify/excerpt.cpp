#include "verify/excerpt.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace malaposta::verify {

std::string visible(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n')
      out += " | ";
    else if (c == '\r')
      continue;
    else if (byte < 0x20 || byte > 0x7e)
      out += fmt::format("\\x{:02X}", byte);
    else
      out += c;
    if (out.size() > kLongestShown) return out.substr(0, kLongestShown) + "…";
  }
  return out;
}

std::string rule_words(std::string_view id, std::uint64_t line) {
  return line == 0 ? fmt::format("rule '{}' (added)", id) : fmt::format("rule '{}' (line {})", id, line);
}

std::string line_of(const Event& event) {
  switch (event.kind) {
    case Kind::opened: return fmt::format("connected from {}", event.text);
    case Kind::command: return "C: " + visible(event.text);
    case Kind::reply: return "S: " + visible(event.text);
    case Kind::content: return fmt::format("C: <{} bytes of content>", event.number);
    case Kind::message:
      return event.code != 0 ? (event.text.empty() ? "message kept, not acknowledged" : "message kept")
                             : (event.text.empty() ? "message refused" : "message acknowledged, not kept");
    case Kind::rule: return rule_words(event.text, event.number);
    case Kind::read: return event.text == "line" ? std::string("C: <a line>") : fmt::format("C: <{} bytes>", event.number);
    case Kind::wait: return fmt::format("server: waits {} ms", event.number / 1'000'000);
    case Kind::fault: return fmt::format("server: {}", event.text);
    case Kind::tls: return fmt::format("TLS: {}", visible(event.text));
    case Kind::login: return fmt::format("logged in: {}", visible(event.text));
    case Kind::dialog: {
      if (event.code != 0) return "the dialog was kept to its end";
      const journal::Mismatch mismatch = journal::mismatch_of(event.text);
      return fmt::format("line {} expected {}", event.number, visible(mismatch.expected));
    }
    case Kind::closed: return fmt::format("ended: {}", event.text);
    default: return visible(event.text);
  }
}

std::vector<std::string> excerpt(const Evidence& evidence, std::size_t session, std::size_t event) {
  const SessionRecord& record = evidence.sessions.at(session);
  std::vector<std::string> lines{fmt::format("session {} from {}:", session + 1, record.peer)};
  const std::size_t first = event >= kExcerptLines / 2 ? event - kExcerptLines / 2 : 0;
  const std::size_t last = std::min(record.events.size(), first + kExcerptLines);
  for (std::size_t i = first; i < last; ++i) {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(record.events[i].at - record.opened).count();
    lines.push_back(fmt::format("{} +{}.{:03} {}", i == event ? ">" : " ", since / 1000, since % 1000, line_of(record.events[i])));
  }
  return lines;
}

}  // namespace malaposta::verify
