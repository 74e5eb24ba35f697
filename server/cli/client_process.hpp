// The client command of `run`: started without a shell, in a process group of its own, watched, and never left behind.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "verify/verdict.hpp"

namespace malaposta::cli {

class ClientProcess {
 public:
  static constexpr std::size_t kMostOutput = 1u << 20;  // bytes kept of each of its outputs; the rest is dropped and counted
  static constexpr std::chrono::seconds kGrace{2};      // between TERM and KILL

  // Starts it; `environment` is added to ours. Throws std::runtime_error naming the program where it cannot be started.
  ClientProcess(const std::vector<std::string>& arguments, const std::vector<std::pair<std::string, std::string>>& environment);
  // Kills whatever is left of its group.
  ~ClientProcess();
  ClientProcess(const ClientProcess&) = delete;
  ClientProcess& operator=(const ClientProcess&) = delete;

  // Waits until it has ended and closed its outputs, one of `wake` can be read, or the time is over. True once it has ended.
  bool wait(std::chrono::steady_clock::time_point until, const std::vector<int>& wake);

  // TERM to its group, and KILL after kGrace. Returns when it has ended.
  void stop();
  // A signal that we got is passed on to its group.
  void signal(int number) const;

  bool ended() const { return ended_; }
  // Valid once ended().
  verify::ClientResult& result() { return result_; }

 private:
  struct Output {
    int descriptor = -1;
    std::size_t dropped = 0;
    std::string* into = nullptr;
  };
  void read(Output& output);
  void reap();

  pid_t pid_ = -1;
  int pidfd_ = -1;
  bool ended_ = false;
  Output outputs_[2];
  verify::ClientResult result_;
};

}  // namespace malaposta::cli
