// From the text of a dialog to lines that can be played.
#include "scenario/dialog.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "protocol/command.hpp"
#include "scenario/compile.hpp"
#include "scenario/units.hpp"

namespace malaposta::scenario {

using Kind = DialogLine::Kind;
using protocol::Step;

namespace {

struct Prefix {
  std::string_view text;
  Kind kind;
  std::string_view line_end;
};
constexpr std::array kPrefixes{
    Prefix{"C:", Kind::expect, {}},     Prefix{"C?:", Kind::optional, {}}, Prefix{"C*:", Kind::any, {}},
    Prefix{"C(raw):", Kind::bytes, {}}, Prefix{"S:", Kind::send, "\r\n"},  Prefix{"S(lf):", Kind::send, "\n"},
    Prefix{"S(cr):", Kind::send, "\r"}, Prefix{"S(raw):", Kind::send, {}}, Prefix{"!:", Kind::step, {}},
};
constexpr std::string_view kPrefixHint = "a line begins with C:, C?:, C*:, C(raw):, S:, S(lf):, S(cr):, S(raw):, !: or #";

constexpr std::string_view kEllipsis = "...";
constexpr std::string_view kSessionHeader = "# session";

enum class Argument : std::uint8_t { none, time, time_if_any, count };

// The steps of `do` that make sense here: sending is S:, and a dialog has neither states nor stages.
struct StepRow {
  std::string_view word;
  Step::Kind kind;
  Argument argument;
};
constexpr std::array kSteps{
    StepRow{"wait", Step::Kind::wait, Argument::time},          StepRow{"read", Step::Kind::read_bytes, Argument::count},
    StepRow{"starttls", Step::Kind::start_tls, Argument::none}, StepRow{"close", Step::Kind::close, Argument::none},
    StepRow{"reset", Step::Kind::reset, Argument::none},        StepRow{"half-close", Step::Kind::half_close, Argument::none},
    StepRow{"stall", Step::Kind::stall, Argument::time_if_any}, StepRow{"silence", Step::Kind::silence, Argument::time_if_any},
};
constexpr std::string_view kStepHint =
    "wait 500ms, read 4096, read line, dribble 1 50ms, starttls, close, reset, half-close, stall 5s or silence 5s";

bool ends_session(const DialogLine& line) {
  constexpr std::array kEnds{Step::Kind::close, Step::Kind::reset, Step::Kind::stall, Step::Kind::silence};
  return line.kind == Kind::step && std::find(kEnds.begin(), kEnds.end(), line.step.kind) != kEnds.end();
}

std::optional<unsigned> hex(std::string_view digits) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) return std::nullopt;
  return value;
}

// Bytes for \xHH, \\, \r, \n and \t.
std::string unescaped(std::string_view text, Place place, Diagnostics& diagnostics) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    const char c = i + 1 < text.size() ? text[i + 1] : '\0';
    constexpr std::string_view kLetters = "\\rnt", kMeanings = "\\\r\n\t";
    if (const std::size_t known = kLetters.find(c); c != '\0' && known != std::string_view::npos) {
      out += kMeanings[known];
      ++i;
    } else if (const auto byte = hex(text.substr(std::min(i + 2, text.size()), 2)); c == 'x' && byte) {
      out += static_cast<char>(*byte);
      i += 3;
    } else {
      diagnostics.error(place, "'" + std::string(text.substr(i, 4)) + "' is no escape",
                        "\\xHH, \\r, \\n, \\t, or \\\\ for the character itself");
      return out;
    }
  }
  return out;
}

// "MAIL FROM:" of "MAIL FROM:<a@b>": what RFC 5321 section 2.4 lets a client write in any case.
std::size_t length_of_verb(std::string_view text) {
  const protocol::Command command = protocol::parse_command(text);
  if (command.verb == protocol::Verb::unknown) return 0;
  for (const std::string_view keyword : {"MAIL FROM:", "RCPT TO:"})
    if (protocol::equals_ignoring_case(text.substr(0, keyword.size()), keyword)) return keyword.size();
  return command.verb_text.size();
}

std::string slot_name(std::uint32_t slot) { return "slot" + std::to_string(slot); }

