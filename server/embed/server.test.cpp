#include "malaposta/server.hpp"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "embed/client_fixture.hpp"
#include "malaposta/malaposta.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using malaposta::testing::deliver;
using malaposta::testing::say;
using namespace std::chrono_literals;

namespace {

// So that a test that goes wrong ends.
constexpr std::chrono::seconds kLong{30};

std::string problem_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a client that tries again passes a story about trying again, one that gives up does not") {
  const Server patient = Server::start(Scenario::shipped("451-twice"));
  int code = 0;
  for (int attempt = 0; attempt < 5 && code != 250; ++attempt) code = deliver(patient.host(), patient.port());
  const Verdict good = patient.verify(kLong);
  CHECK(good.passed());
  CHECK(good.judgements.size() == 2);
  CHECK(good.explanation.starts_with("ok     451-twice ("));
  CHECK(patient.journal().messages().size() == 1);

  const Server hasty = Server::start(Scenario::shipped("451-twice"));
  CHECK(deliver(hasty.host(), hasty.port()) == 451);
  const Verdict bad = hasty.verify(10ms);
  CHECK_FALSE(bad.passed());
  CHECK(bad.kind == Verdict::Kind::failed);
  CHECK(bad.scenario == "451-twice");
  CHECK(bad.seed == 1);
  CHECK(bad.judgements.at(0).outcome == Judgement::Outcome::failed);
  CHECK(bad.judgements.at(0).actual == "1 attempts");
  CHECK(bad.judgements.at(0).line == 14);
  CHECK(bad.explanation.find("codes/451-twice.yaml:14:5: failed: expected attempts: exactly 3") != std::string::npos);
}

TEST_CASE("verify waits for a client that is still at work, and no longer than it has to") {
  const Server server = Server::start(Scenario::shipped("451-twice"));
  std::thread client([&] {
    while (deliver(server.host(), server.port()) != 250) {}
  });
  const auto begin = std::chrono::steady_clock::now();
  const Verdict verdict = server.verify(kLong);
  INFO(verdict.explanation);
  CHECK(verdict.passed());
  CHECK(std::chrono::steady_clock::now() - begin < kLong);
  client.join();
}

TEST_CASE("what cannot be met any more is not waited for") {
  const Server server = Server::start(ScenarioBuilder("one").expect(Expectation::connections(1)).expect(Expectation::accepted(5)).build());
  for (int i = 0; i < 2; ++i) CHECK(deliver(server.host(), server.port()) == 250);
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(server.verify(kLong).passed());
  CHECK(std::chrono::steady_clock::now() - begin < kLong);
}

TEST_CASE("quiet is waited for") {
  const Server server = Server::start(ScenarioBuilder("once").expect(Expectation::accepted(1)).expect(Expectation::quiet(200ms)).build());
  const auto begin = std::chrono::steady_clock::now();
  CHECK(deliver(server.host(), server.port()) == 250);
  CHECK(server.verify(kLong).passed());
  CHECK(std::chrono::steady_clock::now() - begin >= 200ms);
  CHECK_FALSE(server.verify("[{ accepted: 2 }, { quiet: 10ms }]", 0ms).passed());
}

TEST_CASE("expectations can be given apart") {
  const Server server = Server::start(Scenario::shipped("default"));
  CHECK(deliver(server.host(), server.port()) == 250);
  CHECK(server.verify("[{ accepted: 1 }, { message: { header.subject: Hello } }]").passed());
  const Verdict verdict = server.verify("[{ accepted: 2 }]", 1ms);
  CHECK(verdict.explanation.find("expect:1:") != std::string::npos);
  CHECK(verdict.judgements.at(0).expected == "messages accepted: exactly 2");
  CHECK(problem_of([&] { (void)server.verify("[{ acepted: 2 }]"); }).find("did you mean 'accepted'") != std::string::npos);
}

TEST_CASE("what is expected of a client command is left out") {
  const Server server = Server::start(Scenario::from_text("malaposta: 1\nname: a\nexpect:\n  - accepted: 1\n  - client: { exit: 0 }\n"));
  CHECK(deliver(server.host(), server.port()) == 250);
  CHECK(server.verify(kLong).judgements.size() == 1);
}

