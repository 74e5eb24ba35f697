#include "journal/sqlite_store.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "journal/packing.hpp"
#include "journal/sqlite_file.hpp"

namespace malaposta::journal {

namespace {

constexpr std::chrono::milliseconds kLatest{50};  // sessions, events and marks wait so long for messages to be written with
constexpr std::chrono::seconds kRetry{1};         // after a commit that failed
constexpr std::size_t kOverhead = 64;             // of a row that waits, in bytes, about

}  // namespace

class SqliteStore::Writer {
 public:
  Writer(std::string file, SqliteFile::Limits limits) : path_(file), file_(std::in_place, std::move(file), limits) {}

  void load(std::span<Journal* const> journals) {
    const auto of = [&](SessionId session) -> Journal& { return *journals[session % journals.size()]; };
    const auto session = [&](Session one) {
      Journal& journal = of(one.id);
      journal.restore(std::move(one));
    };
    const auto message = [&](Message one) {
      Journal& journal = of(one.session);
      journal.restore(std::move(one));
    };
    file_->read(
        session, [&](const Event& event) { of(event.session).restore(event); }, message,
        [&](Mark one) { marks_.push_back(std::move(one)); });
    for (Journal* const journal : journals) journal->restored();
    // Messages may have given way to the limits just now.
    const auto is_there = [&](const Mark& mark) {
      return std::ranges::any_of(journals, [&](const Journal* journal) { return journal->message(mark.message) != nullptr; });
    };
    std::erase_if(marks_, std::not_fn(is_there));
    thread_ = std::thread([this] { work(); });
  }

  std::vector<Mark> take_marks() {
    const std::lock_guard lock(mutex_);
    return std::exchange(marks_, {});
  }

  void finish() {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(stopping_, true)) return;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
    file_.reset();
  }

  Status status() const {
    Status status;
    {
      const std::lock_guard lock(mutex_);
      status = status_;
    }
    status.file = path_;
    for (const std::string& path : {path_, SqliteFile::log_of(path_)}) {
      std::error_code none;
      const std::uintmax_t size = std::filesystem::file_size(path, none);
      if (!none) status.bytes += size;
    }
    return status;
  }

  void keep(const Session& session) {
    give(kOverhead + session.peer.size() + session.scenario.size() + sizeof session,
         [&](Changes& waiting) { waiting.sessions.push_back(session); });
  }

  void keep(const Event& event) {
    give(kOverhead + event.text.size(), [&](Changes& waiting) {
      Changes::Events& events = waiting.events[event.session];
      if (events.count++ == 0) events.base = event.at;
      pack(events.packed, event, events.base);
    });
  }

  void keep(const Mark& mark) {
    std::size_t bytes = kOverhead + sizeof mark;
    for (const std::string& tag : mark.tags.value_or(std::vector<std::string>{})) bytes += sizeof(std::string) + tag.size();
    give(bytes, [&](Changes& waiting) { waiting.marks.push_back(mark); });
  }

  void keep(Message message, const Done& done) {
    {
      const std::lock_guard lock(mutex_);
      if (!stopping_) {
        messages_.push_back({std::move(message), &done});
        changed_.notify_one();
        return;
      }
    }
    done({std::move(message), {Outcome::What::failed, "the store is closed"}});
  }

  void forget(std::vector<std::uint64_t> Changes::*list, std::uint64_t id) {
    give(0, [&](Changes& waiting) { (waiting.*list).push_back(id); });
  }

