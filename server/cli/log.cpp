#include "cli/log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <string_view>

#include "report/report.hpp"
#include "verify/excerpt.hpp"

namespace malaposta::cli {

namespace {

using journal::Event;
using journal::Kind;

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

// Events carry the steady clock's time; what a person reads is the wall clock's.
WallTime wall_time(journal::TimePoint at) {
  const auto ago = std::chrono::steady_clock::now() - at;
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now() -
                                                                 std::chrono::duration_cast<std::chrono::system_clock::duration>(ago));
}

std::string visible(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      result += fmt::format("\\x{:02X}", byte);
    else
      result += c;
  }
  return result;
}

std::string_view without_line_end(std::string_view text) {
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  return text;
}

// What the event says, for people.
std::string told(const journal::Session* session, const Event& event) {
  switch (event.kind) {
    case Kind::opened: return fmt::format("connected from {} to port {} ({})", event.text, event.number, session ? session->scenario : "");
    case Kind::command: return fmt::format("C: {}", visible(event.text));
    case Kind::reply: return fmt::format("S: {}", visible(event.text));
    case Kind::content: return fmt::format("C: <{} bytes of content by {}>", event.number, event.text);
    case Kind::message:
      if (event.code == 0) return fmt::format("message {}", event.text.empty() ? "refused" : "acknowledged, not kept");
      return fmt::format("message {} kept{}", event.number, event.text.empty() ? ", not acknowledged" : "");
    case Kind::rule: return verify::rule_words(event.text, event.number) + (event.code != 0 ? " decides" : " takes effect");
    case Kind::read:
      if (event.text == "content") return fmt::format("C: <{} bytes of content, never ended>", event.number);
      return event.text == "line" ? std::string("C: <a line, read and dropped>")
                                  : fmt::format("C: <{} bytes, read and dropped>", event.number);
    case Kind::wait: return fmt::format("waits {} ms", event.number / 1'000'000);
    case Kind::fault: return fmt::format("fault: {}", event.text);
    case Kind::tls: return fmt::format("{}{}", event.code != 0 ? "TLS: " : "TLS handshake failed: ", visible(event.text));
    case Kind::login: return fmt::format("logged in: {}", visible(event.text));
    case Kind::dialog: {
      if (event.code != 0) return "the dialog was kept to its end";
      const journal::Mismatch mismatch = journal::mismatch_of(event.text);
      return fmt::format("left the dialog at line {}: expected {}, received {}", event.number, visible(mismatch.expected),
                         visible(mismatch.received));
    }
    case Kind::note: return visible(event.text);
    case Kind::closed: return fmt::format("ended: {}", event.text);
  }
  return {};
}

}  // namespace

std::string text_line(const journal::Session* session, const Event& event) {
  std::string lines;
  const WallTime time = wall_time(event.at);
  std::string_view rest = without_line_end(event.text);
  Event part = event;
  do {
    // A reply of several lines takes as many lines here.
    const std::size_t end = event.kind == Kind::reply ? rest.find('\n') : std::string_view::npos;
    part.text = without_line_end(rest.substr(0, end == std::string_view::npos ? end : end + 1));
    lines += fmt::format("{:%H:%M:%S}.{:03} #{} {}\n", time, time.time_since_epoch().count() % 1000, event.session, told(session, part));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  } while (!rest.empty());
  return lines;
}

std::string json_line(const journal::Session* session, const Event& event) {
  boost::json::object object;
  const WallTime time = wall_time(event.at);
  object["time"] = fmt::format("{:%FT%H:%M:%S}.{:03}Z", time, time.time_since_epoch().count() % 1000);
  object["session"] = event.session;
  if (session != nullptr) object["scenario"] = session->scenario;
  object["kind"] = journal::name(event.kind);
  if (event.code != 0) object["code"] = event.code;
  if (event.number != 0) object["number"] = event.number;
  if (!event.text.empty()) object["text"] = report::valid_utf8(event.text);
  return boost::json::serialize(object) + "\n";
}

}  // namespace malaposta::cli
