// Whether the server is there, and what it is.
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <memory>

#include "http/captured.hpp"
#include "http/handlers.hpp"
#include "http/memory.hpp"
#include "malaposta/version.hpp"

namespace malaposta::http {

std::uint64_t resident() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  statm >> pages >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

namespace {

struct Counts {
  std::uint64_t sessions = 0, messages = 0, bytes = 0, evicted = 0;
};

boost::json::array listeners_of(const Api& api) {
  boost::json::array list;
  for (const net::Listener& one : api.smtp->listeners())
    list.push_back({{"Kind", "smtp"},
                    {"Scenario", one.scenario},
                    {"Address", one.endpoint.address},
                    {"Port", one.endpoint.port},
                    {"TLS", scenario::word_of(one.tls)},
                    {"Listen", scenario::word_of(one.listen)}});
  return list;
}

// What became of what was to be kept in a file.
boost::json::object store_object(bool durable, const journal::Store::Status& status) {
  return {{"Durable", durable},        {"Stored", status.stored},          {"Refused", status.refused},
          {"Commits", status.commits}, {"Dropped", status.dropped_events}, {"Trouble", status.trouble}};
}

Answer info_of(std::size_t messages, Api& api) {
  const auto counts = std::make_shared<Counts>();
  return Visit{[counts](const journal::Journal& journal) {
                 counts->sessions += journal.sessions().size();
                 counts->messages += journal.messages().size();
                 counts->bytes += journal.message_bytes();
                 counts->evicted += journal.evicted().messages;
               },
               [counts, messages, &api] {
                 const journal::Store* const store = api.smtp->store();
                 journal::Store::Status kept;
                 if (store != nullptr)
                   kept = store->status();
                 else
                   kept.file = "memory", kept.bytes = counts->bytes;
                 const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - api.started);
                 boost::json::object tags;
                 for (const auto& [tag, count] : api.tags.all()) tags[tag] = count;
                 return json({{"Version", MALAPOSTA_VERSION},
                              {"LatestVersion", MALAPOSTA_VERSION},
                              {"Database", kept.file},
                              {"DatabaseSize", kept.bytes},
                              {"Store", store_object(store != nullptr, kept)},
                              {"Messages", counts->messages},
                              {"Unread", api.unread(messages)},
                              {"Tags", tags},
                              {"Sessions", counts->sessions},
                              {"Seed", api.smtp->seed()},
                              {"RuntimeStats", {{"Uptime", uptime.count()}, {"Memory", resident()}, {"MessagesDeleted", counts->evicted}}},
                              {"Listeners", listeners_of(api)}});
               }};
}

}  // namespace

Answer livez(const Request&, Api&) { return json({{"status", "ok"}}); }

// All listeners accept before the API does, so what is left to find out is whether each thread is at work.
Answer readyz(const Request&, Api&) {
  return Visit{[](const journal::Journal&) {}, [] { return json({{"status", "ready"}}); }};
}

Answer info(const Request&, Api& api) {
  return with_inbox(api, [&api](const std::vector<journal::MessageId>& ids) { return info_of(ids.size(), api); });
}

}  // namespace malaposta::http