 private:
  // Adds to what waits; `bytes` of 0 always have room, for they are numbers of what is in the file.
  template <typename Add>
  void give(std::size_t bytes, Add&& add) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    if (bytes > 0 && waiting_.bytes + bytes > kMostWaiting) {
      ++status_.dropped_events;
      return;
    }
    if (waiting_.empty()) changed_.notify_one();
    waiting_.bytes += bytes;
    add(waiting_);
  }

  void work() {
    bool shrinking = false;
    std::unique_lock lock(mutex_);
    for (bool last = false; !last || shrinking;) {
      const auto pressing = [this] { return stopping_ || !messages_.empty(); };
      const auto something = [&] { return pressing() || !waiting_.empty(); };
      if (!shrinking) {
        if (carried_.empty())
          changed_.wait(lock, something);
        else
          changed_.wait_for(lock, kRetry, something);
        if (!pressing()) changed_.wait_for(lock, kLatest, pressing);
      }
      last = stopping_;
      if (!waiting_.empty()) carried_.push_back(std::exchange(waiting_, {}));
      std::vector<Submission> messages = take_messages();
      last = last && messages_.empty();
      lock.unlock();
      if (!carried_.empty() || !messages.empty()) commit(messages);
      shrinking = file_->shrink();
      lock.lock();
    }
  }

  // As much as may go into one transaction.
  std::vector<Submission> take_messages() {
    std::vector<Submission> taken;
    for (std::size_t bytes = 0; !messages_.empty() && bytes < kMostAtOnce; messages_.pop_front()) {
      bytes += messages_.front().message.content.size();
      taken.push_back(std::move(messages_.front()));
    }
    return taken;
  }

  void commit(std::vector<Submission>& messages) {
    Outcome outcome = file_->write(carried_, messages);
    note(outcome);
    if (outcome.kept()) {
      carried_.clear();
      for (Submission& one : messages) give_back(one, {});
      return;
    }
    // First what is to be forgotten, for it makes room; then each message by itself, so that a large one has no small one refused.
    if (!messages.empty() && file_->write(carried_, {}).kept()) carried_.clear();
    for (Submission& one : messages) {
      outcome = file_->write({}, {&one, 1});
      note(outcome);
      give_back(one, std::move(outcome));
    }
    limit_carried();
  }

  void give_back(Submission& one, Outcome outcome) {
    {
      const std::lock_guard lock(mutex_);
      ++(outcome.kept() ? status_.stored : status_.refused);
    }
    (*one.done)({std::move(one.message), std::move(outcome)});
  }

  void note(const Outcome& outcome) {
    const std::lock_guard lock(mutex_);
    status_.trouble = outcome.reason;
    if (outcome.kept()) ++status_.commits;
  }

  // What could not be written becomes one, to be tried again; where it is too much, sessions, events and marks are dropped. What is to be
  // forgotten is not: it is bounded by what is in the file.
  void limit_carried() {
    if (carried_.empty()) return;
    Changes all = std::move(carried_.front());
    std::uint64_t dropped = 0;
    for (std::size_t i = 1; i < carried_.size(); ++i) {
      Changes& one = carried_[i];
      const auto append = [](auto& to, auto& from) {
        to.insert(to.end(), std::move_iterator(from.begin()), std::move_iterator(from.end()));
      };
      append(all.forgotten_messages, one.forgotten_messages);
      append(all.forgotten_sessions, one.forgotten_sessions);
      append(all.unacknowledged, one.unacknowledged);
      if (all.bytes + one.bytes > kMostWaiting) {
        dropped += one.sessions.size() + one.marks.size();
        for (const auto& [session, events] : one.events) dropped += events.count;
        continue;
      }
      all.bytes += one.bytes;
      append(all.sessions, one.sessions);
      append(all.marks, one.marks);
      for (auto& [session, events] : one.events) {
        const auto [place, added] = all.events.try_emplace(session, std::move(events));
        if (!added) merge(place->second, events);
      }
    }
    carried_.clear();
    carried_.push_back(std::move(all));
    const std::lock_guard lock(mutex_);
    status_.dropped_events += dropped;
  }

  // The later ones count from another time.
  static void merge(Changes::Events& to, const Changes::Events& from) {
    Event event;
    for (std::string_view packed = from.packed; !packed.empty() && unpack(packed, event, from.base);) pack(to.packed, event, to.base);
    to.count += from.count;
  }

  const std::string path_;
  std::optional<SqliteFile> file_;  // of the thread, while it runs, as is:
  std::vector<Changes> carried_;  // taken, and not yet written
  std::thread thread_;

  mutable std::mutex mutex_;  // for what follows
  std::condition_variable changed_;
  Changes waiting_;
  std::vector<Mark> marks_;  // that were there at the start, until they are taken
  std::deque<Submission> messages_;
  bool stopping_ = false;
  Status status_;
};

SqliteStore::SqliteStore(std::string file, std::uint64_t memory, std::uint64_t event_bytes)
    : writer_(std::make_unique<Writer>(std::move(file), SqliteFile::Limits{2 * memory + SqliteFile::kSlack, event_bytes})) {}

SqliteStore::~SqliteStore() { finish(); }

void SqliteStore::load(std::span<Journal* const> journals) { writer_->load(journals); }
std::vector<Mark> SqliteStore::take_marks() { return writer_->take_marks(); }
void SqliteStore::finish() { writer_->finish(); }
Store::Status SqliteStore::status() const { return writer_->status(); }
void SqliteStore::keep(const Session& session) { writer_->keep(session); }
void SqliteStore::keep(const Event& event) { writer_->keep(event); }
void SqliteStore::keep(const Mark& mark) { writer_->keep(mark); }
void SqliteStore::keep(Message message, const Done& done) { writer_->keep(std::move(message), done); }
void SqliteStore::unacknowledged(MessageId message) { writer_->forget(&Changes::unacknowledged, message); }
void SqliteStore::forget_message(MessageId message) { writer_->forget(&Changes::forgotten_messages, message); }
void SqliteStore::forget_session(SessionId session) { writer_->forget(&Changes::forgotten_sessions, session); }

}  // namespace malaposta::journal
