// For tests of findings: what is found about a client that sends these lines.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verify/evidence_fixture.hpp"
#include "verify/findings.hpp"

namespace malaposta::verify::test {

inline const std::string kHeader = "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nFrom: <a@a.test>\r\nMessage-ID: <1@a.test>\r\n";
inline const std::string kText = kHeader + "\r\nHello.\r\n.\r\n";

inline std::set<std::string> found(Trial& trial) {
  std::set<std::string> ids;
  for (const Finding& finding : find(trial.evidence(), trial.scenario())) ids.emplace(finding.id);
  return ids;
}

inline std::string message(std::string_view header_and_text) { return std::string(header_and_text) + "\r\n.\r\n"; }
inline std::vector<std::string> delivering(std::string content, std::string mail = "MAIL FROM:<a@a.test> SIZE=2000\r\n") {
  return {std::string(kEhlo), std::move(mail), "RCPT TO:<b@b.test>\r\n", "DATA\r\n", std::move(content), std::string(kQuit)};
}
inline std::vector<std::string> saying(std::vector<std::string> lines) {
  lines.insert(lines.begin(), std::string(kEhlo));
  lines.emplace_back(kQuit);
  return lines;
}

inline std::set<std::string> found_in(std::string_view server, const std::vector<std::string>& sent) {
  Trial trial(server.empty() ? "rules: []\n" : server);
  trial.play(sent);
  return found(trial);
}

}  // namespace malaposta::verify::test
