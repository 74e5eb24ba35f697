// The built-in default scenario: the address triggers, and that ordinary mail costs next to nothing under it.
#include <cstdlib>
#include <new>

#include "scenario/play_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::scenario;
using namespace malaposta::scenario::test;
using protocol::Stage;

namespace {

thread_local std::size_t allocations = 0;

ScenarioPtr default_scenario() { return load({"default"}, {}).scenarios.at(0); }

std::string code_of(const std::string& told) { return told.substr(0, 9); }

}  // namespace

// Counts what this thread allocates, for the last test here. std::stable_sort asks for the form that does not throw: it has
// to be replaced too, or a sanitizer sees memory of its own given to our delete. Where one of a pair is inlined and the other is not,
// g++ takes them for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

TEST_CASE("default: ordinary mail is accepted and kept") {
  World world(default_scenario());
  Client client(world);
  CHECK(client.ehlo("client.example.com") == "own");
  CHECK(client.mail("alice@example.com") == "own");
  for (const auto* rcpt : {"bob@example.com", "550.user@example.com", "5501@example.com", "x550@example.com", "rcpt@example.com",
                           "dropbox@example.com", "600@example.com", "resets@example.com"})
    CHECK(client.rcpt(rcpt) == "own");
  CHECK(client.command(Stage::data, "DATA") == "own");
  CHECK(client.next_body_offset(0) == protocol::Director::kNever);
  CHECK(client.dot() == "own");
  CHECK(client.command(Stage::quit, "QUIT") == "own");
}

TEST_CASE("default: codes in recipients") {
  World world(default_scenario());
  Client client(world);
  client.mail("alice@example.com");
  CHECK(code_of(client.rcpt("550_5.1.1@example.com")) == "550 5.1.1");
  CHECK(code_of(client.rcpt("RCPT550_5.7.1@example.com")) == "550 5.7.1");
  CHECK(client.rcpt("550@example.com").find("550 5.") == 0);
  CHECK(client.rcpt("451@example.com").find("451 4.") == 0);
  CHECK(client.rcpt("mail452@example.com").find("452 4.") == 0);
  CHECK(client.rcpt("data552@example.com").find("552 5.") == 0);
  CHECK(client.rcpt("quit421@example.com").find("421 4.") == 0);
  CHECK(client.rcpt("251@example.com").find("251 ") == 0);
}

TEST_CASE("default: senders arm verbs") {
  World world(default_scenario());
  Client client(world);
  CHECK(code_of(client.mail("mail452_4.2.2@example.com")) == "452 4.2.2");
  client.mail("rcpt550_5.1.1@example.com");
  CHECK(code_of(client.rcpt("bob@example.com")) == "550 5.1.1");
  client.mail("data552@example.com");
  CHECK(client.rcpt("bob@example.com") == "own");
  CHECK(client.command(Stage::data, "DATA").find("552 5.") == 0);
  client.mail("dot452@example.com");
  client.rcpt("bob@example.com");
  CHECK(client.dot().find("452 4.") == 0);
  client.mail("quit421@example.com");
  client.rcpt("bob@example.com");
  CHECK(client.dot() == "own");
  CHECK(client.command(Stage::quit, "QUIT").find("421 4.") == 0);
  client.mail("rset421@example.com");
  CHECK(client.command(Stage::rset, "RSET").find("421 4.") == 0);
  client.mail("noop421@example.com");
  CHECK(client.command(Stage::noop, "NOOP").find("421 4.") == 0);
  client.mail("starttls454@example.com");
  CHECK(client.command(Stage::starttls, "STARTTLS").find("454 4.") == 0);
}

TEST_CASE("default: codes in the HELO name, and user names") {
  World world(default_scenario());
  Client client(world);
  CHECK(client.ehlo("helo500.example.com").find("500 5.") == 0);
  CHECK(code_of(client.command(Stage::helo, "HELO helo421_4.3.2.example.com")) == "421 4.3.2");
  CHECK(client.ehlo("helo.example.com") == "own");
  client.facts.user = "goodauth@example.com";
  CHECK(client.command(Stage::auth, "AUTH PLAIN x") == "own");
  client.facts.user = "badauth@example.com";
  CHECK(code_of(client.command(Stage::auth, "AUTH PLAIN x")) == "535 5.7.8");
}

TEST_CASE("default: a number of times, then accepted, per sender and recipient") {
  World world(default_scenario());
  Client client(world);
  client.mail("alice@example.com");
  CHECK(client.rcpt("451-2x@example.com").find("451 4.") == 0);
  CHECK(client.rcpt("451-2x@example.com").find("451 4.") == 0);
  CHECK(client.rcpt("451-2x@example.com") == "own");
  CHECK(client.rcpt("451_4.7.1-1x@example.com").find("451 4.7.1") == 0);
  CHECK(client.rcpt("451_4.7.1-1x@example.com") == "own");
  client.mail("carol@example.com");
  CHECK(client.rcpt("451-2x@example.com").find("451 4.") == 0);
}

TEST_CASE("default: delays, faults in the content, and the lost 250") {
  World world(default_scenario());
  Client client(world);
  const auto to = [&](std::string_view recipient) {
    client.mail("alice@example.com");
    return client.rcpt(recipient);
  };
  CHECK(to("delay-3s@example.com") == "own after 3000ms");
  CHECK(to("delay-200ms@example.com") == "own after 200ms");
  to("drop@example.com");
  CHECK(client.next_body_offset(0) == 0);
  CHECK(client.reached(0) == "[close]");
  to("reset@example.com");
  CHECK(client.next_body_offset(0) == 1);
  CHECK(client.reached(1) == "[reset]");
  to("reset-4096@example.com");
  CHECK(client.next_body_offset(0) == 4096);
  CHECK(client.reached(4096) == "[reset]");
  to("stall@example.com");
  CHECK(client.next_body_offset(0) == 0);
  CHECK(client.reached(0) == "[stall]");
  to("lost250@example.com");
  CHECK(client.dot() == "[reset] keep");
  to("dot452@example.com");
  CHECK(client.dot().find("452 4.") == 0);
  CHECK(client.notes().empty());
}

TEST_CASE("default: commands that no rule is about are decided without an allocation") {
  World world(default_scenario());
  journal::Journal journal({});
  Play play(world.instance, journal);
  protocol::Facts facts;
  facts.transaction = 1;
  facts.recipients = {"bob@example.com", "a.rather.long.local.part.that.fits.no.small.string@example.com"};
  protocol::Decision decision;
  const auto decide = [&](Stage stage) {
    protocol::Moment moment{};
    moment.stage = stage;
    moment.is_command = true;
    moment.facts = &facts;
    moment.line = "a line";
    moment.argument = "client.example.com";
    moment.mail = "a.rather.long.local.part.that.fits.no.small.string@example.com", moment.has_mail = true;
    if (stage == Stage::rcpt) moment.rcpt = facts.recipients[1], moment.has_rcpt = true;
    play.decide(moment, decision);
    if (stage == Stage::body) play.next_body_offset(moment, 0);
    return decision.decided;
  };
  REQUIRE_FALSE(decide(Stage::mail));  // the first one of a connection is remembered
  bool decided = false;
  const std::size_t before = allocations;
  for (std::size_t stage = 0; stage < catalogue::kStageNames.size(); ++stage) decided = decide(static_cast<Stage>(stage)) || decided;
  const std::size_t after = allocations;
  CHECK_FALSE(decided);
  CHECK(after == before);
}
