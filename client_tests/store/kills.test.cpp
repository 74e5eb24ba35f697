// kill -9 at any moment loses nothing that was acknowledged and leaves a file that opens. Each round starts the server on the file that
// the last one left, loads it with several clients, kills it when they have taken a number of steps that the seed chose, and compares
// a copy of the file with the clients' own account. MALAPOSTA_KILLS is the number of rounds, MALAPOSTA_SEED the seed.
#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "dialog.hpp"
#include "store.hpp"

using namespace malaposta::testing;

namespace {

constexpr int kRounds = 15;       // unless MALAPOSTA_KILLS says more
constexpr int kClients = 4;
constexpr unsigned kMostSteps = 1200;  // of all clients, before the kill

unsigned number_in(const char* variable, unsigned otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

// A message by its name: mostly small, some of many pages, a few that are written piece by piece.
std::string content_of(const std::string& name) {
  std::mt19937 random(static_cast<unsigned>(std::hash<std::string>()(name)));
  static constexpr std::size_t kSizes[] = {10, 300, 300, 1000, 1000, 1000, 5000, 70'000};
  std::size_t size = kSizes[random() % std::size(kSizes)];
  if (random() % 200 == 0) size = 1'500'000;
  std::string content = "Subject: " + name + "\r\n\r\n";
  for (; size > 0; --size) content += static_cast<char>('a' + random() % 26);
  return content + "\r\n";
}

std::string name_of(const std::string& content) {
  constexpr std::size_t kBegin = std::string_view("Subject: ").size();
  return content.substr(kBegin, content.find('\r') - kBegin);
}

// Of all clients of a round.
class Account {
 public:
  Account(pid_t server, unsigned kill_at) : server_(server), kill_at_(kill_at) {}

  void step() {
    if (steps_.fetch_add(1) + 1 == kill_at_) (void)::kill(server_, SIGKILL);
  }
  void acknowledged(const std::string& name) {
    const std::lock_guard lock(mutex_);
    acknowledged_.insert(name);
  }
  void surprised(const std::string& what) {
    const std::lock_guard lock(mutex_);
    surprises_ += what + "\n";
  }

  // Once the clients are done.
  const std::set<std::string>& acknowledged() const { return acknowledged_; }
  const std::string& surprises() const { return surprises_; }

 private:
  pid_t server_;
  unsigned kill_at_;
  std::atomic<unsigned> steps_{0};
  std::mutex mutex_;
  std::set<std::string> acknowledged_;
  std::string surprises_;
};

// Delivers until the server is gone. It runs on a thread of its own: Catch's checks are for the test's thread.
void deliver(std::uint16_t port, const std::string& name, Account& account) {
  const auto expect = [&](const Reply& reply, int code) {
    account.step();
    if (reply.code != code) account.surprised(name + ": " + std::to_string(reply.code) + " instead of " + std::to_string(code));
    return reply.code == code;
  };
  try {
    Wire wire(port);
    if (!expect(wire.reply(), 220) || !expect(wire.say("EHLO client.example.test"), 250)) return;
    for (int i = 0;; ++i) {
      const std::string one = name + "." + std::to_string(i), content = content_of(one);
      if (!expect(wire.say("MAIL FROM:<alice@example.com>"), 250) || !expect(wire.say("RCPT TO:<bob@example.test>"), 250)) return;
      if (i % 3 == 2) {
        wire.send("BDAT " + std::to_string(content.size()) + " LAST\r\n");
        account.step();
        wire.send(content);
      } else {
        if (!expect(wire.say("DATA"), 354)) return;
        wire.send(content);
        account.step();
        wire.send(".\r\n");
      }
      account.step();
      const Reply reply = wire.reply();
      if (reply.code == 250) account.acknowledged(one);
      if (!expect(reply, 250)) return;
    }
  } catch (const WireError&) {  // killed
  }
}

struct Kept {
  std::map<std::string, std::string> messages;  // content by name
  std::int64_t first = 0, last = 0;             // ids
  std::size_t rows = 0;
};

// From a copy, so that the server has to recover the file itself.
Kept look(const std::string& file) {
  const TemporaryFolder copy;
  for (const std::string suffix : {"", "-wal", "-journal"})
    if (std::filesystem::exists(file + suffix)) std::filesystem::copy_file(file + suffix, copy.file() + suffix);
  SQLite::Database database(copy.file(), SQLite::OPEN_READWRITE);
  CHECK(database.execAndGet("PRAGMA integrity_check").getString() == "ok");
  Kept kept;
  if (database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0) return kept;  // killed before it was made
  SQLite::Statement rows(database, "SELECT id, content FROM message ORDER BY id");
  while (rows.executeStep()) {
    if (kept.rows++ == 0) kept.first = rows.getColumn(0).getInt64();
    kept.last = rows.getColumn(0).getInt64();
    const std::string content = rows.getColumn(1).getString();
    kept.messages[name_of(content)] = content;
  }
  return kept;
}

}  // namespace

TEST_CASE("kill -9 at any moment loses nothing that was acknowledged, and leaves a file that opens") {
  const unsigned rounds = number_in("MALAPOSTA_KILLS", kRounds), seed = number_in("MALAPOSTA_SEED", 1);
  std::mt19937 random(seed);
  const TemporaryFolder folder;
  std::size_t acknowledged = 0, unacknowledged = 0;
  std::int64_t last_id = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    INFO("round " << round << " of seed " << seed);
    if (random() % 8 == 0) {
      // On the way up: before anything is said, or just before the first connection.
      const bool ready = random() % 2 == 0;
      Program program({"serve", "--smtp", "127.0.0.1:0", "--http", "off", "--log", "none", "--store", "sqlite:" + folder.file()});
      if (ready) CHECK(program.line().starts_with("malaposta: smtp listening on"));
      program.signal(SIGKILL);
      CHECK(program.exit_status() == -SIGKILL);
    }
    StoringServer server(folder.file(), {"--threads", std::to_string(1 + random() % 2)});
    // What the last round left was compared already. That it is gone may be lost by the kill; that it is back would be seen by its id.
    CHECK(server.ask({boost::beast::http::verb::delete_, "/api/v1/messages", 11}).result() == boost::beast::http::status::ok);
    Account account(server.pid(), 1 + static_cast<unsigned>(random() % kMostSteps));
    std::vector<std::thread> clients;
    for (int i = 0; i < kClients; ++i)
      clients.emplace_back([&, name = std::to_string(round) + "-" + std::to_string(i)] { deliver(server.port(), name, account); });
    for (std::thread& client : clients) client.join();
    CHECK(server.exit_status() == -SIGKILL);
    CHECK(account.surprises().empty());

    const Kept kept = look(folder.file());
    for (const std::string& name : account.acknowledged()) {
      INFO("acknowledged: " << name);
      const auto found = kept.messages.find(name);
      REQUIRE(found != kept.messages.end());
    }
    CHECK(kept.rows == kept.messages.size());  // none twice
    for (const auto& [name, content] : kept.messages) {
      INFO("kept: " << name);
      REQUIRE(content == content_of(name));  // whole, whether acknowledged or not
      if (name.starts_with(std::to_string(round) + "-") && account.acknowledged().count(name) == 0) ++unacknowledged;
    }
    if (kept.rows > 0) {
      CHECK(kept.last >= last_id);
      last_id = kept.last;
    }
    acknowledged += account.acknowledged().size();
    // At the next start everything is in the inbox again.
    StoringServer again(folder.file());
    CHECK(again.messages() == static_cast<std::int64_t>(kept.rows));
    again.signal(SIGKILL);
    (void)again.exit_status();
  }
  std::printf("%u kills of seed %u: %zu messages acknowledged, none lost; %zu kept that were not acknowledged\n", rounds, seed,
              acknowledged, unacknowledged);
  CHECK(acknowledged > rounds);
}
