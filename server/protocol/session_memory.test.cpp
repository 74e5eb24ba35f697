// What a session holds for its client, and how much it says at once.
#include "protocol/conversation.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::protocol;
using malaposta::protocol::testing::Conversation;

TEST_CASE("a session says no more than so much at once, and the rest of the input is given again") {
  Conversation conversation;
  conversation.hello();
  std::string many;
  while (many.size() < 256 * 1024) many += "NOOP\r\n";
  std::string_view left = many;
  std::size_t replies = 0;
  for (std::size_t turns = 0; !left.empty(); ++turns) {
    REQUIRE(turns < 100);
    conversation.effects().clear();
    const std::size_t used = conversation.session().receive(conversation.now(), left, conversation.effects());
    REQUIRE(used > 0);
    left.remove_prefix(used);
    CHECK(conversation.effects().bytes().size() < kMostOutput + 100);
    replies += static_cast<std::size_t>(std::ranges::count(conversation.effects().bytes(), '\n'));
  }
  CHECK(replies == many.size() / 6);
}

TEST_CASE("what a session holds is known: lines under way, recipients, answers that wait; and is given back") {
  Conversation conversation;
  Session& session = conversation.session();
  const std::size_t idle = session.held();
  CHECK(idle < 512);
  conversation.send("NOOP " + std::string(3000, 'x'));
  CHECK(session.held() >= 3000);
  conversation.send("\r\n");
  CHECK(session.held() < idle + 1000);
  conversation.send("NOOP " + std::string(100'000, 'x'));  // too long: dropped
  CHECK(session.held() < idle + 1000);
  conversation.send("\r\n").transaction();
  const std::size_t begun = session.held();
  for (int i = 0; i < 100; ++i) conversation.send("RCPT TO:<" + std::string(60, 'x') + "@b.test>\r\n");
  CHECK(session.held() >= begun + 100 * (60 + sizeof(std::string)));
  conversation.send("RSET\r\n");
  CHECK(session.held() < begun + 200 * sizeof(std::string));
  conversation.director().on_decide = [](const Moment&, Decision& out) {
    out.decided = true;
    out.add(Step::Kind::wait, std::chrono::seconds(1));
    out.add_text(Step::Kind::send, "250 " + std::string(5000, 'x') + "\r\n");
  };
  const std::size_t before = session.held();
  conversation.send("NOOP\r\n");
  CHECK(session.held() >= before + 5000);
  conversation.wait();
  CHECK(session.held() < before + 500);
}

TEST_CASE("content counts by the memory that it takes, and all is given back") {
  Conversation conversation;
  conversation.transaction().send("DATA\r\nx");
  CHECK(conversation.journal().message_bytes() >= journal::Content::kSmallestBlock);
  conversation.send("\r\n").send(std::string(3000, 'x'));
  CHECK(conversation.journal().message_bytes() >= 3000);
  conversation.hang_up();
  CHECK(conversation.journal().message_bytes() == 0);
}

TEST_CASE("a session without room is told 421 4.3.1 and closed") {
  Conversation conversation;
  conversation.hello();
  conversation.session().run_out_of_room(conversation.now(), conversation.effects());
  CHECK(conversation.server() == "421 4.3.1 Insufficient system storage\r\n<close>");
  conversation.session().run_out_of_room(conversation.now(), conversation.effects());
  CHECK(conversation.server().empty());
}
