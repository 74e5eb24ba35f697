// What the session asks at each stage, and what it is told to do. The rule engine answers; the session carries
// the answer out step by step. Every fault of the scenario language is a sequence of these steps.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/stage.hpp"
#include "journal/content.hpp"
#include "journal/journal.hpp"

namespace malaposta::protocol {

using catalogue::Stage;
using Duration = std::chrono::nanoseconds;
using TimePoint = journal::TimePoint;

// What is known of the session at any moment. The session owns it.
struct Facts {
  std::string peer_ip;              // textual: "127.0.0.1", "::1"
  std::uint16_t peer_port = 0;
  std::uint16_t local_port = 0;
  std::string helo;                 // argument of HELO, EHLO or LHLO; empty before
  std::string reverse_path;         // of the open transaction, without angle brackets
  std::vector<std::string> recipients;  // accepted so far in this transaction
  std::string user;                 // AUTH identity, once known
  std::string mechanism;            // AUTH mechanism, upper case, once named
  std::uint64_t auth_step = 0;      // lines of the client in this AUTH exchange: the command is the first; 0: none yet
  std::string sni;                  // TLS server name, once known
  std::uint64_t transaction = 0;    // ordinal in the connection, from 1; counts MAIL commands that were accepted or are being judged
  std::uint64_t messages = 0;       // messages acknowledged in this connection
  bool in_transaction = false;
  bool tls = false;
  bool authenticated = false;
  bool pipelined = false;           // the client has sent commands ahead of our replies
};

// One moment of decision. Views are valid during the call only.
struct Moment {
  Stage stage;
  TimePoint now;
  const Facts* facts = nullptr;
  bool is_command = false;        // a command line: rules at `command` apply too
  std::string_view line;          // the command line, or the AUTH continuation line, without its line end
  std::string_view argument;      // what follows the verb
  std::string_view parameters;    // ESMTP parameters of MAIL and RCPT, as sent
  std::string_view mail;          // reverse path that MAIL names now, or the transaction's
  std::string_view rcpt;          // at rcpt (and under LMTP at end-of-data): this recipient; else empty: any recipient counts
  bool has_mail = false;          // `mail` is known (it may be the empty path)
  bool has_rcpt = false;
  std::uint64_t size = 0;         // content bytes: received so far (body), in all (end-of-data), declared by SIZE= (mail)
  const journal::Content* content = nullptr;  // at end-of-data
};

// One step of an answer. Texts are ranges of Decision::text, so that a decision can be moved and kept.
struct Step {
  enum class Kind : std::uint8_t {
    send,        // text: bytes to write as they are; number: the last reply code in them, 0 where nobody has looked
    wait,        // duration: let time pass; nothing is read meanwhile
    read_bytes,  // number: swallow that many bytes of what the client sends
    read_line,   // swallow one line
    close,       // FIN
    reset,       // RST
    half_close,  // FIN, but go on reading
    stall,       // duration: hold the connection and read nothing more, then close; zero: until the idle time-out
    silence,     // duration: read on and answer nothing, then close; zero: until the idle time-out
    set,         // text: enter this scenario state
    go_to,       // number: the stage at which the session stands from now on; ends the answer
    start_tls,   // the client's hello is next, whatever it was told; ends the answer; ignored within TLS
  };
  Kind kind{};
  std::uint32_t offset = 0;  // of the text
  std::uint32_t length = 0;
  Duration duration{};
  std::uint64_t number = 0;
};

// The stages that a session can be made to stand at by Step::go_to; at any other it stays where it is.
inline constexpr Stage kDestinations[] = {Stage::connect, Stage::helo, Stage::ehlo, Stage::lhlo, Stage::tls,
                                          Stage::mail,    Stage::rcpt, Stage::data, Stage::body, Stage::quit};

struct Decision {
  bool decided = false;              // false: the session's own answer; the modifiers below apply to either
  int code = 0;                      // reply code that the client will see last, which moves the session on; 0: none
  bool stay = false;                 // `then: stay`: 421 and 221 do not close
  std::optional<bool> capture;       // at end-of-data: keep the message or not, whatever the code says
  Duration delay{};                  // before the first byte of the answer
  std::uint32_t dribble_bytes = 0;   // 0: all at once; else the answer's bytes leave in pieces of this size …
  Duration dribble_every{};          // … this far apart, …
  Duration dribble_over{};           // … or, unless zero, spread evenly: the last leaves this long after the first
  std::uint64_t read_bytes = 0;      // 0: input is read as it was; else from here on so many bytes at a time …
  Duration read_every{};             // … with this much time between
  bool duplicate = false;            // the answer's bytes are sent twice
  std::optional<std::uint64_t> truncate;  // the answer is cut to this many bytes, then FIN
  std::optional<Step> then;          // after the answer: close, reset, half_close or stall
  std::vector<Step> steps;           // when decided
  std::string text;                  // what the steps' texts point into

