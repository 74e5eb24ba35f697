// The program under test, as its users start it: a process, what it prints, how it ends.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace malaposta::testing {

// One run of `malaposta ARGUMENT…`. Killed when it goes out of scope, if it still runs.
class Program {
 public:
  // `variables` ("NAME=VALUE") are added to the environment.
  explicit Program(const std::vector<std::string>& arguments, std::vector<std::string> variables = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // The next line of standard output, without its line end; empty once there is none any more.
  std::string line();
  // The same of standard error.
  std::string error_line();

  void signal(int number) const;

  // Waits for the end, with all that was printed since. Negative: ended by that signal.
  int exit_status();

  // Valid after exit_status(), without what line() and error_line() have returned.
  const std::string& output() const { return output_; }
  const std::string& errors() const { return errors_; }

  // Memory of the process that is resident now, in bytes.
  std::size_t resident() const;

  // What the process has used of the processors until now.
  std::chrono::milliseconds processor_time() const;

  pid_t pid() const { return pid_; }

  // Leaves the process so many descriptors to open: the numbers below the limit that nothing has, whatever it inherited.
  void leave_descriptors(std::size_t count) const;

 private:
  bool receive();
  std::string next_line(std::string& from);

  pid_t pid_ = -1;
  int out_ = -1, err_ = -1;
  std::string output_, errors_;
};

// `malaposta serve` on ports that the system chose, ready to be connected to.
class Server : public Program {
 public:
  // Each scenario (a file or the name of a shipped one) on a port of its own; without a log unless `options` ask for it.
  explicit Server(const std::vector<std::string>& scenarios, const std::vector<std::string>& options = {});

  // By the scenario's name; the only one if none is said.
  std::uint16_t port(const std::string& scenario) const { return ports_.at(scenario); }
  std::uint16_t port() const { return ports_.begin()->second; }
  // In the order of the scenarios: where two ports play the same one.
  std::uint16_t nth_port(std::size_t nth) const { return in_order_.at(nth); }

  // What the listening lines said: "listening", "refusing", "not answering".
  const std::map<std::string, std::string>& does() const { return does_; }

 private:
  std::map<std::string, std::uint16_t> ports_;
  std::vector<std::uint16_t> in_order_;
  std::map<std::string, std::string> does_;
};

// A file below the folder for temporary files, gone with the object.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, std::string_view content);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_, path_;
};

}  // namespace malaposta::testing
