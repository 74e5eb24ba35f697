// What a rule that fires does: its effects and its steps, put into the session's decision.
#pragma once

#include "scenario/play.hpp"
#include "scenario/random.hpp"
#include "scenario/situation.hpp"

namespace malaposta::scenario {

class Firing final : public Values {
 public:
  // `ordinal`: how often the rule has fired, this time included, under its key.
  Firing(Instance& instance, const CompiledRule& rule, std::uint32_t index, std::uint64_t ordinal, Situation& situation,
         protocol::Decision& out);

  // Delay, dribble, state, capture and what follows the answer.
  void take_effect();
  // The answer itself.
  void decide();

  // What could not be done as the scenario asks, told in the journal; empty if nothing.
  std::string_view problem() const { return problem_; }

  // The value of a setting, its template filled in.
  std::uint64_t number(const Value<std::uint64_t>& value);

  void append(const Part& part, std::string& out) override;

 private:
  void add(const CompiledStep& step);
  std::string rendered(const CompiledReply& reply);
  std::string coded(std::string_view line);
  std::string garbage(std::uint64_t bytes);
  std::string filled(const Template& text);
  Duration drawn(const CompiledDelay& delay);
  Duration duration(const Value<Duration>& value);
  std::string uuid();

  Instance& instance_;
  const CompiledRule& rule_;
  std::uint32_t index_;
  Situation& situation_;
  protocol::Decision& out_;
  Draws draws_;
  std::string_view problem_;
};

// A number that a template gives; nothing if it gives something else. Too many digits are the largest number.
std::optional<std::uint64_t> number_of(std::string_view text);

}  // namespace malaposta::scenario
