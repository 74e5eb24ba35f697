// Runs a client against scenarios, each on a fresh server, and judges what it did.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "scenario/scenario.hpp"
#include "verify/verdict.hpp"

namespace malaposta::cli {

struct RunSettings {
  std::vector<std::string> client;                           // command and arguments; empty: whoever connects is the client
  std::vector<std::pair<std::string, std::string>>
      variables;  // name and template of further environment variables: {host}, {port}, {url}, {ca}, {api}
  std::chrono::nanoseconds timeout = std::chrono::seconds(60);
  std::uint64_t seed = 1;
  bool strict = false;     // a rule that never fired fails
  int interrupted = -1;    // a descriptor that can be read once the run is to be given up
};

// One scenario, met and judged.
struct RunResult {
  scenario::ScenarioPtr scenario;
  verify::Verdict verdict;
  verify::Evidence evidence;
  std::optional<verify::ClientResult> client;
  std::chrono::nanoseconds duration{};
  std::string error;  // why nothing could be judged: the client could not be started; empty if it could
  bool interrupted = false;

  // The client was killed by a signal, or ran out of time.
  bool client_failed() const { return client && (client->timed_out || client->signal); }
};

// Meets the scenarios all at once, a port each, with one client command. With one scenario that is the ordinary case.
std::vector<RunResult> run_together(const std::vector<scenario::ScenarioPtr>& scenarios, const RunSettings& settings);

// "451-twice" -> "451_TWICE": how a scenario is named in environment variables.
std::string variable_name(const std::string& scenario);

}  // namespace malaposta::cli
