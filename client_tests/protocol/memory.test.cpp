// Many clients that each send without an end, or nothing, or read nothing: the memory of the program stays below --max-memory and a
// constant. MALAPOSTA_TEST_CLIENTS=10000 drives it as far as descriptors allow.
#include <csignal>
#include <fstream>

#include "crowd.hpp"
#include "dialog.hpp"
#include "program.hpp"
#include "sanitizer.hpp"

using namespace malaposta::testing;

namespace {

constexpr std::size_t kMiB = 1u << 20;
// What docs/performance.md states: the program itself, and what each connection takes beside what counts for --max-memory.
constexpr std::size_t kProgram = 32 * kMiB;
constexpr std::size_t kPerConnection = 8 * 1024;
constexpr std::size_t kMaxMemory = 16 * kMiB;
constexpr std::size_t kUsualClients = 1'000;

// The most that was resident so far, in bytes.
std::size_t peak_of(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/status");
  std::string word;
  std::size_t kilobytes = 0;
  while (in >> word)
    if (word == "VmHWM:") in >> kilobytes;
  return kilobytes * 1024;
}

const std::string kTransaction = "EHLO client.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\n";

class Besieged {
 public:
  explicit Besieged(std::size_t clients = crowd_size(kUsualClients), const std::vector<std::string>& scenarios = {"default"})
      : server_(scenarios, {"--max-memory", "16MiB"}), crowd_(server_.port(), clients) {}

  Crowd& crowd() { return crowd_; }
  Server& server() { return server_; }

  void check_memory() {
    const std::size_t most = kMaxMemory + kProgram + crowd_.size() * kPerConnection;
    INFO("clients: " << crowd_.size() << ", ended: " << crowd_.ended() << ", peak KiB: " << peak_of(server_.pid()) / 1024
                     << ", allowed KiB: " << most / 1024);
    if (!kKeepsWhatIsFreed) CHECK(peak_of(server_.pid()) <= most);
    CHECK(server_.pid() > 0);
    Wire other(server_.port());
    greet(other);
    check_usable(other);
  }

 private:
  Server server_;
  Crowd crowd_;
};

}  // namespace

TEST_CASE("memory: clients that say nothing", "[memory]") {
  Besieged besieged;
  besieged.crowd().act({.first = "EHLO client.test\r\n"});
  besieged.check_memory();
  CHECK(besieged.crowd().ended() == 0);
}

TEST_CASE("memory: header sections without an end", "[memory]") {
  Besieged besieged;
  const std::string header = "X-Again: " + std::string(500, 'x') + "\r\n";
  besieged.crowd().act({.first = kTransaction, .again = header, .bytes = 512 * 1024});
  besieged.check_memory();
  // Their content was dropped, and is refused when it ends.
  besieged.crowd().act({.first = "\r\n.\r\n"});
  CHECK(besieged.crowd().heard("452 4.3.1") > besieged.crowd().size() / 2);
  besieged.check_memory();
}

TEST_CASE("memory: one line without an end", "[memory]") {
  Besieged besieged;
  const std::string piece(4096, 'x');
  for (const std::string_view first : {"EHLO client.test\r\nNOOP ", "\r\nAUTH PLAIN ", "\r\nMAIL FROM:<"})
    besieged.crowd().act({.first = first, .again = piece, .bytes = 64 * 1024});
  besieged.check_memory();
}

TEST_CASE("memory: lines that nearly are too long, and never end", "[memory]") {
  Besieged besieged;
  const std::string nearly = "EHLO client.test\r\nAUTH PLAIN " + std::string(12'000, 'x');
  besieged.crowd().act({.first = nearly});
  besieged.check_memory();
}

TEST_CASE("memory: recipients without an end", "[memory]") {
  Besieged besieged(crowd_size(150));
  const std::string begin = "EHLO client.test\r\nMAIL FROM:<a@a.test>\r\n";
  const std::string again = "RCPT TO:<" + std::string(60, 'l') + "@" + std::string(60, 'd') + ".test>\r\n";
  besieged.crowd().act({.first = begin, .again = again, .bytes = 1'200 * again.size()});
  besieged.check_memory();
  // There was no room for all that were below the limit of recipients: the others were told so, or have 1,000.
  CHECK(besieged.crowd().ended() > 0);
}

TEST_CASE("memory: NOOP without an end", "[memory]") {
  Besieged besieged(crowd_size(100));
  besieged.crowd().act({.first = "EHLO client.test\r\n", .again = "NOOP\r\n", .bytes = 12 * 1024});
  besieged.check_memory();
  CHECK(besieged.crowd().ended() == 0);
}

TEST_CASE("memory: replies that nobody reads", "[memory]") {
  Besieged besieged(crowd_size(10));
  besieged.crowd().act({.first = "EHLO client.test\r\n", .again = "EHLO c\r\n", .bytes = 4 * kMiB, .reads = false});
  besieged.check_memory();
}

TEST_CASE("memory: what is sent ahead of an answer that waits", "[memory]") {
  Besieged besieged(crowd_size(200));
  const std::string begin = "EHLO client.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<delay-3000s@a.test>\r\n";
  besieged.crowd().act({.first = begin, .again = "NOOP\r\n", .bytes = kMiB, .reads = false});
  besieged.check_memory();
}

TEST_CASE("memory: one command after the other that is answered with much", "[memory]") {
  // Sanitizers count a search for a line's end from behind as a look at everything before it: each reply costs them its size squared.
  const std::string much = kKeepsWhatIsFreed ? "32KiB" : "1MiB";
  const TemporaryFile file("much.yaml", "malaposta: 1\nrules: [{ at: vrfy, fault: garbage, bytes: " + much + " }]\n");
  Besieged besieged(crowd_size(10), {file.path()});
  besieged.crowd().act({.first = "EHLO client.test\r\n", .again = "VRFY x\r\n", .bytes = 60 * 1024, .reads = false});
  besieged.check_memory();
}
