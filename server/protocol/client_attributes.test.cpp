// XCLIENT and XFORWARD: whom the server takes the client for, and what it refuses.
#include "protocol/client_attributes.hpp"

#include "protocol/conversation.hpp"
#include "testing/catch.hpp"

using namespace malaposta::protocol;
using malaposta::protocol::testing::Conversation;

namespace {

Profile offering(const std::vector<std::string>& keywords) {
  Profile profile = default_profile("mx.test");
  offer(profile, keywords);
  return profile;
}

}  // namespace

TEST_CASE("XCLIENT makes another client of it, and starts again with the greeting") {
  Conversation c(offering({"XCLIENT NAME ADDR PORT PROTO HELO LOGIN"}));
  c.transaction();
  CHECK(c.say("XCLIENT ADDR=192.0.2.1").starts_with("503 5.5.1"));
  c.say("RSET");
  CHECK(c.say("XCLIENT NAME=c.test ADDR=IPV6:2001:db8::1 PORT=77 PROTO=ESMTP HELO=other+2Etest LOGIN=alice") ==
        "220 mx.test ESMTP Malaposta ready\r\n");
  const Facts& facts = c.session().facts();
  CHECK(facts.peer_ip == "2001:db8::1");
  CHECK(facts.peer_port == 77);
  CHECK(facts.user == "alice");
  CHECK(facts.authenticated);
  CHECK(c.say("MAIL FROM:<a@a.test>").starts_with("503"));
  CHECK(c.say("EHLO proxy.test").starts_with("250"));
  CHECK(facts.helo == "other.test");
  CHECK(c.say("XCLIENT LOGIN=[UNAVAILABLE] ADDR=192.0.2.1").starts_with("220"));
  CHECK_FALSE(facts.authenticated);
  CHECK(facts.peer_ip == "192.0.2.1");
}

TEST_CASE("XFORWARD is accepted and changes nothing") {
  Conversation c(offering({"XFORWARD NAME ADDR"}));
  c.hello();
  CHECK(c.say("XFORWARD NAME=c.test ADDR=192.0.2.1 IDENT=4F2 SOURCE=REMOTE") == "250 2.0.0 Ok\r\n");
  CHECK(c.session().facts().peer_ip == "127.0.0.1");
  CHECK(c.say("MAIL FROM:<a@a.test>").starts_with("250"));
}

TEST_CASE("attributes that are unknown, of no value or not offered are refused") {
  for (const auto* attributes :
       {"WIBBLE=1", "ADDR=host", "ADDR=IPV6:1.2.3.4", "PORT=65536", "PROTO=HTTP", "HELO=a+2", "NAME", "NAME=", "SOURCE=LOCAL"})
    CHECK(attribute_refusal(attributes, Verb::xclient).starts_with("501 5.5.4"));
  CHECK(attribute_refusal("LOGIN=a", Verb::xforward).starts_with("501 5.5.4"));
  CHECK(attribute_refusal("ADDR=[unavailable]", Verb::xclient).empty());
  Conversation c(offering({"HELP"}));
  c.hello();
  CHECK(c.say("XCLIENT ADDR=192.0.2.1").starts_with("502"));
  CHECK(c.say("XFORWARD ADDR=192.0.2.1").starts_with("502"));
  Conversation offered(offering({"XCLIENT"}));
  CHECK(offered.say("XCLIENT").find("501 5.5.4") != std::string::npos);
}

TEST_CASE("an XCLIENT that is not answered with 220 changes nothing") {
  testing::TestDirector director;
  director.on_decide = [](const Moment& moment, Decision& out) {
    if (moment.stage != Stage::xclient) return;
    out.decided = true, out.code = 550;
    out.add_text(Step::Kind::send, "550 5.7.0 No\r\n");
  };
  Conversation c(offering({"XCLIENT"}), director);
  c.hello();
  CHECK(c.say("XCLIENT ADDR=192.0.2.1") == "550 5.7.0 No\r\n");
  CHECK(c.session().facts().peer_ip == "127.0.0.1");
}
