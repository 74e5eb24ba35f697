// Sessions whose journal has a store: a message is acknowledged once it is stored, and not before.
#include "journal/held_store.hpp"
#include "protocol/conversation.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::protocol;
using namespace malaposta::protocol::testing;
using journal::Outcome;
using journal::testing::HeldStore;

namespace {

const Outcome kFull{Outcome::What::full, "database or disk is full"};

struct Stored {
  explicit Stored(Profile profile = default_profile(), TestDirector director = {})
      : c(std::move(profile), std::move(director), {1 << 20, 1 << 20, 100, 100}, &store) {}

  HeldStore store;  // outlives the journal
  Conversation c;
};

Profile lmtp() {
  Profile profile = default_profile();
  profile.lmtp = true;
  return profile;
}

std::string kinds(Conversation& c) {
  std::string all;
  for (const journal::Event& event : c.events()) all += std::string(journal::name(event.kind)) + " ";
  return all;
}

}  // namespace

TEST_CASE("the final dot is answered once the message is stored", "[session]") {
  Stored s;
  s.c.transaction().send("DATA\r\n").server();
  s.c.send("hi\r\n.\r\n");
  CHECK(s.c.server().empty());
  CHECK_FALSE(s.c.session().takes_input());
  CHECK(s.c.session().storing());
  CHECK(s.c.journal().messages().empty());
  CHECK(s.c.session().facts().messages == 0);
  REQUIRE(s.store.held.size() == 1);
  CHECK(s.store.held.front().message.content.str() == "hi\r\n");
  CHECK(s.store.held.front().message.acknowledged);
  CHECK(s.c.journal().message_bytes() == journal::Content::kSmallestBlock);

  s.store.give_back();
  CHECK(s.c.server() == "250 2.0.0 Ok: message accepted\r\n");
  REQUIRE(s.c.journal().messages().size() == 1);
  CHECK(s.c.journal().messages().front().acknowledged);
  CHECK(s.c.session().facts().messages == 1);
  CHECK(s.c.journal().message_bytes() == s.c.journal().messages().front().footprint());
  // The message comes before the reply that acknowledges it.
  CHECK(kinds(s.c).ends_with("content message reply "));
  CHECK(s.c.say("RSET").starts_with("250"));
}

TEST_CASE("commands sent behind the final dot are answered behind its reply", "[session]") {
  Stored s;
  s.c.transaction().send("DATA\r\n").server();
  s.c.send("one\r\n.\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\ntwo\r\n.\r\nQUIT\r\n");
  CHECK(s.c.server().empty());
  s.store.give_back();
  CHECK(s.c.server() ==
        "250 2.0.0 Ok: message accepted\r\n250 2.1.0 Sender ok\r\n250 2.1.5 Recipient ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n");
  s.store.give_back();
  CHECK(s.c.server() == "250 2.0.0 Ok: message accepted\r\n221 2.0.0 Bye\r\n<close>");
  CHECK(s.c.journal().messages().size() == 2);
}

TEST_CASE("BDAT LAST waits as the final dot does, the chunks before it do not", "[session]") {
  Stored s;
  s.c.transaction();
  CHECK(s.c.send("BDAT 2\r\nab").server().starts_with("250"));
  CHECK(s.c.send("BDAT 2 LAST\r\ncd").server().empty());
  s.store.give_back();
  CHECK(s.c.server().starts_with("250 2.0.0"));
  CHECK(s.c.journal().messages().front().content.str() == "abcd");
}

TEST_CASE("what cannot be stored is told 452 4.3.1 or 451 4.3.0, and is evidence only", "[session]") {
  Stored s;
  s.c.transaction().send("DATA\r\nhi\r\n.\r\n").server();
  s.store.give_back(kFull);
  CHECK(s.c.server() == "452 4.3.1 Insufficient system storage\r\n");
  CHECK(s.c.journal().messages().empty());
  REQUIRE(s.c.journal().uncaptured().size() == 1);
  CHECK_FALSE(s.c.journal().uncaptured().front().acknowledged);
  CHECK(s.c.session().facts().messages == 0);
  CHECK(kinds(s.c).ends_with("content note message reply "));
  // The transaction is over, the session is not.
  CHECK(s.c.send("MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\n").server().ends_with("354 End data with <CR><LF>.<CR><LF>\r\n"));
  s.c.send("hi\r\n.\r\n");
  s.store.give_back({Outcome::What::failed, "disk I/O error"});
  CHECK(s.c.server().starts_with("451 4.3.0 "));
  CHECK(s.c.journal().message_bytes() == s.c.journal().uncaptured().front().footprint() + s.c.journal().uncaptured().back().footprint());
}

TEST_CASE("LMTP: each recipient's reply waits, and each is told that there was no room", "[session]") {
  Stored s(lmtp());
  s.c.send("LHLO client.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nRCPT TO:<c@b.test>\r\nDATA\r\nhi\r\n.\r\n");
  s.c.server();
  REQUIRE(s.store.held.size() == 1);
  const bool room = GENERATE(true, false);
  s.store.give_back(room ? Outcome{} : kFull);
  const std::string line = room ? "250 2.0.0 Ok: message accepted\r\n" : "452 4.3.1 Insufficient system storage\r\n";
  CHECK(s.c.server() == line + line);
}

