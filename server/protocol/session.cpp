// The session's input: lines, content and chunks out of bytes, time and end-of-file.
#include "protocol/session.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "protocol/session_impl.hpp"

namespace malaposta::protocol {

Session::Session(const Profile& profile, Director& director, journal::Journal& journal, journal::SessionId id, Facts facts)
    : profile_(profile),
      director_(director),
      script_(director.script()),
      journal_(journal),
      id_(id),
      facts_(std::move(facts)),
      timer_(profile.limits.timeout),
      proxy_(profile.proxy == Proxy::none ? nullptr : std::make_unique<ProxyHeader>(profile.proxy)) {}

Session::~Session() {
  if (reserved_ > 0) journal_.release(reserved_);
}

void Session::start(TimePoint now, Effects& effects) {
  now_ = now;
  if (proxy_ == nullptr)
    begin(effects);
  else
    phase_ = Phase::proxy;
}

void Session::begin(Effects& effects) {
  phase_ = Phase::command;
  if (profile_.tls == Tls::implicit)
    start_tls(effects);
  else
    greet(effects);
}

void Session::greet(Effects& effects) {
  if (script_ != nullptr)
    follow_script(Stage::connect, {}, effects);
  else
    answer(moment(Stage::connect), profile_.greeting, effects);
}

void Session::start_tls(Effects& effects) {
  effects.add(Act::start_tls);
  phase_ = Phase::handshake;
  timer_ = profile_.limits.timeout;
}

void Session::client_hello(TimePoint now, std::string_view server_name, Effects& effects) {
  now_ = now;
  if (phase_ != Phase::handshake) return;
  facts_.sni = server_name;
  Decision& decision = running_decision();
  director_.decide(moment(Stage::tls), decision);
  const bool refused = decision.decided;
  settle(decision, {});
  // Whatever a rule sent instead of a handshake, none follows.
  start(Stage::tls, refused ? Phase::silent : Phase::handshake, decision, effects);
}

void Session::handshake_done(TimePoint now, Handshake handshake, Effects& effects) {
  now_ = now;
  tls_ = std::make_unique<const Handshake>(std::move(handshake));
  journal_.append(id_, journal::Kind::tls, now_, tls_->description, 0, 1);
  facts_.tls = true;
  phase_ = Phase::command;
  timer_ = profile_.limits.timeout;
  if (profile_.tls == Tls::implicit) {
    greet(effects);
    return;
  }
  // All that was known from the client before is forgotten (RFC 3207 section 4.2).
  reset_transaction();
  hello_done_ = facts_.authenticated = facts_.pipelined = false;
  forget_login();
  facts_.helo.clear();
  if (script_ != nullptr) follow_script(Stage::starttls, {}, effects);
}

void Session::handshake_failed(TimePoint now, std::string_view reason, Effects& effects) {
  now_ = now;
  if (closed()) return;
  journal_.append(id_, journal::Kind::tls, now_, reason);
  end(journal::End::server_closed, Act::close, effects);
}

void Session::plain_text_came(TimePoint now, Effects& effects) {
  handshake_failed(now, profile_.tls == Tls::implicit ? "plain text on a TLS port" : "plain text instead of a handshake", effects);
}

void Session::clear_text_dropped(TimePoint now, std::size_t bytes) {
  now_ = now;
  journal_.append(id_, journal::Kind::note, now_, journal::kClearBehindStartTls, bytes);
}

std::size_t Session::receive(TimePoint now, std::string_view bytes, Effects& effects, bool waited) {
  now_ = now;
  std::size_t used = 0;
  bool answered = waited;
  const std::size_t enough = effects.bytes().size() + kMostOutput;
  while (used < bytes.size() && takes_input() && effects.bytes().size() < enough) {
    const std::string_view rest = bytes.substr(used, most_input());
    const std::size_t before = used;
    const bool paced = pace_bytes_ != 0;
    switch (phase_) {
      case Phase::command:
      case Phase::auth:
        // A line that was already here when the one before it was answered did not wait for the answer.
        if (partial_.empty() && !over_long_) {
          ahead_ = answered;
          facts_.pipelined = facts_.pipelined || answered;
        }
        used += take_line(rest, effects);
        answered = answered || partial_.empty();
        break;
      case Phase::content:
        if (received_ == 0 && answered) content_ahead_ = true;
        used += take_content(rest, effects);
        break;
      case Phase::chunk: used += take_chunk(rest, effects); break;
      case Phase::read_bytes:
      case Phase::read_line: used += take_for_step(rest, effects); break;
      case Phase::silent: used += rest.size(); break;
      case Phase::proxy: used += take_proxy_header(rest, effects); break;
      case Phase::script:
        // A line that was already here when the one before it was answered did not wait for the answer.
        if (partial_.empty() && !over_long_) {
          ahead_ = answered;
          facts_.pipelined = facts_.pipelined || answered;
        }
        used += take_scripted(rest, effects);
        answered = answered || partial_.empty();
        break;
      case Phase::waiting:
      case Phase::storing:
      case Phase::paused:
      case Phase::stalled:
      case Phase::handshake:
      case Phase::closed: break;
    }
    if (paced) count_input(used - before);
  }
  if (phase_ == Phase::command || phase_ == Phase::auth) timer_ = profile_.limits.timeout;
  return used;
}

// A handshake record of any version of TLS (RFC 8446 section 5.1), where a command should be.
bool Session::begins_tls(std::string_view bytes) const {
  constexpr char kHandshake = 22, kMajorVersion = 3;
  if (facts_.tls || (partial_.empty() ? bytes.front() : partial_.front()) != kHandshake || partial_.size() > 1) return false;
  const std::size_t second = partial_.empty() ? 1 : 0;
  return bytes.size() > second && bytes[second] == kMajorVersion;
}

std::size_t Session::take_line(std::string_view bytes, Effects& effects) {
  if (phase_ == Phase::command && begins_tls(bytes)) {
    note("TLS on a plain port");
    say("554 5.5.1 TLS on a plain port: connect in clear, and say STARTTLS if it is offered\r\n", effects);
    end(journal::End::server_closed, Act::close, effects);
    return bytes.size();
  }
  std::size_t searched = 0;
  while (true) {
    const void* found = std::memchr(bytes.data() + searched, '\n', bytes.size() - searched);
    const bool whole = found != nullptr;
    const std::size_t size = whole ? static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data()) + 1 : bytes.size();
    const char before = size >= 2 ? bytes[size - 2] : partial_.empty() || size < 1 ? '\0' : partial_.back();
    const bool bare = whole && before != '\r';
    if (bare && profile_.syntax == Syntax::strict) {
      // Only CRLF ends a line (RFC 5321 section 2.3.8): the LF is one more character of it.
      searched = size;
      if (searched < bytes.size()) continue;
    }
    const bool complete = whole && !(bare && profile_.syntax == Syntax::strict);
    if (over_long_ || is_over_long(bytes, size)) {
      over_long_ = !complete;
      (void)std::exchange(partial_, {});  // with its memory
      if (complete) {
        if (std::exchange(phase_, Phase::command) == Phase::auth) forget_login();
        note("line too long: dropped");
        if (script_ != nullptr) {
          follow_script(Stage::unknown, {Script::Input::What::line, {}}, effects);
          return size;
        }
        Moment now = moment(Stage::unknown);
        now.is_command = true;
        answer(now, over_long_auth_ ? "500 5.5.6 Authentication line too long\r\n" : "500 5.5.2 Line too long\r\n", effects);
      }
      return size;
    }
    if (!complete) {
      partial_.append(bytes.substr(0, size));
      return size;
    }
    const std::size_t line_end = bare ? 1 : 2;
    const Deviations deviations = bare ? Deviations{kBareLineFeed} : Deviations{0};
    if (partial_.empty()) {
      line_complete(bytes.substr(0, size - line_end), deviations, effects);
    } else {
      std::string line = std::exchange(partial_, {});
      line.append(bytes.substr(0, size));
      line_complete(std::string_view(line).substr(0, line.size() - line_end), deviations, effects);
    }
    return size;
  }
}

