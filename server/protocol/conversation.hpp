// For tests: a session in memory, with a clock that the test owns, told and asked like a transcript.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/session.hpp"

namespace malaposta::protocol::testing {

// Decides by functions that a test gives; without one, nothing.
class TestDirector final : public Director {
 public:
  std::function<void(const Moment&, Decision&)> on_decide;
  std::vector<std::uint64_t> body_offsets;  // ascending
  std::vector<std::string> states;

  void decide(const Moment& moment, Decision& out) override {
    if (on_decide) on_decide(moment, out);
  }
  std::uint64_t next_body_offset(const Moment&, std::uint64_t from) override {
    for (const std::uint64_t offset : body_offsets)
      if (offset >= from) return offset;
    return kNever;
  }
  void enter_state(std::string_view state) override { states.emplace_back(state); }
};

class Conversation {
 public:
  explicit Conversation(Profile profile = default_profile(), TestDirector director = {},
                        journal::Journal::Limits limits = {1 << 20, 1 << 20, 100, 100}, journal::Store* store = nullptr)
      : profile_(std::move(profile)), director_(std::move(director)), journal_(limits) {
    if (store != nullptr) journal_.keep_in(*store, [this](journal::Stored stored) { journal_.stored(std::move(stored), now_); });
    journal_.on_stored([this](journal::SessionId, journal::MessageId message, const journal::Outcome& outcome) {
      if (!session_->storing()) return false;
      session_->stored(now_, message, outcome, effects_);
      give();
      return true;
    });
    Facts facts;
    facts.peer_ip = "127.0.0.1", facts.peer_port = 54321, facts.local_port = 2525;
    const journal::SessionId id = journal_.open_session("127.0.0.1:54321", 2525, "test", now_);
    session_ = std::make_unique<Session>(profile_, director_, journal_, id, std::move(facts));
    session_->start(now_, effects_);
  }

  // What the server has done since it was last asked: bytes, and "<close>", "<reset>", "<half-close>".
  std::string server() {
    std::string done;
    std::size_t begin = 0;
    for (const Effect& effect : effects_.list()) {
      if (effect.act == Act::write) done += effects_.bytes().substr(begin, effect.end - begin), begin = effect.end;
      if (effect.act == Act::close) done += "<close>";
      if (effect.act == Act::reset) done += "<reset>";
      if (effect.act == Act::half_close) done += "<half-close>";
    }
    effects_.clear();
    return done;
  }

  // The client sends bytes; what the session does not take is kept and given again, as a connection does.
  Conversation& send(std::string_view bytes) {
    left_.append(bytes);
    give();
    return *this;
  }
  // Sends a line and returns what the server did.
  std::string say(std::string_view line) {
    send(std::string(line) + "\r\n");
    return server();
  }
  // As much time passes as the session asked for.
  Conversation& wait() {
    now_ += session_->timer();
    session_->expire(now_, effects_);
    give();
    return *this;
  }
  Conversation& hang_up() {
    session_->end_of_input(now_, effects_);
    return *this;
  }
  // Says the commands before the one under test.
  Conversation& hello() { return send("EHLO client.test\r\n"), server(), *this; }
  Conversation& transaction() { return hello().send("MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\n"), server(), *this; }

  Session& session() { return *session_; }
  Effects& effects() { return effects_; }
  journal::Journal& journal() { return journal_; }
  TestDirector& director() { return director_; }
  TimePoint now() const { return now_; }

  // The journal's events of the session, one line each: "command NOOP", "reply 250 …".
  std::vector<journal::Event> events() { return journal_.events(session_->id()); }

 private:
  void give() {
    while (!left_.empty() && session_->takes_input()) {
      const std::size_t used = session_->receive(now_, left_, effects_);
      left_.erase(0, used);
    }
  }

  Profile profile_;
  TestDirector director_;
  journal::Journal journal_;
  TimePoint now_{std::chrono::seconds(1000)};
  Effects effects_;
  std::string left_;
  std::unique_ptr<Session> session_;
};

}  // namespace malaposta::protocol::testing
