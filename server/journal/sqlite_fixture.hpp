// For tests: a folder for a store's files, and journals that lie on them.
#pragma once

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "journal/sqlite_store.hpp"

namespace malaposta::journal::testing {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "malaposta-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for temporary files");
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(const std::string& name = "mail.sqlite") const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// Takes messages back on the store's thread, and hands them out on the test's.
class Returned {
 public:
  const Store::Done done = [this](Stored stored) {
    {
      const std::lock_guard lock(mutex_);
      returned_.push_back(std::move(stored));
    }
    changed_.notify_one();
  };
  // The next so many, in the order in which they came.
  std::vector<Stored> take(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return returned_.size() >= count; });
    return std::exchange(returned_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Stored> returned_;
};

// A store and journals on it, as a server has them.
struct Opened {
  explicit Opened(const std::string& file, std::size_t count = 1, Journal::Limits limits = {}, std::uint64_t memory = 64u << 20)
      : store(file, memory, limits.event_bytes) {
    std::vector<Journal*> all;
    for (std::size_t i = 0; i < count; ++i) {
      journals.push_back(std::make_unique<Journal>(limits));
      journals.back()->keep_in(store, returned.done);
      all.push_back(journals.back().get());
    }
    store.load(all);
  }
  ~Opened() { store.finish(); }

  Journal& journal() { return *journals.front(); }

  // Waits until the message is stored; what became of it.
  Outcome submit(Message message) {
    message.acknowledged = true;
    CHECK(journal().reserve(message.content.capacity()));
    journal().submit(std::move(message), std::chrono::steady_clock::now());
    Stored stored = std::move(returned.take(1).front());
    Outcome outcome = stored.outcome;
    journal().on_stored([](SessionId, MessageId, const Outcome&) { return true; });
    journal().stored(std::move(stored), std::chrono::steady_clock::now());
    return outcome;
  }

  Returned returned;
  SqliteStore store;
  std::vector<std::unique_ptr<Journal>> journals;
};

inline Message message_of(std::string_view content, SessionId session = 1) {
  Message message;
  message.session = session;
  message.reverse_path = "alice@example.com";
  message.recipients = {"bob@example.test", "\"a\nb\"@example.test"};
  message.content.append(content);
  return message;
}

}  // namespace malaposta::journal::testing
