// The trigger that a page of `malaposta codes` shows is typed into the default server, and the server is to answer
// with that code at one of the stages that the page names.
#include <algorithm>
#include <stdexcept>

#include "cli/codes.hpp"
#include "protocol/session.hpp"
#include "scenario/play.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using catalogue::Stage;

namespace {

constexpr std::string_view kReset = "<reset>";

// A session with the default server, in memory.
class Default {
 public:
  Default() : instance_(loaded(), 1), play_(instance_, journal_), session_(profile(), play_, journal_, id_, facts()) {
    play_.begin(id_);
    session_.start(now_, effects_);
    effects_.clear();
  }

  // Bytes from the client; what the server says to them, or kReset.
  std::string say(std::string_view bytes) {
    effects_.clear();
    while (!bytes.empty() && session_.takes_input()) bytes.remove_prefix(session_.receive(now_, bytes, effects_));
    const auto is_reset = [](const protocol::Effect& effect) { return effect.act == protocol::Act::reset; };
    return std::string(std::ranges::any_of(effects_.list(), is_reset) ? kReset : effects_.bytes());
  }

 private:
  static scenario::ScenarioPtr loaded() {
    scenario::Loaded loaded = scenario::load({"default"}, {});
    if (loaded.failed()) throw std::runtime_error("the default scenario does not load");
    return loaded.scenarios.at(0);
  }
  static protocol::Facts facts() {
    protocol::Facts facts;
    facts.peer_ip = "127.0.0.1", facts.peer_port = 54321, facts.local_port = 2525;
    return facts;
  }
  const protocol::Profile& profile() const { return instance_.scenario().profile(); }

  scenario::Instance instance_;
  journal::Journal journal_{{1 << 20, 1 << 20, 100, 100}};
  protocol::TimePoint now_{std::chrono::seconds(1000)};
  journal::SessionId id_ = journal_.open_session("127.0.0.1:54321", 2525, "default", now_);
  scenario::Play play_;
  protocol::Effects effects_;
  protocol::Session session_;
};

// What stands behind "By address" on the code's page; empty if it has no trigger.
std::string trigger_on_page(const catalogue::Code& code) {
  const std::string page = cli::code_page(code, cli::Language::en);
  const std::size_t label = page.find("By address");
  if (label == std::string::npos) return {};
  const std::size_t begin = page.find_first_not_of(' ', page.find("  ", label));
  return page.substr(begin, page.find('\n', begin) - begin);
}

struct Line {
  Stage stage;
  std::string bytes;
};

// A session of an ordinary client, in which the trigger stands in the place of its like.
std::vector<Line> session_with(const std::string& trigger) {
  // SASL PLAIN for badauth@example.test with the password "secret"
  const std::string login = "AUTH PLAIN AGJhZGF1dGhAZXhhbXBsZS50ZXN0AHNlY3JldA==";
  const auto or_trigger = [&](std::string_view verb, const std::string& ordinary) {
    return trigger.starts_with(verb) ? trigger : ordinary;
  };
  return {{Stage::ehlo, or_trigger("EHLO", "EHLO client.example.com") + "\r\n"},
          {Stage::auth, trigger.starts_with("badauth@example.test,") ? login + "\r\n" : ""},
          {Stage::mail, or_trigger("MAIL FROM", "MAIL FROM:<alice@example.com>") + "\r\n"},
          {Stage::starttls, trigger.find("<starttls") != std::string::npos ? "STARTTLS\r\n" : ""},
          {Stage::rcpt, or_trigger("RCPT TO", "RCPT TO:<bob@example.com>") + "\r\n"},
          {Stage::data, "DATA\r\n"},
          {Stage::body, "Subject: hello\r\n\r\nhello\r\n"},
          {Stage::end_of_data, ".\r\n"}};
}

}  // namespace

TEST_CASE("the trigger on a code's page makes the default server say that code, where the page tells") {
  int triggers = 0;
  for (const catalogue::Code& code : catalogue::codes()) {
    const std::string trigger = trigger_on_page(code);
    if (trigger.empty()) continue;
    ++triggers;
    CAPTURE(code.code, trigger);
    const std::string wanted = code.closes == catalogue::Closing::reset ? std::string(kReset) : std::to_string(code.code);
    Default server;
    bool met = false;
    for (const Line& line : session_with(trigger)) {
      if (!server.say(line.bytes).starts_with(wanted)) continue;
      // Content may come once 354 is said, so a reset at `body` may follow the DATA command at once.
      const Stage stage = wanted == kReset && line.stage == Stage::data ? Stage::body : line.stage;
      met = met || std::ranges::find(code.stages, stage) != code.stages.end();
    }
    CHECK(met);
  }
  CHECK(triggers > 30);
}
