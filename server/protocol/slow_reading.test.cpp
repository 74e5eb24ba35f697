// Slow reading: how many bytes the session takes before it pauses, and what it does with them.
#include "protocol/conversation.hpp"
#include "testing/catch.hpp"

using namespace malaposta::protocol;
using malaposta::protocol::testing::Conversation;
using malaposta::protocol::testing::TestDirector;

namespace {

// From `stage` on, `bytes` at a time.
TestDirector slow(Stage stage, std::uint64_t bytes) {
  TestDirector director;
  director.on_decide = [=](const Moment& moment, Decision& out) {
    if (moment.stage == stage) out.read_bytes = bytes, out.read_every = std::chrono::seconds(1);
  };
  return director;
}

}  // namespace

TEST_CASE("a session that reads slowly takes its bytes, and then none until its time is over") {
  Conversation c(default_profile(), slow(Stage::data, 4));
  c.transaction();
  CHECK(c.session().most_input() == std::string_view::npos);
  CHECK(c.say("DATA").starts_with("354 "));
  CHECK(c.session().most_input() == 4);
  Effects effects;
  CHECK(c.session().receive(c.now(), "0123456789", effects) == 4);
  CHECK_FALSE(c.session().takes_input());
  CHECK(c.session().timer() == std::chrono::seconds(1));
  c.session().expire(c.now(), effects);
  CHECK(c.session().takes_input());
  CHECK(c.session().receive(c.now(), "45", effects) == 2);
  CHECK(c.session().takes_input());
  CHECK(c.session().most_input() == 2);
  CHECK(c.session().receive(c.now(), "6789", effects) == 2);
  CHECK_FALSE(c.session().takes_input());
}

TEST_CASE("what is read slowly is understood all the same") {
  Conversation c(default_profile(), slow(Stage::connect, 1));
  c.server();
  const std::string script = "EHLO c.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\nhi\r\n.\r\nQUIT\r\n";
  c.send(script);
  for (std::size_t i = 0; i + 1 < script.size(); ++i) c.wait();
  CHECK(c.session().how_it_ended() == malaposta::journal::End::quit);
  REQUIRE(c.journal().messages().size() == 1);
  CHECK(c.journal().messages().front().content.str() == "hi\r\n");
}

TEST_CASE("a client that leaves while the server pauses is let go when the pause is over") {
  Conversation c(default_profile(), slow(Stage::connect, 1));
  c.server();
  c.send("E").hang_up();
  CHECK_FALSE(c.session().closed());
  c.wait();
  CHECK(c.session().how_it_ended() == malaposta::journal::End::client_closed);
}
