// The shapes of the language's sections; each section's tables stand in the read_ file of its name.
#pragma once

#include "scenario/fields.hpp"

namespace malaposta::scenario {

bool read_rule(Reading& reading, const Node& node, Rule& into);
bool read_steps(Reading& reading, const Node& node, std::vector<DoStep>& into);
bool read_delay(Reading& reading, const Node& node, Delay& into);
bool read_dribble(Reading& reading, const Node& node, Dribble& into);
bool read_slow_read(Reading& reading, const Node& node, SlowRead& into);
bool read_conditions(Reading& reading, const Node& node, std::vector<Condition>& into);
bool read_names(Reading& reading, const Node& node, Vars& into);
bool read_server(Reading& reading, const Node& node, ServerSection& into);
bool read_expectation(Reading& reading, const Node& node, Expectation& into);
boost::json::object rule_schema(Definitions& definitions);
boost::json::object steps_schema(Definitions& definitions);
boost::json::object delay_schema(Definitions& definitions);
boost::json::object dribble_schema(Definitions& definitions);
boost::json::object slow_read_schema(Definitions& definitions);
boost::json::object conditions_schema(Definitions& definitions);
boost::json::object names_schema(Definitions& definitions);
boost::json::object server_schema(Definitions& definitions);
boost::json::object expectation_schema(Definitions& definitions);

inline constexpr Shape<Rule> kRule{"a mapping with 'at' and what happens there", rule_schema, read_rule};
inline constexpr Shape<std::vector<DoStep>> kSteps{"a list of steps", steps_schema, read_steps};
inline constexpr Shape<Delay> kDelay{"a time, such as 500ms or 2s, or a distribution of times", delay_schema, read_delay};
inline constexpr Shape<SlowRead> kSlowRead{"a mapping, such as { bytes: 1, every: 1s }", slow_read_schema, read_slow_read};
inline constexpr Shape<Dribble> kDribble{"a mapping, such as { bytes: 1, every: 50ms }", dribble_schema, read_dribble};
inline constexpr Shape<std::vector<Condition>> kConditions{"a mapping of conditions", conditions_schema, read_conditions};
inline constexpr Shape<Vars> kNames{"a mapping of names to texts", names_schema, read_names};
inline constexpr Shape<ServerSection> kServer{"a mapping", server_schema, read_server};
inline constexpr Shape<Expectation> kExpectation{"a mapping with one expectation", expectation_schema, read_expectation};

}  // namespace malaposta::scenario
