// A dialog and what a client sends to it, behind a line "---": whatever they are, the session ends by itself or takes the bytes, says
// how the dialog came out exactly once, and is silent after its end.
#include <cstddef>
#include <cstdint>

#include "protocol/session.hpp"
#include "require.hpp"
#include "scenario/play.hpp"
#include "scenario/scenario.hpp"

using namespace malaposta;
using malaposta::fuzz::require;

namespace {

constexpr std::string_view kDivider = "\n---\n";
constexpr std::size_t kMostSteps = 10'000;

class Meeting {
 public:
  explicit Meeting(const scenario::ScenarioPtr& scenario)
      : instance_(scenario, 1), journal_({64 << 10, 64 << 10, 10, 10}), play_(instance_, journal_) {
    protocol::Facts facts;
    facts.peer_ip = "127.0.0.1";
    id_ = journal_.open_session("127.0.0.1:1", 25, "fuzz", now_);
    play_.begin(id_);
    session_.emplace(instance_.scenario().profile(), play_, journal_, id_, std::move(facts));
    session_->start(now_, effects_);
  }

  void give(std::string_view bytes) {
    for (std::size_t steps = 0; !session_->closed() && steps < kMostSteps; ++steps) {
      if (session_->shaking_hands()) {
        session_->client_hello(now_, {}, effects_);
        if (session_->shaking_hands()) session_->handshake_done(now_, {"TLS", {}, {}, {}}, effects_);
      } else if (!session_->takes_input()) {
        now_ += session_->timer();
        session_->expire(now_, effects_);
      } else if (bytes.empty()) {
        break;
      } else {
        bytes.remove_prefix(session_->receive(now_, bytes.substr(0, 7), effects_));
      }
    }
    session_->end_of_input(now_, effects_);
    session_->connection_lost(now_);
  }

  void check() {
    require(session_->closed(), "the session is over");
    effects_.clear();
    (void)session_->receive(now_, "QUIT\r\n", effects_);
    require(effects_.empty(), "nothing comes after the end");
    std::size_t outcomes = 0;
    bool complete = true;
    for (const journal::Event& event : journal_.events(id_, &complete)) outcomes += event.kind == journal::Kind::dialog ? 1 : 0;
    require(outcomes == 1 || !complete, "a dialog comes out in one way");
    session_.reset();
    require(journal_.message_bytes() <= 64 << 10, "memory is given back");
  }

 private:
  scenario::Instance instance_;
  journal::Journal journal_;
  scenario::Play play_;
  journal::SessionId id_ = 0;
  protocol::TimePoint now_{std::chrono::seconds(1000)};
  protocol::Effects effects_;
  std::optional<protocol::Session> session_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const std::size_t divider = input.find(kDivider);
  if (divider == std::string_view::npos) return 0;
  const scenario::Loaded loaded = scenario::load_text("dialog.txt", input.substr(0, divider + 1), {});
  if (loaded.failed() || loaded.scenarios.at(0)->model().dialog.empty()) return 0;
  Meeting meeting(loaded.scenarios.at(0));
  meeting.give(input.substr(divider + kDivider.size()));
  meeting.check();
  return 0;
}
