// A strict dialog: the lines of a session as they have to come, in order. dialog.cpp makes it from the text of the scenario;
// dialog_play.cpp plays it. Its syntax is that of transcripts, so that a recorded session is a scenario.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/decision.hpp"
#include "scenario/diagnostic.hpp"
#include "scenario/model.hpp"
#include "scenario/pattern.hpp"
#include "scenario/template.hpp"

namespace malaposta::scenario {

inline constexpr std::size_t kMostDialogLines = 20'000;  // of one scenario
inline constexpr std::uint64_t kMostRawBytes = 65'536;   // of one C(raw) line

// What a line of the client has to be: text, with captures (${name=/expression/}) and templates in it.
class LinePattern {
 public:
  LinePattern() = default;
  // `groups` gets the names that are captured. Problems are told at the text's place.
  LinePattern(const Text& text, const Names& names, GroupNames& groups, Diagnostics& diagnostics);

  // Whether the line matches; what it captures is then in `groups`, which has a slot for each name. `values` fill the templates.
  bool matches(std::string_view line, Values& values, Groups& groups) const;

 private:
  struct Piece {
    Template text;
    std::string expression;  // of a capture
    std::uint32_t slot = 0;
  };
  std::string expression_for(Values& values) const;

  std::vector<Piece> pieces_;
  std::string literal_;             // where there is nothing but text
  bool is_literal_ = true;
  std::size_t verb_ = 0;            // bytes at the front that match in any case: a verb of SMTP
  bool rest_ = false;               // "...": whatever follows
  std::shared_ptr<const re2::RE2> expression_;  // ready, where no template is in it
};

struct DialogLine {
  enum class Kind : std::uint8_t {
    send,      // S: and its forms
    dribble,   // !: dribble
    step,      // !: any other
    expect,    // C:
    optional,  // C?:
    any,       // C*:
    bytes,     // C(raw):
    message,   // C: <message>
    end,       // C: <eof>
  };
  Kind kind = Kind::send;
  std::uint32_t line = 0;  // in the scenario file
  std::string shown;       // as written: "C: RSET"
  Template text;           // send: the bytes, line end included
  LinePattern pattern;     // expect, optional, any
  std::string bytes;       // bytes
  protocol::Step step;     // step
  Dribble dribble;         // dribble

  bool from_client() const { return kind >= Kind::expect; }
};

struct Dialog {
  std::vector<DialogLine> lines;
  GroupNames groups;
};

// The dialogs of a scenario's text: one, or one for each of its "# session" lines. Connections play them in turn.
std::vector<Dialog> compile_dialogs(const Model& model, Diagnostics& diagnostics);

// Whether any of them begins TLS in a session.
bool begins_tls(const std::vector<Dialog>& dialogs);

// Whether a text that is no YAML looks like one: its first line of any meaning is a line of a dialog.
bool looks_like_dialog(std::string_view text);

}  // namespace malaposta::scenario
