// Every scenario of scenarios/faults and scenarios/clients, met by a client that goes on as long as it is answered: what
// the server says and does, to the byte. faults.expected.txt has it for each; every wait is over at once.
#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "protocol/reply.hpp"
#include "protocol/session.hpp"
#include "scenario/play_fixture.hpp"
#include "testing/catch.hpp"
#include "testing/source_dir.hpp"

using namespace malaposta;

namespace {

std::string escaped(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (byte < 0x20 || byte > 0x7e)
      out += fmt::format("\\x{:02X}", byte);
    else
      out += c;
  }
  return out.size() <= 200 ? out : fmt::format("{}… ({} bytes)", out.substr(0, 100), bytes.size());
}

// A session in one line: what the client said, and what it got: the code where the server is a correct one, the bytes
// where a rule decided, the time that it was made to wait.
class Line {
 public:
  void add(const journal::Event& event) {
    using journal::Kind;
    switch (event.kind) {
      case Kind::command: next(event.text.substr(0, event.text.find(' '))); break;
      case Kind::content: next("<content>"); break;
      case Kind::rule: by_rule_ |= event.code != 0; break;
      case Kind::reply: reply_ += event.text; break;
      case Kind::wait: waited_ += event.number / 1'000'000; break;
      case Kind::fault: doings_ += fmt::format(" {}", event.text); break;
      case Kind::message:
        doings_ += event.code != 0 ? " kept" : " not-kept";
        if (!event.text.empty()) doings_ += " acknowledged";
        break;
      case Kind::closed: next(fmt::format("({})", event.text)); break;
      default: break;
    }
  }
  const std::string& text() const { return text_; }

 private:
  void next(std::string_view said) {
    if (waited_ != 0) text_ += fmt::format(" {}ms", waited_);
    if (!reply_.empty()) text_ += by_rule_ ? fmt::format(" '{}'", escaped(reply_)) : fmt::format(" {}", reply_.substr(0, 3));
    text_ += doings_;
    text_ += fmt::format("{}{}", text_.empty() ? "" : " | ", said);
    reply_.clear(), doings_.clear(), waited_ = 0, by_rule_ = false;
  }

  std::string text_, reply_, doings_;
  std::uint64_t waited_ = 0;
  bool by_rule_ = false;
};

// One session of a client that says the next line once the one before was answered, and nothing after a refusal but QUIT.
class Probe {
 public:
  explicit Probe(scenario::test::World& world) : world_(world), play_(world.instance, world.journal) {
    protocol::Facts facts;
    facts.peer_ip = "127.0.0.1", facts.peer_port = 54321, facts.local_port = 2525;
    id_ = world.journal.open_session("127.0.0.1:54321", 2525, "test", world.now);
    play_.begin(id_);
    session_ = std::make_unique<protocol::Session>(world.instance.scenario().profile(), play_, world.journal, id_, std::move(facts));
  }

  // `first`: what the client says after EHLO.
  std::string run(std::string_view first, int transactions) {
    protocol::Effects effects;
    session_->start(world_.now, effects);
    let_time_pass();
    say("EHLO c.test\r\n");
    if (last_code() / 100 == 5) say("HELO c.test\r\n");
    if (!first.empty()) say(first);
    for (int i = 0; i < transactions; ++i) {
      say("MAIL FROM:<a@a.test>\r\n");
      for (const char* recipient : {"b", "c", "d"}) say(fmt::format("RCPT TO:<{}@b.test>\r\n", recipient));
      say("DATA\r\n");
      if (last_code() == 354) say("Message-ID: <1@a.test>\r\n\r\n" + std::string(5000, 'x') + "\r\n.\r\n");
    }
    say("QUIT\r\n");
    if (!session_->closed()) session_->end_of_input(world_.now, effects);
    Line line;
    for (const journal::Event& event : world_.journal.events(id_)) line.add(event);
    return "  " + line.text() + "\n";
  }

 private:
  std::size_t replies() const {
    const auto events = world_.journal.events(id_);
    return static_cast<std::size_t>(
        std::count_if(events.begin(), events.end(), [](const journal::Event& event) { return event.kind == journal::Kind::reply; }));
  }
  // Of the reply to the last command, which may have come in pieces.
  int last_code() const {
    std::string reply;
    for (const journal::Event& event : world_.journal.events(id_)) {
      if (event.kind == journal::Kind::command) reply.clear();
      if (event.kind == journal::Kind::reply) reply += event.text;
    }
    return protocol::last_code(reply);
  }

  void say(std::string_view bytes) {
    const std::size_t before = replies();
    if (unanswered_ || before == 0) return;
    protocol::Effects effects;
    while (!bytes.empty() && !session_->closed()) {
      let_time_pass();
      bytes.remove_prefix(session_->receive(world_.now, bytes, effects));
    }
    let_time_pass();
    unanswered_ = replies() == before;
  }

  void let_time_pass() {
    protocol::Effects effects;
    while (!session_->closed() && !session_->takes_input() && !session_->shaking_hands()) {
      world_.now += session_->timer();
      session_->expire(world_.now, effects);
    }
  }

  scenario::test::World& world_;
  scenario::Play play_;
  journal::SessionId id_ = 0;
  std::unique_ptr<protocol::Session> session_;
  bool unanswered_ = false;
};

// Each scenario with the sessions that it needs until it has shown all that it does.
std::string transcripts() {
  std::string all;
  for (const scenario::Shipped& shipped : scenario::shipped()) {
    if (!shipped.path.starts_with("faults/") && !shipped.path.starts_with("clients/")) continue;
    if (shipped.path.starts_with("faults/tls-")) continue;  // needs a handshake: client_tests/protocol/tls_shipped.test.cpp
    scenario::test::World world(scenario::load({std::string(shipped.name())}, {}).scenarios.at(0));
    REQUIRE(world.instance.scenario().profile().tls != protocol::Tls::implicit);
    all += fmt::format("{}\n", shipped.name());
    if (const scenario::Listen listen = world.instance.scenario().model().server.listen; listen != scenario::Listen::accept) {
      all += listen == scenario::Listen::refuse ? "  (refused)\n" : "  (unanswered)\n";
      continue;
    }
    const std::string_view name = shipped.name();
    const bool login = name.starts_with("auth-");
    // What the client says first, of its own accord, where the fault is met there.
    const std::string_view first = login                           ? "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n"
                                   : name.starts_with("starttls-") ? "STARTTLS\r\n"
                                   : name.starts_with("rset-")     ? "RSET\r\n"
                                                                   : "";
    const bool clients = shipped.path.starts_with("clients/");
    for (int i = 0; i < (clients || login ? 3 : 1); ++i, world.now += std::chrono::seconds(3))
      all += Probe(world).run(first, clients ? 3 : 1);
  }
  return all;
}

}  // namespace

TEST_CASE("each fault does what it says, to the byte", "[faults]") {
  const std::string file = testing::source_path("server/scenario/faults.expected.txt");
  std::stringstream expected;
  expected << std::ifstream(file).rdbuf();
  const std::string actual = transcripts();
  if (actual != expected.str()) std::ofstream(file + ".actual") << actual;
  INFO("what the scenarios do now is in " << file << ".actual");
  CHECK((actual == expected.str()));
}
