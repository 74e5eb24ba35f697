// The session's content: what DATA and BDAT bring, kept within the limits, judged when it is complete, and delivered.
#include <algorithm>
#include <utility>

#include "protocol/reply.hpp"
#include "protocol/session_impl.hpp"

namespace malaposta::protocol {

namespace {

constexpr std::string_view kNoStorage = "452 4.3.1 Insufficient system storage\r\n";

}  // namespace

// How much of `available` may be taken before a rule at `body` has to be asked.
std::size_t Session::within_next_offset(std::size_t available) const {
  if (next_offset_ == Director::kNever) return available;
  return static_cast<std::size_t>(std::min<std::uint64_t>(available, next_offset_ - received_));
}

std::size_t Session::take_content(std::string_view bytes, Effects& effects) {
  const std::size_t before = dots_.undecided();
  const std::size_t used = dots_.read(bytes.substr(0, within_next_offset(bytes.size())), [this](std::string_view kept) { keep(kept); });
  received_ += used + before - dots_.undecided();
  if (dots_.done()) {
    journal_.append(id_, journal::Kind::content, now_, "DATA", received_,
                    (content_ahead_ ? journal::kContentAhead : 0) + (dots_.not_doubled() ? journal::kDotNotDoubled : 0));
    content_complete(effects);
    return used;
  }
  if (received_ >= next_offset_) body_reached(effects);
  return used;
}

std::size_t Session::take_chunk(std::string_view bytes, Effects& effects) {
  const std::size_t used = within_next_offset(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), chunk_left_)));
  keep(bytes.substr(0, used));
  received_ += used;
  chunk_left_ -= used;
  if (received_ >= next_offset_) body_reached(effects);
  if (chunk_left_ == 0 && phase_ == Phase::chunk) chunk_complete(effects);
  return used;
}

void Session::keep(std::string_view bytes) {
  if (too_big_ || no_room_ || out_of_sequence_ || chunks_failed_) return;
  too_big_ = profile_.size_limit != 0 && content_.size() + bytes.size() > profile_.size_limit;
  // What counts is the memory that the content takes, which may be twice its bytes.
  if (!too_big_) content_.append(bytes);
  const std::size_t growth = content_.capacity() - reserved_;
  no_room_ = !too_big_ && growth > 0 && !journal_.reserve(growth);
  if (too_big_ || no_room_) {
    content_.clear();
    journal_.release(std::exchange(reserved_, 0));
    return;
  }
  reserved_ += growth;
}

void Session::chunk_complete(Effects& effects) {
  phase_ = Phase::command;
  journal_.append(id_, journal::Kind::content, now_, "BDAT", received_);
  Moment now = moment(Stage::bdat);
  now.is_command = true;
  now.size = received_;
  std::string_view reply = "250 2.0.0 Ok";
  if (out_of_sequence_) {
    reply = recipient_refused_ ? "554 5.5.1 No valid recipients" : "503 5.5.1 Bad sequence of commands";
    in_chunks_ = facts_.in_transaction && in_chunks_;
  } else if (chunks_failed_) {
    reply = "503 5.5.1 Chunk after a refused one: say RSET";
  } else if (const std::string_view refusal = content_refusal(); !refusal.empty() && !(profile_.lmtp && last_chunk_)) {
    reply = refusal;
  } else if (last_chunk_) {
    Decision& decision = running_decision();
    director_.decide(now, decision);  // the last chunk is a chunk too …
    if (!decision.decided) {
      end_of_data(decision, effects);  // … and the end of the data
      return;
    }
    settle(decision, reply);
    start(Stage::bdat, Phase::command, decision, effects);
    return;
  }
  answer(now, reply, effects);
}

void Session::content_complete(Effects& effects) {
  phase_ = Phase::command;
  end_of_data(running_decision(), effects);
}

// Why the content cannot be accepted; empty if it can.
std::string_view Session::content_refusal() const {
  if (too_big_) return kContentTooBig;
  if (no_room_) return kNoStorage;
  return {};
}

