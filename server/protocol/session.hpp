// The SMTP session as a state machine without I/O: bytes, time and end-of-file go in, effects come out. It knows no
// socket, no clock and no file, so every fault is tested in memory.
//
// Theory of operation. At each stage the session asks its director; the answer is a list of steps, or "do what a
// correct server does", which the session turns into the same kind of steps. Steps are carried out until one has to
// wait; then the session takes no more input until expire() is called, and the owner of the connection keeps what
// was not consumed. When the last step is done, the reply code that the client saw moves the state on: what the
// client was told is what is true. All input is consumed in order, so pipelining needs no code of its own.
//
// Where the journal has a store beneath it, an answer about a message waits until that is stored: no input is taken, and
// stored() lets it go on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "journal/journal.hpp"
#include "journal/store.hpp"
#include "protocol/auth.hpp"
#include "protocol/command.hpp"
#include "protocol/decision.hpp"
#include "protocol/dot_reader.hpp"
#include "protocol/effects.hpp"
#include "protocol/profile.hpp"

namespace malaposta::protocol {

// Octets of an AUTH command or response with its line end (RFC 4954 section 4).
inline constexpr std::size_t kLongestAuthLine = 12'288;

// Bytes of replies that one receive() writes at most, and the rest of the last: more input is taken once they have left.
inline constexpr std::size_t kMostOutput = 64 * 1024;

class Session {
 public:
  // `facts` says who connects. Everything referred to outlives the session.
  Session(const Profile& profile, Director& director, journal::Journal& journal, journal::SessionId id, Facts facts);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // The connection is there: the greeting.
  void start(TimePoint now, Effects& effects);

  // Bytes from the client. Returns how many were consumed; fewer than given only when the session stopped taking
  // input (takes_input() is false), or had said kMostOutput: the rest is given again once it does, or once that is sent.
  // `waited`: they were there while the session took no input.
  std::size_t receive(TimePoint now, std::string_view bytes, Effects& effects, bool waited = false);

  // How many bytes receive() takes at once: fewer than any where a rule has it read slowly.
  std::size_t most_input() const { return pace_bytes_ == 0 ? std::string_view::npos : static_cast<std::size_t>(allowance_); }

  // The time that timer() named is over.
  void expire(TimePoint now, Effects& effects);

  // The client closed its side (FIN) and all that it sent before was consumed or is not wanted any more.
  void end_of_input(TimePoint now, Effects& effects);

  // The connection broke: RST, a write that failed, or a client that reads no replies (End::timed_out).
  void connection_lost(TimePoint now, journal::End how = journal::End::client_reset);

  // TLS, as effects asked for it (Act::start_tls, Act::go_on_tls). The client's hello came: `server_name` is its SNI,
  // empty if there was none. Then the handshake's outcome.
  void client_hello(TimePoint now, std::string_view server_name, Effects& effects);
  void handshake_done(TimePoint now, Handshake handshake, Effects& effects);
  void handshake_failed(TimePoint now, std::string_view reason, Effects& effects);
  // Plain text came instead of the client's hello.
  void plain_text_came(TimePoint now, Effects& effects);
  // Bytes that the client sent in clear behind STARTTLS, and that were dropped (RFC 3207 section 4.2).
  void clear_text_dropped(TimePoint now, std::size_t bytes);
  bool shaking_hands() const { return phase_ == Phase::handshake; }

  // What became of the message that the session gave to the journal's store. Only while storing().
  void stored(TimePoint now, journal::MessageId message, const journal::Outcome& outcome, Effects& effects);
  bool storing() const { return phase_ == Phase::storing; }

  // Bytes of memory that it has come to hold for its client, beside content, which it has set aside in the journal: lines that are not
  // whole, paths, recipients, an answer that waits.
  std::size_t held() const;

  // There is no room for what it holds: 421 4.3.1, and close.
  void run_out_of_room(TimePoint now, Effects& effects);

  // The server stops: 421 4.3.2, and close; behind the answer about a message that is being stored.
  void shut_down(TimePoint now, Effects& effects);

