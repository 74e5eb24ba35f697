// A server that has no descriptor left for one more connection, and one whose accept queue is full: whoever is served goes on, the others
// wait, and none is lost.
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <thread>
#include <vector>

#include "dialog.hpp"
#include "network.hpp"
#include "program.hpp"
#include "sanitizer.hpp"

using namespace malaposta::testing;

// The undefined-behaviour sanitizer, which is built in beside that of addresses, opens pipes to look at memory, and takes the want of
// descriptors for a defect.
#if !MALAPOSTA_ADDRESS_SANITIZER
TEST_CASE("no descriptor left: those that are connected are served, the next one waits until another leaves, and both is told") {
  const std::string threads = GENERATE("1", "2");
  Server server({"default"}, {"--threads", threads});
  constexpr std::size_t kMost = 3;
  server.leave_descriptors(kMost);
  std::vector<std::unique_ptr<Wire>> wires;
  for (std::size_t i = 0; i < kMost; ++i) greet(*wires.emplace_back(std::make_unique<Wire>(server.port())));

  for (int episode = 0; episode < 2; ++episode) {
    Wire next(server.port());
    next.send("EHLO client.example.test\r\n");
    CHECK(server.error_line() == "malaposta: connections have to wait until others end: Too many open files");
    for (const auto& wire : wires) CHECK(summary(transact(*wire)) == "250 2.0.0");
    leave(*wires.back());
    wires.pop_back();
    CHECK(summary(next.reply()) == "220");
    CHECK(summary(next.reply()) == "250");
    CHECK(server.error_line() == "malaposta: connections are accepted again");
    leave(next);
    greet(*wires.emplace_back(std::make_unique<Wire>(server.port())));
  }
  for (const auto& wire : wires) leave(*wire);
  server.signal(SIGTERM);
  CHECK(server.exit_status() == 0);
  CHECK(server.errors().empty());
  CHECK(server.output().find("7 sessions: 6 messages accepted, 6 kept") != std::string::npos);
}
#endif

TEST_CASE("a full accept queue: whoever connects is served in the end, once", "[network]") {
  constexpr std::size_t kQueue = 4, kClients = 20;
  const OwnNetwork network(kQueue);
  if (!network.is_there()) {
    WARN("no network of its own could be made: that needs root");
    return;
  }
  Server server({"default"});
  server.signal(SIGSTOP);
  int status = 0;
  REQUIRE(::waitpid(server.pid(), &status, WUNTRACED) == server.pid());
  REQUIRE(WIFSTOPPED(status));
  std::vector<std::string> told(kClients);
  std::vector<std::thread> clients;
  for (std::size_t i = 0; i < kClients; ++i)
    clients.emplace_back([&, i] {
      try {
        Wire wire(server.port());
        for (const std::string_view line : {"", "EHLO client.example.test", "MAIL FROM:<alice@example.com>", "RCPT TO:<bob@example.test>",
                                            "DATA", "Subject: one of many\r\n.", "QUIT"})
          told[i] += summary(line.empty() ? wire.reply() : wire.say(line)) + ", ";
      } catch (const WireError& error) {
        told[i] += error.what();
      }
    });
  // Until the queue is full, and others knock in vain.
  const auto begin = std::chrono::steady_clock::now();
  while (connecting_to(server.port()) < kClients - 2 * kQueue && std::chrono::steady_clock::now() - begin < Wire::kTimeout)
    std::this_thread::yield();
  CHECK(connecting_to(server.port()) >= kClients - 2 * kQueue);
  server.signal(SIGCONT);
  for (std::thread& client : clients) client.join();
  for (const std::string& one : told) CHECK(one == "220, 250, 250 2.1.0, 250 2.1.5, 354, 250 2.0.0, 221 2.0.0, ");
  server.signal(SIGTERM);
  CHECK(server.exit_status() == 0);
  CHECK(server.output().find("20 sessions: 20 messages accepted, 20 kept") != std::string::npos);
}
