// Playing a scenario: the counters and state that all sessions of a listener share, and the director of one session.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal.hpp"
#include "protocol/decision.hpp"
#include "scenario/additions.hpp"
#include "scenario/dialog_play.hpp"
#include "scenario/gates.hpp"
#include "scenario/scenario.hpp"

namespace malaposta::scenario {

// A scenario being played: one per listener, shared by its threads. Thread-safe.
class Instance {
 public:
  Instance(ScenarioPtr scenario, std::uint64_t seed);
  Instance(ScenarioPtr scenario, std::uint64_t seed, std::unique_ptr<GateStore> store);

  const Scenario& scenario() const { return *scenario_; }
  const ScenarioPtr& scenario_pointer() const { return scenario_; }
  std::uint64_t seed() const { return seed_; }
  GateStore& gates() { return *gates_; }
  std::uint64_t next_connection() { return connections_.fetch_add(1, std::memory_order_relaxed) + 1; }
  // How often each rule has fired, in file order.
  std::vector<std::uint64_t> fired() const;
  // The rule of that index is asked no more, until reset().
  void turn_off(std::size_t rule) { rules_[rule].off.store(true, std::memory_order_relaxed); }
  bool is_off(std::size_t rule) const { return rules_[rule].off.load(std::memory_order_relaxed); }
  // Counters, keys and state as at the start, and every rule asked again.
  void reset();

 private:
  friend class Play;
  struct PerRule {
    std::atomic<std::uint64_t> fired{0};
    std::atomic<bool> off{false};
  };

  ScenarioPtr scenario_;
  std::uint64_t seed_;
  std::unique_ptr<GateStore> gates_;
  std::atomic<std::uint64_t> connections_{0};
  std::unique_ptr<PerRule[]> rules_;
};

class Situation;
struct CompiledRule;
struct Scratch;

// The director of one session. Belongs to the session's thread.
class Play final : public protocol::Director {
 public:
  // `routes`: scenarios with a `route`, in the order in which they are asked. The first whose conditions hold at some moment plays
  // the rest of the session, with its own counters and state. `additions`: asked before all others, unless there is a dialog. All of
  // them outlive the session.
  Play(Instance& instance, journal::Journal& journal, std::span<Instance* const> routes = {}, const Additions* additions = nullptr);
  ~Play() override;
  // The session's id in the journal, for the events of rules. To be called before the first decision.
  void begin(journal::SessionId session) {
    session_ = session;
    if (dialog_) dialog_->begin(session);
  }

  void decide(const protocol::Moment& moment, protocol::Decision& out) override;
  std::uint64_t next_body_offset(const protocol::Moment& moment, std::uint64_t from) override;
  void enter_state(std::string_view state) override;
  protocol::Script* script() override { return dialog_.get(); }

  std::uint64_t connection() const { return own_.connection; }

 private:
  // The session's part in one scenario or addition.
  struct Part {
    explicit Part(Instance& of);
    explicit Part(const Additions::Addition& of);
    Part(Part&&) noexcept;
    Part& operator=(Part&&) noexcept;
    ~Part();

    Instance* instance;
    std::uint64_t connection;           // ordinal in the scenario, from 1
    std::unique_ptr<Scratch> scratch;   // only once a rule has needed it
    std::shared_ptr<Instance> kept;     // of an addition, which may be removed meanwhile
    std::uint64_t addition = 0;         // its id
  };

  void take_additions();
  void find_route(const protocol::Moment& moment);
  void decide(Part& part, const protocol::Moment& moment, protocol::Decision& out);
  std::uint64_t next_body_offset(Part& part, const protocol::Moment& moment, std::uint64_t from);
  std::uint64_t passes(Part& part, const CompiledRule& rule, std::uint32_t index, Situation& situation);
  void fire(Part& part, const CompiledRule& rule, std::uint32_t index, std::uint64_t ordinal, Situation& situation,
            protocol::Decision& out);
  std::uint64_t body_offset(Part& part, const CompiledRule& rule, std::uint32_t index, Situation& situation);
  Situation situation(Part& part, const protocol::Moment& moment);
  void note(const CompiledRule& rule, std::string_view problem, TimePoint now);

  Part own_;
  std::span<Instance* const> routes_;  // empty once one was taken
  const Additions* additions_;         // none: nullptr
  std::uint64_t revision_ = 0;         // of the additions that are in added_
  std::list<Part> added_;              // those for own_'s scenario, in the order in which they are asked
  Part* decided_ = &own_;              // whose rule decided last
  journal::Journal& journal_;
  journal::SessionId session_ = 0;
  std::unique_ptr<DialogPlay> dialog_;  // where the scenario has one
  std::string last_mail_;             // reverse path of the last MAIL command …
  bool mailed_ = false;               // … if there was one and the scenario asks for it
};

}  // namespace malaposta::scenario
