// What the source files of the session share: input (session.cpp), commands (session_commands.cpp), content
// (session_content.cpp) and answers (session_answer.cpp).
#pragma once

#include "protocol/session.hpp"

namespace malaposta::protocol {

inline constexpr std::string_view kContentTooBig = "552 5.3.4 Message size exceeds the limit";

// An answer that waits: what is left of it, kept until expire() or more input lets it go on.
struct Session::Program {
  Decision decision;
  std::size_t next = 0;
  bool acknowledges = false;  // of an answer that waits until its message is stored
};

// The decision that is being made, cleared.
Decision& running_decision();

}  // namespace malaposta::protocol
