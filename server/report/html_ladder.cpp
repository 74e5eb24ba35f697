// A session as a ladder: what the client did in the left lane, what the server did in the right one, what both share across
// them, and beside each line what there is to say about it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "catalogue/findings.hpp"
#include "report/html.hpp"

namespace malaposta::report::html_page {

namespace {

using verify::Event;
using verify::Kind;

enum class Side : std::uint8_t { client, server, both };

struct Row {
  Side side = Side::both;
  std::string css;    // class of the row
  std::string said;   // markup
  bool sent = false;  // something went over the wire
  std::string label;  // on its arrow: "FIN"
};

// How a connection ended or was cut, in words, and the TCP segment that did it.
struct Ending {
  std::string_view name;
  Side side;
  std::string_view segment, words;
};
constexpr std::array kFaults{Ending{"close", Side::server, "FIN", "closes the connection"},
                             Ending{"reset", Side::server, "RST", "resets the connection"},
                             Ending{"half-close", Side::server, "FIN", "closes its half of the connection, and reads on"},
                             Ending{"stall", Side::server, "", "reads nothing more, and holds the connection"},
                             Ending{"silence", Side::server, "", "reads on, and answers nothing"}};
constexpr std::array kEndings{Ending{"quit", Side::server, "FIN", "closes the connection after QUIT"},
                              Ending{"server-closed", Side::server, "FIN", "closes the connection"},
                              Ending{"server-reset", Side::server, "RST", "resets the connection"},
                              Ending{"client-closed", Side::client, "FIN", "closes the connection without QUIT"},
                              Ending{"client-reset", Side::client, "RST", "resets the connection"},
                              Ending{"timed-out", Side::server, "FIN", "gives up: the client was silent for too long"},
                              Ending{"shut-down", Side::server, "FIN", "stops: the run is over"}};

template <std::size_t kSize>
const Ending* find(const std::array<Ending, kSize>& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Ending& one) { return one.name == name; });
  return found == table.end() ? nullptr : &*found;
}

std::string code(const std::string& markup) { return "<code>" + markup + "</code>"; }

// Each line by itself; one that does not end with CRLF says how it ends.
std::string reply(std::string_view bytes) {
  std::string out;
  std::size_t shown = 0, left = 0;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    std::string_view one = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
    bytes.remove_prefix(one.size());
    if (++shown > kMostLines) {
      ++left;
      continue;
    }
    const bool whole = one.ends_with("\r\n"), lf = !whole && one.ends_with('\n');
    one.remove_suffix(whole ? 2 : lf ? 1 : 0);
    out += code(line(one));
    if (!whole) out += fmt::format(" <em class=\"end\">{}</em>", lf ? "ends with LF alone" : "no line end");
    out += "<br/>";
  }
  if (left > 0) out += left_out(left, "line");
  return out;
}

std::string message(const Event& event, const verify::Evidence& evidence) {
  std::string_view fate = "the message is not acknowledged, nor kept";
  if (event.code != 0)
    fate = event.text.empty() ? "the message is kept, but was not acknowledged" : "the message is acknowledged and kept";
  else if (!event.text.empty())
    fate = "the message is acknowledged, but not kept";
  const verify::MessageRecord* record = evidence.message(event.number);
  if (record == nullptr) return std::string(fate);
  return fmt::format("<details><summary>{}: {} bytes</summary><pre>{}</pre></details>", fate, record->content.size(),
                     block(record->content));
}

// `cut`: the segment was shown already, at the fault that sent it.
Row ending(const Ending* known, std::string_view name, std::string_view css, bool cut) {
  if (cut) return {Side::both, std::string(css), "the session ends", false, {}};
  if (known == nullptr) return {Side::both, std::string(css), line(name), false, {}};
  return {known->side, std::string(css) + (known->segment == "RST" ? " rst" : ""), std::string(known->words), !known->segment.empty(),
          std::string(known->segment)};
}

