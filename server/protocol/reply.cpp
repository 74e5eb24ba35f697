// Replies: written lines -> Reply -> bytes on the wire, and back to a code.
#include "protocol/reply.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "catalogue/codes.hpp"
#include "protocol/grammar.hpp"

namespace malaposta::protocol {
namespace {

using grammar::is_digit;

// "550", "550 text", "550-text": the code if `line` begins with three digits that end there; whatever their value.
std::optional<int> leading_code(std::string_view line) {
  if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, is_digit)) return std::nullopt;
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return std::nullopt;
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

bool is_reply_code(int code) { return code >= 200 && code <= 599; }

// "5.1.1" if `text` begins with an enhanced status code that ends there (RFC 2034 section 4: status-code); or empty.
std::string_view leading_enhanced(std::string_view text) {
  const auto word = text.substr(0, text.find(' '));
  if (word.empty() || (word[0] != '2' && word[0] != '4' && word[0] != '5')) return {};
  std::size_t parts = 1;
  std::size_t digits = 0;
  for (const char c : word) {
    if (c == '.' && digits > 0) {
      ++parts;
      digits = 0;
    } else if (!is_digit(c) || ++digits > (parts == 1 ? 1u : 3u)) {
      return {};
    }
  }
  return parts == 3 && digits > 0 ? word : std::string_view{};
}

// Cuts `word` and the one character behind it off `text`.
void cut(std::string_view& text, std::size_t word) { text.remove_prefix(std::min(word + 1, text.size())); }

std::string_view without_trailing_blanks(std::string_view text) { return text.substr(0, text.find_last_not_of(" \t") + 1); }

// textstring of RFC 5321 section 4.2 allows the tab; octets above 127 are for SMTPUTF8 sessions (RFC 6531 section 3.7.4).
bool is_forbidden(char c) { return (static_cast<unsigned char>(c) < 32 && c != '\t') || c == 127; }

// What is said when neither a person nor the catalogue has a text for the code.
std::string_view plain_text(int code) {
  switch (code / 100) {
    case 2: return "OK";
    case 3: return "Continue";
    case 4: return "Temporary failure";
    default: return "Permanent failure";
  }
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    auto& line = lines.emplace_back(text.substr(begin, end - begin));
    std::ranges::replace_if(line, is_forbidden, ' ');
    begin = end + 1;
  }
  return lines;
}

// Fills in what a code alone does not say. The catalogue's text goes with the catalogue's enhanced code only.
Reply complete(int code, std::string_view enhanced, std::string_view text) {
  const auto* entry = catalogue::find(code);
  if (entry && enhanced.empty()) enhanced = text.empty() ? entry->enhanced : std::string_view{};
  if (text.empty()) text = entry && entry->enhanced == enhanced ? entry->text : plain_text(code);
  return {code, std::string{enhanced}, split(text)};
}

std::string quoted(std::string_view line) { return "'" + std::string{line} + "'"; }

// What is wrong with the code of a line, given those before it; empty if nothing.
std::string code_problem(const Reply& reply, std::optional<int> code, std::string_view line) {
  if (reply.lines.empty()) {
    if (!code) return "no code at the begin of " + quoted(line) + "; a reply looks like '550 5.1.1 No such user'";
    if (!is_reply_code(*code)) return quoted(line.substr(0, 3)) + " is no reply code; they go from 200 to 599";
  } else if (code && *code != reply.code) {
    return "code " + std::string{line.substr(0, 3)} + " in a reply that began with " + std::to_string(reply.code) +
           "; all lines of a reply carry the same code";
  }
  return {};
}

// The same for an enhanced code. Behind a code it must be the first line's; without a code, text may look like one.
std::string enhanced_problem(const Reply& reply, bool behind_code, std::string_view enhanced) {
  if (enhanced.empty() || !behind_code) return {};
  const std::string subject = "enhanced code " + std::string{enhanced};
  if (!reply.lines.empty()) {
    if (reply.enhanced.empty() || reply.enhanced == enhanced) return {};
    return subject + " in a reply that began with " + reply.enhanced + "; all lines of a reply carry the same one";
  }
  if (enhanced[0] - '0' == reply.code / 100) return {};
  if (reply.code / 100 == 3) return subject + " cannot stand in a 3yz reply; only 2yz, 4yz and 5yz have one";
  return subject + " is of another class than " + std::to_string(reply.code) + ": it must begin with " + std::to_string(reply.code / 100);
}

// Adds one written line to `reply`; says what is wrong with it, or nothing.
std::string add_line(Reply& reply, std::string_view line) {
  if (std::ranges::any_of(line, is_forbidden)) return "control character in a reply; raw bytes can be sent by 'send'";
  auto text = without_trailing_blanks(line);
  const auto code = leading_code(text);
  if (auto problem = code_problem(reply, code, text); !problem.empty()) return problem;
  if (reply.lines.empty()) reply.code = *code;
  if (code) cut(text, 3);
  const auto enhanced = leading_enhanced(text);
  if (auto problem = enhanced_problem(reply, code.has_value(), enhanced); !problem.empty()) return problem;
  if (reply.lines.empty()) reply.enhanced = enhanced;
  if (!enhanced.empty() && enhanced == reply.enhanced) cut(text, enhanced.size());
  reply.lines.emplace_back(text);
  return {};
}

}  // namespace

std::variant<Reply, ReplyError> parse_reply(std::span<const std::string_view> lines) {
  if (lines.empty()) return ReplyError{"a reply needs a code, such as 550", 0};
  Reply reply;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (auto problem = add_line(reply, lines[i]); !problem.empty()) return ReplyError{std::move(problem), i};
  if (reply.lines.size() > 1 || !reply.lines[0].empty()) return reply;
  if (reply.enhanced.empty() && !catalogue::find(reply.code))
    return ReplyError{"the catalogue has no text for " + std::to_string(reply.code) + "; write one after the code", 0};
  return complete(reply.code, reply.enhanced, {});
}

std::string render(const Reply& reply) {
  std::string wire;
  for (std::size_t i = 0; i < reply.lines.size(); ++i) {
    wire += std::to_string(reply.code);
    wire += i + 1 == reply.lines.size() ? ' ' : '-';
    wire += reply.enhanced;
    if (!reply.enhanced.empty() && !reply.lines[i].empty()) wire += ' ';
    wire += reply.lines[i];
    wire += "\r\n";
  }
  return wire;
}

std::string render_code(int code, std::string_view enhanced, std::string_view text) { return render(complete(code, enhanced, text)); }

int last_code(std::string_view wire) {
  while (!wire.empty()) {
    while (!wire.empty() && (wire.back() == '\r' || wire.back() == '\n')) wire.remove_suffix(1);
    // A line ends by CR as well as by LF: that is looked for in the last line alone, which by far the most replies consist of.
    const void* const feed = ::memrchr(wire.data(), '\n', wire.size());
    std::size_t begin = feed == nullptr ? 0 : static_cast<std::size_t>(static_cast<const char*>(feed) - wire.data()) + 1;
    if (const void* const cr = ::memrchr(wire.data() + begin, '\r', wire.size() - begin); cr != nullptr)
      begin = static_cast<std::size_t>(static_cast<const char*>(cr) - wire.data()) + 1;
    const auto line = wire.substr(begin);
    if (const auto code = leading_code(line); code && is_reply_code(*code)) return line.size() > 3 && line[3] == '-' ? 0 : *code;
    wire = wire.substr(0, begin);
  }
  return 0;
}

}  // namespace malaposta::protocol
