// The store in a SQLite file. One thread writes for all journals: whatever has come since it last looked becomes one transaction, so
// that many sessions share the wait for the disk. Messages come back when that is over; sessions and events are not waited for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "journal/store.hpp"

namespace malaposta::journal {

class SqliteStore final : public Store {
 public:
  // Sessions, events and marks that may wait for the thread, in bytes; what comes beyond is dropped, and counted. Messages that wait are
  // within the limits of their journals, because nothing is read from their clients meanwhile.
  static constexpr std::size_t kMostWaiting = 16u << 20;
  // Content written in one transaction, one message at least: so much the log may grow.
  static constexpr std::size_t kMostAtOnce = 32u << 20;

  // For journals of that many bytes of messages and events together, of which `event_bytes` for events. Opens the file, or makes it; throws
  // StoreError.
  SqliteStore(std::string file, std::uint64_t memory, std::uint64_t event_bytes);
  ~SqliteStore() override;

  void load(std::span<Journal* const> journals) override;
  std::vector<Mark> take_marks() override;
  void finish() override;
  Status status() const override;
  void keep(const Session& session) override;
  void keep(const Event& event) override;
  void keep(const Mark& mark) override;
  void keep(Message message, const Done& done) override;
  void unacknowledged(MessageId message) override;
  void forget_message(MessageId message) override;
  void forget_session(SessionId session) override;

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace malaposta::journal
