// A session that follows a script: its input is cut as the script awaits it. What the client was told moves the facts on as in any
// other session, so that messages are kept, and whoever reads the journal finds the same events.
#include <algorithm>
#include <utility>

#include "protocol/extension_parameters.hpp"
#include "protocol/grammar.hpp"
#include "protocol/session_impl.hpp"

namespace malaposta::protocol {

using What = Script::Input::What;
using Awaits = Script::Awaits;

namespace {

// The size that BDAT gives; none if it gives none (RFC 3030 section 2).
std::optional<std::uint64_t> chunk_size(std::string_view argument) {
  return decimal(argument.substr(0, std::min(argument.find(' '), argument.size())));
}

bool is_last_chunk(std::string_view argument) {
  const std::size_t space = std::min(argument.find(' '), argument.size());
  return equals_ignoring_case(argument.substr(std::min(space + 1, argument.size())), "LAST");
}

}  // namespace

std::size_t Session::take_scripted(std::string_view bytes, Effects& effects) {
  switch (script_->awaits()) {
    case Awaits::bytes: return take_scripted_bytes(bytes, effects);
    case Awaits::message: return take_scripted_message(bytes, effects);
    case Awaits::line: break;
  }
  return take_line(bytes, effects);
}

std::size_t Session::take_scripted_bytes(std::string_view bytes, Effects& effects) {
  const std::size_t used = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), script_->count() - partial_.size()));
  partial_.append(bytes.substr(0, used));
  if (partial_.size() < script_->count()) return used;
  const std::string all = std::exchange(partial_, {});
  journal_command(all, kNoLineEnd);
  follow_script(Stage::unknown, {What::bytes, all}, effects);
  return used;
}

std::size_t Session::take_scripted_message(std::string_view bytes, Effects& effects) {
  const auto keep_them = [this](std::string_view kept) { keep(kept); };
  if (in_chunks_) {
    const auto used = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), chunk_left_));
    keep(bytes.substr(0, used));
    received_ += used, chunk_left_ -= used;
    if (chunk_left_ == 0) scripted_message_complete({What::message, {}}, effects);
    return used;
  }
  const std::size_t before = dots_.undecided();
  const std::size_t used = dots_.read(bytes, keep_them);
  received_ += used + before - dots_.undecided();
  if (dots_.done()) scripted_message_complete({What::message, {}}, effects);
  return used;
}

void Session::on_scripted_line(std::string_view line, Deviations deviations, Effects& effects) {
  if (script_in_content_) return scripted_content_line(line, deviations, effects);
  deviations |= ahead_ ? Deviations{kAhead} : Deviations{0};
  if (std::exchange(script_in_auth_, false)) {
    journal_command(line, deviations);
    follow_script(Stage::auth, {What::line, line}, effects);
    return;
  }
  const Command command = parse_command(line);
  journal_command(line, command.deviations | deviations);
  take_hello_and_path(command);
  if (command.verb == Verb::data) dots_.start((deviations & kBareLineFeed) != 0);
  if (const auto size = chunk_size(command.argument); command.verb == Verb::bdat && size)
    in_chunks_ = true, chunk_left_ = *size, last_chunk_ = is_last_chunk(command.argument);
  follow_script(stage_of(command.verb), {What::line, line}, effects);
}

// What the command names, for the facts: they become true if the reply says so.
void Session::take_hello_and_path(const Command& command) {
  switch (stage_of(command.verb)) {
    case Stage::helo:
    case Stage::ehlo:
    case Stage::lhlo: facts_.helo = command.argument; break;
    case Stage::mail:
      pending_ = parse_mail_argument(command.argument, Syntax::tolerant, true).path.text;
      if (!facts_.in_transaction) ++facts_.transaction;
      break;
    case Stage::rcpt: pending_ = parse_rcpt_argument(command.argument, Syntax::tolerant, true).path.text; break;
    case Stage::auth:
      facts_.mechanism = command.argument.substr(0, command.argument.find(' '));
      std::transform(facts_.mechanism.begin(), facts_.mechanism.end(), facts_.mechanism.begin(), grammar::upper);
      break;
    default: break;
  }
}

// Content whose lines the script spells out one by one.
void Session::scripted_content_line(std::string_view line, Deviations deviations, Effects& effects) {
  const std::string_view line_end = (deviations & kBareLineFeed) != 0 ? "\n" : "\r\n";
  for (const std::string_view bytes : {line, line_end}) {
    const std::size_t before = dots_.undecided();
    const std::size_t used = dots_.read(bytes, [this](std::string_view kept) { keep(kept); });
    received_ += used + before - dots_.undecided();
  }
  if (dots_.done())
    scripted_message_complete({What::line, line}, effects);
  else
    follow_script(Stage::body, {What::line, line}, effects);
}

// The script's reply acknowledges the message, or does not; it is kept before that reply leaves.
void Session::scripted_message_complete(Script::Input input, Effects& effects) {
  journal_.append(id_, journal::Kind::content, now_, in_chunks_ ? "BDAT" : "DATA", received_,
                  !in_chunks_ && dots_.not_doubled() ? journal::kDotNotDoubled : 0);
  const bool whole = !std::exchange(in_chunks_, false) || last_chunk_;
  script_in_content_ = false;
  Decision& decision = running_decision();
  Moment now = moment(whole ? Stage::end_of_data : Stage::bdat);
  now.size = received_;
  now.content = &content_;
  script_->take(input, now, decision);
  settle(decision, {});
  dots_.start(false);
  if (whole) {
    const bool acknowledged = decision.code / 100 == 2;
    deliver(acknowledged ? facts_.recipients : std::vector<std::string>{}, acknowledged, now.stage, Phase::script, decision, effects);
    return;
  }
  start(now.stage, Phase::script, decision, effects);
}

// The answer is given. What is awaited may be there already: a chunk of no bytes, or the end.
void Session::await_script_input(Effects& effects) {
  phase_ = Phase::script;
  if (in_chunks_ && chunk_left_ == 0 && script_->awaits() == Awaits::message && !input_ended_)
    scripted_message_complete({What::message, {}}, effects);
  else if (input_ended_)
    scripted_end_of_input(effects);
}

void Session::scripted_end_of_input(Effects& effects) {
  if (std::exchange(script_told_of_end_, true))
    end(journal::End::client_closed, Act::close, effects);
  else
    follow_script(Stage::quit, {What::end, {}}, effects);
}

void Session::follow_script(Stage stage, Script::Input input, Effects& effects) {
  Decision& decision = running_decision();
  Moment now = moment(stage);
  now.line = input.text;
  script_->take(input, now, decision);
  settle(decision, {});
  start(stage, Phase::script, decision, effects);
}

}  // namespace malaposta::protocol
