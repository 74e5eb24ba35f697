// What the three source files of the session share: input (session.cpp), commands (session_commands.cpp) and
// answers (session_answer.cpp).
#pragma once

#include "protocol/session.hpp"

namespace malaposta::protocol {

// An answer that waits: what is left of it, kept until expire() or more input lets it go on.
struct Session::Program {
  Decision decision;
  std::size_t next = 0;
};

// The decision that is being made, cleared.
Decision& running_decision();

}  // namespace malaposta::protocol
