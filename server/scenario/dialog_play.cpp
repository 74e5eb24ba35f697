#include "scenario/dialog_play.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "protocol/reply.hpp"
#include "scenario/compiled.hpp"
#include "scenario/outcome.hpp"

namespace malaposta::scenario {

using Kind = DialogLine::Kind;
using protocol::Step;

namespace {

constexpr std::size_t kLongestReceived = 400;  // bytes of what came instead, in the journal
constexpr std::size_t kLongestTold = 200;      // bytes of what was expected, in the reply to the client

const Dialog& turn(const std::vector<Dialog>& dialogs, std::uint64_t connection) { return dialogs[(connection - 1) % dialogs.size()]; }

// Templates and chance go by the name of a rule; a dialog is like one.
const CompiledRule& as_rule() {
  static const CompiledRule rule = [] {
    CompiledRule one;
    one.id = "dialog";
    return one;
  }();
  return rule;
}

}  // namespace

DialogPlay::DialogPlay(Instance& instance, journal::Journal& journal, std::uint64_t connection)
    : instance_(instance),
      journal_(journal),
      dialog_(turn(instance.scenario().compiled().dialogs, connection)),
      connection_(connection),
      scratch_(std::make_unique<Scratch>()) {
  scratch_->groups.resize(dialog_.groups.names.size());
}

DialogPlay::~DialogPlay() = default;

protocol::Script::Awaits DialogPlay::awaits() const {
  if (at_ >= dialog_.lines.size()) return Awaits::line;
  switch (dialog_.lines[at_].kind) {
    case Kind::bytes: return Awaits::bytes;
    case Kind::message: return Awaits::message;
    default: return Awaits::line;
  }
}

void DialogPlay::take(const Input& input, const protocol::Moment& moment, protocol::Decision& out) {
  out.decided = true;
  Situation situation(moment, {connection_, nullptr}, instance_.gates(), scratch_);
  Firing values(instance_, as_rule(), 0, connection_ * kMostDialogLines + at_, situation, out);
  if (over_ || told_ || (input.what != Input::What::start && !advance(input, values)))
    mismatch(input.what == Input::What::end ? "<eof>" : input.text, moment, out);
  else
    answer(input, moment, values, out);
}

bool DialogPlay::fits(const DialogLine& line, const Input& input, Values& values) {
  switch (input.what) {
    case Input::What::end: return line.kind == Kind::end;
    case Input::What::message: return line.kind == Kind::message;
    case Input::What::bytes: return line.kind == Kind::bytes && line.bytes == input.text;
    default:
      return (line.kind == Kind::expect || line.kind == Kind::optional || line.kind == Kind::any) &&
             line.pattern.matches(input.text, values, scratch_->groups);
  }
}

// Goes to the line behind the one that the input fits. Optional lines are passed over; one that may come any number of times gives
// way to what comes after it.
bool DialogPlay::advance(const Input& input, Values& values) {
  std::optional<std::size_t> any;
  std::size_t line = at_;
  for (; line < dialog_.lines.size(); line = block_end(line)) {
    const DialogLine& candidate = dialog_.lines[line];
    if (candidate.kind == Kind::any && !any) {
      any = line;
    } else if (fits(candidate, input, values)) {
      at_ = line + 1;
      return true;
    }
    if (candidate.kind != Kind::any && candidate.kind != Kind::optional) break;
  }
  if (any && fits(dialog_.lines[*any], input, values)) {
    again_ = any;
    at_ = *any + 1;
    return true;
  }
  // A dialog may end with what need not come.
  if (line < dialog_.lines.size() || input.what != Input::What::end) return false;
  at_ = line;
  return true;
}

// Where the next line of the client is.
std::size_t DialogPlay::block_end(std::size_t line) const {
  for (++line; line < dialog_.lines.size() && !dialog_.lines[line].from_client(); ++line) continue;
  return line;
}

void DialogPlay::answer(const Input& input, const protocol::Moment& moment, Values& values, protocol::Decision& out) {
  bool over = false;
  for (; at_ < dialog_.lines.size() && !dialog_.lines[at_].from_client(); ++at_) {
    const DialogLine& line = dialog_.lines[at_];
    if (line.kind == Kind::send) {
      std::string bytes;
      line.text.render(values, bytes, true);
      out.add_text(Step::Kind::send, bytes);
    } else if (line.kind == Kind::dribble) {
      dribble_bytes_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(line.dribble.bytes, UINT32_MAX));
      dribble_every_ = line.dribble.every;
    } else if (line.step.kind != Step::Kind::start_tls) {
      out.steps.push_back(line.step);
      over = over || (line.step.kind != Step::Kind::wait && line.step.kind != Step::Kind::read_bytes &&
                      line.step.kind != Step::Kind::read_line && line.step.kind != Step::Kind::half_close);
    } else if (!moment.facts->tls) {
      out.steps.push_back(line.step);
      ++at_;
      break;
    }
  }
  out.dribble_bytes = dribble_bytes_;
  out.dribble_every = dribble_every_;
  out.code = protocol::last_code(out.text);
  const bool in_tls_next = !out.steps.empty() && out.steps.back().kind == Step::Kind::start_tls;
  if (!in_tls_next && again_ && (at_ >= dialog_.lines.size() || dialog_.lines[at_].from_client())) at_ = *std::exchange(again_, {});
  if (at_ < dialog_.lines.size() || in_tls_next) return;
  over_ = true;
  if (!over && input.what != Input::What::end) out.add(Step::Kind::close);
}

// Every line that could have come here: "C?: RSET or C: QUIT".
std::string DialogPlay::expected() const {
  std::string all;
  std::size_t line = at_;
  for (; line < dialog_.lines.size(); line = block_end(line)) {
    const DialogLine& candidate = dialog_.lines[line];
    all += (all.empty() ? "" : " or ") + candidate.shown;
    if (candidate.kind != Kind::any && candidate.kind != Kind::optional) return all;
  }
  return all.empty() ? "nothing more" : all + " or C: <eof>";
}

void DialogPlay::tell(std::string_view received, protocol::TimePoint now) {
  if (std::exchange(told_, true)) return;
  const std::size_t line = std::min(at_, dialog_.lines.size() - 1);
  journal_.append(session_, journal::Kind::dialog, now, expected() + "\n" + std::string(received.substr(0, kLongestReceived)),
                  dialog_.lines[line].line, 0);
}

// The client is told too, so that its own log says where the session was left.
void DialogPlay::mismatch(std::string_view received, const protocol::Moment& moment, protocol::Decision& out) {
  if (!told_ && received != "<eof>") {
    std::string text = fmt::format("421 4.3.0 Line {} of the scenario has {}", dialog_.lines[std::min(at_, dialog_.lines.size() - 1)].line,
                                   expected().substr(0, kLongestTold));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    out.add_text(Step::Kind::send, text + "\r\n");
  }
  tell(received, moment.now);
  out.add(Step::Kind::close);
}

void DialogPlay::ended(journal::End how, protocol::TimePoint now) {
  // A client that resets the connection has ended it too.
  const bool ended = how == journal::End::client_reset && at_ + 1 == dialog_.lines.size() && dialog_.lines[at_].kind == Kind::end;
  if (!told_ && (over_ || ended))
    journal_.append(session_, journal::Kind::dialog, now, {}, dialog_.lines.back().line, 1);
  else
    tell(fmt::format("<{}>", name(how)), now);
}

}  // namespace malaposta::scenario
