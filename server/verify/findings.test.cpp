// Each finding, shown by one client and not by another; and none about clients that do everything right.
#include "verify/findings.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "testing/catch.hpp"
#include "testing/source_dir.hpp"
#include "verify/findings_fixture.hpp"

using namespace malaposta;
using namespace malaposta::verify;
using namespace malaposta::verify::test;

namespace {

// The server of the client that shows a finding, what that client sends, and what a correct one sends there.
struct Example {
  std::string_view id, server;
  std::vector<std::string> wrong, right;
};

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
      {"certificate-not-verified",
       "server: {tls: {mode: starttls, certificate: expired}}\nrules: []\n",
       {std::string(kEhlo), "STARTTLS\r\n", "<tls>", std::string(kEhlo), kFrom, std::string(kQuit)},
       {std::string(kEhlo), "STARTTLS\r\n", "<tls>", "<eof>"}},
      {"clear-after-refused-starttls", "server: {tls: {mode: starttls}}\nrules: [{at: starttls, reply: 454}]\n",
       saying({"STARTTLS\r\n", kFrom}), saying({"STARTTLS\r\n"})},
      {"clear-behind-starttls",
       "server: {tls: {mode: starttls}}\nrules: []\n",
       {std::string(kEhlo), "STARTTLS\r\n", "<clear>", "<eof>"},
       {std::string(kEhlo), "STARTTLS\r\n", "<tls>", "<eof>"}},
      {"command-after-421", "rules: [{at: mail, reply: 421, then: stay}]\n", saying({kFrom, kTo}), saying({kFrom})},
      {"command-too-long", "", saying({"NOOP " + std::string(506, 'x') + "\r\n"}), saying({"NOOP " + std::string(505, 'x') + "\r\n"})},
      {"content-after-refused-data", "rules: [{at: data, reply: 451}]\n", saying({kFrom, kTo, "DATA\r\n", "Subject: x\r\n"}),
       saying({kFrom, kTo, "DATA\r\n"})},
      {"content-before-354", "", saying({kFrom, kTo, "DATA\r\n" + kText}), kRight},
      {"content-ended-early", "", delivering(kText + "More.\r\n.\r\n"), delivering(kText + "NOOP\r\n")},
      {"control-character", "", saying({"NOOP \x07\r\n"}), kRight},
      {"data-without-recipient", "rules: [{at: rcpt, reply: 550}]\n", saying({kFrom, kTo, "DATA\r\n"}), saying({kFrom + kTo + "DATA\r\n"})},
      {"dots-not-stuffed", "", delivering(message(kHeader + "\r\n.profile")), delivering(message(kHeader + "\r\n..profile"))},
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
      {"line-end-in-address", "", saying({kFrom, "RCPT TO:<b@b.test\r\nBcc: c@b.test>\r\n"}),
       saying({kFrom, "RCPT TO:<b@b.test\r\nRCPT TO:<c@b.test>\r\n"})},
      {"line-too-long", "", delivering(kHeader + "\r\n" + std::string(999, 'x') + "\r\n.\r\n"),
       delivering(kHeader + "\r\n" + std::string(998, 'x') + "\r\n.\r\n")},
      {"login-without-verified-certificate",
       "server: {tls: {mode: starttls, certificate: self-signed}}\nrules: []\n",
       {std::string(kEhlo), "STARTTLS\r\n", "<tls>", std::string(kEhlo), "AUTH PLAIN AGEAYg==\r\n", std::string(kQuit)},
       {std::string(kEhlo), "STARTTLS\r\n", "<tls>", std::string(kEhlo), "AUTH CRAM-MD5\r\n", "*\r\n", std::string(kQuit)}},
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
      {"size-not-declared", "server: {extensions: {size: 150}}\nrules: []\n", delivering(kText, kFrom),
       delivering(kText, "MAIL FROM:<a@a.test> SIZE=120\r\n")},
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
  CHECK(checked_findings() == ids);
  CHECK(shown == ids);
  for (const catalogue::FindingInfo& info : catalogue::findings()) {
    INFO(info.id);
    const std::string page = text_of(testing::source_path("docs/findings/" + std::string(info.id) + ".md"));
    for (const std::string_view part : {info.title, info.rule, info.meaning, info.advice}) CHECK(page.find(part) != std::string::npos);
  }
}

TEST_CASE("the pages of findings and their index are those of the table, and no others", "[findings]") {
  const std::filesystem::path folder = testing::source_path("docs/findings");
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
