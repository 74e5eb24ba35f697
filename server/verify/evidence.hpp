// What a verdict is drawn from: the journals of a server's threads, copied into plain records that outlive the server,
// in the order of time, whatever the number of threads was. Expectations, findings, reports and transcripts read these.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal.hpp"
#include "protocol/command.hpp"

namespace malaposta::verify {

using journal::Kind;
using journal::TimePoint;

// A journal::Event that owns its text.
struct Event {
  Kind kind{};
  TimePoint at{};
  int code = 0;
  std::uint64_t number = 0;
  std::string text;
};

Event copy_of(const journal::Event& event);

struct SessionRecord {
  journal::SessionId id = 0;
  std::string peer;
  std::uint16_t local_port = 0;
  std::string scenario;
  TimePoint opened{};
  TimePoint closed{};  // valid once end != open
  journal::End end = journal::End::open;
  std::vector<Event> events;  // oldest first
  bool complete = true;       // false where events gave way to the journal's limits
};

// What the journal holds of one session.
SessionRecord record_of(const journal::Journal& journal, const journal::Session& session);

struct MessageRecord {
  journal::MessageId id = 0;
  journal::SessionId session = 0;
  TimePoint at{};
  std::string reverse_path;
  std::vector<std::string> recipients;
  std::string content;  // dot-unstuffed, otherwise byte for byte
  bool acknowledged = false;
  bool captured = false;
};

struct RuleCount {
  std::string id;
  std::uint32_t line = 0;   // in the scenario file
  std::uint64_t fired = 0;
};

struct Evidence {
  std::string address;                  // where clients were awaited: "127.0.0.1:2525"; empty where that is not known
  std::vector<SessionRecord> sessions;  // by the time when they were opened
  std::vector<MessageRecord> messages;  // by the time when they came
  std::vector<RuleCount> rules;         // in file order; empty where the scenario has none
  journal::Journal::Evicted evicted;

  // Copies what the journal holds of the sessions at that port (0: at any) that belong to that scenario (empty: to any); to be
  // called once for each thread, on that thread or when it has ended.
  void add(const journal::Journal& journal, std::uint16_t local_port = 0, std::string_view scenario = {});

  // Puts sessions and messages in the order of time: what add() does after each journal.
  void sort();

  const MessageRecord* message(journal::MessageId id) const;
  // False where sessions, events or messages that a verdict may hang on are gone.
  bool complete() const;
};

// One thing that the client did, and what the server replied to it before the client did the next.
struct Exchange {
  enum class What : std::uint8_t {
    connect,        // the greeting; no line
    command,
    auth_response,  // a line within an AUTH exchange
    content,        // the final dot, or a chunk of BDAT
  };
  What what = What::connect;
  protocol::Verb verb = protocol::Verb::unknown;  // of a command; of content: data or bdat
  std::size_t event = 0;  // index into SessionRecord::events of what the client did
  std::size_t last = 0;   // index of the last event before the next exchange
  std::string_view line;  // the command line
  std::string reply;      // all bytes sent in reply, line ends included
  int code = 0;           // the last code in it; 0: none was sent
};

// In order; views into `session`.
std::vector<Exchange> exchanges(const SessionRecord& session);

struct Recipient {
  std::string path;  // without angle brackets
  int code = 0;      // of the reply to RCPT; 0: none was sent
  bool accepted() const { return code / 100 == 2; }
};

// One transaction: from a MAIL command, whatever became of it, to its end.
struct Transaction {
  std::size_t session = 0;          // index into Evidence::sessions
  std::size_t first = 0, last = 0;  // indexes of its events: MAIL, and the last that belongs to it
  TimePoint begun{};                // MAIL
  TimePoint ended{};                // the last of its events
  std::string mail;                 // reverse path without angle brackets, as the client wrote it
  std::vector<Recipient> recipients;
  int mail_code = 0;                // replies; 0: none was sent
  int data_code = 0;                // to DATA; 0: none, or BDAT was used
  int final_code = 0;               // to the final dot or the last chunk; 0: none was sent
  bool content = false;             // content came whole, or a chunk at least
  bool acknowledged = false;        // a message was acknowledged with 2yz
  const MessageRecord* message = nullptr;  // its content, where it came whole and is still there

  std::vector<std::string> paths() const;  // of all its recipients
  // The code that decided what became of it: the final one, or the last refusal before; 0 if none did.
  int outcome() const;
};

// In the order of time. Pointers into `evidence`, which must outlive them.
std::vector<Transaction> transactions(const Evidence& evidence);

// The value of a header field, unfolded; the first of that name (case-insensitive).
std::optional<std::string> header_field(std::string_view content, std::string_view name);

}  // namespace malaposta::verify