std::shared_ptr<const re2::RE2> compiled(const std::string& expression) {
  re2::RE2::Options options(re2::RE2::Latin1);
  options.set_max_mem(kRegexMemory);
  options.set_log_errors(false);
  options.set_dot_nl(true);
  return std::make_shared<const re2::RE2>(expression, options);
}

struct NoValues final : Values {
  void append(const Part&, std::string&) override {}
};

}  // namespace

LinePattern::LinePattern(const Text& text, const Names& names, GroupNames& groups, Diagnostics& diagnostics) {
  std::string_view rest = text.value;
  if (rest.ends_with(kEllipsis)) rest_ = true, rest.remove_suffix(kEllipsis.size());
  const auto add_text = [&](std::string_view piece) {
    if (piece.empty()) return;
    const Names known{names.vars, &groups};
    pieces_.push_back({parse_template({unescaped(piece, text.place, diagnostics), text.place}, known, diagnostics), {}, 0});
    is_literal_ = is_literal_ && pieces_.back().text.is_literal();
  };
  while (!rest.empty()) {
    const std::size_t mark = rest.find("=/");
    const std::size_t begin = mark == std::string_view::npos ? mark : rest.rfind("${", mark);
    const std::size_t end = mark == std::string_view::npos ? mark : rest.find("/}", mark + 2);
    // "=/" may stand in a line for itself: only between "${name" and "/}" it makes a capture.
    const bool capture = end != std::string_view::npos && begin != std::string_view::npos &&
                         rest.substr(begin, mark - begin).find('}') == std::string_view::npos;
    add_text(rest.substr(0, capture ? begin : rest.size()));
    if (!capture) break;
    is_literal_ = false;
    Piece piece;
    piece.expression = translate_groups(rest.substr(mark + 2, end - mark - 2));
    piece.slot = groups.slot(rest.substr(begin + 2, mark - begin - 2));
    if (const auto alone = compiled(piece.expression); !alone->ok())
      diagnostics.error(text.place, "the expression '" + piece.expression + "' does not compile: " + alone->error());
    pieces_.push_back(std::move(piece));
    rest.remove_prefix(end + 2);
  }
  if (!pieces_.empty() && pieces_.front().expression.empty()) verb_ = length_of_verb(pieces_.front().text.literal());
  if (is_literal_) {
    for (const Piece& piece : pieces_) literal_ += piece.text.literal();
    return;
  }
  const bool fixed = std::all_of(pieces_.begin(), pieces_.end(), [](const Piece& piece) { return piece.text.is_literal(); });
  NoValues none;
  if (!diagnostics.failed() && fixed) expression_ = compiled(expression_for(none));
}

std::string LinePattern::expression_for(Values& values) const {
  std::string all;
  bool first = true;
  for (const Piece& piece : pieces_) {
    if (!piece.expression.empty()) {
      all += "(?P<" + slot_name(piece.slot) + ">" + piece.expression + ")";
    } else {
      std::string text;
      piece.text.render(values, text, false);
      const std::size_t verb = first ? std::min(verb_, text.size()) : 0;
      all += "(?i:" + re2::RE2::QuoteMeta(text.substr(0, verb)) + ")" + re2::RE2::QuoteMeta(text.substr(verb));
    }
    first = false;
  }
  return all + (rest_ ? ".*" : "");
}

bool LinePattern::matches(std::string_view line, Values& values, Groups& groups) const {
  if (is_literal_) {
    const std::string_view wanted = literal_;
    if (rest_ ? line.size() < wanted.size() : line.size() != wanted.size()) return false;
    return protocol::equals_ignoring_case(line.substr(0, verb_), wanted.substr(0, verb_)) &&
           line.substr(verb_, wanted.size() - verb_) == wanted.substr(verb_);
  }
  const auto expression = expression_ != nullptr ? expression_ : compiled(expression_for(values));
  if (!expression->ok()) return false;
  const int count = expression->NumberOfCapturingGroups() + 1;
  std::vector<re2::StringPiece> found(static_cast<std::size_t>(count));
  if (!expression->Match(re2::StringPiece(line.data(), line.size()), 0, line.size(), re2::RE2::ANCHOR_BOTH, found.data(), count))
    return false;
  const auto& numbers = expression->NamedCapturingGroups();
  for (const Piece& piece : pieces_)
    if (const auto number = numbers.find(slot_name(piece.slot)); !piece.expression.empty() && number != numbers.end())
      groups.at(piece.slot) = found.at(static_cast<std::size_t>(number->second)).as_string();
  return true;
}

