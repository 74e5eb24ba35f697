// The HTML report read back as XML: what stands where, that nothing from the network becomes markup, and that all is bounded.
#include <fmt/format.h>

#include <pugixml.hpp>
#include <sstream>

#include "catalogue/findings.hpp"
#include "report/html.hpp"
#include "testing/catch.hpp"
#include "verify/evidence_fixture.hpp"

using namespace malaposta;
using namespace malaposta::report;

namespace {

constexpr std::string_view kReset = "rules: [{id: gone, at: rcpt, fault: reset}]\nexpect: [{accepted: 1}]\n";

Entry entry_of(const verify::test::Trial& trial, std::string name = "story") {
  Entry made;
  made.name = std::move(name);
  made.file = "mail/test.yaml";
  made.evidence = trial.evidence();
  made.verdict = verify::judge(trial.scenario(), made.evidence, {}, true, {});
  made.verdict.findings = verify::find(made.evidence, trial.scenario());
  made.client = verify::ClientResult{1, {}, false, "", "it hurts\n"};
  return made;
}

Entry reset() {
  verify::test::Trial trial(kReset);
  trial.session("EHLO c.test\r\n", "MAIL FROM:<a@a.test>\r\n", "RCPT TO:<b@b.test>\r\n");
  return entry_of(trial);
}

// The page as XML, or a failed test.
struct Page {
  explicit Page(const std::vector<Entry>& entries, const Start& start = {7, {}, {"./mailer", "{host}", "a b"}, false})
      : source(html(entries, start)) {
    const pugi::xml_parse_result result = document.load_buffer(source.data(), source.size(), pugi::parse_default | pugi::parse_ws_pcdata);
    INFO(result.description() << " at " << source.substr(static_cast<std::size_t>(result.offset), 80));
    REQUIRE(result);
  }
  std::string at(const char* path) const {
    std::ostringstream out;
    for (const pugi::xpath_node& one : document.select_nodes(path)) {
      const pugi::xpath_query query("string(.)");
      out << query.evaluate_string(one) << "\n";
    }
    return out.str();
  }
  std::size_t count(const char* path) const { return document.select_nodes(path).size(); }

