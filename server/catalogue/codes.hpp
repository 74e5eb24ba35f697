// The catalogue of documented codes: each code stands once, as data. Replies, the `codes` command and the
// documentation read it. Adding a code is one row in codes_*.inc and one scenario in scenarios/codes.
#pragma once

#include <span>
#include <string_view>

#include "catalogue/stage.hpp"

namespace malaposta::catalogue {

enum class Class { transport, success, intermediate, transient, permanent };

// How the connection ends after the reply, when nothing else is asked for.
enum class Closing { no, fin, reset };

// One text in the two languages of the catalogue.
struct Text {
  std::string_view en;
  std::string_view it;
};

struct Code {
  int code;                         // 101..599; 101, 111 and 442 are conditions of the transport, not replies
  Class kind;
  std::string_view origin;          // where it is documented, space separated: "seed rfc5321"
  std::span<const Stage> stages;    // where it is emitted, the documented place first; empty for 101 and 111 (the listener)
  std::string_view enhanced;        // default enhanced status code (RFC 3463, RFC 5248), or empty
  Closing closes;
  std::string_view text;            // default reply text without code; '\n' between the lines of a multi-line reply
  Text meaning;                     // what the code says
  Text advice;                      // what the person who sees it can do
  Text client;                      // what a correct client does
  std::string_view trigger;         // what makes the default server emit it: an address, an EHLO name, a user name; or empty
  std::string_view scenario;        // name of the shipped scenario that emits it
};

// Every documented code, in ascending order.
std::span<const Code> codes();

// The entry of that code, or nullptr. Constant time.
const Code* find(int code);

// "transport", "success", "intermediate", "transient", "permanent".
std::string_view name(Class kind);

}  // namespace malaposta::catalogue
