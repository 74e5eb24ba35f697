// Where journals keep what has to outlive the process. The journal in memory stays what everybody reads; beneath it a
// store takes copies of its sessions and events, and the messages themselves until they are durable. Without a store
// nothing outlives the process, and nothing has to be waited for.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "journal/journal.hpp"

namespace malaposta::journal {

// The store cannot be used at all; what() names it and the way out.
struct StoreError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// How a message came back from the store.
struct Outcome {
  enum class What : std::uint8_t {
    kept,    // it is durable
    full,    // there is no room for it
    failed,  // the store does not work
  };
  What what = What::kept;
  std::string reason;  // empty where it is kept

  bool kept() const { return what == What::kept; }
};

struct Stored {
  Message message;
  Outcome outcome;
};

// What was said of a message since it came.
struct Mark {
  MessageId message = 0;
  bool read = false;
  std::optional<std::vector<std::string>> tags;  // nothing: those that the message names itself
};

class Store {
 public:
  // Takes a message back, once for each that was given. Called on any thread.
  using Done = std::function<void(Stored)>;

  struct Status {
    std::string file;
    std::uint64_t bytes = 0;            // that it takes on the disk now
    std::uint64_t stored = 0;           // messages that became durable
    std::uint64_t refused = 0;          // messages that did not
    std::uint64_t commits = 0;
    std::uint64_t dropped_events = 0;   // sessions, events and marks that the store had no room for
    std::string trouble;                // why the last commit failed; empty where it did not
  };

  virtual ~Store() = default;

  // Fills the journals with what is kept and begins to work; each session, its events and its messages go to one of them. They are
  // attached to the store already, so that what is over their limits gives way in the store, too. Throws StoreError. Once.
  virtual void load(std::span<Journal* const> journals) = 0;

  // Those that load() has found, in the order of ids, of messages that are there. Once; from any thread.
  virtual std::vector<Mark> take_marks() = 0;

  // Makes durable what was given so far, and ends the work: nothing is taken any more. From any thread, more than once.
  virtual void finish() = 0;

  virtual Status status() const = 0;

  // What follows may be called by several journals at once, each on its own thread. Nothing waits.

  // The session as it is now.
  virtual void keep(const Session& session) = 0;
  // Its text is valid during the call only.
  virtual void keep(const Event& event) = 0;
  // It takes the place of an earlier one of its message, and goes with it. Of a message that is not in the store none is kept.
  virtual void keep(const Mark& mark) = 0;
  // The message belongs to the store until `done`, which outlives it, gets it back.
  virtual void keep(Message message, const Done& done) = 0;
  // That message was not acknowledged after all.
  virtual void unacknowledged(MessageId message) = 0;
  virtual void forget_message(MessageId message) = 0;
  // With its events.
  virtual void forget_session(SessionId session) = 0;
};

}  // namespace malaposta::journal