// The reply to the whole content, or under LMTP one for each recipient (RFC 2033 section 4.2). The message is kept
// before the first byte of a reply that acknowledges it leaves.
void Session::end_of_data(Decision& decision, Effects& effects) {
  Moment now = moment(Stage::end_of_data);
  now.size = received_;
  now.content = &content_;
  const std::string_view refusal = content_refusal();
  const std::string_view reply = refusal.empty() ? "250 2.0.0 Ok: message accepted" : refusal;
  std::vector<std::string> accepted;
  bool acknowledged = false;
  if (!profile_.lmtp) {
    director_.decide(now, decision);
    settle(decision, reply);
    acknowledged = decision.code / 100 == 2;
    if (decision.capture.value_or(acknowledged)) accepted = facts_.recipients;
  } else {
    Decision one;
    for (const std::string& recipient : facts_.recipients) {
      now.rcpt = recipient, now.has_rcpt = true;
      one.clear();
      director_.decide(now, one);
      settle(one, reply);
      acknowledged |= one.code / 100 == 2;
      if (one.capture.value_or(one.code / 100 == 2)) accepted.push_back(recipient);
      decision.append(one);
    }
  }
  deliver(std::move(accepted), acknowledged, Stage::end_of_data, Phase::command, decision, effects);
}

// Keeps the message for those recipients, or its content as evidence if there are none, and answers: at once, or where it has to be
// durable as soon as it is.
void Session::deliver(std::vector<std::string> recipients, bool acknowledged, Stage stage, Phase resume, Decision& decision,
                      Effects& effects) {
  const bool captured = !recipients.empty();
  journal::MessageId kept = 0;
  if (content_refusal().empty()) {
    journal::Message message;
    message.session = id_;
    message.reverse_path = facts_.reverse_path;
    message.recipients = captured ? std::move(recipients) : facts_.recipients;
    message.content = std::exchange(content_, {});
    message.acknowledged = acknowledged;
    message.captured = captured;
    const std::size_t reserved = std::exchange(reserved_, 0);
    if (captured && journal_.durable()) {
      stage_ = stage;
      resume_ = resume;
      suspend(decision, 0, Phase::storing, profile_.limits.timeout).acknowledges = acknowledged;
      journal_.submit(std::move(message), now_);
      return;
    }
    kept = journal_.deliver(std::move(message), reserved, now_);
  }
  tell_message(kept, captured && kept != 0, acknowledged, decision);
  start(stage, resume, decision, effects);
}

void Session::stored(TimePoint now, journal::MessageId message, const journal::Outcome& outcome, Effects& effects) {
  now_ = now;
  const std::unique_ptr<Program> program = std::move(suspended_);
  Decision& decision = program->decision;
  if (!outcome.kept()) {
    note("the message could not be stored: " + outcome.reason);
    const bool full = outcome.what == journal::Outcome::What::full;
    decision.clear();
    decision.code = full ? 452 : 451;
    for (std::size_t replies = profile_.lmtp ? facts_.recipients.size() : 1; replies > 0; --replies)
      decision.add_text(Step::Kind::send, full ? kNoStorage : "451 4.3.0 The message could not be stored\r\n");
  }
  tell_message(message, outcome.kept(), program->acknowledges && outcome.kept(), decision);
  start(stage_, resume_, decision, effects);
  // A script has its say about the end of the input when it comes to await input again; what waits still has its turn before.
  if (input_ended_ && script_ == nullptr && !closed() && phase_ != Phase::waiting && phase_ != Phase::paused)
    end(journal::End::client_closed, Act::close, effects);
  if (shutting_down_ && !closed()) shut_down(now, effects);
}

// Tells the journal of a message, by the reply that acknowledges it or none.
void Session::tell_message(journal::MessageId message, bool captured, bool acknowledged, const Decision& decision) {
  if (!acknowledged && message == 0) return;
  const auto last =
      std::find_if(decision.steps.rbegin(), decision.steps.rend(), [](const Step& step) { return step.kind == Step::Kind::send; });
  const std::string_view reply = acknowledged && last != decision.steps.rend() ? decision.text_of(*last) : std::string_view{};
  journal_.append(id_, journal::Kind::message, now_, reply, message, captured ? 1 : 0);
  if (acknowledged) ++facts_.messages;
}

}  // namespace malaposta::protocol
