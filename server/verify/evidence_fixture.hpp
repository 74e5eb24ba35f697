// For tests: a scenario and the clients that met it, as evidence. A client is its bytes; the clock is the test's, and
// every wait of the server is over at once.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "protocol/session.hpp"
#include "scenario/play_fixture.hpp"
#include "verify/evidence.hpp"

namespace malaposta::verify::test {

class Trial {
 public:
  // `scenario`: YAML without its first two lines, as scenario::test::compiled() takes it.
  explicit Trial(std::string_view scenario = "rules: []\n") : world_(scenario) {}
  explicit Trial(scenario::ScenarioPtr scenario) : world_(std::move(scenario)) {}

  // One session, from the greeting on. Each element of `sent` comes in one piece, after all replies to the one before; "<eof>" is
  // a FIN, "<reset>" an RST. A session that is still open afterwards stays open.
  template <typename... Sent>
  Trial& session(const Sent&... sent) {
    return play({std::string(sent)...});
  }
  // The same, and "<tls>" is a handshake that succeeds, "<no-tls>" one that fails; "<clear>" is clear text behind
  // STARTTLS that the connection has dropped.
  Trial& play(const std::vector<std::string>& sent) { return play(sent, {}); }
  // A client that sends this before the greeting, which the scenario delays, and goes away.
  Trial& early(std::string sent) { return play({"<eof>"}, std::move(sent)); }

  Trial& wait(std::chrono::nanoseconds time) {
    world_.now += time;
    return *this;
  }

  Evidence evidence() const {
    Evidence evidence;
    evidence.add(world_.journal);
    const auto fired = world_.instance.fired();
    const auto& rules = world_.instance.scenario().model().rules;
    for (std::size_t i = 0; i < rules.size(); ++i) evidence.rules.push_back({rules[i].id.value, rules[i].place.line, fired[i]});
    return evidence;
  }
  const scenario::Scenario& scenario() const { return world_.instance.scenario(); }

 private:
  Trial& play(const std::vector<std::string>& sent, const std::string& early) {
    scenario::Play play(world_.instance, world_.journal);
    protocol::Facts facts;
    facts.peer_ip = "127.0.0.1", facts.local_port = 2525;
    const journal::SessionId id = world_.journal.open_session("127.0.0.1:54321", 2525, "test", world_.now);
    play.begin(id);
    protocol::Session session(world_.instance.scenario().profile(), play, world_.journal, id, std::move(facts));
    protocol::Effects effects;
    session.start(world_.now, effects);
    if (!early.empty()) {
      world_.now += session.timer();
      session.expire(world_.now, effects);
      (void)session.receive(world_.now, early, effects, true);
    }
    for (const std::string& one : sent) give(session, one);
    return *this;
  }

  void give(protocol::Session& session, std::string_view sent) {
    protocol::Effects effects;
    world_.now += std::chrono::milliseconds(1);
    if (sent == "<eof>") {
      session.end_of_input(world_.now, effects);
      return;
    }
    if (sent == "<tls>") {
      session.client_hello(world_.now, {}, effects);
      session.handshake_done(world_.now, protocol::Handshake{"TLSv1.3", {}, {}, {}}, effects);
      return;
    }
    if (sent == "<no-tls>") {
      session.client_hello(world_.now, {}, effects);
      session.handshake_failed(world_.now, "unknown CA", effects);
      return;
    }
    if (sent == "<clear>") {
      session.clear_text_dropped(world_.now, 1);
      return;
    }
    if (sent == "<reset>") {
      session.connection_lost(world_.now);
      return;
    }
    while (!session.closed() && !session.shaking_hands()) {
      if (!session.takes_input()) {
        world_.now += session.timer();
        session.expire(world_.now, effects);
        continue;
      }
      if (sent.empty()) return;
      sent.remove_prefix(session.receive(world_.now, sent, effects));
    }
  }

  scenario::test::World world_;
};

// A whole session that delivers one message and leaves.
inline constexpr std::string_view kEhlo = "EHLO client.example.test\r\n";
inline constexpr std::string_view kEnvelope = "MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\n";
inline constexpr std::string_view kMessage =
    "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nFrom: <a@a.test>\r\nMessage-ID: <1@a.test>\r\nSubject: hello\r\n\r\nHello.\r\n.\r\n";
inline constexpr std::string_view kQuit = "QUIT\r\n";

}  // namespace malaposta::verify::test