// Whether a line is that has so many more bytes.
bool Session::is_over_long(std::string_view bytes, std::size_t size) {
  if (partial_.size() + size <= profile_.limits.line) return false;
  over_long_auth_ = phase_ == Phase::auth || phase_ == Phase::script ||
                    equals_ignoring_case((partial_.empty() ? bytes : std::string_view(partial_)).substr(0, 5), "AUTH ");
  return !over_long_auth_ || partial_.size() + size > kLongestAuthLine;
}

void Session::line_complete(std::string_view line, Deviations deviations, Effects& effects) {
  if (phase_ == Phase::script)
    on_scripted_line(line, deviations, effects);
  else if (phase_ == Phase::auth)
    on_auth_response(line, effects);
  else
    on_command(line, deviations, effects);
}

// Who the client is, before anything else is said.
std::size_t Session::take_proxy_header(std::string_view bytes, Effects& effects) {
  const std::size_t used = proxy_->read(bytes);
  if (proxy_->state() == ProxyHeader::State::malformed) {
    note(proxy_->problem());
    end(journal::End::server_closed, Act::close, effects);
  } else if (proxy_->state() == ProxyHeader::State::done) {
    if (!proxy_->address().empty()) {
      facts_.peer_ip = proxy_->address(), facts_.peer_port = proxy_->port();
      note("the PROXY header names the client: " + facts_.peer_ip + " port " + std::to_string(facts_.peer_port));
    }
    proxy_.reset();
    begin(effects);
  }
  return used;
}

