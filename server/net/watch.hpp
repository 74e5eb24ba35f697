// Whether the clients of a running server still have to be waited for: what is asked between events, by `run` and by the verify()
// of an embedding program.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "net/server.hpp"
#include "verify/verdict.hpp"

namespace malaposta::net {

// How long sessions may take to end by themselves once the client has done what it had to.
inline constexpr std::chrono::milliseconds kSettle{500};
// How often the verdict is drawn anew while much happens, or while it is looked whether all has been quiet for long enough.
inline constexpr std::chrono::milliseconds kJudgeEvery{20};

// Looks at the first listeners of a server, each with its scenario. From any thread but the server's own; both outlive it.
class Watch {
 public:
  Watch(const Server& server, const std::vector<scenario::ScenarioPtr>& scenarios) : server_(server), scenarios_(scenarios) {}

  // What can be said by now of a listener; `client` is how the client ended, where that is known.
  verify::Verdict judged(std::size_t index, const std::optional<verify::ClientResult>& client = std::nullopt) const;

  // Some scenario expects that nothing happens for some time: that is met without an event.
  bool awaits_quiet() const;
  // That time is over, or nobody asks for it.
  bool quiet(const std::optional<verify::ClientResult>& client = std::nullopt) const;
  // Somebody is connected.
  bool open_sessions() const;
  // No expectation may still be met that is not met by now.
  bool decided() const;
  // And nobody is connected.
  bool settled() const { return !open_sessions() && decided(); }

 private:
  const Server& server_;
  const std::vector<scenario::ScenarioPtr>& scenarios_;
};

}  // namespace malaposta::net
