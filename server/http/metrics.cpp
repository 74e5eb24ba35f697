// Metrics for Prometheus. Everything is counted where it happens, by the thread where it happens; here it is only added up.
#include <fmt/format.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/memory.hpp"
#include "http/metrics.hpp"
#include "malaposta/version.hpp"
#include "net/counts.hpp"
#include "report/report.hpp"
#include "scenario/play.hpp"

namespace malaposta::http {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;
using net::Counts;

// What the journals say together.
struct Seen {
  Counts counts;
  journal::Journal::Evicted evicted;
  std::size_t messages = 0, message_bytes = 0;

  void add(const journal::Journal& journal) {
    counts += net::counts_of(journal);
    const journal::Journal::Evicted gone = journal.evicted();
    evicted.events += gone.events;
    evicted.messages += gone.messages;
    evicted.uncaptured += gone.uncaptured;
    evicted.sessions += gone.sessions;
    messages += journal.messages().size();
    message_bytes += journal.message_bytes();
  }
};

class Families {
 public:
  MetricFamily& family(std::string name, std::string help, MetricType type) {
    return list_.emplace_back(MetricFamily{std::move(name), std::move(help), type, {}});
  }
  static void add(MetricFamily& family, Labels labels, double value) {
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    (family.type == MetricType::Gauge ? metric.gauge.value : metric.counter.value) = value;
  }
  void counter(std::string name, std::string help, std::uint64_t value) {
    add(family(std::move(name), std::move(help), MetricType::Counter), {}, static_cast<double>(value));
  }
  void gauge(std::string name, std::string help, std::uint64_t value) {
    add(family(std::move(name), std::move(help), MetricType::Gauge), {}, static_cast<double>(value));
  }
  void histogram(std::string name, std::string help, const net::Durations& durations) {
    ClientMetric::Histogram& histogram = family(std::move(name), std::move(help), MetricType::Histogram).metric.emplace_back().histogram;
    for (std::size_t i = 0; i < durations.counts.size(); ++i) {
      histogram.sample_count += durations.counts[i];
      if (i < net::Durations::kBounds.size())
        histogram.bucket.push_back({histogram.sample_count, std::chrono::duration<double>(net::Durations::kBounds[i]).count()});
    }
    histogram.sample_sum = std::chrono::duration<double>(durations.sum).count();
  }
  const std::vector<MetricFamily>& list() const { return list_; }

 private:
  std::vector<MetricFamily> list_;
};

void add_counts(const Seen& seen, Families& to) {
  const Counts& counts = seen.counts;
  MetricFamily& ended = to.family("malaposta_sessions_total", "SMTP sessions that have ended, by how", MetricType::Counter);
  std::uint64_t closed = 0;
  for (std::size_t i = 1; i < counts.ended.size(); ++i) {
    Families::add(ended, {{"end", std::string(name(static_cast<journal::End>(i)))}}, static_cast<double>(counts.ended[i]));
    closed += counts.ended[i];
  }
  to.gauge("malaposta_sessions_open", "SMTP sessions that run", counts.opened - closed);
  to.counter("malaposta_commands_total", "Command lines received", counts.commands);
  MetricFamily& replies = to.family("malaposta_replies_total", "Replies sent, by code; none: bytes without a code", MetricType::Counter);
  for (std::size_t code = 0; code < counts.replies.size(); ++code)
    if (counts.replies[code] != 0)
      Families::add(replies, {{"code", code == 0 ? "none" : fmt::format("{}", code)}}, static_cast<double>(counts.replies[code]));
  MetricFamily& faults = to.family("malaposta_faults_total", "What was done to connections on purpose, by kind", MetricType::Counter);
  for (std::size_t i = 0; i < Counts::kFaults.size(); ++i)
    Families::add(faults, {{"kind", std::string(Counts::kFaults[i])}}, static_cast<double>(counts.faults[i]));
  to.counter("malaposta_messages_accepted_total", "Messages acknowledged", counts.accepted);
  to.counter("malaposta_received_bytes_total", "Bytes received from SMTP clients", counts.received);
  to.counter("malaposta_sent_bytes_total", "Bytes sent to SMTP clients", counts.sent);
  to.histogram("malaposta_reply_seconds", "From what the client did to the reply, wanted delays included", counts.reply_times);
  to.histogram("malaposta_session_seconds", "How long sessions lasted", counts.session_times);
}

// Rules of one name in scenarios of one name count together, wherever they are played.
void add_rules(const Api& api, Families& to) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> fired;
  const auto count = [&](const std::string& scenario, const scenario::Instance& instance) {
    for (const verify::RuleCount& rule : net::rule_counts(instance))
      if (rule.fired != 0) fired[{report::valid_utf8(scenario), report::valid_utf8(rule.id)}] += rule.fired;
  };
  for (const net::Playing& one : api.smtp->playing()) count(one.instance->scenario().name(), *one.instance);
  const scenario::Additions::List additions = api.smtp->additions().list();
  for (const scenario::Additions::Addition& one : *additions) count(one.scenario, *one.rules);

  std::vector<std::pair<std::pair<std::string, std::string>, std::uint64_t>> most(fired.begin(), fired.end());
  std::ranges::stable_sort(most, std::ranges::greater{}, [](const auto& one) { return one.second; });
  most.resize(std::min(most.size(), kMostRuleMetrics));
  MetricFamily& family =
      to.family("malaposta_rules_fired_total", "How often rules fired; armed faults have no scenario", MetricType::Counter);
  for (auto& [labels, times] : most)
    Families::add(family, {{"scenario", labels.first}, {"rule", labels.second}}, static_cast<double>(times));
  const auto armed = std::ranges::count_if(*additions, [](const scenario::Additions::Addition& one) { return one.scenario.empty(); });
  to.gauge("malaposta_armed_faults", "Faults that are armed", static_cast<std::uint64_t>(armed));
}

void add_memory(const Seen& seen, const Api& api, Families& to) {
  MetricFamily& evicted = to.family("malaposta_evicted_total", "What gave way to the limits of memory", MetricType::Counter);
  Families::add(evicted, {{"what", "events"}}, static_cast<double>(seen.evicted.events));
  Families::add(evicted, {{"what", "messages"}}, static_cast<double>(seen.evicted.messages));
  Families::add(evicted, {{"what", "refused-contents"}}, static_cast<double>(seen.evicted.uncaptured));
  Families::add(evicted, {{"what", "sessions"}}, static_cast<double>(seen.evicted.sessions));
  to.gauge("malaposta_inbox_messages", "Messages that are kept", seen.messages);
  to.gauge("malaposta_inbox_bytes", "Memory of messages that are kept or under way, in bytes", seen.message_bytes);
  to.gauge("malaposta_listeners", "SMTP ports that are open", api.smtp->listeners().size());
  to.gauge("process_resident_memory_bytes", "Memory of the process that is resident", resident());
  Families::add(to.family("malaposta_info", "The version, as a label", MetricType::Gauge), {{"version", MALAPOSTA_VERSION}}, 1);
}

}  // namespace

Answer metrics(const Request&, Api& api) {
  const auto seen = std::make_shared<Seen>();
  return Visit{[seen](const journal::Journal& journal) { seen->add(journal); },
               [seen, &api] {
                 Families families;
                 add_counts(*seen, families);
                 add_rules(api, families);
                 add_memory(*seen, api, families);
                 return Response{200, std::string(kMetricsType), prometheus::TextSerializer().Serialize(families.list()), {}};
               }};
}

}  // namespace malaposta::http