Row row_of(const Event& event, const verify::Evidence& evidence, bool cut) {
  switch (event.kind) {
    case Kind::opened: return {Side::client, "connect", "connects from " + line(event.text), true, "SYN"};
    case Kind::command: return {Side::client, "command", code(line(event.text)), true, {}};
    case Kind::reply: return {Side::server, "reply", reply(event.text), true, {}};
    case Kind::content:
      return {Side::client, "content", fmt::format("{} bytes of content by {}", event.number, line(event.text)), true, {}};
    case Kind::message: return {Side::both, "message", message(event, evidence), false, {}};
    case Kind::wait:
      return {Side::server, "wait", "waits " + lasting(std::chrono::nanoseconds(static_cast<std::int64_t>(event.number))), false, {}};
    case Kind::fault: return ending(find(kFaults, event.text), event.text, "fault", false);
    case Kind::tls:
      return {Side::both,
              event.code == 1 ? "tls" : "tls broken",
              fmt::format("TLS {}: {}", event.code == 1 ? "begins" : "failed", line(event.text)),
              false,
              {}};
    case Kind::read: return {Side::client, "content", fmt::format("&lt;{} bytes, read and dropped&gt;", event.number), true, {}};
    case Kind::dialog:
      if (event.code == 1) return {Side::both, "note", "the dialog was kept to its end", false, {}};
      return {Side::both,
              "note",
              fmt::format("line {} of the scenario expected {}", event.number, line(journal::mismatch_of(event.text).expected)),
              false,
              {}};
    case Kind::login: return {Side::both, "login", "logged in by " + line(event.text), false, {}};
    case Kind::closed: return ending(find(kEndings, event.text), event.text, "closed", cut);
    default: return {Side::both, "note", line(event.text), false, {}};
  }
}

std::string markup(const Row& row, const std::string& css, std::string_view time, const std::string& beside) {
  std::string out = fmt::format("<tr class=\"{}\"><th scope=\"row\">{}</th>", css, time);
  if (row.side == Side::both) return out + fmt::format("<td colspan=\"3\" class=\"band\">{}{}</td></tr>\n", row.said, beside);
  const bool client = row.side == Side::client;
  const std::string wire =
      row.sent ? fmt::format("<td class=\"wire\"><span class=\"arrow\">{}<b>{}</b></span></td>", row.label, client ? "→" : "←")
               : "<td class=\"wire\"></td>";
  const std::string said = fmt::format("<td class=\"said\">{}</td>", row.said), notes = fmt::format("<td class=\"beside\">{}</td>", beside);
  return out + (client ? said + wire + notes : notes + wire + said) + "</tr>\n";
}

// Walks over the events of one session, and remembers what the next row needs to know.
class Ladder {
 public:
  Ladder(const Entry& entry, std::size_t session, std::string_view anchor)
      : entry_(entry), number_(session), record_(entry.evidence.sessions.at(session)), anchor_(anchor) {}

  std::string rows() {
    const std::size_t all = record_.events.size(), left = all > kMostEvents ? all - kMostEvents : 0;
    for (std::size_t i = 0; i < all; ++i) {
      if (out_.size() >= kLargestLadder) {
        band("gap", left_out(all - i, "event"));
        break;
      }
      const bool shown = left == 0 || i < kMostEvents / 2 || i >= kMostEvents / 2 + left;
      if (left > 0 && i == kMostEvents / 2) band("gap", left_out(left, "event"));
      if (shown) gap(i);
      follow(record_.events[i], i, shown);
    }
    if (record_.end == journal::End::open) band("note", "still open when the run ended");
    return std::move(out_);
  }

 private:
  // Time in which nothing happened, and nothing was to happen.
  void gap(std::size_t index) {
    if (index == 0) return;
    const Event& before = record_.events[index - 1];
    const auto time = record_.events[index].at - before.at;
    if (before.kind == Kind::wait || time < std::chrono::milliseconds(kGapShown)) return;
    band("gap", lasting(time) + " later");
  }

  void band(std::string_view css, std::string said) {
    out_ += markup(Row{Side::both, {}, std::move(said), false, {}}, std::string(css), "", "");
  }

