// Playing a dialog: where in it a session stands, and what the server does about what the client sent.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "protocol/decision.hpp"
#include "scenario/dialog.hpp"

namespace malaposta::scenario {

class Instance;
struct Scratch;

// The script of one session. Belongs to the session's thread.
class DialogPlay final : public protocol::Script {
 public:
  // `connection`: its ordinal, from 1: the dialogs of a scenario are played in turn. `instance` and `journal` outlive it.
  DialogPlay(Instance& instance, journal::Journal& journal, std::uint64_t connection);
  ~DialogPlay() override;
  void begin(journal::SessionId session) { session_ = session; }

  Awaits awaits() const override;
  std::uint64_t count() const override { return dialog_.lines[at_].bytes.size(); }
  void take(const Input& input, const protocol::Moment& moment, protocol::Decision& out) override;
  void ended(journal::End how, protocol::TimePoint now) override;

 private:
  bool fits(const DialogLine& line, const Input& input, Values& values);
  bool advance(const Input& input, Values& values);
  void answer(const Input& input, const protocol::Moment& moment, Values& values, protocol::Decision& out);
  void mismatch(std::string_view received, const protocol::Moment& moment, protocol::Decision& out);
  std::size_t block_end(std::size_t line) const;
  std::string expected() const;
  void tell(std::string_view received, protocol::TimePoint now);

  Instance& instance_;
  journal::Journal& journal_;
  const Dialog& dialog_;
  std::uint64_t connection_;
  journal::SessionId session_ = 0;
  std::unique_ptr<Scratch> scratch_;        // what was captured
  std::size_t at_ = 0;                      // the next line
  std::optional<std::size_t> again_;        // a C*: line whose block is being played: it is awaited once more
  std::uint32_t dribble_bytes_ = 0;         // what a step `dribble` has asked for
  Duration dribble_every_{};
  bool over_ = false;                       // nothing more is awaited: all of it was kept
  bool told_ = false;                       // it was left: the journal knows where
};

}  // namespace malaposta::scenario
