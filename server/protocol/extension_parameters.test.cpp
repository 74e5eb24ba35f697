// What extensions add to MAIL and RCPT, value by value, and what a session makes of it.
#include "protocol/extension_parameters.hpp"

#include "protocol/conversation.hpp"
#include "testing/catch.hpp"

using namespace malaposta::protocol;
using malaposta::protocol::testing::Conversation;

namespace {

Profile offering(const std::vector<std::string>& keywords) {
  Profile profile = default_profile();
  offer(profile, keywords);
  return profile;
}

std::string code(const std::string& reply) { return reply.substr(0, 3); }

}  // namespace

TEST_CASE("each parameter takes the values of its RFC, and only where its extension is offered") {
  struct Case {
    const char* keyword;
    std::vector<std::string> good, bad;
    Verb verb = Verb::mail;
  };
  const Case cases[] = {
      {"BINARYMIME", {"BODY=7BIT", "BODY=8bitmime", "body=binarymime"}, {"BODY=9BIT", "BODY"}},
      {"DELIVERBY", {"BY=120;R", "BY=+120;RT", "BY=-30;N", "BY=0;nt"}, {"BY=0;R", "BY=-1;R", "BY=1", "BY=1;X", "BY=1234567890;R", "BY=;N"}},
      {"FUTURERELEASE 3600 2030-02-01T00:00:00Z",
       {"HOLDFOR=3600", "HOLDUNTIL=2030-01-31T23:59:59Z", "HOLDUNTIL=2030-01-31t23:59:59.25+01:00"},
       {"HOLDUNTIL=2030-02-01T00:00:01Z", "HOLDUNTIL=2030-02-01T00:59:00-00:01", "HOLDUNTIL=2030-02-29T00:00:00Z", "HOLDFOR=3601",
        "HOLDFOR=0", "HOLDFOR=soon", "HOLDUNTIL=2030-01-31", "HOLDUNTIL=2030-01-31T23:59:59", "HOLDUNTIL=2030-01-31T23:59:59.",
        "HOLDFOR=1 HOLDFOR=1", "HOLDFOR=1 HOLDUNTIL=2030-01-31T23:59:59Z"}},
      {"MT-PRIORITY MIXER", {"MT-PRIORITY=0", "MT-PRIORITY=-9", "mt-priority=9"}, {"MT-PRIORITY=10", "MT-PRIORITY=+1", "MT-PRIORITY=-0"}},
      {"REQUIRETLS", {"REQUIRETLS"}, {"REQUIRETLS=1"}},
      {"SIZE 1000", {"SIZE=0", "size=1000"}, {"SIZE", "SIZE=-1", "SIZE=1k"}},
      {"SMTPUTF8", {"SMTPUTF8"}, {"SMTPUTF8=1"}},
      {"AUTH PLAIN", {"AUTH=<>", "AUTH=a+3Db@a.test"}, {"AUTH", "AUTH=a+3db", "AUTH=a+"}},
      {"DSN", {"RET=FULL", "ret=hdrs", "ENVID=a+2Bb"}, {"RET", "RET=BODY", "ENVID", "ENVID=+zz"}},
      {"DSN",
       {"NOTIFY=NEVER", "notify=success,DELAY", "ORCPT=rfc822;b@b.test"},
       {"NOTIFY", "NOTIFY=NEVER,DELAY", "NOTIFY=SUCCESS,", "ORCPT=b@b.test", "ORCPT=;b"},
       Verb::rcpt},
  };
  for (const Case& one : cases) {
    CAPTURE(one.keyword);
    const Profile offered = offering({one.keyword, "CHUNKING"}), bare = offering({});
    const Verb other = one.verb == Verb::mail ? Verb::rcpt : Verb::mail;
    for (const std::string& parameter : one.good) {
      CAPTURE(parameter);
      CHECK(parameter_refusal(parameter, one.verb, offered, true).empty());
      CHECK(parameter_refusal(parameter, one.verb, bare, true).starts_with("555 5.5.4"));
      CHECK(parameter_refusal(parameter, other, offered, true).starts_with("555 5.5.4"));
    }
    for (const std::string& parameter : one.bad) {
      CAPTURE(parameter);
      CHECK(parameter_refusal(parameter, one.verb, offered, true).starts_with("501 5.5.4"));
    }
  }
}

TEST_CASE("DELIVERBY keeps to the minimum that it declares, for messages that would be returned") {
  const Profile profile = offering({"DELIVERBY 120"});
  const auto refusal = [&](std::string_view parameter) { return parameter_refusal(parameter, Verb::mail, profile, false); };
  CHECK(refusal("BY=119;R").starts_with("550 5.4.7"));
  CHECK(refusal("BY=+119;RT").starts_with("550 5.4.7"));
  CHECK(refusal("BY=120;R").empty());
  CHECK(refusal("BY=5;N").empty());
  CHECK(parameter_refusal("BY=1;R", Verb::mail, offering({"DELIVERBY"}), false).empty());
}

