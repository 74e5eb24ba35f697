// The corpus of dialogs: each with what a client says to it, what it then does, and how it comes out. Played in memory
// (server/scenario/dialog.test.cpp) and over sockets (client_tests/protocol/dialogs.test.cpp).
//
//   === name
//   S: 220 …            the dialog, as a scenario has it; its first line is line 1
//   ---
//   < 220 …             what the server sends, with CRLF; "<< …" with no line end added
//   > QUIT              what the client sends, with CRLF; ">> …" with no line end added; "> <eof>", "> <reset>", "> <tls>"
//   wait 50ms           what the server does: also close, reset, half-close, stall, silence
//   kept                or "left 12: C: RSET | QUIT": the line, what was expected there, what came
#pragma once

#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "testing/source_dir.hpp"

namespace malaposta::testing {

struct DialogCase {
  std::string name;
  std::string dialog;
  std::vector<std::string> exchange;

  bool has(std::string_view step) const {
    for (const std::string& line : exchange)
      if (line.starts_with(step)) return true;
    return false;
  }
};

inline std::vector<DialogCase> dialog_corpus() {
  std::ifstream file(source_path("server/scenario/dialogs.corpus.txt"));
  std::vector<DialogCase> all;
  bool in_dialog = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("=== ")) {
      all.emplace_back().name = line.substr(4);
      in_dialog = true;
    } else if (all.empty()) {
      continue;  // what the file says of itself
    } else if (line == "---") {
      in_dialog = false;
    } else if (in_dialog) {
      all.back().dialog += line + "\n";
    } else if (!line.empty()) {
      all.back().exchange.push_back(line);
    }
  }
  if (all.empty()) throw std::runtime_error("the corpus of dialogs cannot be read");
  return all;
}

// "\x0D\x0A" for the bytes; printable ones stay.
inline std::string shown_bytes(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '\\')
      out += c;
    else
      out += std::string("\\x") + kDigits[byte >> 4] + kDigits[byte & 15];
  }
  return out;
}

inline std::string bytes_of(std::string_view shown) {
  std::string out;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (shown.substr(i).starts_with("\\x")) {
      out += static_cast<char>(std::stoi(std::string(shown.substr(i + 2, 2)), nullptr, 16));
      i += 3;
    } else {
      out += shown[i];
    }
  }
  return out;
}

// What a line of an exchange sends; empty for "<eof>" and the like.
inline std::string sent_by(std::string_view line) {
  if (line.starts_with(">> ")) return bytes_of(line.substr(3));
  return line.starts_with("> <") ? std::string{} : bytes_of(line.substr(2)) + "\r\n";
}

// The bytes of a server as lines of an exchange.
inline std::vector<std::string> lines_of(std::string_view bytes) {
  std::vector<std::string> lines;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find("\r\n");
    lines.push_back((end == std::string_view::npos ? "<< " : "< ") + shown_bytes(bytes.substr(0, end)));
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 2);
  }
  return lines;
}

}  // namespace malaposta::testing