namespace {

class DialogCompiler {
 public:
  DialogCompiler(const Model& model, Diagnostics& diagnostics) : model_(model), diagnostics_(diagnostics) {}

  std::vector<Dialog> compile() {
    dialogs_.emplace_back();
    for (const Text& line : model_.dialog) {
      if (line.value.starts_with(kSessionHeader) && !dialogs_.back().lines.empty()) dialogs_.emplace_back();
      if (line.value.find_first_not_of(" \t") == std::string::npos || line.value.starts_with('#')) continue;
      add(line);
    }
    for (const Dialog& dialog : dialogs_) check(dialog);
    if (dialogs_.front().lines.empty())
      diagnostics_.error(model_.dialog_place, "the dialog has no lines", "it begins with S: 220 or a comment and then that");
    return std::move(dialogs_);
  }

 private:
  void add(const Text& written) {
    const std::string_view all = written.value;
    const auto* const prefix =
        std::find_if(kPrefixes.begin(), kPrefixes.end(), [&](const Prefix& one) { return all.starts_with(one.text); });
    if (prefix == kPrefixes.end()) {
      diagnostics_.error(written.place, "'" + std::string(all.substr(0, 20)) + "' is no line of a dialog", std::string(kPrefixHint));
      return;
    }
    const std::size_t at = prefix->text.size() + (all.substr(prefix->text.size()).starts_with(' ') ? 1 : 0);
    Place place = written.place;
    place.column += static_cast<std::uint32_t>(at);
    place.length = static_cast<std::uint32_t>(std::max<std::size_t>(1, all.size() - at));
    const Text text{std::string(all.substr(at)), place};
    DialogLine line;
    line.kind = prefix->kind;
    line.line = written.place.line;
    line.shown = all;
    switch (line.kind) {
      case Kind::send: {
        const Names names{&model_.vars, &dialogs_.back().groups};
        line.text = parse_template({unescaped(text.value, place, diagnostics_).append(prefix->line_end), place}, names, diagnostics_);
        break;
      }
      case Kind::step: step(text, line); break;
      case Kind::bytes: bytes(text, line); break;
      default: client_line(text, line);
    }
    places_.push_back(place);
    dialogs_.back().lines.push_back(std::move(line));
  }

  void client_line(const Text& text, DialogLine& line) {
    if (text.value == "<eof>")
      special(Kind::end, text, line);
    else if (text.value.starts_with("<message") && text.value.ends_with('>'))
      special(Kind::message, text, line);
    else if (line.kind == Kind::any && text.value.empty())
      line.pattern = LinePattern({std::string(kEllipsis), text.place}, names(), dialogs_.back().groups, diagnostics_);
    else
      line.pattern = LinePattern(text, names(), dialogs_.back().groups, diagnostics_);
  }

  Names names() const { return {&model_.vars, nullptr}; }

  void special(Kind kind, const Text& text, DialogLine& line) {
    if (line.kind != Kind::expect)
      diagnostics_.error(text.place, text.value + " stands behind C: only", "a line that begins with '<' is written \\x3C…");
    line.kind = kind;
  }

  void bytes(const Text& text, DialogLine& line) {
    line.bytes = unescaped(text.value, text.place, diagnostics_);
    if (line.bytes.empty() || line.bytes.size() > kMostRawBytes)
      diagnostics_.error(text.place, "C(raw) awaits 1 to " + std::to_string(kMostRawBytes) + " bytes");
  }

