// Each finding, shown by one client and not by another; and none about clients that do everything right.
#include "verify/findings.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "testing/catch.hpp"
#include "verify/evidence_fixture.hpp"

using namespace malaposta;
using namespace malaposta::verify;
using namespace malaposta::verify::test;

namespace {

const std::string kHeader = "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nFrom: <a@a.test>\r\nMessage-ID: <1@a.test>\r\n";
const std::string kText = kHeader + "\r\nHello.\r\n.\r\n";

std::set<std::string> found(Trial& trial) {
  std::set<std::string> ids;
  for (const Finding& finding : find(trial.evidence(), trial.scenario())) ids.emplace(finding.id);
  return ids;
}

// The server of the client that shows a finding, what that client sends, and what a correct one sends there.
struct Example {
  std::string_view id, server;
  std::vector<std::string> wrong, right;
};

std::string message(std::string_view header_and_text) { return std::string(header_and_text) + "\r\n.\r\n"; }
std::vector<std::string> delivering(std::string content, std::string mail = "MAIL FROM:<a@a.test> SIZE=2000\r\n") {
  return {std::string(kEhlo), std::move(mail), "RCPT TO:<b@b.test>\r\n", "DATA\r\n", std::move(content), std::string(kQuit)};
}
std::vector<std::string> saying(std::vector<std::string> lines) {
  lines.insert(lines.begin(), std::string(kEhlo));
  lines.emplace_back(kQuit);
  return lines;
}

const std::vector<Example>& examples() {
  static const std::vector<std::string> kRight = delivering(kText);
  static const std::string kFrom = "MAIL FROM:<a@a.test>\r\n", kTo = "RCPT TO:<b@b.test>\r\n";
  static const std::vector<Example> kExamples{
      {"auth-after-auth", "", saying({"AUTH PLAIN AGEAYg==\r\n", "AUTH PLAIN AGEAYg==\r\n"}), saying({"AUTH PLAIN AGEAYg==\r\n"})},
      {"bad-base64", "", saying({"AUTH LOGIN\r\n", "no base64!\r\n"}), saying({"AUTH LOGIN\r\n", "*\r\n"})},
      {"bare-cr", "", saying({"NOOP a\rb\r\n"}), kRight},
      {"bare-cr-in-content", "", delivering(kHeader + "\r\na\rb\r\n.\r\n"), kRight},
      {"bare-lf", "", {"EHLO c.example.test\n", std::string(kQuit)}, kRight},
      {"bare-lf-in-content", "", delivering(kHeader + "\r\na\nb\r\n.\r\n"), kRight},
      {"bdat-without-last", "", saying({kFrom, kTo, "BDAT 3\r\na\r\n"}), saying({kFrom, kTo, "BDAT 3\r\na\r\n", "BDAT 0 LAST\r\n"})},
      {"clear-after-refused-starttls", "server: {tls: {mode: starttls}}\nrules: [{at: starttls, reply: 454}]\n",
       saying({"STARTTLS\r\n", kFrom}), saying({"STARTTLS\r\n"})},
      {"command-after-421", "rules: [{at: mail, reply: 421, then: stay}]\n", saying({kFrom, kTo}), saying({kFrom})},
      {"command-too-long", "", saying({"NOOP " + std::string(506, 'x') + "\r\n"}), saying({"NOOP " + std::string(505, 'x') + "\r\n"})},
      {"content-after-refused-data", "rules: [{at: data, reply: 451}]\n", saying({kFrom, kTo, "DATA\r\n", "Subject: x\r\n"}),
       saying({kFrom, kTo, "DATA\r\n"})},
      {"content-before-354", "", saying({kFrom, kTo, "DATA\r\n" + kText}), kRight},
      {"control-character", "", saying({"NOOP \x07\r\n"}), kRight},
      {"data-without-recipient", "rules: [{at: rcpt, reply: 550}]\n", saying({kFrom, kTo, "DATA\r\n"}), saying({kFrom + kTo + "DATA\r\n"})},
      {"duplicate-after-lost-reply", "rules: [{at: end-of-data, times: 1, capture: true, do: [{wait: 1s}]}]\n",
       saying({kFrom, kTo, "DATA\r\n", kText, kFrom, kTo, "DATA\r\n", kText}),
       saying({kFrom, kTo, "DATA\r\n", kText, kFrom, kTo, "DATA\r\n", message(kHeader + "\r\nAnother.")})},
      {"duplicate-header", "", delivering(message(kHeader + "From: <b@b.test>\r\n\r\nx")), kRight},
      {"early-talker", "rules: [{at: connect, delay: 1s}]\n", {}, kRight},
      {"ehlo-not-repeated-after-starttls", "", {}, kRight},
      {"eight-bit-without-8bitmime", "", delivering(kHeader + "\r\ncaf\xc3\xa9\r\n.\r\n"),
       delivering(kHeader + "\r\ncaf\xc3\xa9\r\n.\r\n", "MAIL FROM:<a@a.test> BODY=8BITMIME\r\n")},
      {"gave-up-too-soon",
       "rules: [{at: mail, do: [{wait: 4m}]}]\n",
       {std::string(kEhlo), kFrom, "<eof>"},
       {std::string(kEhlo), "RSET\r\n", "<eof>"}},
      {"helo-not-tried",
       "rules: [{at: ehlo, reply: 502}]\n",
       {std::string(kEhlo), std::string(kQuit)},
       {std::string(kEhlo), "HELO c.example.test\r\n", std::string(kQuit)}},
      {"leading-space", "", saying({"MAIL  FROM:<a@a.test>\r\n"}), kRight},
      {"line-too-long", "", delivering(kHeader + "\r\n" + std::string(999, 'x') + "\r\n.\r\n"),
       delivering(kHeader + "\r\n" + std::string(998, 'x') + "\r\n.\r\n")},
      {"mail-before-hello", "", {kFrom, std::string(kQuit)}, kRight},
      {"message-id-changed", "rules: [{at: end-of-data, times: 1, reply: 451}]\n",
       saying({kFrom, kTo, "DATA\r\n", kText, kFrom, kTo, "DATA\r\n",
               message("Date: x\r\nFrom: <a@a.test>\r\nMessage-ID: <2@a.test>\r\n\r\nHello.")}),
       saying({kFrom, kTo, "DATA\r\n", kText, kFrom, kTo, "DATA\r\n", kText})},
      {"missing-brackets", "", saying({"MAIL FROM:a@a.test\r\n"}), kRight},
      {"missing-date", "", delivering(message("From: <a@a.test>\r\nMessage-ID: <1@a.test>\r\n\r\nx")), kRight},
      {"missing-from", "", delivering(message("Date: x\r\nMessage-ID: <1@a.test>\r\n\r\nx")), kRight},
      {"missing-message-id", "", delivering(message("Date: x\r\nFrom: <a@a.test>\r\n\r\nx")), kRight},
      {"nested-mail", "", saying({kFrom, kFrom}), saying({kFrom, "RSET\r\n", kFrom})},
      {"no-quit", "", {std::string(kEhlo), "<eof>"}, kRight},
      {"nul-in-content", "", delivering(kHeader + "\r\na" + std::string(1, '\0') + "b\r\n.\r\n"), kRight},
      {"odd-hello-name", "", {"EHLO my_host\r\n", std::string(kQuit)}, {"EHLO [192.0.2.1]\r\n", std::string(kQuit)}},
      {"password-in-clear", "server: {tls: {mode: starttls}}\n", saying({"AUTH PLAIN AGEAYg==\r\n"}),
       saying({"AUTH CRAM-MD5\r\n", "*\r\n"})},
      {"permanent-failure-retried", "rules: [{at: rcpt, reply: 550}]\n", saying({kFrom, kTo, "RSET\r\n", kFrom, kTo}),
       saying({kFrom, kTo, "RSET\r\n", kFrom, "RCPT TO:<c@b.test>\r\n"})},
      {"pipelining-not-offered", "server: {extensions: {without: [PIPELINING]}}\n", saying({kFrom + kTo}), saying({kFrom, kTo})},
      {"pipelining-past-group-end", "", {std::string(kEhlo) + kFrom, std::string(kQuit)}, saying({kFrom + kTo + "DATA\r\n", kText})},
      {"rcpt-before-mail", "", saying({kTo}), kRight},
      {"size-exceeded", "", delivering(kText, "MAIL FROM:<a@a.test> SIZE=10\r\n"), delivering(kText, "MAIL FROM:<a@a.test> SIZE=1000\r\n")},
      {"size-not-declared", "", saying({kFrom}), saying({"MAIL FROM:<a@a.test> SIZE=100\r\n"})},
      {"size-over-limit", "server: {extensions: {size: 20}}\n", delivering(kText, "MAIL FROM:<a@a.test>\r\n"), saying({})},
      {"space-after-colon", "", saying({"MAIL FROM: <a@a.test>\r\n"}), kRight},
      {"starttls-in-tls", "", {}, kRight},
      {"temporary-failure-hammered", "rules: [{at: end-of-data, times: 1, reply: 451}]\n",
       saying({kFrom, kTo, "DATA\r\n", kText, kFrom, kTo, "DATA\r\n", kText}), kRight},
      {"trailing-space", "", saying({"NOOP \r\n"}), kRight},
      {"unknown-command", "", saying({"WIBBLE\r\n"}), kRight},
      {"unoffered-parameter", "server: {extensions: []}\n", saying({"MAIL FROM:<a@a.test> SIZE=10\r\n"}), saying({kFrom})},
      {"utf8-address-without-smtputf8", "", saying({"MAIL FROM:<\xc3\xa9@a.test>\r\n"}),
       saying({"MAIL FROM:<\xc3\xa9@a.test> SMTPUTF8\r\n"})},
      {"xoauth2-error-unanswered",
       "server: {extensions: {auth: [XOAUTH2]}}\nrules: [{at: auth, when: {step: 1}, reply: 334 eyJzdGF0dXMiOiI0MDEifQ==}]\n",
       {std::string(kEhlo), "AUTH XOAUTH2 dXNlcj1hAWF1dGg9QmVhcmVyIHgBAQ==\r\n", "<eof>"},
       saying({"AUTH XOAUTH2 dXNlcj1hAWF1dGg9QmVhcmVyIHgBAQ==\r\n", "\r\n"})},
  };
  return kExamples;
}

std::set<std::string> found_in(std::string_view server, const std::vector<std::string>& sent) {
  Trial trial(server.empty() ? "rules: []\n" : server);
  trial.play(sent);
  return found(trial);
}

std::string text_of(const std::filesystem::path& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("every finding has a check, an example and a page", "[findings]") {
  std::vector<std::string_view> ids, shown;
  for (const catalogue::FindingInfo& info : catalogue::findings()) ids.push_back(info.id);
  for (const Example& example : examples()) shown.push_back(example.id);
  CHECK(ids.size() >= 35);
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  CHECK(checked_findings() == ids);
  CHECK(shown == ids);
  for (const catalogue::FindingInfo& info : catalogue::findings()) {
    INFO(info.id);
    const std::string page = text_of(std::string(MALAPOSTA_SOURCE_DIR "/docs/findings/") + std::string(info.id) + ".md");
    for (const std::string_view part : {info.title, info.rule, info.meaning, info.advice}) CHECK(page.find(part) != std::string::npos);
  }
}

TEST_CASE("the pages of findings and their index are those of the table, and no others", "[findings]") {
  const std::filesystem::path folder = MALAPOSTA_SOURCE_DIR "/docs/findings";
  const std::string index = text_of(folder / "README.md");
  std::set<std::string> pages, ids;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename() != "README.md") pages.insert(entry.path().stem());
  for (const catalogue::FindingInfo& info : catalogue::findings()) {
    ids.emplace(info.id);
    const std::string id(info.id);
    CHECK(index.find("| [" + id + "](" + id + ".md) | " + std::string(name(info.severity)) + " | " + std::string(info.title) + " | " +
                     std::string(info.rule) + " |\n") != std::string::npos);
  }
  CHECK(pages == ids);
  CHECK(static_cast<std::size_t>(std::count(index.begin(), index.end(), '\n')) == ids.size() + 8);
}

TEST_CASE("findings that look alike and are none", "[findings]") {
  const std::string from = "MAIL FROM:<a@a.test>\r\n", to = "RCPT TO:<b@b.test>\r\n", ehlo(kEhlo), quit(kQuit),
                    auth = "AUTH PLAIN AGEAYg==\r\n";
  const auto none = [](std::string_view id, std::string_view server, const std::vector<std::string>& sent) {
    INFO(id << ": " << sent.at(1));
    CHECK(found_in(server, sent).count(std::string(id)) == 0);
  };
  // Mended: by a login, by leaving a parameter out; and another message, which declares another size.
  none("permanent-failure-retried", "server: {auth: {required: true}}\nrules: []\n", {ehlo, from, auth, from, to, quit});
  none("permanent-failure-retried", "server: {extensions: []}\nrules: []\n", {ehlo, "MAIL FROM:<a@a.test> RET=FULL\r\n", from, to, quit});
  none("permanent-failure-retried", "rules: [{at: rcpt, reply: 550}]\n",
       {ehlo, "MAIL FROM:<a@a.test> SIZE=10\r\n", to, "RSET\r\n", "MAIL FROM:<a@a.test> SIZE=20\r\n", to, quit});
  none("temporary-failure-hammered", "rules: [{at: end-of-data, times: 1, reply: 451}]\n",
       {ehlo, from, to, "DATA\r\n", kText, from, to, "DATA\r\n", message(kHeader + "\r\nAnother."), quit});
  none("no-quit", "rules: [{at: mail, reply: 421, then: stay}]\n", {ehlo, from, "<eof>"});
  const std::vector<std::string> binary{ehlo, "MAIL FROM:<a@a.test> BODY=BINARYMIME\r\n", to,
                                        "BDAT 1005 LAST\r\n" + std::string(1, '\0') + "\r\n\n\r" + std::string(1000, 'x'), quit};
  for (const char* id : {"bare-lf-in-content", "bare-cr-in-content", "nul-in-content", "line-too-long"})
    none(id, "server: {extensions: [CHUNKING, BINARYMIME]}\nrules: []\n", binary);
  Trial reconnects("rules: [{at: ehlo, reply: 502}]\n");
  reconnects.session(kEhlo, kQuit).session("HELO c.example.test\r\n", kQuit);
  CHECK(found(reconnects).count("helo-not-tried") == 0);
}

TEST_CASE("findings that are easily missed", "[findings]") {
  const std::string from = "MAIL FROM:<a@a.test>\r\n", to = "RCPT TO:<b@b.test>\r\n", ehlo(kEhlo), quit(kQuit);
  const auto some = [](std::string_view id, const std::vector<std::string>& sent) {
    INFO(id << ": " << sent.at(1));
    CHECK(found_in("", sent).count(std::string(id)) == 1);
  };
  some("data-without-recipient", {ehlo, from, "DATA\r\n", quit});
  some("data-without-recipient", {ehlo, from, to, "RSET\r\n", "DATA\r\n", quit});
  some("rcpt-before-mail", {ehlo, from, "RSET\r\n", to, quit});
  some("rcpt-before-mail", {ehlo, from, to, "DATA\r\n", kText, to, quit});
  some("bdat-without-last", {ehlo, from, to, "BDAT 3\r\na\r\n", "<eof>"});
}

TEST_CASE("every finding is made where it is due, and not where it is not", "[findings]") {
  for (const Example& example : examples()) {
    INFO(example.id);
    // Some need a handshake, or a client that talks too soon: they have a test of their own below.
    const std::set<std::string_view> elsewhere{"early-talker", "ehlo-not-repeated-after-starttls", "starttls-in-tls"};
    REQUIRE(example.wrong.empty() == (elsewhere.count(example.id) == 1));
    if (!example.wrong.empty()) CHECK(found_in(example.server, example.wrong).count(std::string(example.id)) == 1);
    CHECK(found_in(example.server, example.right).count(std::string(example.id)) == 0);
  }
}

TEST_CASE("findings that need TLS, or a server that makes the client wait", "[findings]") {
  Trial early("rules: [{at: connect, delay: 1s}]\n");
  early.early(std::string(kEhlo)).session(kEhlo, kQuit);
  CHECK(found(early) == std::set<std::string>{"early-talker", "no-quit"});

  Trial again("server: {tls: {mode: starttls}}\nrules: []\n");
  again.play({std::string(kEhlo), "STARTTLS\r\n", "<tls>", "MAIL FROM:<a@a.test> SIZE=2000\r\n", "STARTTLS\r\n", std::string(kQuit)});
  CHECK(found(again) == std::set<std::string>{"ehlo-not-repeated-after-starttls", "starttls-in-tls"});

  Trial right("server: {tls: {mode: starttls}}\nrules: []\n");
  right.play({std::string(kEhlo), "STARTTLS\r\n", "<tls>", std::string(kEhlo), "AUTH PLAIN AGEAYg==\r\n",
              "MAIL FROM:<a@a.test> SIZE=2000\r\n", "RCPT TO:<b@b.test>\r\n", "DATA\r\n", kText, std::string(kQuit)});
  CHECK(found(right).empty());
}

TEST_CASE("nothing is found about clients that do everything right", "[findings]") {
  const std::vector<std::vector<std::string>> sessions{
      delivering(kText),
      {"HELO c.example.test\r\n", "mail from:<>\r\n", "rcpt to:<b@b.test>\r\n", "data\r\n", kText, "quit\r\n"},
      {std::string(kEhlo),
       "MAIL FROM:<a@a.test> SIZE=200 BODY=8BITMIME\r\nRCPT TO:<b@b.test> NOTIFY=NEVER\r\nRCPT TO:<c@b.test>\r\nDATA\r\n",
       kText + "QUIT\r\n"},
      {std::string(kEhlo), std::string("MAIL FROM:<a@a.test> SIZE=2000\r\nRCPT TO:<b@b.test>\r\n"),
       "BDAT " + std::to_string(kHeader.size() + 2) + " LAST\r\n" + kHeader + "\r\n", std::string(kQuit)},
      {std::string(kEhlo), "AUTH LOGIN\r\n", "YQ==\r\n", "Yg==\r\n", "MAIL FROM:<a@a.test> SIZE=2000\r\n", "RSET\r\n", std::string(kQuit)},
      {std::string(kEhlo), "VRFY b\r\n", "NOOP\r\n", "HELP\r\n", std::string(kQuit)},
      {std::string(kEhlo), "MAIL FROM:<a@a.test> SIZE=2000\r\n", "RCPT TO:<b@b.test>\r\n", "DATA\r\n", kText,
       "MAIL FROM:<c@a.test> SIZE=2000\r\n", "RCPT TO:<b@b.test>\r\n", "DATA\r\n", kText, std::string(kQuit)},
      {std::string(kEhlo), "MAIL FROM:<\xc3\xa9@a.test> SMTPUTF8 SIZE=2000\r\n", "RCPT TO:<b@b.test>\r\n", "DATA\r\n", kText,
       std::string(kQuit)},
      {std::string(kEhlo), "MAIL FROM:<a@a.test> SIZE=2000\r\n", "RCPT TO:<b@b.test>\r\n", "BDAT 9\r\nDate: x\r\n",
       "BDAT " + std::to_string(kHeader.size() - 7) + " LAST\r\n" + kHeader.substr(kHeader.find("From")) + "\r\n" +
           std::string(kHeader.find("From") - 9, 'x'),
       std::string(kQuit)}};
  for (const std::vector<std::string>& session : sessions) {
    INFO(session.at(1));
    CHECK(found_in("", session).empty());
  }
}

TEST_CASE("nothing is found about a client that speaks LMTP, or comes back later", "[findings]") {
  Trial lmtp("server: {protocol: lmtp}\nrules: [{at: end-of-data, when: {rcpt: c@b.test}, reply: 452}]\n");
  lmtp.session("LHLO c.example.test\r\n", "MAIL FROM:<a@a.test> SIZE=2000\r\nRCPT TO:<b@b.test>\r\nRCPT TO:<c@b.test>\r\nDATA\r\n", kText,
               kQuit);
  CHECK(found(lmtp).empty());
  const std::vector<std::string> steps{"MAIL FROM:<a@a.test> SIZE=2000\r\n", "RCPT TO:<b@b.test>\r\n", "DATA\r\n", kText};
  const std::vector<std::string> stages{"mail", "rcpt", "data", "end-of-data"};
  for (std::size_t refused = 0; refused < stages.size(); ++refused) {
    INFO(stages[refused]);
    Trial later("rules: [{at: " + stages[refused] + ", times: 1, reply: 450}]\n");
    std::vector<std::string> first(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(refused) + 1), second = steps;
    for (std::vector<std::string>* session : {&first, &second}) {
      session->insert(session->begin(), std::string(kEhlo));
      session->emplace_back(kQuit);
      later.play(*session).wait(std::chrono::minutes(5));
    }
    CHECK(found(later).empty());
  }
}

TEST_CASE("a request that was mended, or another message, is not a failure tried again", "[findings]") {
  const std::string from = "MAIL FROM:<a@a.test>\r\n", to = "RCPT TO:<b@b.test>\r\n";
  const std::string other = kHeader + "\r\nAnother.\r\n.\r\n";
  struct Case {
    std::string_view server;
    std::vector<std::string> again, mended;
    std::string_view id;
  };
  const std::vector<Case> cases{
      {"rules: [{at: mail, times: 1, reply: 530}]\n", saying({from, from}), saying({from, "AUTH PLAIN AGEAYg==\r\n", from}),
       "permanent-failure-retried"},
      {"rules: [{at: mail, times: 1, reply: 555}]\n", saying({"MAIL FROM:<a@a.test> SIZE=9\r\n", "MAIL FROM:<a@a.test> SIZE=9\r\n"}),
       saying({"MAIL FROM:<a@a.test> SIZE=9\r\n", from}), "permanent-failure-retried"},
      {"rules: [{at: rcpt, reply: 550}]\n",
       saying({"MAIL FROM:<a@a.test> SIZE=9\r\n", to, "RSET\r\n", "MAIL FROM:<a@a.test> SIZE=9\r\n", to}),
       saying({"MAIL FROM:<a@a.test> SIZE=9\r\n", to, "RSET\r\n", "MAIL FROM:<a@a.test> SIZE=8\r\n", to}), "permanent-failure-retried"},
      {"rules: [{at: end-of-data, reply: 451}]\n", saying({from, to, "DATA\r\n", kText, from, to, "DATA\r\n", kText}),
       saying({from, to, "DATA\r\n", kText, from, to, "DATA\r\n", other}), "temporary-failure-hammered"},
  };
  for (const Case& one : cases) {
    INFO(one.server);
    CHECK(found_in(one.server, one.again).count(std::string(one.id)) == 1);
    CHECK(found_in(one.server, one.mended).count(std::string(one.id)) == 0);
  }
}

TEST_CASE("HELO on a new connection is HELO tried", "[findings]") {
  Trial trial("rules: [{at: ehlo, reply: 502}]\n");
  trial.session(kEhlo, kQuit);
  CHECK(found(trial).count("helo-not-tried") == 1);
  trial.session("HELO c.example.test\r\n", kQuit);
  CHECK(found(trial).count("helo-not-tried") == 0);
}

TEST_CASE("a client that does not trust the certificate, or that was told 421, need not say QUIT", "[findings]") {
  const auto leaving = [](const std::vector<std::string>& sent) {
    Trial trial("server: {tls: {mode: starttls}}\nrules: []\n");
    trial.play(sent);
    return found(trial);
  };
  CHECK(leaving({std::string(kEhlo), "STARTTLS\r\n", "<reset>"}).empty());
  CHECK(leaving({std::string(kEhlo), "STARTTLS\r\n", "<no-tls>"}).empty());
  CHECK(leaving({std::string(kEhlo), "STARTTLS\r\n", "<tls>", "<eof>"}).empty());
  CHECK(leaving({std::string(kEhlo), "STARTTLS\r\n", "<tls>", std::string(kEhlo), "<eof>"}) == std::set<std::string>{"no-quit"});
  CHECK(
      found_in("rules: [{at: mail, reply: 421, then: stay}]\n", {std::string(kEhlo), "MAIL FROM:<a@a.test> SIZE=9\r\n", "<eof>"}).empty());
  CHECK(found_in("", {std::string(kEhlo), "<eof>"}) == std::set<std::string>{"no-quit"});
}

TEST_CASE("binary content has neither lines nor characters", "[findings]") {
  const std::string content = kHeader + "\r\n\n\xe9" + std::string(1, '\0') + std::string(1200, 'x');
  const std::string chunk = "BDAT " + std::to_string(content.size()) + " LAST\r\n" + content;
  const auto sent = [&](const std::string& mail) { return saying({mail, "RCPT TO:<b@b.test>\r\n", chunk}); };
  CHECK(found_in("", sent("MAIL FROM:<a@a.test> BODY=BINARYMIME SIZE=2000\r\n")).empty());
  CHECK(found_in("", sent("MAIL FROM:<a@a.test> SIZE=2000\r\n")) ==
        std::set<std::string>{"bare-lf-in-content", "eight-bit-without-8bitmime", "line-too-long", "nul-in-content"});
}

TEST_CASE("a transaction ends with RSET, with the final dot and with the last chunk", "[findings]") {
  const std::string from = "MAIL FROM:<a@a.test>\r\n", to = "RCPT TO:<b@b.test>\r\n";
  const std::string chunk = "BDAT " + std::to_string(kHeader.size() + 2) + " last\r\n" + kHeader + "\r\n";
  const auto has = [](const std::vector<std::string>& lines, const char* id) { return found_in("", saying(lines)).count(id) == 1; };
  CHECK(has({from, "DATA\r\n"}, "data-without-recipient"));
  CHECK(has({from, to, "RSET\r\n", "DATA\r\n"}, "data-without-recipient"));
  CHECK(has({from, to, "DATA\r\n", kText, "DATA\r\n"}, "data-without-recipient"));
  CHECK_FALSE(has({from, to, "DATA\r\n", kText}, "data-without-recipient"));
  CHECK(has({from, "RSET\r\n", to}, "rcpt-before-mail"));
  CHECK(has({from, to, "DATA\r\n", kText, to}, "rcpt-before-mail"));
  CHECK(has({from, to, chunk, to}, "rcpt-before-mail"));
  CHECK_FALSE(has({from, to, chunk, from, to, chunk}, "nested-mail"));
}

TEST_CASE("each reply has a time of its own that the client has to wait for it", "[findings]") {
  const std::vector<std::string> steps{"MAIL FROM:<a@a.test> SIZE=2000\r\n", "RCPT TO:<b@b.test>\r\n", "DATA\r\n", kText};
  struct Case {
    std::string stage, soon, late;
    std::size_t steps;
  };
  for (const Case& one : {Case{"mail", "299s", "301s", 1}, Case{"rcpt", "299s", "301s", 2}, Case{"data", "119s", "121s", 3},
                          Case{"end-of-data", "599s", "601s", 4}}) {
    INFO(one.stage);
    std::vector<std::string> sent(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(one.steps));
    sent.insert(sent.begin(), std::string(kEhlo));
    sent.emplace_back("<eof>");
    const auto after = [&](const std::string& time) {
      return found_in("rules: [{at: " + one.stage + ", do: [{wait: " + time + "}]}]\n", sent);
    };
    CHECK(after(one.soon).count("gave-up-too-soon") == 1);
    CHECK(after(one.late).count("gave-up-too-soon") == 0);
  }
}

TEST_CASE("the error of XOAUTH2 wants an empty line or a star, and nothing else", "[findings]") {
  const std::string auth = "AUTH XOAUTH2 dXNlcj1hAWF1dGg9QmVhcmVyIHgBAQ==\r\n";
  const auto answered = [&](const std::string& line) {
    return found_in("server: {extensions: {auth: [XOAUTH2]}}\nrules: [{at: auth, when: {step: 1}, reply: 334 eyJzdGF0dXMiOiI0MDEifQ==}]\n",
                    saying({auth, line}))
               .count("xoauth2-error-unanswered") == 0;
  };
  CHECK(answered("\r\n"));
  CHECK(answered("*\r\n"));
  CHECK_FALSE(answered("MAIL FROM:<a@a.test>\r\n"));
}

TEST_CASE("who goes on in clear once the handshake has failed does so on a new connection", "[findings]") {
  const std::string from = "MAIL FROM:<a@a.test> SIZE=9\r\n", id = "clear-after-refused-starttls";
  const auto after_failure = [&](const std::vector<std::string>& sent) {
    Trial trial("server: {tls: {mode: starttls}}\nrules: []\n");
    trial.play({std::string(kEhlo), "STARTTLS\r\n", "<no-tls>"}).play(sent);
    return found(trial).count(id) == 1;
  };
  CHECK(after_failure(saying({from})));
  CHECK_FALSE(after_failure(saying({})));
  CHECK_FALSE(after_failure({std::string(kEhlo), "STARTTLS\r\n", "<tls>", std::string(kEhlo), from, std::string(kQuit)}));
}

TEST_CASE("chunks without a last one are given up by RSET only", "[findings]") {
  const auto ended_by = [](const std::string& line) {
    return found_in("", saying({"MAIL FROM:<a@a.test>\r\n", "RCPT TO:<b@b.test>\r\n", "BDAT 3\r\na\r\n", line}))
               .count("bdat-without-last") == 1;
  };
  CHECK(ended_by(std::string(kEhlo)));
  CHECK(ended_by("MAIL FROM:<a@a.test>\r\n"));
  CHECK_FALSE(ended_by("RSET\r\n"));
  CHECK_FALSE(ended_by("BDAT 0 LAST\r\n"));
}
