#include "http/inbox_log.hpp"

#include "testing/catch.hpp"

using malaposta::http::InboxChange;
using malaposta::http::InboxLog;
using What = InboxChange::What;

TEST_CASE("changes are told in their order, from where one was", "[inbox]") {
  InboxLog log;
  bool complete = false;
  CHECK(log.since(0, complete).empty());
  CHECK(complete);
  log.add(What::read, 1);
  log.add(What::deleted, 2);
  CHECK(log.number() == 2);
  const auto all = log.since(0, complete);
  REQUIRE(all.size() == 2);
  CHECK((all[0].what == What::read && all[0].id == 1));
  const auto last = log.since(1, complete);
  REQUIRE(last.size() == 1);
  CHECK((last[0].what == What::deleted && last[0].id == 2));
  CHECK(complete);
  CHECK(log.since(2, complete).empty());
}

TEST_CASE("no more than the last changes are kept, and who misses one is told", "[inbox]") {
  InboxLog log;
  for (std::size_t i = 0; i <= InboxLog::kMost; ++i) log.add(What::tagged, i);
  bool complete = true;
  CHECK(log.since(0, complete).size() == InboxLog::kMost);
  CHECK_FALSE(complete);
  CHECK(log.since(1, complete).size() == InboxLog::kMost);
  CHECK(complete);
}