  // Whether bytes are wanted now. False while a step waits, in a stall, and after the end.
  bool takes_input() const { return phase_ < Phase::waiting; }

  // Nothing more will come of this session.
  bool closed() const { return phase_ == Phase::closed; }

  // Valid once closed().
  journal::End how_it_ended() const { return ended_; }

  // How long, from the last input or expire() on, until expire() is to be called.
  Duration timer() const { return timer_; }

  const Facts& facts() const { return facts_; }
  journal::SessionId id() const { return id_; }

 private:
  // What the next input means. Those from `waiting` on take none.
  enum class Phase : std::uint8_t {
    command,
    auth,
    content,
    chunk,
    read_bytes,
    read_line,
    silent,
    proxy,
    script,
    waiting,
    storing,
    paused,
    stalled,
    handshake,
    closed
  };
  struct Program;

  // Input.
  std::size_t take_line(std::string_view bytes, Effects& effects);
  std::size_t take_content(std::string_view bytes, Effects& effects);
  std::size_t take_chunk(std::string_view bytes, Effects& effects);
  std::size_t take_proxy_header(std::string_view bytes, Effects& effects);
  std::size_t take_for_step(std::string_view bytes, Effects& effects);
  std::size_t within_next_offset(std::size_t available) const;
  void line_complete(std::string_view line, Deviations deviations, Effects& effects);
  bool is_over_long(std::string_view bytes, std::size_t size);
  bool begins_tls(std::string_view bytes) const;
  void keep(std::string_view bytes);
  void count_input(std::size_t bytes);

  // Commands: each names the correct server's reply, then lets the director decide.
  void on_command(std::string_view line, Deviations deviations, Effects& effects);
  void on_hello(const Command& command, Moment& moment, Effects& effects);
  void on_mail(const Command& command, Moment& moment, Effects& effects);
  void on_rcpt(const Command& command, Moment& moment, Effects& effects);
  void on_data(const Command& command, Moment& moment, Effects& effects);
  void on_bdat(const Command& command, Moment& moment, Effects& effects);
  void on_auth(const Command& command, Moment& moment, Effects& effects);
  void on_auth_response(std::string_view line, Effects& effects);
  AuthExchange& exchange();
  void on_xclient(const Command& command, Moment& moment, Effects& effects);
  void on_simple(const Command& command, Moment& moment, Effects& effects);
  // A script: its input, and the facts that follow from it (session_script.cpp).
  std::size_t take_scripted(std::string_view bytes, Effects& effects);
  std::size_t take_scripted_bytes(std::string_view bytes, Effects& effects);
  std::size_t take_scripted_message(std::string_view bytes, Effects& effects);
  void on_scripted_line(std::string_view line, Deviations deviations, Effects& effects);
  void scripted_content_line(std::string_view line, Deviations deviations, Effects& effects);
  void scripted_message_complete(Script::Input input, Effects& effects);
  void await_script_input(Effects& effects);
  void scripted_end_of_input(Effects& effects);
  void follow_script(Stage stage, Script::Input input, Effects& effects);
  void take_hello_and_path(const Command& command);

  void chunk_complete(Effects& effects);
  void content_complete(Effects& effects);
  void end_of_data(Decision& decision, Effects& effects);
  void deliver(std::vector<std::string> recipients, bool acknowledged, Stage stage, Phase resume, Decision& decision, Effects& effects);
  void tell_message(journal::MessageId message, bool captured, bool acknowledged, const Decision& decision);