  std::string source;
  pugi::xml_document document;
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("html: a matrix of scenarios by client, each verdict in words and leading to its sessions") {
  Entry expired = reset(), valid = reset(), other = reset();
  expired.name = "tls[expired]", expired.verdict.cell = "expired";
  valid.name = "tls[valid]", valid.verdict.cell = "valid", valid.verdict.kind = verify::Verdict::Kind::passed;
  const Page page({expired, valid, other});
  CHECK(page.at("//table[@id='matrix']/thead//th[2]") == "mailer\n");
  CHECK(page.count("//table[@id='matrix']/tbody") == 2);
  CHECK(page.at("//tr[@class='group']/th") == "tls\n");
  CHECK(page.at("//table[@id='matrix']/tbody[1]/tr[@class='of-group']/th") == "expired\nvalid\n");
  CHECK(page.at("//td[contains(@class,'cell')]") == "failed\npassed\nfailed\n");
  CHECK(page.at("//tbody[2]//td[@class='why']") == "expected messages accepted: exactly 1; got 0 messages accepted\n");
  CHECK(page.count("//td/a[@href='#s2']") == 1);
  CHECK(page.count("//article/details[not(@open)]//*[@id='s2']") == 1);
  CHECK(page.count("//article/details[@open]") == 2);
  CHECK(page.at("//ul[@class='counts']/li") == "2 failed\n1 passed\n");
}

TEST_CASE("html: a page needs nothing but itself") {
  const Page page({reset()});
  CHECK(page.count("//script | //link | //img | //iframe | //@src | //@onclick") == 0);
  CHECK(page.count("//meta[@http-equiv='Content-Security-Policy'][@content=\"default-src 'none'; style-src 'unsafe-inline'\"]") == 1);
  CHECK_FALSE(has(page.at("//style"), "url("));
}

TEST_CASE("html: a session is a ladder, with the rule beside what the server did by it") {
  const Page page({reset()});
  CHECK(page.at("//table[@class='ladder']/thead//th") == "Time\nClient\nOn the wire\nServer\n");
  CHECK(page.at("//tr[contains(@class,'command')]/td[1]") == "EHLO c.test\nMAIL FROM:<a@a.test>\nRCPT TO:<b@b.test>\n");
  CHECK(page.at("//tr[contains(@class,'reply')][1]/td[3]/code[1]") == "220 mx.example.test ESMTP Malaposta ready\n");
  CHECK(page.at("//tr[contains(@class,'fault')]/*") == "+3 ms\nrule gone mail/test.yaml:3\nRST←\nresets the connection\n");
  CHECK(page.count("//tr[contains(@class,'injected')]") == 1);
  CHECK(page.at("//tr[contains(@class,'closed')]/td") == "the session ends\n");  // the RST is shown once
}

TEST_CASE("html: FIN and RST, TLS, a login, waits and pauses told apart") {
  verify::test::Trial trial("server: {tls: {mode: starttls}}\nrules: [{id: slow, at: ehlo, times: 1, delay: 250ms}]\n");
  trial.play({"EHLO c.test\r\n", "STARTTLS\r\n", "<tls>", "EHLO c.test\r\n", "AUTH PLAIN AGEAYg==\r\n", "<reset>"});
  trial.wait(std::chrono::seconds(2)).session("EHLO c.test\r\n", "<eof>");
  const Page page({entry_of(trial)});
  CHECK(page.at("//tr[contains(@class,'wait')]/td[3]") == "waits 250 ms\n");
  CHECK(page.at("//tr[contains(@class,'wait')]/td[1]") == "rule slow mail/test.yaml:4\n");
  CHECK(page.at("//tr[contains(@class,'tls')]/td") == "TLS begins: TLSv1.3\n");
  CHECK(page.at("//tr[contains(@class,'login')]/td") == "logged in by PLAIN a\n");
  CHECK(page.count("//tr[contains(@class,'secure')]") >= 5);
  CHECK(page.at("//tr[contains(@class,'closed')]/td[2]") == "RST→\nFIN→\n");
}

TEST_CASE("html: findings stand beside their line, and once with what is known of them") {
  verify::test::Trial trial;
  trial.session("EHLO c.test\n", verify::test::kQuit);
  const Page page({entry_of(trial)});
  CHECK(page.at("//tr[contains(@class,'command')][1]/td[3]/p") == "error: bare-lf, RFC 5321 section 2.3.8\n");
  CHECK(page.count("//tr//a[@href='#s1-bare-lf']") == 1);
  CHECK(page.count("//*[@id='s1-bare-lf']//a[@href='https://www.rfc-editor.org/rfc/rfc5321#section-2.3.8']") == 1);
  CHECK(has(page.at("//*[@id='s1-bare-lf']/p"), "End every line with CR and LF."));
  for (const catalogue::FindingInfo& finding : catalogue::findings()) CHECK(has(html_page::rule_link(finding.rule), "#section-"));
}

TEST_CASE("html: what failed, what the client wrote, and how to repeat it") {
  Entry entry = reset();
  const Page page({entry});
  CHECK(page.at("//div[@class='judgement failed']/dl/dd") == "messages accepted: exactly 1\n0 messages accepted\ntest.yaml:4:10\n");
  CHECK(has(page.at("//div[@class='judgement failed']/pre"), "> +0.00"));
  CHECK(has(page.at("//section[@class='client']"), "The client ended with status 1"));
  CHECK(has(page.at("//section[@class='client']/pre"), "it hurts"));
  CHECK(page.at("//section[@class='repeat']/pre") == "malaposta run mail/test.yaml --seed 7 -- ./mailer {host} 'a b'\n");

  entry.file = "<builtin>/faults/tls.yaml", entry.name = "tls[expired]", entry.verdict.cell = "expired";
  CHECK(Page({entry}, {1, {"--strict"}, {}, false}).at("//section[@class='repeat']/pre") ==
        "malaposta run tls --filter 'tls[expired]' --seed 1 --strict\n");
  CHECK(Page({entry, reset()}, {1, {}, {"it's"}, true}).at("//article[2]//section[@class='repeat']/pre") ==
        "malaposta run tls mail/test.yaml --once --seed 1 -- 'it'\\''s'\n");
  CHECK(Page({entry}, {1, {}, {}, false}).at("//h1") == "How whoever connected behaved\n");
}

TEST_CASE("html: a run in which nobody came, and one that broke") {
  verify::test::Trial trial;
  Entry entry = entry_of(trial);
  CHECK(has(Page({entry}).at("//td[@class='why']"), "no client connected"));
  CHECK(Page({entry}).at("//p[@class='nobody']") == "No client connected.\n");
  entry.error = "./mailer: not found", entry.verdict.kind = verify::Verdict::Kind::error, entry.client.reset();
  CHECK(Page({entry}).at("//p[@class='trouble'] | //td[@class='why']") == "./mailer: not found\n./mailer: not found\n");
  CHECK(Page({}).count("//table[@id='matrix']/tbody") == 0);
}

TEST_CASE("html: a client cannot write into the page") {
  using html_page::text;
  CHECK(text("<script>alert(\"1\")</script>&'") == "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;");
  CHECK(text(std::string_view("a\0b\x1b[0m\x7f", 8)) == "a\\x00b\\x1B[0m\\x7F");
  CHECK(text("\xff caf\xc3\xa9 \xc2\x9b") == "\xef\xbf\xbd caf\xc3\xa9 \\x9B");
  CHECK(text("\xe2\x80\xae"
             "gpj.exe") == "\\u202Egpj.exe");
  CHECK(text("a\r\n\tb") == "a\\x0D\\x0A\\x09b");
  CHECK(text("a\n\tb", true) == "a\n\tb");

  const std::string evil = "</code></td></style><script>alert(1)</script>\"'&amp;<!--]]>\xff\xf0\x9f";
  verify::test::Trial trial("rules: [{id: echo, at: mail, reply: '550 ${mail}'}]\nexpect: [{ends: quit}]\n");
  trial.session("EHLO " + evil + "\r\n", std::string_view("NOOP \0\x01\r\n", 9), "MAIL FROM:<" + evil + ">\r\n", "<eof>");
  Entry entry = entry_of(trial, "a" + evil);
  entry.error = evil, entry.file = evil, entry.client->output = evil, entry.client->errors = evil + std::string("\0", 1);
  entry.verdict.cell = evil;
  for (verify::Judgement& one : entry.verdict.judgements) one.actual = evil, one.explanation = {evil}, one.file = evil;
  entry.verdict.findings.push_back({"bare-lf", catalogue::Severity::error, 0, 1, evil});
  const Page page({entry}, {1, {evil}, {evil}, false});
  CHECK(page.count("//script") == 0);
  CHECK(page.count("//comment()") == 0);
  CHECK(has(page.at("//tr[contains(@class,'command')][1]/td[1]"), "EHLO </code></td></style><script>alert(1)</script>"));
  CHECK(has(page.at("//tr[contains(@class,'command')][2]/td[1]"), "NOOP \\x00\\x01"));
  CHECK(has(page.at("//section[@class='client']/pre[1]"), "<!--]]>\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\\x00"));
}

TEST_CASE("html: everything that can grow is bounded, and the page says what it leaves out") {
  using namespace html_page;
  CHECK(line(std::string(kLongestLine, 'x')) == std::string(kLongestLine, 'x'));
  CHECK(line(std::string(kLongestLine + 1, 'x')) == std::string(kLongestLine, 'x') + " … 1 byte left out");
  CHECK(line(std::string(kLongestLine - 1, 'x') + "\xc3\xa9") == std::string(kLongestLine - 1, 'x') + " … 2 bytes left out");

  std::string lines;
  for (std::size_t i = 0; i < kMostLines + 40; ++i) lines += fmt::format("line {}\r\n", i);
  const std::string bounded = block(lines);
  CHECK(has(bounded, "line 39\n… 40 lines left out\nline 80\n"));
  CHECK(bounded.ends_with("line 119\n"));
  CHECK(block("one\ntwo") == "one\ntwo\n");

  Entry entry = reset();
  verify::SessionRecord session = entry.evidence.sessions.front();
  session.events.assign(kMostEvents + 5, session.events.at(2));
  session.events.back().text = "the last";
  for (std::size_t i = 0; i <= kMostPlaces; ++i) entry.verdict.findings.push_back({"bare-cr", catalogue::Severity::error, 0, i, "x"});
  entry.evidence.sessions.assign(kMostSessions + 3, session);
  entry.client->output = lines;
  const Page page({entry});
  CHECK(page.count("//table[@class='ladder']") == kMostSessions);
  CHECK(has(page.at("//article//p"), "… 3 sessions left out"));
  CHECK(page.at("(//table[@class='ladder'])[1]//tr[@class='gap']/td") == "… 5 events left out\n");
  CHECK(page.at("(//table[@class='ladder'])[1]//tr[contains(@class,'command')][last()]/td[1]") == "the last\n");
  CHECK(page.count("(//table[@class='ladder'])[1]/tbody/tr") <= kMostEvents + 2);
  CHECK(page.at("//*[@id='s1-bare-cr']/ul/li[last()]") == "… 1 place left out\n");
  CHECK(has(page.at("//section[@class='client']/pre[2]"), "… 40 lines left out"));

  for (verify::Event& one : session.events) one.text = std::string(kLongestLine, '<');
  entry.evidence.sessions.assign(1, session);
  const Page wide({entry});
  CHECK(wide.source.size() < 2 * kLargestLadder);
  CHECK(has(wide.at("//table[@class='ladder']//tr[last()]/td"), " events left out"));

  std::string reply;
  for (std::size_t i = 0; i < kMostLines + 2; ++i) reply += "250-x\r\n";
  verify::Event event = session.events.front();
  event.kind = verify::Kind::reply, event.text = reply + "250 cut";
  entry.evidence.sessions.assign(1, session);
  entry.evidence.sessions.front().events.assign(1, event);
  CHECK(Page({entry}).count("//tr[contains(@class,'reply')]//code") == kMostLines);
  CHECK(has(Page({entry}).at("//tr[contains(@class,'reply')]/td[3]"), "… 3 lines left out"));
}

TEST_CASE("html: a reply that does not end as a reply does says so, and times are short") {
  Entry entry = reset();
  verify::Event event = entry.evidence.sessions.front().events.front();
  event.kind = verify::Kind::reply, event.text = "250-a\n250 b";
  entry.evidence.sessions.front().events = {event};
  CHECK(Page({entry}).at("//em[@class='end']") == "ends with LF alone\nno line end\n");
  CHECK(html_page::since(std::chrono::milliseconds(12)) == "+12 ms");
  CHECK(html_page::since(std::chrono::milliseconds(1234)) == "+1.23 s");
}
