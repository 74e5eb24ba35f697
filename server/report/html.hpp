// The parts of the HTML report. What comes from a client is hostile: text() is the only way for it into the page, and each
// thing that can grow has a limit here, beyond which the page says how much it leaves out.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.hpp"

namespace malaposta::report::html_page {

inline constexpr std::size_t kLongestLine = 500;      // bytes shown of a line
inline constexpr std::size_t kMostLines = 80;         // of a reply, a message, an explanation, or what the client wrote
inline constexpr std::size_t kMostEvents = 400;       // rows of a ladder
inline constexpr std::size_t kLargestLadder = 256 * 1024;  // bytes of markup, after which no further row is begun
inline constexpr std::size_t kMostSessions = 24;      // ladders of a scenario
inline constexpr std::size_t kMostPlaces = 8;         // where a finding was met
inline constexpr std::size_t kGapShown = 100;         // milliseconds without an event that get a row of their own

// As text of an element or an attribute: visible(), with markup escaped.
std::string text(std::string_view bytes, bool lines = false);

// The same for one line, cut to kLongestLine.
std::string line(std::string_view bytes);

// The same for many lines, cut to kMostLines: the first and the last ones, and between them "… 40 lines left out".
std::string block(std::string_view bytes);

// "+12 ms", "+1.234 s".
std::string since(std::chrono::nanoseconds time);
// "12 ms", "1.23 s".
std::string lasting(std::chrono::nanoseconds time);

// "… 40 lines left out", in the singular too.
std::string left_out(std::size_t count, std::string_view what);

// A session as a table: client left, server right, time down. `anchor` begins the ids of the entry's section.
std::string ladder(const Entry& entry, std::size_t session, std::string_view anchor);

// A finding's id and the section of its rule, each a link: to its paragraph in the entry's section, and to the RFC.
std::string finding_links(const verify::Finding& finding, std::string_view anchor);
// "RFC 5321 section 2.3.8" as a link to that section; any other rule as it is.
std::string rule_link(std::string_view rule);

}  // namespace malaposta::report::html_page
