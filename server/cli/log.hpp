// What `serve --log` prints of the journal's events: each session line by line, as text for a person or as JSON for a
// program.
#pragma once

#include <string>

#include "journal/journal.hpp"

namespace malaposta::cli {

enum class LogFormat { text, json, none };

// "12:00:01.234 #3 C: MAIL FROM:<a@b>\n", one line per event; replies are one line per line of theirs. Control
// characters are shown as \xHH, so that no client can write to the terminal. Empty for events that say nothing.
std::string text_line(const journal::Session* session, const journal::Event& event);

// One JSON object and a line end: {"time": …, "session": 3, "kind": "command", "text": …}. Octets that are not UTF-8
// are shown as U+FFFD.
std::string json_line(const journal::Session* session, const journal::Event& event);

}  // namespace malaposta::cli