  // Answers.
  Moment moment(Stage stage) const;
  void answer(const Moment& moment, std::string_view reply, Effects& effects);
  static void settle(Decision& decision, std::string_view reply);
  void start(Stage stage, Phase resume, Decision& decision, Effects& effects);
  void carry_out(Decision& decision, std::size_t next, Effects& effects);
  Program& suspend(Decision& decision, std::size_t next, Phase phase, Duration timer);
  void complete(int code, bool stay, Effects& effects);
  void go_to(Stage stage, Effects& effects);
  void say(std::string_view bytes, Effects& effects, int code = 0);
  void end(journal::End how, Act act, Effects& effects);
  void closed(journal::End how);
  void add_recipient();
  void reset_transaction();
  void start_tls(Effects& effects);
  void begin(Effects& effects);
  void greet(Effects& effects);
  void watch_body(Phase phase, Effects& effects);
  void body_reached(Effects& effects);
  void tell_cut_content();
  void log_in();
  void forget_login();
  void fault(std::string_view what, Duration duration = {});
  void journal_command(std::string_view line, Deviations deviations);
  std::string_view content_refusal() const;
  std::uint64_t domains_with(std::string_view domain) const;
  void note(std::string_view text) { journal_.append(id_, journal::Kind::note, now_, text); }

  const Profile& profile_;
  Director& director_;
  Script* script_;                 // the director's; nullptr where it has none
  journal::Journal& journal_;
  journal::SessionId id_;
  Facts facts_;

  Phase phase_ = Phase::command;
  Phase resume_ = Phase::command;  // what input means once the running answer is complete
  Stage stage_ = Stage::connect;   // of the running answer
  bool hello_done_ = false;
  bool refused_ = false;           // greeted with 4yz or 5yz: only QUIT is served (RFC 5321 section 3.1)
  bool helo_overridden_ = false;   // by XCLIENT: HELO and EHLO say the proxy's own name
  bool quitting_ = false;
  bool input_ended_ = false;
  bool shutting_down_ = false;     // as soon as the message is stored
  bool over_long_ = false;         // the line under way went over its limit: its rest is dropped
  bool over_long_auth_ = false;    // … and it is one of AUTH's
  bool utf8_ = false;              // this transaction asked for SMTPUTF8
  bool binary_ = false;            // … and BODY=BINARYMIME
  bool recipient_refused_ = false;
  bool in_chunks_ = false;         // this transaction's content comes by BDAT
  bool chunks_failed_ = false;     // a chunk was refused: RSET is due
  bool last_chunk_ = false;
  bool ahead_ = false;             // the line or content under way was sent before the reply to what came before it
  bool content_ahead_ = false;     // content came before the reply to DATA
  bool out_of_sequence_ = false;   // the chunk under way came without a transaction
  bool script_in_auth_ = false;    // 334 was the script's last reply: a response to it comes, not a command
  bool script_in_content_ = false; // 354 was: content comes
  bool script_told_of_end_ = false;
  bool too_big_ = false;           // content beyond SIZE: dropped
  bool no_room_ = false;           // content beyond the memory limit: dropped

  journal::End ended_ = journal::End::open;
  TimePoint now_{};
  Duration timer_{};
  std::size_t recipient_bytes_ = 0;  // that the paths of facts_.recipients take
  std::string partial_;            // a line of which the end has not come
  std::string pending_;            // the path or name that the running command gives
  journal::Content content_;
  std::size_t reserved_ = 0;       // bytes set aside in the journal for content_
  std::uint64_t received_ = 0;     // content bytes of this message, as sent
  std::uint64_t content_begin_ = 0;  // of which so many were there before this chunk
  std::uint64_t next_offset_ = Director::kNever;
  std::uint64_t chunk_left_ = 0;
  std::uint64_t mails_ = 0;        // transactions that were begun
  std::uint64_t step_left_ = 0;    // of Step::read_bytes
  std::uint64_t pace_bytes_ = 0;   // slow reading: so many bytes …
  Duration pace_every_{};          // … then a pause of this length
  std::uint64_t allowance_ = 0;    // bytes until the next pause
  Phase paused_ = Phase::command;  // what input means after the pause
  DotReader dots_;
  // What most sessions never have is apart from them: an idle connection is small.
  std::unique_ptr<ProxyHeader> proxy_;     // until it has said who the client is
  std::unique_ptr<AuthExchange> auth_;     // once there was one
  std::unique_ptr<const Handshake> tls_;   // of the channel that the session runs in
  std::unique_ptr<Program> suspended_;
};

}  // namespace malaposta::protocol