TEST_CASE("content that is refused or discarded waits for nothing", "[session]") {
  const bool discard = GENERATE(true, false);
  TestDirector director;
  director.on_decide = [discard](const Moment& moment, Decision& out) {
    if (moment.stage != Stage::end_of_data) return;
    out.capture = false;
    if (discard) return;
    out.decided = true, out.code = 550;
    out.add_text(Step::Kind::send, "550 5.7.1 No\r\n");
  };
  Stored s(default_profile(), director);
  s.c.transaction().send("DATA\r\n").server();
  s.c.send("hi\r\n.\r\n");
  CHECK(s.c.server().starts_with(discard ? "250" : "550"));
  CHECK(s.store.held.empty());
}

TEST_CASE("a message that is captured and never acknowledged is stored before the connection ends", "[session]") {
  TestDirector director;
  director.on_decide = [](const Moment& moment, Decision& out) {
    if (moment.stage != Stage::end_of_data) return;
    out.capture = true, out.decided = true;
    out.add(Step::Kind::reset);
  };
  Stored s(default_profile(), director);
  s.c.transaction().send("DATA\r\n").server();
  s.c.send("hi\r\n.\r\n");
  CHECK(s.c.server().empty());
  s.store.give_back();
  CHECK(s.c.server() == "<reset>");
  CHECK_FALSE(s.c.journal().messages().front().acknowledged);
}

TEST_CASE("an answer's own delays come behind the storing", "[session]") {
  TestDirector director;
  director.on_decide = [](const Moment& moment, Decision& out) {
    if (moment.stage == Stage::end_of_data) out.delay = std::chrono::seconds(3);
  };
  Stored s(default_profile(), director);
  s.c.transaction().send("DATA\r\n").server();
  s.c.send("hi\r\n.\r\n");
  s.store.give_back();
  CHECK(s.c.server().empty());
  CHECK(s.c.session().timer() == std::chrono::seconds(3));
  SECTION("with the client there") { CHECK(s.c.wait().server().starts_with("250")); }
  SECTION("with a client that has sent its last") {
    s.c.hang_up();
    CHECK(s.c.wait().server() == "250 2.0.0 Ok: message accepted\r\n<close>");
  }
}

TEST_CASE("clients that leave while their message is being stored", "[session]") {
  Stored s;
  s.c.transaction().send("DATA\r\n").server();
  s.c.send("hi\r\n.\r\n");
  SECTION("by FIN: the reply is sent, for the client may still read") {
    s.c.hang_up();
    CHECK(s.c.server().empty());
    s.store.give_back();
    CHECK(s.c.server() == "250 2.0.0 Ok: message accepted\r\n<close>");
    CHECK(s.c.journal().messages().front().acknowledged);
  }
  SECTION("by RST: the message is kept, and was not acknowledged") {
    s.c.session().connection_lost(s.c.now());
    s.store.give_back();
    CHECK(s.c.server().empty());
    REQUIRE(s.c.journal().messages().size() == 1);
    const journal::Message& kept = s.c.journal().messages().front();
    CHECK_FALSE(kept.acknowledged);
    CHECK(s.store.told.end()[-2] == "unacknowledged " + std::to_string(kept.id));
    const journal::Event last = s.c.events().back();
    CHECK(last.kind == journal::Kind::message);
    CHECK(last.number == kept.id);
    CHECK(last.code == 1);
    CHECK(last.text.empty());
  }
  SECTION("by RST, and there is no room: evidence of what was sent") {
    s.c.session().connection_lost(s.c.now());
    s.store.give_back(kFull);
    CHECK(s.c.journal().messages().empty());
    CHECK(s.c.journal().uncaptured().size() == 1);
    CHECK(s.c.events().back().code == 0);
  }
}

TEST_CASE("a store that does not answer ends the session in time, and its answer is taken later", "[session]") {
  Stored s;
  s.c.transaction().send("DATA\r\n").server();
  s.c.send("hi\r\n.\r\n");
  CHECK(s.c.session().timer() == default_profile().limits.timeout);
  CHECK(s.c.wait().server() == "421 4.3.0 The message could not be stored in time: closing transmission channel\r\n<close>");
  s.store.give_back();
  CHECK(s.c.journal().messages().size() == 1);
  CHECK_FALSE(s.c.journal().messages().front().acknowledged);
}

TEST_CASE("a server that stops answers about a message first", "[session]") {
  Stored s;
  s.c.transaction().send("DATA\r\n").server();
  s.c.send("hi\r\n.\r\n");
  s.c.session().shut_down(s.c.now(), s.c.effects());
  CHECK(s.c.server().empty());
  s.store.give_back();
  CHECK(s.c.server() == "250 2.0.0 Ok: message accepted\r\n421 4.3.2 Service shutting down\r\n<close>");
  CHECK(s.c.session().how_it_ended() == journal::End::shut_down);
}

TEST_CASE("messages on their way to the store count against the memory", "[session]") {
  HeldStore store;
  Conversation c(default_profile(), {}, {1 << 20, 2000, 100, 100}, &store);
  c.transaction().send("DATA\r\n" + std::string(900, 'x') + "\r\n.\r\n").server();
  Conversation other(default_profile(), {}, {1 << 20, 2000, 100, 100});
  REQUIRE(store.held.size() == 1);
  CHECK(c.journal().message_bytes() == journal::Content::kSmallestBlock);
  CHECK_FALSE(c.journal().reserve(2000 - journal::Content::kSmallestBlock + 1));
}
