#include "program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <stdexcept>
#include <utility>

namespace malaposta::testing {

namespace {

constexpr int kTimeout = 60'000;  // milliseconds of silence after which the program hangs

struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  }
  std::array<int, 2> ends{};
};

// False at the end of file.
bool append(int descriptor, std::string& to) {
  std::array<char, 4096> bytes{};
  const ssize_t size = ::read(descriptor, bytes.data(), bytes.size());
  if (size > 0) to.append(bytes.data(), static_cast<std::size_t>(size));
  return size > 0;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  return pointers;
}

std::vector<std::string> serve_arguments(const std::vector<std::string>& scenarios, const std::vector<std::string>& options) {
  std::vector<std::string> arguments{"serve"};
  for (const std::string& scenario : scenarios) arguments.insert(arguments.end(), {"--smtp", "127.0.0.1:0=" + scenario});
  arguments.insert(arguments.end(), options.begin(), options.end());
  return arguments;
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments, std::vector<std::string> variables) {
  const Pipe out, err;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.ends[1], STDERR_FILENO);
  std::vector<std::string> words{MALAPOSTA_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers = pointers_to(words);
  pointers.push_back(nullptr);
  // Where a name stands twice, the first one counts.
  // The API's port is fixed: tests that run side by side do without it unless they ask for another.
  variables.emplace_back("MALAPOSTA_HTTP=off");
  std::vector<char*> environment = pointers_to(variables);
  for (char** variable = environ; *variable != nullptr; ++variable) environment.push_back(*variable);
  environment.push_back(nullptr);
  const int error = ::posix_spawn(&pid_, MALAPOSTA_BINARY, &actions, nullptr, pointers.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(out.ends[1]);
  ::close(err.ends[1]);
  out_ = out.ends[0], err_ = err.ends[0];
  if (error != 0) throw std::runtime_error(std::string("cannot start ") + MALAPOSTA_BINARY);
}

Program::~Program() {
  if (pid_ > 0) {
    (void)::kill(pid_, SIGKILL);
    (void)::waitpid(pid_, nullptr, 0);
  }
  for (const int descriptor : {out_, err_})
    if (descriptor >= 0) ::close(descriptor);
}

// Waits for something printed on either stream. False once both are closed.
bool Program::receive() {
  std::array<pollfd, 2> ready{pollfd{out_, POLLIN, 0}, pollfd{err_, POLLIN, 0}};
  if (out_ < 0 && err_ < 0) return false;
  if (::poll(ready.data(), ready.size(), kTimeout) <= 0) throw std::runtime_error("the program hangs; it printed: " + output_ + errors_);
  if (ready[0].revents != 0 && !append(out_, output_)) ::close(std::exchange(out_, -1));
  if (ready[1].revents != 0 && !append(err_, errors_)) ::close(std::exchange(err_, -1));
  return true;
}

std::string Program::line() { return next_line(output_); }

std::string Program::error_line() { return next_line(errors_); }

std::string Program::next_line(std::string& from) {
  while (from.find('\n') == std::string::npos)
    if (!receive()) return {};
  const std::size_t end = from.find('\n');
  std::string result = from.substr(0, end);
  from.erase(0, end + 1);
  return result;
}

void Program::signal(int number) const { (void)::kill(pid_, number); }

int Program::exit_status() {
  while (receive()) {}
  int status = 0;
  (void)::waitpid(std::exchange(pid_, -1), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void Program::leave_descriptors(std::size_t count) const {
  std::set<rlim_t> taken;
  for (const auto& one : std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/fd"))
    taken.insert(std::stoul(one.path().filename()));
  rlim_t limit = 0;
  for (std::size_t left = count; left > 0; ++limit)
    if (!taken.contains(limit)) --left;
  const rlimit files{limit, limit};
  if (::prlimit(pid_, RLIMIT_NOFILE, &files, nullptr) != 0) throw std::runtime_error("prlimit failed");
}

std::size_t Program::resident() const {
  std::ifstream in("/proc/" + std::to_string(pid_) + "/status");
  std::string word;
  std::size_t kilobytes = 0;
  while (in >> word)
    if (word == "VmRSS:") in >> kilobytes;
  return kilobytes * 1024;
}

std::chrono::milliseconds Program::processor_time() const {
  clockid_t clock{};
  timespec used{};
  if (const int error = ::clock_getcpuclockid(pid_, &clock); error != 0 || ::clock_gettime(clock, &used) != 0)
    throw std::runtime_error("no clock of process " + std::to_string(pid_));
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec));
}

Server::Server(const std::vector<std::string>& scenarios, const std::vector<std::string>& options)
    : Program(serve_arguments(scenarios, options), {"MALAPOSTA_LOG=none"}) {
  static const std::regex kLine(R"(^malaposta: smtp ([a-z ]+) on 127\.0\.0\.1:(\d+) \((.+)\)$)");
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    const std::string text = line();
    std::smatch match;
    if (!std::regex_match(text, match, kLine)) {
      (void)exit_status();
      throw std::runtime_error("no listening line: '" + text + "', " + errors());
    }
    does_[match[3]] = match[1];
    ports_[match[3]] = in_order_.emplace_back(static_cast<std::uint16_t>(std::stoi(match[2])));
  }
}

TemporaryFile::TemporaryFile(const std::string& name, std::string_view content) {
  folder_ = (std::filesystem::temp_directory_path() / "malaposta-XXXXXX").string();
  if (::mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("cannot make a folder " + folder_);
  path_ = folder_ + "/" + name;
  std::ofstream(path_, std::ios::binary) << content;
}

TemporaryFile::~TemporaryFile() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace malaposta::testing
