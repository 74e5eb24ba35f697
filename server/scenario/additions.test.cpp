// Rules that are added while sessions run.
#include "scenario/additions.hpp"

#include <array>

#include "scenario/play_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::scenario;
using namespace malaposta::scenario::test;

namespace {

std::uint64_t add(World& world, std::string_view rules) { return world.additions.add(compiled(rules), 1).value(); }

}  // namespace

TEST_CASE("an addition is asked before the scenario, in sessions that run already and in new ones", "[additions]") {
  World world("rules: [{at: rcpt, reply: 550}]\n");
  Client before(world);
  CHECK(before.mail("a@a.test") == "own");
  CHECK(before.rcpt("b@b.test").starts_with("550"));
  const std::uint64_t id = add(world, "rules: [{id: armed, at: rcpt, times: 2, reply: 451}]\n");
  CHECK(before.rcpt("b@b.test").starts_with("451"));
  Client after(world);
  CHECK(after.rcpt("b@b.test").starts_with("451"));
  CHECK(after.rcpt("b@b.test").starts_with("550"));
  CHECK(before.fired() == "rule-1! armed!");
  std::vector<std::uint64_t> lines;
  for (const journal::Event& event : world.journal.events(world.journal.sessions().front().id))
    if (event.kind == journal::Kind::rule) lines.push_back(event.number);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] > 0);
  CHECK(lines[1] == 0);  // it stands in no file
  CHECK(world.additions.list()->front().rules->fired() == std::vector<std::uint64_t>{2});
  CHECK(world.additions.remove(id));
  CHECK_FALSE(world.additions.remove(id));
  CHECK(before.rcpt("b@b.test").starts_with("550"));
}

TEST_CASE("the newest addition comes first, and one that only slows lets the others decide", "[additions]") {
  World world("rules: []\n");
  Client client(world);
  add(world, "rules: [{at: noop, reply: 250 older}]\n");
  add(world, "rules: [{at: noop, times: 1, reply: 250 newer}]\n");
  add(world, "rules: [{at: noop, delay: 5ms}]\n");
  CHECK(client.command(protocol::Stage::noop, "NOOP") == "250 newer after 5ms");
  CHECK(client.command(protocol::Stage::noop, "NOOP") == "250 older after 5ms");
  CHECK(world.additions.clear() == 3);
  CHECK(client.command(protocol::Stage::noop, "NOOP") == "own");
}

TEST_CASE("an addition looks at the reverse path of the session, and acts within the content", "[additions]") {
  World world("rules: []\n");
  Client client(world);
  add(world, "rules: [{at: [rcpt, body], when: {mail: a@a.test}, after: 7, fault: reset}]\n");
  client.mail("other@a.test");
  CHECK(client.rcpt("b@b.test") == "own");
  client.mail("a@a.test");
  CHECK(client.next_body_offset(0) == 7);
  CHECK(client.reached(7) == "[reset]");
}

TEST_CASE("a state that an addition sets is its own, and is not set once it is gone", "[additions]") {
  World world("rules: [{at: noop, when: {state: later}, reply: 250 scenario}]\n");
  Client client(world);
  const std::uint64_t id =
      add(world, "rules: [{at: noop, when: {state: later}, reply: 250 addition}, {at: noop, do: [reply: 250 first, set: later]}]\n");
  CHECK(client.command(protocol::Stage::noop, "NOOP") == "250 first [set later]");
  client.play().enter_state("later");
  CHECK(client.command(protocol::Stage::noop, "NOOP") == "250 addition");
  world.additions.remove(id);
  CHECK(client.command(protocol::Stage::noop, "NOOP") == "own");
}

TEST_CASE("so many additions and no more", "[additions]") {
  World world("rules: []\n");
  const ScenarioPtr rules = compiled("rules: [{at: rcpt, reply: 451}]\n");
  for (std::size_t i = 0; i < Additions::kMost; ++i) REQUIRE(world.additions.add(rules, 1).has_value());
  CHECK_FALSE(world.additions.add(rules, 1).has_value());
  CHECK(world.additions.clear() == Additions::kMost);
  CHECK(world.additions.add(rules, 1) == Additions::kMost + 1);
}

TEST_CASE("an addition for one scenario is asked in its sessions only, behind the armed faults", "[additions]") {
  World world("rules: []\n");
  Client client(world);
  world.additions.add(compiled("rules: [{at: noop, times: 1, reply: 250 armed}]\n"), 1);
  world.additions.add(compiled("rules: [{at: noop, reply: 250 other}]\n"), 1, "other");
  world.additions.add(compiled("rules: [{at: noop, reply: 250 older}]\n"), 1, "test");
  world.additions.add(compiled("rules: [{at: noop, times: 1, reply: 250 newer}]\n"), 1, "test");
  for (const std::string_view reply : {"250 armed", "250 newer", "250 older", "250 older"})
    CHECK(client.command(protocol::Stage::noop, "NOOP") == reply);
  CHECK(world.additions.clear("test") == 2);
  CHECK(client.command(protocol::Stage::noop, "NOOP") == "own");
  CHECK(world.additions.clear() == 1);
  CHECK(world.additions.list()->size() == 1);
}

TEST_CASE("a session that a route takes to another scenario asks that one's additions", "[additions]") {
  World world("rules: []\n");
  const ScenarioPtr routed = load_text("routed.yaml", "malaposta: 1\nroute: {mail: a@a.test}\n", {}).scenarios.at(0);
  Instance instance(routed, 1);
  const std::array<Instance*, 1> routes{&instance};
  world.additions.add(compiled("rules: [{at: [mail, noop], reply: 250 routed}]\n"), 1, "routed");
  Client client(world, routes);
  CHECK(client.command(protocol::Stage::noop, "NOOP") == "own");
  CHECK(client.mail("a@a.test") == "250 routed");
  CHECK(client.command(protocol::Stage::noop, "NOOP") == "250 routed");
}
