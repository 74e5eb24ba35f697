// The session's answers: what the director decides, carried out step by step, and what it changes.
#include <algorithm>
#include <utility>

#include "protocol/client_attributes.hpp"
#include "protocol/reply.hpp"
#include "protocol/session_impl.hpp"

namespace malaposta::protocol {

namespace {

// The steps of an answer under its modifiers, which are many fewer than the ordinary answer has.
void rewrite(Decision& decision) {
  std::vector<Step> steps;
  if (decision.delay > Duration::zero()) steps.push_back({Step::Kind::wait, 0, 0, decision.delay, 0});
  std::uint64_t left = decision.truncate.value_or(std::numeric_limits<std::uint64_t>::max());
  bool first_piece = true;
  std::vector<std::size_t> gaps;  // the waits between pieces
  const auto send = [&](Step step) {
    step.number = 0;  // whatever its pieces say
    step.length = static_cast<std::uint32_t>(std::min<std::uint64_t>(step.length, left));
    left -= step.length;
    const std::uint32_t piece = decision.dribble_bytes != 0 ? decision.dribble_bytes : step.length;
    for (; step.length > 0; first_piece = false) {
      Step part = step;
      part.length = std::min(piece, step.length);
      if (decision.dribble_bytes != 0 && !first_piece) {
        gaps.push_back(steps.size());
        steps.push_back({Step::Kind::wait, 0, 0, decision.dribble_every, 0});
      }
      steps.push_back(part);
      step.offset += part.length, step.length -= part.length;
    }
  };
  const auto copy_all = [&] {
    for (const Step& step : decision.steps) {
      if (step.kind == Step::Kind::send)
        send(step);
      else
        steps.push_back(step);
    }
  };
  copy_all();
  if (decision.duplicate) copy_all();
  if (decision.dribble_over > Duration::zero())
    for (const std::size_t gap : gaps) steps[gap].duration = decision.dribble_over / static_cast<Duration::rep>(gaps.size());
  if (decision.truncate) {
    steps.push_back({Step::Kind::close, 0, 0, {}, 0});
    decision.code = 0;
  }
  if (decision.then) steps.push_back(*decision.then);
  decision.steps = std::move(steps);
}

}  // namespace

// One per thread: its memory is used again by every session, and an answer that has to wait moves into its session.
Decision& running_decision() {
  thread_local Decision decision;
  decision.clear();
  return decision;
}

Moment Session::moment(Stage stage) const {
  Moment moment{};
  moment.stage = stage;
  moment.now = now_;
  moment.facts = &facts_;
  moment.mail = facts_.reverse_path;
  moment.has_mail = facts_.in_transaction;
  return moment;
}

void Session::answer(const Moment& moment, std::string_view reply, Effects& effects) {
  Decision& decision = running_decision();
  director_.decide(moment, decision);
  settle(decision, reply);
  start(moment.stage, Phase::command, decision, effects);
}

// Makes one list of steps of what was decided, or else of the correct server's reply, and of the modifiers. A reply of
// one line may come without its line end.
void Session::settle(Decision& decision, std::string_view reply) {
  if (!decision.decided && !reply.empty()) {
    decision.add_text(Step::Kind::send, reply);
    if (reply.back() != '\n') {
      decision.text.append("\r\n");
      decision.steps.back().length += 2;
    }
    decision.code = last_code(reply);
    decision.steps.back().number = static_cast<std::uint64_t>(decision.code);
  }
  const bool modified =
      decision.delay > Duration::zero() || decision.dribble_bytes != 0 || decision.duplicate || decision.truncate || decision.then;
  if (modified) rewrite(decision);
}

void Session::start(Stage stage, Phase resume, Decision& decision, Effects& effects) {
  stage_ = stage;
  resume_ = resume;
  if (decision.read_bytes != 0) pace_bytes_ = allowance_ = decision.read_bytes, pace_every_ = decision.read_every;
  carry_out(decision, 0, effects);
}

void Session::carry_out(Decision& decision, std::size_t next, Effects& effects) {
  for (; next < decision.steps.size(); ++next) {
    const Step& step = decision.steps[next];
    switch (step.kind) {
      case Step::Kind::send: say(decision.text_of(step), effects, static_cast<int>(step.number)); break;
      case Step::Kind::set: director_.enter_state(decision.text_of(step)); break;
      case Step::Kind::wait:
        if (step.duration <= Duration::zero()) break;
        journal_.append(id_, journal::Kind::wait, now_, {}, static_cast<std::uint64_t>(step.duration.count()));
        suspend(decision, next + 1, Phase::waiting, step.duration);
        return;
      case Step::Kind::read_bytes:
        step_left_ = step.number;
        suspend(decision, next + 1, Phase::read_bytes, profile_.limits.timeout);
        return;
      case Step::Kind::read_line: suspend(decision, next + 1, Phase::read_line, profile_.limits.timeout); return;
      case Step::Kind::close:
        fault("close");
        end(journal::End::server_closed, Act::close, effects);
        return;
      case Step::Kind::reset:
        fault("reset");
        end(journal::End::server_reset, Act::reset, effects);
        return;
      case Step::Kind::half_close:
        fault("half-close");
        effects.add(Act::half_close);
        if (script_ != nullptr) break;
        phase_ = Phase::silent;
        timer_ = profile_.limits.timeout;
        return;
      case Step::Kind::go_to: go_to(static_cast<Stage>(step.number), effects); return;
      case Step::Kind::start_tls:
        if (facts_.tls || profile_.tls == Tls::none) break;
        start_tls(effects);
        return;
      case Step::Kind::stall:
      case Step::Kind::silence:
        fault(step.kind == Step::Kind::stall ? "stall" : "silence", step.duration);
        phase_ = step.kind == Step::Kind::stall ? Phase::stalled : Phase::silent;
        timer_ = step.duration > Duration::zero() ? step.duration : profile_.limits.timeout;
        return;
    }
  }
  complete(decision.code, decision.stay, effects);
}

Session::Program& Session::suspend(Decision& decision, std::size_t next, Phase phase, Duration timer) {
  suspended_ = std::make_unique<Program>();
  suspended_->decision = std::move(decision);
  suspended_->next = next;
  phase_ = phase;
  timer_ = timer;
  return *suspended_;
}

// The answer is given; the code that the client saw last moves the state on.
void Session::complete(int code, bool stay, Effects& effects) {
  phase_ = resume_;
  timer_ = profile_.limits.timeout;
  const bool positive = code / 100 == 2;
  switch (stage_) {
    case Stage::connect: refused_ = code / 100 >= 4; break;
    case Stage::helo:
    case Stage::ehlo:
    case Stage::lhlo:
      if (!positive) break;
      reset_transaction();
      hello_done_ = true;
      break;
    case Stage::starttls:
      if (script_ == nullptr && code == 220 && (profile_.tls == Tls::starttls || profile_.tls == Tls::required) && !facts_.tls)
        start_tls(effects);
      break;
    case Stage::tls:
      if (phase_ == Phase::handshake) effects.add(Act::go_on_tls);
      break;
    case Stage::auth:
      if (code == 334)
        phase_ = Phase::auth, script_in_auth_ = true;
      else if (positive)
        log_in();
      else
        forget_login();
      break;
    case Stage::xclient:
      if (code != 220) break;
      helo_overridden_ = override_client(pending_, facts_) || helo_overridden_;
      hello_done_ = false;
      reset_transaction();
      break;
    case Stage::mail:
      if (positive)
        ++mails_, facts_.in_transaction = true, recipient_refused_ = false, facts_.reverse_path = std::move(pending_);
      else
        utf8_ = binary_ = false;
      break;
    case Stage::rcpt:
      if (positive)
        add_recipient();
      else
        recipient_refused_ = true;
      break;
    case Stage::data:
      if (code / 100 != 3) break;
      script_in_content_ = script_ != nullptr;
      if (script_ == nullptr) watch_body(Phase::content, effects);
      break;
    case Stage::bdat:
      if (!positive && in_chunks_) chunks_failed_ = true;
      break;
    case Stage::end_of_data: reset_transaction(); break;
    case Stage::rset:
      if (positive) reset_transaction();
      break;
    case Stage::body:
      if (phase_ == Phase::chunk && chunk_left_ == 0 && !(code == 421 && !stay)) chunk_complete(effects);
      break;
    default: break;
  }
  if (closed() || phase_ >= Phase::waiting) return;
  if (script_ != nullptr) return await_script_input(effects);
  if (quitting_ && !stay) end(journal::End::quit, Act::close, effects);
  // RFC 5321 section 3.8: a server that says 421 closes the channel.
  if (code == 421 && !stay && !closed()) end(journal::End::server_closed, Act::close, effects);
  quitting_ = false;
}

// Whatever the client was told: what it says next is taken as if all that leads to that stage had happened.
void Session::go_to(Stage stage, Effects& effects) {
  phase_ = Phase::command;
  timer_ = profile_.limits.timeout;
  quitting_ = false;
  const Stage from = stage_;
  switch (stage) {
    case Stage::mail:
      reset_transaction();
      hello_done_ = true;
      return;
    case Stage::rcpt:
    case Stage::data:
    case Stage::body:
      hello_done_ = true;
      if (from == Stage::rcpt && facts_.in_transaction) add_recipient();
      if (!std::exchange(facts_.in_transaction, true)) facts_.reverse_path = from == Stage::mail ? std::move(pending_) : std::string{};
      if (stage != Stage::body) return;
      content_.clear();
      journal_.release(std::exchange(reserved_, 0));
      received_ = content_begin_ = 0;
      in_chunks_ = chunks_failed_ = false;
      dots_.start(false);
      watch_body(Phase::content, effects);
      return;
    case Stage::tls:
      if (!facts_.tls && profile_.tls != Tls::none) start_tls(effects);
      return;
    case Stage::quit: end(journal::End::quit, Act::close, effects); return;
    default:
      reset_transaction();
      hello_done_ = facts_.authenticated = false;
      forget_login();
      facts_.helo.clear();
  }
}

// Content is about to come: finds where the first rule at `body` has to be asked.
void Session::watch_body(Phase phase, Effects& effects) {
  phase_ = phase;
  next_offset_ = director_.next_body_offset(moment(Stage::body), 0);
  if (next_offset_ <= received_) body_reached(effects);
}

void Session::body_reached(Effects& effects) {
  Moment now = moment(Stage::body);
  now.size = next_offset_;
  Decision& decision = running_decision();
  director_.decide(now, decision);
  settle(decision, {});
  next_offset_ = director_.next_body_offset(now, next_offset_ + 1);
  start(Stage::body, phase_, decision, effects);
}

void Session::log_in() {
  facts_.authenticated = true;
  journal_.append(id_, journal::Kind::login, now_, facts_.user.empty() ? facts_.mechanism : facts_.mechanism + " " + facts_.user);
}

// An exchange has failed: whoever asked is not logged in. One that was refused because somebody is changes nothing.
void Session::forget_login() {
  if (facts_.authenticated) return;
  auth_.reset();
  facts_.user.clear(), facts_.mechanism.clear();
  facts_.auth_step = 0;
}

void Session::fault(std::string_view what, Duration duration) {
  if (stage_ == Stage::body) tell_cut_content();
  journal_.append(id_, journal::Kind::fault, now_, what, static_cast<std::uint64_t>(duration.count()));
}

// `code`: the last one in it, where that is known.
void Session::say(std::string_view bytes, Effects& effects, int code) {
  if (bytes.empty()) return;
  effects.write(bytes);
  journal_.append(id_, journal::Kind::reply, now_, bytes, 0, code != 0 ? code : last_code(bytes));
}

void Session::end(journal::End how, Act act, Effects& effects) {
  effects.add(act);
  closed(how);
}

// Content that is under way and will not be ended.
void Session::tell_cut_content() {
  const std::uint64_t bytes = received_ - std::exchange(content_begin_, received_);
  if (bytes > 0) journal_.append(id_, journal::Kind::read, now_, "content", bytes);
}

void Session::closed(journal::End how) {
  if (phase_ == Phase::content || phase_ == Phase::chunk) tell_cut_content();
  phase_ = Phase::closed;
  ended_ = how;
  content_.clear();
  journal_.release(std::exchange(reserved_, 0));
  (void)std::exchange(partial_, {});
  (void)std::exchange(facts_.recipients, {});
  recipient_bytes_ = 0;
  if (script_ != nullptr) script_->ended(how, now_);
  journal_.close_session(id_, how, now_);
}

void Session::add_recipient() { recipient_bytes_ += facts_.recipients.emplace_back(std::move(pending_)).capacity(); }

void Session::reset_transaction() {
  facts_.in_transaction = false;
  facts_.reverse_path.clear();
  facts_.recipients.clear();
  recipient_bytes_ = 0;
  pending_.clear();
  content_.clear();
  journal_.release(std::exchange(reserved_, 0));
  received_ = content_begin_ = 0;
  next_offset_ = Director::kNever;
  utf8_ = binary_ = recipient_refused_ = in_chunks_ = chunks_failed_ = last_chunk_ = content_ahead_ = out_of_sequence_ = too_big_ =
      no_room_ = false;
}

}  // namespace malaposta::protocol