// Slow reading: after so many bytes nothing is taken for a while, so that the client's writes block in the end. Where the
// session waits anyway, that is its pause.
void Session::count_input(std::size_t bytes) {
  allowance_ -= std::min<std::uint64_t>(bytes, allowance_);
  if (allowance_ > 0) return;
  allowance_ = pace_bytes_;
  if (!takes_input()) return;
  paused_ = std::exchange(phase_, Phase::paused);
  timer_ = pace_every_;
}

// Input that a `read` step of the running answer swallows.
std::size_t Session::take_for_step(std::string_view bytes, Effects& effects) {
  std::size_t used = 0;
  bool satisfied = false;
  if (phase_ == Phase::read_bytes) {
    used = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), step_left_));
    step_left_ -= used;
    satisfied = step_left_ == 0;
  } else {
    const std::size_t end = bytes.find('\n');
    satisfied = end != std::string_view::npos;
    used = satisfied ? end + 1 : bytes.size();
  }
  if (satisfied) {
    const std::unique_ptr<Program> program = std::move(suspended_);
    const Step& step = program->decision.steps[program->next - 1];
    journal_.append(id_, journal::Kind::read, now_, step.kind == Step::Kind::read_line ? "line" : "bytes", step.number);
    carry_out(program->decision, program->next, effects);
  }
  return used;
}

void Session::expire(TimePoint now, Effects& effects) {
  now_ = now;
  switch (phase_) {
    case Phase::waiting: {
      const std::unique_ptr<Program> program = std::move(suspended_);
      timer_ = profile_.limits.timeout;
      carry_out(program->decision, program->next, effects);
      // A script has its say about the end of the input when it comes to await input again.
      if (input_ended_ && script_ == nullptr && !closed()) end(journal::End::client_closed, Act::close, effects);
      return;
    }
    case Phase::paused:
      phase_ = paused_;
      timer_ = profile_.limits.timeout;
      if (input_ended_) end(journal::End::client_closed, Act::close, effects);
      return;
    case Phase::storing:
      note("the store has not answered for too long");
      say("421 4.3.0 The message could not be stored in time: closing transmission channel\r\n", effects);
      end(journal::End::server_closed, Act::close, effects);
      return;
    case Phase::proxy:
      note("no PROXY header for too long");
      end(journal::End::server_closed, Act::close, effects);
      return;
    case Phase::handshake: note("no TLS handshake for too long"); [[fallthrough]];
    case Phase::stalled:
    case Phase::silent: end(journal::End::server_closed, Act::close, effects); return;
    case Phase::closed: return;
    default:
      note("idle for too long");
      say("421 4.4.2 Timeout: closing transmission channel\r\n", effects);
      end(journal::End::timed_out, Act::close, effects);
  }
}

void Session::end_of_input(TimePoint now, Effects& effects) {
  now_ = now;
  if (closed() || input_ended_) return;
  input_ended_ = true;
  if (phase_ == Phase::waiting || phase_ == Phase::storing || phase_ == Phase::paused) {
    note("the client closed its side while the server made it wait");
    return;
  }
  if (!partial_.empty()) note("the client closed its side in the middle of a line");
  if (phase_ == Phase::script) return scripted_end_of_input(effects);
  end(journal::End::client_closed, Act::close, effects);
}

std::size_t Session::held() const {
  std::size_t bytes = partial_.capacity() + pending_.capacity() + facts_.helo.capacity() + facts_.reverse_path.capacity() +
                      facts_.user.capacity() + facts_.recipients.capacity() * sizeof(std::string) + recipient_bytes_;
  if (suspended_) bytes += suspended_->decision.steps.capacity() * sizeof(Step) + suspended_->decision.text.capacity();
  return bytes;
}

void Session::run_out_of_room(TimePoint now, Effects& effects) {
  now_ = now;
  if (closed()) return;
  note("no room for what the client has sent");
  if (phase_ != Phase::silent && phase_ != Phase::handshake && phase_ != Phase::proxy)
    say("421 4.3.1 Insufficient system storage\r\n", effects);
  end(journal::End::server_closed, Act::close, effects);
}

void Session::connection_lost(TimePoint now, journal::End how) {
  now_ = now;
  if (!closed()) closed(how);
}

void Session::shut_down(TimePoint now, Effects& effects) {
  now_ = now;
  if (closed()) return;
  shutting_down_ = true;
  if (phase_ == Phase::storing) return;
  if (phase_ != Phase::silent && phase_ != Phase::handshake && phase_ != Phase::proxy) say("421 4.3.2 Service shutting down\r\n", effects);
  end(journal::End::shut_down, Act::close, effects);
}

}  // namespace malaposta::protocol
