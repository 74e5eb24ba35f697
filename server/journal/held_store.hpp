// For tests: a store that holds messages until the test says what becomes of them, and notes what it was told.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "journal/store.hpp"

namespace malaposta::journal::testing {

class HeldStore final : public Store {
 public:
  struct Held {
    Message message;
    const Done* done;
  };
  std::deque<Held> held;
  std::vector<std::string> told;  // "session 1 open", "event 1 reply", "mark 1 read", "forget message 2" …

  // The oldest message comes back.
  void give_back(Outcome outcome = {}) {
    Held one = std::move(held.front());
    held.pop_front();
    (*one.done)({std::move(one.message), std::move(outcome)});
  }

  void load(std::span<Journal* const>) override {}
  std::vector<Mark> take_marks() override { return {}; }
  void finish() override {}
  Status status() const override { return {}; }
  void keep(const Session& session) override { tell("session", session.id, name(session.end)); }
  void keep(const Event& event) override { tell("event", event.session, name(event.kind)); }
  void keep(const Mark& mark) override { tell("mark", mark.message, mark.read ? "read" : "unread"); }
  void keep(Message message, const Done& done) override { held.push_back({std::move(message), &done}); }
  void unacknowledged(MessageId message) override { tell("unacknowledged", message); }
  void forget_message(MessageId message) override { tell("forget message", message); }
  void forget_session(SessionId session) override { tell("forget session", session); }

 private:
  void tell(std::string_view what, std::uint64_t id, std::string_view more = {}) {
    told.push_back(std::string(what) + " " + std::to_string(id) + (more.empty() ? "" : " ") + std::string(more));
  }
};

}  // namespace malaposta::journal::testing