  void follow(const Event& event, std::size_t index, bool shown) {
    if (event.kind == Kind::rule) {
      const std::string place = event.number == 0 ? "added" : fmt::format("{}:{}", line(entry_.file), event.number);
      rule_ += fmt::format("<p class=\"rule\">rule <code>{}</code> <span class=\"place\">{}</span></p>", line(event.text), place);
      injected_ = true;
      return;
    }
    const Row row = row_of(event, entry_.evidence, cut_);
    // A rule marks all that the server does by it, which ends with the session or with what the client does next.
    if (event.kind == Kind::command || event.kind == Kind::content || event.kind == Kind::closed) {
      if (!rule_.empty() && shown) band("rule-alone", std::exchange(rule_, {}));
      injected_ = false;
    }
    if (shown) out_ += markup(row, css_of(row), since(event.at - record_.opened), beside(row, index));
    cut_ = cut_ || (event.kind == Kind::fault && row.sent);
    secure_ = secure_ || (event.kind == Kind::tls && event.code == 1);
  }

  std::string css_of(const Row& row) const {
    std::string css = row.css;
    css += row.side == Side::client ? " from-client" : row.side == Side::server ? " from-server" : "";
    css += injected_ && row.side == Side::server ? " injected" : "";
    return css + (secure_ ? " secure" : "");
  }

  // The findings at the line, and the rule behind it: beside the first thing that the server does by it.
  std::string beside(const Row& row, std::size_t index) {
    std::string notes;
    if (row.side == Side::server) notes = std::exchange(rule_, {});
    for (const verify::Finding& finding : entry_.verdict.findings)
      if (finding.session == number_ && finding.event == index)
        notes += fmt::format("<p class=\"finding {}\">{}: {}</p>", name(finding.severity), name(finding.severity),
                             finding_links(finding, anchor_));
    return notes;
  }

  const Entry& entry_;
  std::size_t number_;
  const verify::SessionRecord& record_;
  std::string_view anchor_;
  std::string out_, rule_;  // rule_: fired, and its line not yet written
  bool injected_ = false;   // what the server does comes from a rule
  bool cut_ = false;        // the server has ended the connection, and it was shown
  bool secure_ = false;     // TLS has begun
};

}  // namespace

std::string ladder(const Entry& entry, std::size_t session, std::string_view anchor) {
  const verify::SessionRecord& record = entry.evidence.sessions.at(session);
  std::string out =
      fmt::format("<table class=\"ladder\"><caption>Session {} from {} to port {}", session + 1, line(record.peer), record.local_port);
  if (record.end != journal::End::open) out += ", " + lasting(record.closed - record.opened);
  if (!record.complete) out += "; its beginning gave way to the limits of memory";
  out +=
      "</caption>\n<thead><tr><th scope=\"col\">Time</th><th scope=\"col\">Client</th><th scope=\"col\"><span>On the wire</span></th>"
      "<th scope=\"col\">Server</th></tr></thead>\n<tbody>\n";
  return out + Ladder(entry, session, anchor).rows() + "</tbody></table>\n";
}

std::string finding_links(const verify::Finding& finding, std::string_view anchor) {
  std::string out = fmt::format("<a href=\"#{}-{}\">{}</a>", anchor, text(finding.id), text(finding.id));
  if (const catalogue::FindingInfo* info = catalogue::find_finding(finding.id)) out += ", " + rule_link(info->rule);
  return out;
}

std::string rule_link(std::string_view rule) {
  static constexpr std::string_view kRfc = "RFC ", kSection = " section ";
  const std::size_t section = rule.find(kSection);
  if (!rule.starts_with(kRfc) || section == std::string_view::npos) return text(rule);
  return fmt::format("<a rel=\"noreferrer\" href=\"https://www.rfc-editor.org/rfc/rfc{}#section-{}\">{}</a>",
                     text(rule.substr(kRfc.size(), section - kRfc.size())), text(rule.substr(section + kSection.size())), text(rule));
}

}  // namespace malaposta::report::html_page