  void step(const Text& text, DialogLine& line) {
    const std::string_view all = text.value;
    const std::string_view word = all.substr(0, all.find(' '));
    const std::string argument(all.substr(std::min(word.size() + 1, all.size())));
    if (word == "dribble") return dribble(text, argument, line);
    const auto* const row = std::find_if(kSteps.begin(), kSteps.end(), [&](const StepRow& one) { return one.word == word; });
    if (row == kSteps.end()) {
      diagnostics_.error(text.place, "'" + std::string(word) + "' is no step of a dialog", std::string(kStepHint));
      return;
    }
    line.step.kind = row->kind;
    const std::string value = filled({argument, text.place});
    bool good = false;
    switch (row->argument) {
      case Argument::none: good = value.empty(); break;
      case Argument::time_if_any: good = value.empty() || duration(value, line.step.duration); break;
      case Argument::time: good = duration(value, line.step.duration); break;
      case Argument::count:
        if (value == "line") line.step.kind = Step::Kind::read_line;
        line.step.number = parse_size(value).value_or(0);
        good = value == "line" || line.step.number > 0;
        break;
    }
    if (!good) diagnostics_.error(text.place, "'" + std::string(all) + "' is not understood", std::string(kStepHint));
  }

  void dribble(const Text& text, std::string_view argument, DialogLine& line) {
    line.kind = Kind::dribble;
    const std::size_t space = std::min(argument.find(' '), argument.size());
    line.dribble.bytes = parse_size(argument.substr(0, space)).value_or(0);
    if (line.dribble.bytes == 0 || !duration(argument.substr(std::min(space + 1, argument.size())), line.dribble.every))
      diagnostics_.error(text.place, "'" + text.value + "' is not understood", "dribble 1 50ms: pieces of one byte, 50 ms apart");
  }

  static bool duration(std::string_view text, Duration& into) {
    const auto given = parse_duration(text);
    into = std::min(given.value_or(Duration{}), Duration(kLongestDelay));
    return given.has_value();
  }

  // `vars` may stand in steps, and nothing that is known only later.
  std::string filled(const Text& text) {
    const Template made = parse_template(text, names(), diagnostics_);
    if (!made.is_literal()) diagnostics_.error(text.place, "only `vars` can stand in a step of a dialog");
    return made.literal();
  }

  void check(const Dialog& dialog) {
    const std::size_t first = checked_;
    checked_ += dialog.lines.size();
    for (std::size_t i = 0; i < dialog.lines.size(); ++i) {
      const DialogLine& line = dialog.lines[i];
      const Place place = places_[first + i];
      if (i > 0 && ends_session(dialog.lines[i - 1]))
        diagnostics_.error(place, "the session is over before this line: " + dialog.lines[i - 1].shown,
                           "begin another one with '# session 2'");
      const bool choice = line.kind == Kind::optional || line.kind == Kind::any;
      if (!choice) continue;
      const auto next = std::find_if(dialog.lines.begin() + static_cast<std::ptrdiff_t>(i) + 1, dialog.lines.end(),
                                     [](const DialogLine& one) { return one.from_client(); });
      if (next != dialog.lines.end() && (next->kind == Kind::message || next->kind == Kind::bytes))
        diagnostics_.error(place, "what comes after this line cannot be told from it: '" + next->shown + "'",
                           "an optional line stands before a line, or before C: <eof>");
    }
  }

  const Model& model_;
  Diagnostics& diagnostics_;
  std::vector<Dialog> dialogs_;
  std::vector<Place> places_;  // of the lines of all dialogs
  std::size_t checked_ = 0;
};

}  // namespace

std::vector<Dialog> compile_dialogs(const Model& model, Diagnostics& diagnostics) { return DialogCompiler(model, diagnostics).compile(); }

bool begins_tls(const std::vector<Dialog>& dialogs) {
  return std::any_of(dialogs.begin(), dialogs.end(), [](const Dialog& dialog) {
    return std::any_of(dialog.lines.begin(), dialog.lines.end(),
                       [](const DialogLine& line) { return line.kind == Kind::step && line.step.kind == Step::Kind::start_tls; });
  });
}

bool looks_like_dialog(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  for (const std::string_view line : split_lines(text)) {
    if (line.starts_with(kSessionHeader)) return true;
    if (line.empty() || line.starts_with('#')) continue;
    return std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](const Prefix& one) { return line.starts_with(one.text); });
  }
  return false;
}

}  // namespace malaposta::scenario