  void clear() {
    decided = false, code = 0, stay = false, capture.reset(), delay = Duration{}, dribble_bytes = 0,
    dribble_every = dribble_over = Duration{};
    read_bytes = 0, read_every = Duration{}, duplicate = false, truncate.reset(), then.reset();
    steps.clear(), text.clear();
  }
  void add(Step::Kind kind, Duration duration = {}, std::uint64_t number = 0) { steps.push_back({kind, 0, 0, duration, number}); }
  void add_text(Step::Kind kind, std::string_view bytes) {
    steps.push_back({kind, static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(bytes.size()), {}, 0});
    text.append(bytes);
  }
  // The other's steps after these; its modifiers must be steps already.
  void append(const Decision& other) {
    const auto shift = static_cast<std::uint32_t>(text.size());
    for (Step step : other.steps) {
      step.offset += shift;
      steps.push_back(step);
    }
    text.append(other.text);
    code = other.code, stay = other.stay;
    if (other.read_bytes != 0) read_bytes = other.read_bytes, read_every = other.read_every;
  }
  std::string_view text_of(const Step& step) const { return std::string_view(text).substr(step.offset, step.length); }
};

// A strict dialog: what the client sends next is laid down, and decides what the server does. The session cuts the input as the script
// awaits it, carries out what the script answers, and otherwise goes by what the client was told, as ever.
class Script {
 public:
  enum class Awaits : std::uint8_t {
    line,     // up to a line end
    bytes,    // count() bytes, whatever they are
    message,  // content up to the final dot, or as long as the BDAT before it says
  };
  struct Input {
    enum class What : std::uint8_t {
      start,    // the connection is there, or TLS is: nothing has come
      line,     // without its line end
      bytes,
      message,  // of which the director has no need: the journal has it
      end,      // the client has closed its side
    };
    What what = What::start;
    std::string_view text;
  };

  virtual ~Script() = default;

  virtual Awaits awaits() const = 0;
  virtual std::uint64_t count() const = 0;  // of Awaits::bytes; at least 1

  // Fills `out`, which is clear, with all that the server does until input is awaited again, or TLS is to begin.
  virtual void take(const Input& input, const Moment& moment, Decision& out) = 0;

  // The session is over, whether the script is or not.
  virtual void ended(journal::End how, TimePoint now) = 0;
};

// Who decides. One per session; the rule engine's implementation is scenario::Play.
class Director {
 public:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  virtual ~Director() = default;

  // Fills `out`, which is clear. Events of the rules that fired are written to the journal by the director.
  virtual void decide(const Moment& moment, Decision& out) = 0;

  // The smallest count of content bytes, at least `from`, at which a rule at `body` may act; kNever if none. The
  // session then calls decide() with stage body and exactly that size, once.
  virtual std::uint64_t next_body_offset(const Moment& moment, std::uint64_t from) = 0;

  // The scenario's state becomes `state` (Step::set).
  virtual void enter_state(std::string_view state) = 0;

  // Where the session follows a script, decide() is asked for the TLS handshake alone. The same for the whole session.
  virtual Script* script() { return nullptr; }
};

}  // namespace malaposta::protocol
