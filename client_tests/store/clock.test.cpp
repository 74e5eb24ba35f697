// A clock that is set while the server runs, or between two runs: time-outs and ages go by the clock that only counts, and no mail is lost
// because the time of day is another one now.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>

#include "dialog.hpp"
#include "store.hpp"

using namespace malaposta::testing;
using std::chrono::steady_clock;

namespace {

// The time of day of the programs that are started while it is there.
class JumpingClock {
 public:
  JumpingClock() {
    const std::string path = folder_.path() + "/offset";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(::ftruncate(file, sizeof(std::int64_t)) == 0);
    void* const shared = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    REQUIRE(shared != MAP_FAILED);
    ::close(file);
    offset_ = static_cast<std::atomic<std::int64_t>*>(shared);
    ::setenv("MALAPOSTA_TEST_CLOCK", path.c_str(), 1);
    ::setenv("LD_PRELOAD", MALAPOSTA_JUMPING_CLOCK, 1);
  }
  ~JumpingClock() {
    ::unsetenv("LD_PRELOAD");
    ::munmap(offset_, sizeof *offset_);
  }
  JumpingClock(const JumpingClock&) = delete;
  JumpingClock& operator=(const JumpingClock&) = delete;

  // So far from the true time from now on.
  void set(std::chrono::hours off) { offset_->store(std::chrono::seconds(off).count()); }

 private:
  TemporaryFolder folder_;
  std::atomic<std::int64_t>* offset_ = nullptr;
};

constexpr std::chrono::hours kNow{0}, kDay{24};
constexpr std::chrono::hours kJumps[] = {400 * kDay, -400 * kDay};

// How many messages there are then.
std::int64_t deliver(const StoringServer& server) {
  Wire wire(server.port());
  greet(wire);
  REQUIRE(summary(transact(wire)) == "250 2.0.0");
  leave(wire);
  return server.messages();
}

// How long until so many messages are left.
steady_clock::duration until_left(const StoringServer& server, std::int64_t count, steady_clock::time_point since) {
  while (server.messages() != count && steady_clock::now() - since < Wire::kTimeout) {}
  CHECK(server.messages() == count);
  return steady_clock::now() - since;
}

std::vector<std::string> dates_of(const StoringServer& server) {
  std::vector<std::string> dates;
  const boost::json::value list = server.get_json("/api/v1/messages");
  for (const boost::json::value& one : list.at("messages").as_array()) dates.emplace_back(one.at("Created").as_string());
  return dates;
}

void stop(Program& server) {
  server.signal(SIGTERM);
  REQUIRE(server.exit_status() == 0);
}

// A run from start to end, in which a message comes, after which there are so many: their dates, the newest first.
std::vector<std::string> run_until(std::int64_t count, const TemporaryFolder& folder) {
  StoringServer server(folder.file());
  CHECK(deliver(server) == count);
  std::vector<std::string> dates = dates_of(server);
  stop(server);
  return dates;
}

}  // namespace

TEST_CASE("a clock that is set changes neither time-outs nor delays") {
  JumpingClock clock;
  const TemporaryFile file("timeout.yaml", "malaposta: 1\nserver: { limits: { timeout: 400ms } }\nrules: [{ at: noop, delay: 100ms }]\n");
  const ApiServer server({file.path()});
  for (const std::chrono::hours jump : kJumps) {
    const auto begin = steady_clock::now();
    Wire wire(server.port());
    greet(wire);
    clock.set(jump);
    const auto asked = steady_clock::now();
    CHECK(summary(wire.say("NOOP")) == "250 2.0.0");
    CHECK(steady_clock::now() - asked >= std::chrono::milliseconds(100));
    clock.set(kNow);
    CHECK(summary(wire.reply()) == "421 4.4.2");
    CHECK(steady_clock::now() - begin >= std::chrono::milliseconds(500));
  }
}

TEST_CASE("a clock that is set while the server runs: mail stays for --keep-for, in order, and is found") {
  JumpingClock clock;
  const TemporaryFolder folder;
  constexpr std::chrono::seconds kKeepFor{2};
  StoringServer server(folder.file(), {"--keep-for", "2s"});
  for (const std::chrono::hours jump : kJumps) {
    const auto begin = steady_clock::now();
    CHECK(deliver(server) == 1);
    clock.set(jump);
    CHECK(deliver(server) == 2);
    const std::vector<std::string> dates = dates_of(server);  // the newest first
    REQUIRE(dates.size() == 2);
    CHECK(dates[0] >= dates[1]);
    CHECK(server.get_json("/api/v1/search?query=after:" + dates[1].substr(0, 10)).at("messages").as_array().size() == 2);
    CHECK(until_left(server, 0, begin) >= kKeepFor);
    clock.set(kNow);
  }
  stop(server);
}

TEST_CASE("a clock that was ahead in the run before: mail of then counts from now on, and gives way in its time") {
  JumpingClock clock;
  const TemporaryFolder folder;
  clock.set(400 * kDay);
  (void)run_until(1, folder);
  clock.set(kNow);
  const std::vector<std::string> dates = run_until(2, folder);
  CHECK(dates.at(0) >= dates.at(1));
  StoringServer server(folder.file(), {"--keep-for", "1s"});
  const auto begin = steady_clock::now();
  (void)until_left(server, 0, begin);
  stop(server);
}

TEST_CASE("a clock that was behind in the run before: without --keep-for nothing gives way, with it what the clock says is old") {
  JumpingClock clock;
  const TemporaryFolder folder;
  clock.set(-400 * kDay);
  (void)run_until(1, folder);
  clock.set(kNow);
  (void)run_until(2, folder);
  StoringServer server(folder.file(), {"--keep-for", "24h"});
  CHECK(server.messages() == 1);
  stop(server);
}
