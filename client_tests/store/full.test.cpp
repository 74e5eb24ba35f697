// A disk that is full: a small file system in memory, of this process and its children alone.
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "dialog.hpp"
#include "store.hpp"

using namespace malaposta::testing;

namespace {

// False where the system does not let us have one.
bool mount_small(const std::string& folder, const std::string& size) {
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return ::mount("tmpfs", folder.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
}

std::string deliver(Wire& wire, std::size_t size, const std::string& subject) {
  talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<bob@example.test>", "250 2.1.5"}, {"DATA", "354"}});
  return summary(wire.say("Subject: " + subject + "\r\n\r\n" + std::string(size, 'x') + "\r\n."));
}

}  // namespace

TEST_CASE("a full disk is 452 4.3.1, loses nothing, and is over when there is room again", "[full]") {
  const TemporaryFolder folder;
  if (!mount_small(folder.path(), "16m")) {
    WARN("no file system could be mounted: neither root nor user namespaces");  // by which ctest knows
    return;
  }
  const std::string ballast = folder.path() + "/ballast";
  int kept = 0;
  {
    StoringServer server(folder.file());
    Wire wire(server.port());
    greet(wire);
    std::string told;
    while (kept < 100 && (told = deliver(wire, 500'000, std::to_string(kept))) == "250 2.0.0") ++kept;
    CHECK(kept > 5);
    CHECK(kept < 32);
    CHECK(told == "452 4.3.1");
    CHECK(server.messages() == kept);
    const std::string sent =
        R"({"From": {"Email": "a@a.test"}, "To": [{"Email": "b@b.test"}], "Text": ")" + std::string(500'000, 'x') + "\"}";
    CHECK(server.post("/api/v1/send", "application/json", sent).result_int() == 507);
    SECTION("room is made in the inbox") {
      CHECK(server.ask({boost::beast::http::verb::delete_, "/api/v1/messages", 11}).result() == boost::beast::http::status::ok);
      const auto begin = std::chrono::steady_clock::now();
      do told = deliver(wire, 500'000, "again");
      while (told == "452 4.3.1" && std::chrono::steady_clock::now() - begin < Wire::kTimeout);
      CHECK(told == "250 2.0.0");
      kept = 1;
    }
    SECTION("somebody else takes the rest of the disk, and gives it back") {
      std::ofstream(ballast) << std::string(16 << 20, 'x') << std::flush;
      CHECK(std::filesystem::space(folder.path()).available < 100'000);
      for (int i = 0; i < 20; ++i) CHECK(deliver(wire, 1000, "more") == "452 4.3.1");
      CHECK(server.get_json("/api/v1/info").at("Store").at("Refused").as_int64() == 22);
    }
    server.signal(SIGKILL);
    (void)server.exit_status();
  }
  // Full or not: what was acknowledged is there, and the server works.
  StoringServer server(folder.file());
  CHECK(server.messages() == kept);
  Wire wire(server.port());
  greet(wire);
  std::filesystem::remove(ballast);
  CHECK(deliver(wire, 1000, "again") == "250 2.0.0");
  leave(wire);
  server.signal(SIGTERM);
  CHECK(server.exit_status() == 0);
  CHECK(::umount2(folder.path().c_str(), MNT_DETACH) == 0);
}
