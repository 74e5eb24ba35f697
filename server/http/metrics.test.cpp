#include "http/metrics.hpp"

#include "http/scenarios_fixture.hpp"
#include "scenario/play.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Method;

namespace {

// The value of the line that begins so.
std::string value(const std::string& text, const std::string& series) {
  const std::size_t at = ("\n" + text).find("\n" + series + " ");
  if (at == std::string::npos) return "none";
  const std::size_t from = at + series.size() + 1;
  return text.substr(from, text.find('\n', from) - from);
}

}  // namespace

TEST_CASE("the metrics of all journals add up", "[http]") {
  PlayingApi playing({loaded("name: mine\n")});
  journal::Journal one({}), other({});
  one.deliver({}, 0, {});
  other.deliver({}, 0, {});
  const http::Response answer = ask(playing.api, Method::get, "/metrics", {&one, &other});
  CHECK(answer.content_type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(value(answer.body, "malaposta_inbox_messages") == "2");
  CHECK(value(answer.body, "malaposta_listeners") == "1");
  CHECK(value(answer.body, "malaposta_armed_faults") == "0");
  CHECK(value(answer.body, "malaposta_sessions_total{end=\"quit\"}") == "0");
  CHECK(value(answer.body, "malaposta_replies_total{code=\"250\"}") == "none");
  CHECK(value(answer.body, "malaposta_reply_seconds_bucket{le=\"+Inf\"}") == "0");
  CHECK(value(answer.body, "process_resident_memory_bytes") != "none");
}

TEST_CASE("so many rules have metrics, and they are those that fired most", "[http]") {
  std::string text = "rules:\n";
  for (std::size_t i = 0; i < http::kMostRuleMetrics + 2; ++i) text += "  - {id: r" + std::to_string(i) + ", at: noop, delay: 1us}\n";
  text += "  - {id: last, at: noop, reply: 250}\n";
  PlayingApi playing({loaded(text)});
  // A session that does nothing but NOOP lets all of them fire, and the last one once more.
  const auto instance = playing.smtp().playing().front().instance;
  journal::Journal journal({});
  scenario::Play play(*instance, journal);
  play.begin(journal.open_session("127.0.0.1:1", 2525, "mine", {}));
  protocol::Facts facts;
  protocol::Moment moment{};
  moment.facts = &facts;
  moment.stage = protocol::Stage::noop;
  moment.is_command = true;
  moment.line = "NOOP";
  protocol::Decision decision;
  play.decide(moment, decision);
  for (std::size_t i = 0; i < http::kMostRuleMetrics + 2; ++i) instance->turn_off(i);
  decision.clear();
  play.decide(moment, decision);

  const std::string metrics = ask(playing.api, Method::get, "/metrics", {&journal}).body;
  CHECK(value(metrics, "malaposta_rules_fired_total{scenario=\"mine\",rule=\"last\"}") == "2");
  std::size_t series = 0;
  for (std::size_t at = 0; (at = metrics.find("malaposta_rules_fired_total{", at)) != std::string::npos; ++at) ++series;
  CHECK(series == http::kMostRuleMetrics);
}
