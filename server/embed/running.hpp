// A server of the API while it runs, and its account when it does no more: what Server and Journal share.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "malaposta/journal.hpp"
#include "malaposta/server.hpp"
#include "net/ca_file.hpp"
#include "net/server.hpp"
#include "net/watch.hpp"

namespace malaposta {

struct Journal::Running {
  using Clock = std::chrono::steady_clock;

  // Throws what net::Server throws.
  Running(const scenario::ScenarioPtr& played, const ServerOptions& options);
  ~Running() { stop(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  verify::Evidence evidence() const { return server.evidence(0); }

  // Asks `done` now, whenever something has happened since it was asked, and where it `ticks` every net::kJudgeEvery as well, until it
  // says yes, or it is `deadline`, or the server has stopped. What it said last.
  bool wait(Clock::time_point deadline, bool ticks, const std::function<bool()>& done);

  Verdict verify(const scenario::ScenarioPtr& judged, std::chrono::milliseconds timeout);
  void reset();
  void stop();

  const scenario::ScenarioPtr scenario;
  net::Server server;
  const net::CaFile ca_file;
  const std::string ca_pem;
  const net::Listener listener;
  const std::string url;

 private:
  Verdict told(const scenario::ScenarioPtr& judged) const;

  mutable std::mutex mutex_;
  std::condition_variable rung_;
  std::uint64_t rings_ = 0;  // under the mutex, as is:
  bool stopped_ = false;
  Clock::time_point begun_ = Clock::now();

  std::mutex stopping_;
  std::thread thread_;
};

}  // namespace malaposta