TEST_CASE("nobody came") {
  const Server server = Server::start(Scenario::shipped("550"));
  const Verdict verdict = server.verify(1ms);
  CHECK_FALSE(verdict.passed());
  CHECK(verdict.explanation.find("no client connected") != std::string::npos);
}

TEST_CASE("findings say what the client did against the rules of SMTP") {
  const Server server = Server::start(Scenario::shipped("default"));
  CHECK(say(server.host(), server.port(), {"EHLO c.test", "MAIL FROM: <a@a.test>", "QUIT"}) == 221);
  const Verdict verdict = server.verify(kLong);
  INFO(verdict.explanation);
  REQUIRE(verdict.findings.size() == 1);
  CHECK(verdict.findings[0].id == "space-after-colon");
  CHECK(verdict.findings[0].rule.starts_with("RFC 5321"));
  CHECK_FALSE(verdict.findings[0].title.empty());
  CHECK(verdict.findings[0].session == server.journal().sessions().at(0).id);
}

TEST_CASE("several servers run in one process, and know nothing of each other") {
  const Server first = Server::start(Scenario::shipped("550")), second = Server::start(Scenario::shipped("default"));
  CHECK(first.port() != second.port());
  CHECK(first.host() == "127.0.0.1");
  CHECK(first.url() == "smtp://127.0.0.1:" + std::to_string(first.port()));
  CHECK(deliver(first.host(), first.port()) == 550);
  CHECK(deliver(second.host(), second.port()) == 250);
  CHECK(first.journal().messages().empty());
  CHECK(second.journal().sessions().size() == 1);
}

TEST_CASE("three servers under load") {
  constexpr int kClients = 4, kMessages = 25;
  std::vector<Server> servers;
  for (int i = 0; i < 3; ++i) servers.push_back(Server::start(Scenario::shipped("default"), {.threads = 2}));
  std::atomic<int> accepted{0}, complete{0};  // CHECK is for one thread
  std::vector<std::thread> clients;
  for (const Server& server : servers) {
    for (int i = 0; i < kClients; ++i)
      clients.emplace_back([&server, &accepted] {
        for (int n = 0; n < kMessages; ++n) accepted += deliver(server.host(), server.port()) == 250 ? 1 : 0;
      });
    // Who waits, who judges, who arms and who looks is served all the while.
    clients.emplace_back([&server] {
      (void)server.journal().wait_for_messages(kMessages, kLong);
      (void)server.verify(1ms);
      (void)server.journal().commands();
    });
    clients.emplace_back(
        [&server, &complete] { complete += server.journal().wait_for_sessions(std::size_t{kClients} * kMessages, kLong) ? 1 : 0; });
  }
  for (std::thread& client : clients) client.join();
  CHECK(accepted == 3 * kClients * kMessages);
  CHECK(complete == 3);
  for (const Server& server : servers) CHECK(server.journal().messages().size() == std::size_t{kClients} * kMessages);
}

TEST_CASE("faults are armed and disarmed while clients are there") {
  Server server = Server::start(Scenario::shipped("default"));
  const std::uint64_t fault = server.arm({.code = 451, .times = 1});
  CHECK(deliver(server.host(), server.port()) == 451);
  CHECK(deliver(server.host(), server.port()) == 250);
  CHECK(server.disarm(fault));
  CHECK_FALSE(server.disarm(fault));
  (void)server.arm({.code = 550, .at = {"rcpt"}, .match = {{"rcpt", "*@gone.test"}}});
  CHECK(deliver(server.host(), server.port(), "a@gone.test") == 550);
  CHECK(deliver(server.host(), server.port(), "a@here.test") == 250);
  server.disarm();
  CHECK(deliver(server.host(), server.port(), "a@gone.test") == 250);
}

