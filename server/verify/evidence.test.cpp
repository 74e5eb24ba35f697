// Evidence: sessions, what was said in them, and the transactions that they hold.
#include "verify/evidence.hpp"

#include "testing/catch.hpp"
#include "verify/evidence_fixture.hpp"

using namespace malaposta::verify;
using namespace malaposta::verify::test;

TEST_CASE("evidence is what the journal holds", "[evidence]") {
  Trial trial;
  trial.session(kEhlo, kEnvelope, kMessage, kQuit).session(kEhlo, "<eof>");
  const Evidence evidence = trial.evidence();
  REQUIRE(evidence.sessions.size() == 2);
  CHECK(evidence.sessions[0].end == malaposta::journal::End::quit);
  CHECK(evidence.sessions[1].end == malaposta::journal::End::client_closed);
  CHECK(evidence.sessions[0].events.front().kind == Kind::opened);
  REQUIRE(evidence.messages.size() == 1);
  CHECK(evidence.messages[0].captured);
  CHECK(header_field(evidence.messages[0].content, "message-id") == "<1@a.test>");
  CHECK(evidence.message(evidence.messages[0].id) == &evidence.messages[0]);
  CHECK(evidence.message(evidence.messages[0].id + 1) == nullptr);
  CHECK(evidence.complete());
}

TEST_CASE("each exchange has its reply, in however many pieces it came", "[evidence]") {
  Trial trial("rules: [{at: ehlo, dribble: {bytes: 3, every: 1s}}, {at: auth, times: 1, reply: \"334 eA==\"}]\n");
  trial.session(kEhlo, "AUTH PLAIN\r\n", "MAIL FROM:<x>\r\n", "NOOP\r\n");
  const Evidence evidence = trial.evidence();
  const auto all = exchanges(evidence.sessions.at(0));
  REQUIRE(all.size() == 5);
  CHECK(all[0].what == Exchange::What::connect);
  CHECK(all[0].code == 220);
  CHECK(all[1].verb == malaposta::protocol::Verb::ehlo);
  CHECK(all[1].code == 250);
  CHECK(all[2].code == 334);
  CHECK(all[3].what == Exchange::What::auth_response);
  CHECK(all[4].verb == malaposta::protocol::Verb::noop);
}

TEST_CASE("a transaction begins with MAIL and tells what became of it", "[evidence]") {
  Trial trial("rules: [{at: rcpt, when: {rcpt: x@b.test}, reply: 550}, {at: end-of-data, times: 1, reply: 451}]\n");
  trial.session(kEhlo, "MAIL FROM:<a@a.test> SIZE=1\r\n", "RCPT TO:<x@b.test>\r\n", "RCPT TO:<b@b.test>\r\n", "DATA\r\n", kMessage);
  trial.session(kEhlo, kEnvelope, kMessage, "MAIL FROM:<c@c.test>\r\n", "RCPT TO:<x@b.test>\r\n", "RSET\r\n", "RCPT TO:<y@b.test>\r\n");
  const Evidence evidence = trial.evidence();
  const auto found = transactions(evidence);
  REQUIRE(found.size() == 3);

  CHECK(found[0].mail == "a@a.test");
  REQUIRE(found[0].recipients.size() == 2);
  CHECK(found[0].recipients[0].code == 550);
  CHECK(found[0].recipients[1].accepted());
  CHECK((found[0].data_code == 354 && found[0].final_code == 451 && found[0].content && !found[0].acknowledged));
  CHECK(found[0].outcome() == 451);
  REQUIRE(found[0].message);
  CHECK_FALSE(found[0].message->captured);
  CHECK(header_field(found[0].message->content, "Subject") == "hello");

  CHECK((found[1].session == 1 && found[1].acknowledged && found[1].message->captured));
  CHECK(found[1].paths() == std::vector<std::string>{"b@b.test"});

  CHECK(found[2].mail == "c@c.test");
  CHECK(found[2].recipients.size() == 1);
  CHECK((!found[2].content && found[2].outcome() == 550));
}