TEST_CASE("a date and time: its seconds, and what is none") {
  CHECK(parse_date_time("1970-01-02T00:00:01Z") == 86'401);
  CHECK(parse_date_time("1970-01-01T01:00:00.5+01:00") == 0);
  CHECK(parse_date_time("1970-01-01T00:00:00-01:30") == 5'400);
  for (const char* none :
       {"", "1970-13-01T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1970-01-01T00:00:61Z", "1970-01-01T00:00:00+1:00"})
    CHECK_FALSE(parse_date_time(none));
}

TEST_CASE("REQUIRETLS is for sessions inside TLS") {
  CHECK(parameter_refusal("REQUIRETLS", Verb::mail, offering({"REQUIRETLS"}), false).starts_with("530 5.7.10"));
  Profile profile = default_profile();
  profile.tls = Tls::starttls;
  offer(profile, {"STARTTLS", "REQUIRETLS", "HELP"});
  CHECK(profile.ehlo_reply == "250-mx.example.test\r\n250-STARTTLS\r\n250 HELP\r\n");
  CHECK(profile.ehlo_reply_in_tls == "250-mx.example.test\r\n250-REQUIRETLS\r\n250 HELP\r\n");
}

TEST_CASE("BINARYMIME needs BDAT: DATA is refused") {
  CHECK(parameter_refusal("BODY=BINARYMIME", Verb::mail, offering({"BINARYMIME"}), false).starts_with("501"));
  Conversation c(offering({"CHUNKING", "BINARYMIME"}));
  c.hello();
  c.send("MAIL FROM:<a@a.test> BODY=BINARYMIME\r\nRCPT TO:<b@b.test>\r\n").server();
  CHECK(code(c.say("DATA")) == "503");
  c.send(std::string("BDAT 4 LAST\r\n\0\n.\n", 17));
  CHECK(code(c.server()) == "250");
  CHECK(c.journal().messages().front().content.str() == std::string("\0\n.\n", 4));
  c.send("MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\n").server();
  CHECK(code(c.say("DATA")) == "354");
}

TEST_CASE("LIMITS are kept as they are declared") {
  Conversation c(offering({"LIMITS RCPTMAX=3 mailmax=2 RCPTDOMAINMAX=2 WIBBLE=1"}));
  c.hello();
  CHECK(code(c.say("MAIL FROM:<a@a.test>")) == "250");
  CHECK(code(c.say("RCPT TO:<a@b.test>")) == "250");
  CHECK(code(c.say("RCPT TO:<a@c.test>")) == "250");
  CHECK(c.say("RCPT TO:<a@d.test>") == "452 4.5.3 Too many domains among the recipients\r\n");
  CHECK(code(c.say("RCPT TO:<b@B.TEST>")) == "250");
  CHECK(c.say("RCPT TO:<c@b.test>") == "452 4.5.3 Too many recipients\r\n");
  c.send("RSET\r\nMAIL FROM:<a@a.test>\r\nRSET\r\n").server();
  CHECK(c.say("MAIL FROM:<a@a.test>") == "451 4.5.3 Too many transactions in this session\r\n");
}

TEST_CASE("BDAT: what the client says of its chunk is what is taken") {
  Profile profile = offering({"CHUNKING", "SIZE 6", "PIPELINING"});
  SECTION("more bytes than announced are the next command") {
    Conversation c(profile);
    c.transaction();
    c.send("BDAT 2 LAST\r\nabXYZ\r\n");
    CHECK(c.server() == "250 2.0.0 Ok: message accepted\r\n500 5.5.2 Command unrecognized\r\n");
  }
  SECTION("fewer bytes than announced: the next command is content, and the server waits") {
    Conversation c(profile);
    c.transaction();
    c.send("BDAT 6 LAST\r\nab");
    CHECK(c.server().empty());
    c.send("NOOP\r\n");
    CHECK(c.server().starts_with("250 2.0.0 Ok: message accepted\r\n"));
    CHECK(c.journal().messages().front().content.str() == "abNOOP");
  }
  SECTION("chunks beyond SIZE are refused, and so is all that follows until RSET") {
    Conversation c(profile);
    c.transaction();
    c.send("BDAT 6\r\nabcdefBDAT 1\r\ngBDAT 1 LAST\r\nhRSET\r\n");
    CHECK(c.server() ==
          "250 2.0.0 Ok\r\n552 5.3.4 Message size exceeds the limit\r\n503 5.5.1 Chunk after a refused one: say RSET\r\n250 2.0.0 Ok\r\n");
    CHECK(c.journal().messages().empty());
  }
  SECTION("a size beyond 64 bits is no size") {
    Conversation c(profile);
    c.transaction();
    CHECK(code(c.say("BDAT 18446744073709551616")) == "501");
    CHECK(code(c.say("BDAT -1 LAST")) == "501");
    CHECK(code(c.say("NOOP")) == "250");
  }
  SECTION("LMTP: a reply for each recipient, refused or not") {
    for (const bool too_big : {false, true}) {
      profile.lmtp = true;
      Conversation c(profile);
      c.send("LHLO c.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nRCPT TO:<c@c.test>\r\n").server();
      c.send(too_big ? "BDAT 7 LAST\r\nabcdefg" : "BDAT 3\r\nabcBDAT 3 LAST\r\ndef");
      const std::string reply = too_big ? "552 5.3.4 Message size exceeds the limit\r\n" : "250 2.0.0 Ok: message accepted\r\n";
      CHECK(c.server() == (too_big ? "" : "250 2.0.0 Ok\r\n") + reply + reply);
    }
  }
}