TEST_CASE("what cannot be armed is told") {
  Server server = Server::start(Scenario::shipped("default"));
  CHECK(problem_of([&] { (void)server.arm({.code = 999}); }).find("999 is not documented") != std::string::npos);
  CHECK(problem_of([&] { (void)server.arm({.code = 111}); }).find("scenario '111'") != std::string::npos);
  CHECK(problem_of([&] { (void)server.arm({.code = 550, .at = {"recipient"}}); }).find("recipient") != std::string::npos);
  CHECK(problem_of([&] { (void)server.arm({.code = 550, .match = {{"rctp", "x"}}}); }).find("rcpt") != std::string::npos);
  for (int i = 0; i < 1'000; ++i) (void)server.arm({.code = 550});
  CHECK(problem_of([&] { (void)server.arm({.code = 550}); }).find("disarm some first") != std::string::npos);
}

TEST_CASE("reset makes a server as it was when it started") {
  Server server = Server::start(Scenario::shipped("451-twice"));
  for (int round = 0; round < 2; ++round) {
    CHECK(deliver(server.host(), server.port()) == 451);
    CHECK(deliver(server.host(), server.port()) == 451);
    CHECK(deliver(server.host(), server.port()) == 250);
    CHECK(server.verify(kLong).passed());
    (void)server.arm({.code = 550});
    server.reset();
    CHECK(server.journal().sessions().empty());
    CHECK(server.journal().messages().empty());
  }
}

TEST_CASE("a stopped server can still be asked, and its journal outlives it") {
  const auto journal = [] {
    Server server = Server::start(Scenario::shipped("default"));
    CHECK(deliver(server.host(), server.port()) == 250);
    server.stop();
    server.stop();
    CHECK(server.verify().passed());
    CHECK_FALSE(server.journal().wait_for_messages(2));
    return server.journal();
  }();
  CHECK(journal.messages().size() == 1);
  CHECK_FALSE(journal.transcript().empty());
}

TEST_CASE("who waits is told when the server stops") {
  Server server = Server::start(Scenario::shipped("default"));
  std::atomic<bool> found{true};
  std::thread waiter([&, journal = server.journal()] { found = journal.wait_for_messages(1, kLong); });
  server.stop();
  waiter.join();
  CHECK_FALSE(found);
}

TEST_CASE("a server can be moved") {
  Server server = Server::start(Scenario::shipped("550"));
  const std::uint16_t port = server.port();
  Server other = std::move(server);
  CHECK(other.port() == port);
  server = Server::start(Scenario::shipped("default"));
  other = std::move(server);
  CHECK(deliver(other.host(), other.port()) == 250);
}

TEST_CASE("a port that is taken is told with who holds it") {
  const Server server = Server::start(Scenario::shipped("default"));
  try {
    (void)Server::start(Scenario::shipped("550"), {.port = server.port()});
    FAIL("two servers have the port");
  } catch (const StartError& error) {
    CHECK(std::string(error.what()).find(std::to_string(server.port())) != std::string::npos);
  }
}

TEST_CASE("a scenario that refuses connections is a port that refuses") {
  const Server server = Server::start(Scenario::shipped("111"));
  CHECK(say(server.host(), server.port(), {}) == 0);
  CHECK(server.journal().sessions().empty());
}

TEST_CASE("a client of TLS is told what to trust") {
  std::string file;
  {
    const Server server = Server::start(ScenarioBuilder("tls").server("tls", "{ mode: starttls }").build());
    file = server.ca_file();
    CHECK(server.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    std::ifstream stream(file);
    CHECK(std::string(std::istreambuf_iterator<char>(stream), {}) == server.ca_pem());
    CHECK(Server::start(ScenarioBuilder("smtps").server("tls", "{ mode: implicit }").build()).url().starts_with("smtps://"));
  }
  CHECK_FALSE(std::ifstream(file).is_open());
  const Server plain = Server::start(Scenario::shipped("550"));
  CHECK(plain.ca_file().empty());
  CHECK(plain.ca_pem().empty());
}

TEST_CASE("no more is kept than is allowed") {
  const Server server = Server::start(Scenario::shipped("default"), {.keep = 2});
  for (int i = 0; i < 4; ++i) CHECK(deliver(server.host(), server.port(), "a@b.test", std::to_string(i)) == 250);
  const std::vector<Message> messages = server.journal().messages();
  REQUIRE(messages.size() == 2);
  CHECK(messages[1].header("subject") == "3");
}
