#include "cli/client_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX has the program declare it

namespace malaposta::cli {

namespace {

constexpr std::size_t kReadSize = 16 * 1024;

// Ours, with `added` in place of what has the same names.
std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    if (std::none_of(added.begin(), added.end(), [&](const auto& one) { return one.first == name; })) all.emplace_back(text);
  }
  for (const auto& [name, value] : added) all.push_back(fmt::format("{}={}", name, value));
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error(fmt::format("a pipe cannot be made: {}", std::strerror(errno)));
  }
  ~Pipe() {
    if (ends[0] >= 0) ::close(ends[0]);
    if (ends[1] >= 0) ::close(ends[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
};

}  // namespace

ClientProcess::ClientProcess(const std::vector<std::string>& arguments,
                             const std::vector<std::pair<std::string, std::string>>& environment) {
  Pipe out, err;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.ends[1], STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t all, none;
  sigfillset(&all), sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);

  std::vector<std::string> argument_texts = arguments, environment_texts = environment_with(environment);
  const int error = ::posix_spawnp(&pid_, arguments.front().c_str(), &actions, &attributes, pointers(argument_texts).data(),
                                   pointers(environment_texts).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    pid_ = -1;
    throw std::runtime_error(fmt::format("the client '{}' cannot be started: {}", arguments.front(), std::strerror(error)));
  }
  pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  outputs_[0] = {std::exchange(out.ends[0], -1), 0, &result_.output};
  outputs_[1] = {std::exchange(err.ends[0], -1), 0, &result_.errors};
}

ClientProcess::~ClientProcess() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGKILL);
  if (!ended_) reap();
  for (const Output& output : outputs_)
    if (output.descriptor >= 0) ::close(output.descriptor);
  if (pidfd_ >= 0) ::close(pidfd_);
}

void ClientProcess::read(Output& output) {
  char bytes[kReadSize];
  const ssize_t size = ::read(output.descriptor, bytes, sizeof bytes);
  if (size > 0) {
    const std::size_t kept = std::min(static_cast<std::size_t>(size), kMostOutput - output.into->size());
    output.into->append(bytes, kept);
    output.dropped += static_cast<std::size_t>(size) - kept;
  } else if (size == 0 || errno != EINTR) {
    if (output.dropped > 0) *output.into += fmt::format("\n… and {} bytes more\n", output.dropped);
    ::close(std::exchange(output.descriptor, -1));
  }
}

void ClientProcess::reap() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
  ended_ = true;
  if (WIFEXITED(status)) result_.exit = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result_.signal = WTERMSIG(status);
}

bool ClientProcess::wait(std::chrono::steady_clock::time_point until, const std::vector<int>& wake) {
  using namespace std::chrono;
  while (true) {
    std::vector<pollfd> watched{
        {ended_ ? -1 : pidfd_, POLLIN, 0}, {outputs_[0].descriptor, POLLIN, 0}, {outputs_[1].descriptor, POLLIN, 0}};
    for (const int descriptor : wake) watched.push_back({descriptor, POLLIN, 0});
    const auto left = duration_cast<milliseconds>(until - steady_clock::now()) + 1ms;
    const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 0, 60'000)));
    for (std::size_t i = 0; i < 2; ++i)
      if (watched[i + 1].revents != 0) read(outputs_[i]);
    if (watched[0].revents != 0) {
      // What it started and left behind would keep its outputs open, and our ports busy.
      ::kill(-pid_, SIGKILL);
      reap();
    }
    if (ended_ && outputs_[0].descriptor < 0 && outputs_[1].descriptor < 0) return true;
    if (std::any_of(watched.begin() + 3, watched.end(), [](const pollfd& one) { return one.revents != 0; })) return false;
    if (ready == 0 && steady_clock::now() >= until) return false;
  }
}

void ClientProcess::stop() {
  if (ended_) return;
  ::kill(-pid_, SIGTERM);
  if (wait(std::chrono::steady_clock::now() + kGrace, {})) return;
  ::kill(-pid_, SIGKILL);
  wait(std::chrono::steady_clock::now() + kGrace, {});
}

void ClientProcess::signal(int number) const {
  if (!ended_) ::kill(-pid_, number);
}

}  // namespace malaposta::cli
