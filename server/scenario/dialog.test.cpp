// Dialogs: the corpus played in memory, what is kept of a message, how sessions take turns, and what a bad dialog is told.
#include "scenario/dialog.hpp"

#include <fmt/format.h>

#include "protocol/session.hpp"
#include "scenario/play_fixture.hpp"
#include "testing/catch.hpp"
#include "testing/dialog_corpus.hpp"

namespace malaposta::scenario {
namespace {

using testing::DialogCase;

ScenarioPtr scenario_of(std::string_view dialog) {
  Loaded loaded = load_text("dialog.txt", dialog, {});
  std::string problems;
  for (const Diagnostic& diagnostic : loaded.diagnostics) problems += render(diagnostic);
  INFO(problems);
  REQUIRE_FALSE(loaded.failed());
  return loaded.scenarios.at(0);
}

std::string diagnostics_of(std::string_view dialog) {
  std::string all;
  for (const Diagnostic& diagnostic : load_text("dialog.txt", dialog, {}).diagnostics) all += render(diagnostic);
  return all;
}

// One session with a dialog, told as the corpus tells it.
class Speaker {
 public:
  explicit Speaker(test::World& world) : world_(world), play_(world.instance, world.journal) {
    protocol::Facts facts;
    facts.peer_ip = "127.0.0.1", facts.local_port = 2525;
    id_ = world.journal.open_session("127.0.0.1:54321", 2525, "test", world.now);
    play_.begin(id_);
    session_ = std::make_unique<protocol::Session>(world.instance.scenario().profile(), play_, world.journal, id_, std::move(facts));
    session_->start(world.now, effects_);
    settle();
  }

  // `piece`: how many bytes come at a time.
  void does(const std::string& line, std::size_t piece) {
    flush();
    told_.push_back(line);
    if (line == "> <eof>") {
      session_->end_of_input(world_.now, effects_);
    } else if (line == "> <reset>") {
      session_->connection_lost(world_.now);
    } else if (line == "> <tls>") {
      session_->client_hello(world_.now, {}, effects_);
      session_->handshake_done(world_.now, protocol::Handshake{"TLSv1.3", {}, {}, {}}, effects_);
    } else {
      const std::string bytes = testing::sent_by(line);
      for (std::size_t at = 0; at < bytes.size() && session_->takes_input();)
        at += session_->receive(world_.now, std::string_view(bytes).substr(at, piece), effects_);
    }
    settle();
  }

  std::vector<std::string> told() {
    if (silent_ && !session_->closed()) pass();
    flush();
    std::vector<std::string> all = told_;
    for (const journal::Event& event : world_.journal.events(id_))
      if (event.kind == journal::Kind::dialog) {
        const journal::Mismatch mismatch = journal::mismatch_of(event.text);
        all.push_back(event.code == 1 ? "kept" : fmt::format("left {}: {} | {}", event.number, mismatch.expected, mismatch.received));
      }
    return all;
  }

  journal::SessionId id() const { return id_; }

 private:
  // Time passes where the server makes the client wait.
  void settle() {
    take_effects();
    while (!session_->closed() && !session_->takes_input() && !session_->shaking_hands()) pass();
    for (const journal::Event& event : world_.journal.events(id_)) silent_ = event.kind == journal::Kind::fault && event.text == "silence";
  }
  void pass() {
    flush();
    told_.push_back(fmt::format("wait {}ms", session_->timer().count() / 1'000'000));
    world_.now += session_->timer();
    session_->expire(world_.now, effects_);
    take_effects();
  }
  void take_effects() {
    std::size_t begin = 0;
    for (const protocol::Effect& effect : effects_.list()) {
      if (effect.act == protocol::Act::write) bytes_ += effects_.bytes().substr(begin, effect.end - begin), begin = effect.end;
      const auto act = [&](protocol::Act which, const char* name) {
        if (effect.act == which) flush(), told_.emplace_back(name);
      };
      act(protocol::Act::close, "close");
      act(protocol::Act::reset, "reset");
      act(protocol::Act::half_close, "half-close");
    }
    effects_.clear();
  }
  void flush() {
    for (std::string& line : testing::lines_of(bytes_)) told_.push_back(std::move(line));
    bytes_.clear();
  }

