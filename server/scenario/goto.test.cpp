// `do: goto`: where the session stands afterwards, told by what it makes of the next lines.
#include "protocol/session.hpp"
#include "scenario/play_fixture.hpp"
#include "testing/catch.hpp"

namespace malaposta::scenario {
namespace {

// What the server does about these bytes, each reply by its code.
std::string told_codes(std::string_view rules, std::string_view sent) {
  test::World world(rules);
  Play play(world.instance, world.journal);
  const journal::SessionId id = world.journal.open_session("127.0.0.1:1", 25, "test", world.now);
  play.begin(id);
  protocol::Effects effects;
  protocol::Session session(world.instance.scenario().profile(), play, world.journal, id, {});
  session.start(world.now, effects);
  while (!sent.empty() && session.takes_input()) sent.remove_prefix(session.receive(world.now, sent, effects));
  std::string codes;
  for (const journal::Event& event : world.journal.events(id)) {
    if (event.kind == journal::Kind::reply) codes += (codes.empty() ? "" : " ") + std::to_string(event.code);
    if (event.kind == journal::Kind::closed) codes += " " + std::string(event.text);
  }
  for (const journal::Message& message : world.journal.messages()) codes += " <" + message.reverse_path + ">" + message.content.str();
  return codes + (session.shaking_hands() ? " handshake" : "");
}

}  // namespace

TEST_CASE("goto: the session stands at that stage, whatever the client was told", "[goto]") {
  const std::string transaction = "EHLO c.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\n";
  const auto at = [&](const std::string& rule, const std::string& sent) { return told_codes("rules: [{" + rule + "}]\n", sent); };
  // No hello is needed for a transaction …
  CHECK(at("at: noop, do: [{reply: 250 Go on}, {goto: mail}]", "NOOP\r\nMAIL FROM:<a@a.test>\r\n") == "220 250 250");
  // … or the one that was said is forgotten.
  CHECK(at("at: noop, do: [{reply: 250 Go on}, {goto: ehlo}]", "EHLO c.test\r\nNOOP\r\nMAIL FROM:<a@a.test>\r\n") == "220 250 250 503");
  // A refused MAIL opens a transaction all the same, and a refused RCPT adds its recipient.
  CHECK(at("at: mail, do: [{reply: 550 No}, {goto: rcpt}]", transaction + "DATA\r\nx\r\n.\r\n") ==
        "220 250 550 250 354 250 <a@a.test>x\r\n");
  CHECK(at("at: rcpt, do: [{reply: 550 No}, {goto: data}]", transaction + "DATA\r\nx\r\n.\r\n") ==
        "220 250 250 550 354 250 <a@a.test>x\r\n");
  // An accepted one is forgotten.
  CHECK(at("at: rcpt, do: [{reply: 250 Yes}, {goto: mail}]", transaction + "DATA\r\n") == "220 250 250 250 503");
  // Content without 354, and commands where content should be.
  CHECK(at("at: data, do: [{reply: 503 No}, {goto: body}]", transaction + "DATA\r\nx\r\n.\r\n") ==
        "220 250 250 250 503 250 <a@a.test>x\r\n");
  CHECK(at("at: data, do: [{reply: 354 Go}, {goto: data}]", transaction + "DATA\r\nx\r\n") == "220 250 250 250 354 500");
  // The final dot is not the last: more content follows, for the same recipients.
  CHECK(at("at: end-of-data, times: 1, capture: false, do: [{reply: 354 More}, {goto: body}]",
           transaction + "DATA\r\nx\r\n.\r\ny\r\n.\r\n") == "220 250 250 250 354 354 250 <a@a.test>y\r\n");
  CHECK(at("at: noop, do: [{reply: 250 Bye}, {goto: quit}]", "NOOP\r\nNOOP\r\n") == "220 250 quit");
  CHECK(told_codes("server: {tls: {mode: starttls}}\nrules: [{at: noop, do: [{reply: 250 Go}, {goto: tls}]}]\n", "NOOP\r\nNOOP\r\n") ==
        "220 250 handshake");
}

TEST_CASE("goto: what it cannot be", "[goto]") {
  const auto problem = [](const std::string& rule, std::string_view part) {
    return test::problems("rules: [{" + rule + "}]\n").find(part) != std::string::npos;
  };
  CHECK(problem("at: noop, do: [{goto: noop}]", "unknown stage to go to 'noop'"));
  CHECK(problem("at: noop, do: [{goto: mail}, {reply: 250}]", "nothing of this rule happens after 'goto'"));
  CHECK(problem("at: noop, do: [{goto: mail}], then: close", "nothing of this rule happens after 'goto'"));
  CHECK(problem("at: noop, do: [{goto: tls}]", "there is none to begin"));
  CHECK(problem("at: body, do: [{goto: mail}]", "does not lead out of the handshake or the content"));
}

}  // namespace malaposta::scenario
