// Lines of a session as people read them: what a failed expectation shows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verify/evidence.hpp"

namespace malaposta::verify {

inline constexpr std::size_t kExcerptLines = 8;    // of a session, around the one in question
inline constexpr std::size_t kLongestShown = 160;  // bytes of a line that is shown

// As a person can see it: without line ends at its end, those within as " | ", other control characters as \xHH, cut to kLongestShown.
std::string visible(std::string_view text);

// A rule that has fired, with its place: "rule 'busy' (line 9)"; one that was added, or armed, has none.
std::string rule_words(std::string_view id, std::uint64_t line);

// An event in one line: "C: MAIL FROM:<a@a.test>", "S: 250 2.1.0 Sender ok", "server: reset".
std::string line_of(const Event& event);

// The lines around that event, each with its time since the session began; "> " marks the event itself.
std::vector<std::string> excerpt(const Evidence& evidence, std::size_t session, std::size_t event);

}  // namespace malaposta::verify