  test::World& world_;
  Play play_;
  journal::SessionId id_ = 0;
  protocol::Effects effects_;
  std::unique_ptr<protocol::Session> session_;
  std::string bytes_;
  bool silent_ = false;  // it takes input and answers nothing, for a time
  std::vector<std::string> told_;
};

// What the exchange amounts to, however its server lines are cut.
std::string joined(const std::vector<std::string>& exchange) {
  std::string all, bytes;
  const auto flush = [&] {
    if (!bytes.empty()) all += "S " + testing::shown_bytes(bytes) + "\n";
    bytes.clear();
  };
  for (const std::string& line : exchange) {
    if (line.starts_with("<< ")) {
      bytes += testing::bytes_of(line.substr(3));
    } else if (line.starts_with("<")) {
      bytes += testing::bytes_of(line.substr(std::min<std::size_t>(2, line.size()))) + "\r\n";
    } else {
      flush();
      all += line + "\n";
    }
  }
  flush();
  return all;
}

std::string played(const DialogCase& one, std::size_t piece) {
  test::World world(scenario_of(one.dialog));
  Speaker speaker(world);
  for (const std::string& line : one.exchange)
    if (line.starts_with(">")) speaker.does(line, piece);
  return joined(speaker.told());
}

std::vector<std::string> say(Speaker& speaker, std::initializer_list<const char*> lines) {
  for (const char* line : lines) speaker.does("> " + std::string(line), std::string::npos);
  return speaker.told();
}

}  // namespace

TEST_CASE("every dialog of the corpus is played as it is told there", "[dialog]") {
  for (const DialogCase& one : testing::dialog_corpus()) {
    INFO(one.name);
    CHECK(played(one, std::string::npos) == joined(one.exchange));
  }
}

TEST_CASE("a dialog is the same however the client's bytes are cut", "[dialog]") {
  for (const DialogCase& one : testing::dialog_corpus()) {
    if (one.name == "a-mismatch-ends-it-whatever-comes") continue;  // what is not read any more depends on how it came
    INFO(one.name);
    CHECK(played(one, 1) == joined(one.exchange));
  }
}

TEST_CASE("a message in a dialog is kept when its reply says so", "[dialog]") {
  const auto kept = [](const std::string& reply) {
    test::World world(
        scenario_of("C: MAIL FROM:<a@a.test>\nS: 250 ok\nC: RCPT TO:<b@b.test>\nS: 250 ok\nC: RCPT TO:<c@b.test>\nS: 550 no\n"
                    "C: DATA\nS: 354 go\nC: <message>\nS: " +
                    reply + "\nC: <eof>\n"));
    Speaker speaker(world);
    say(speaker, {"MAIL FROM:<a@a.test>", "RCPT TO:<b@b.test>", "RCPT TO:<c@b.test>", "DATA", "..x", "."});
    std::string all;
    for (const journal::Message& message : world.journal.messages())
      all += fmt::format("{} {} {}", message.reverse_path, fmt::join(message.recipients, ","), message.content.str());
    return all;
  };
  CHECK(kept("250 ok") == "a@a.test b@b.test .x\r\n");
  CHECK(kept("451 later").empty());
}

TEST_CASE("sessions of a dialog take turns", "[dialog]") {
  test::World world(scenario_of("# session 1 from 127.0.0.1:1\nS: 421 not now\n# session 2 from 127.0.0.1:2\nS: 220 now\nC: <eof>\n"));
  for (const char* greeting : {"< 421 not now", "< 220 now", "< 421 not now"}) CHECK(Speaker(world).told().at(0) == greeting);
}

TEST_CASE("the events of a dialog's session are those of any other", "[dialog]") {
  test::World world(scenario_of("S: 220 hello\nC: EHLO ...\nS: 250 ok\nC: AUTH PLAIN ...\nS: 235 ok\nC: <eof>\n"));
  Speaker speaker(world);
  say(speaker, {"EHLO a.test", "AUTH PLAIN AGFsaWNlAHNlY3JldA==", "<eof>"});
  std::string kinds;
  for (const journal::Event& event : world.journal.events(speaker.id())) kinds += std::string(journal::name(event.kind)) + " ";
  CHECK(kinds == "opened reply command reply command reply login dialog closed ");
}

TEST_CASE("a line that is too long is none of the dialog's", "[dialog]") {
  test::World world(scenario_of("S: 220 hello\nC: NOOP ...\nS: 250 ok\n"));
  Speaker speaker(world);
  CHECK(say(speaker, {("NOOP " + std::string(20'000, 'x')).c_str()}).back() == "left 2: C: NOOP ... | ");
}

TEST_CASE("a dialog stands in a scenario, and its places are those of the file", "[dialog]") {
  const std::string head = "malaposta: 1\nvars: { who: me }\ndialog: |\n";
  const auto problems = [&](const std::string& rest) { return diagnostics_of(head + rest); };
  CHECK(problems("  S: 220 ${who}\n  C: QUIT\n").empty());
  CHECK(problems("  S: 220 x\n  R: 250\n") ==
        "dialog.txt:5:3: error: 'R: 250' is no line of a dialog\n  5 |   R: 250\n    |   ^^^^^^ a line begins with C:, C?:, C*:, C(raw):, "
        "S:, S(lf):, S(cr):, S(raw):, !: or #\n");
  CHECK(problems("  S: 220 ${what}\n").starts_with("dialog.txt:4:6: error: unknown template variable 'what'"));
  CHECK(problems("  S: 220 x\nrules:\n  - { at: quit, reply: 421 }\n").find("not both") != std::string::npos);
  CHECK(problems("  S: 220 x\nroute: { helo: a.test }\n").find("has no 'route'") != std::string::npos);
}

TEST_CASE("each thing that a dialog cannot be is told at its place", "[dialog]") {
  struct Row {
    const char* dialog;
    const char* told;
  };
  const Row rows[] = {
      {"S: 220 \\q\n", "dialog.txt:1:4: error: '\\q' is no escape"},
      {"S: 220 \\x4\n", "dialog.txt:1:4: error: '\\x4' is no escape"},
      {"C: EHLO ${h=/(/}\n", "dialog.txt:1:4: error: the expression '(' does not compile"},
      {"S: 220 x\n!: dance\n", "dialog.txt:2:4: error: 'dance' is no step of a dialog"},
      {"!: wait\n", "dialog.txt:1:4: error: 'wait' is not understood"},
      {"!: wait soon\n", "dialog.txt:1:4: error: 'wait soon' is not understood"},
      {"!: close now\n", "dialog.txt:1:4: error: 'close now' is not understood"},
      {"!: read 0\n", "dialog.txt:1:4: error: 'read 0' is not understood"},
      {"!: dribble 0 1s\n", "dialog.txt:1:4: error: 'dribble 0 1s' is not understood"},
      {"C(raw):\n", "dialog.txt:1:8: error: C(raw) awaits 1 to 65536 bytes"},
      {"C?: <eof>\n", "dialog.txt:1:5: error: <eof> stands behind C: only"},
      {"C?: RSET\nC: <message>\n", "dialog.txt:1:5: error: what comes after this line cannot be told from it"},
      {"!: close\nS: 250 x\n", "dialog.txt:2:4: error: the session is over before this line: !: close"},
      {"S: 220 ${x}\n", "dialog.txt:1:4: error: unknown template variable 'x'"},
      {"# session 1\n\n", "dialog.txt:1:1: error: the dialog has no lines"},
  };
  for (const Row& row : rows) {
    INFO(row.dialog);
    CHECK(diagnostics_of(row.dialog).substr(0, std::string_view(row.told).size()) == row.told);
  }
}

TEST_CASE("a dialog's size has a limit", "[dialog]") {
  std::string dialog;
  for (std::size_t i = 0; i < kMostDialogLines; ++i) dialog += "S: 220 x\n";
  CHECK(diagnostics_of(dialog).empty());
  CHECK(diagnostics_of(dialog + "S: 220 x\n").find("a dialog has 20000 lines at most") != std::string::npos);
}

}  // namespace malaposta::scenario
