#include "http/mail_index.hpp"

#include <algorithm>

#include "http/api_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http;
using malaposta::http::testing::deliver;

namespace {

struct Taken {
  std::vector<std::string> subjects;
  int visits = 0;
};

Taken take(MailIndex& index, journal::Journal& journal, std::vector<journal::MessageId> ids) {
  Taken taken;
  Answer answer = index.with(std::move(ids), [&](const std::vector<IndexedPtr>& entries) -> Answer {
    for (const IndexedPtr& entry : entries) taken.subjects.push_back(entry->mail.subject);
    return Response{};
  });
  while (std::holds_alternative<Visit>(answer)) {
    const Visit visit = std::get<Visit>(std::move(answer));
    visit.look(journal);
    ++taken.visits;
    answer = visit.answer();
  }
  return taken;
}

std::string mail(std::string_view subject, std::size_t size = 0) {
  std::string text = "Subject: " + std::string(subject) + "\r\n\r\n";
  while (text.size() < size) text += "0123456789\r\n";
  return text;
}

}  // namespace

TEST_CASE("messages come in the order asked for, without those that are gone; what is known needs no visit", "[index]") {
  MailIndex index;
  journal::Journal journal({});
  const auto a = deliver(journal, mail("a")), b = deliver(journal, mail("b"));
  const Taken first = take(index, journal, {b, 999'999'999, a});
  CHECK(first.subjects == std::vector<std::string>{"b", "a"});
  CHECK(first.visits == 1);
  const Taken again = take(index, journal, {a, b});
  CHECK(again.subjects == std::vector<std::string>{"a", "b"});
  CHECK(again.visits == 0);
}

TEST_CASE("a visit takes so many messages and so many bytes", "[index]") {
  MailIndex index;
  journal::Journal journal({});
  std::vector<journal::MessageId> ids;
  for (std::size_t i = 0; i < MailIndex::kMostAtOnce + 1; ++i) ids.push_back(deliver(journal, mail("small")));
  CHECK(take(index, journal, ids).visits == 2);
  ids.clear();
  for (int i = 0; i < 3; ++i) ids.push_back(deliver(journal, mail(std::to_string(i), 3 * MailIndex::kMostBytesAtOnce / 2)));
  const Taken large = take(index, journal, ids);
  CHECK(large.visits == 3);
  CHECK(large.subjects == std::vector<std::string>{"0", "1", "2"});
}

TEST_CASE("what is kept is bounded, and what gave way is read again", "[index]") {
  MailIndex index;
  journal::Journal journal({});
  std::vector<journal::MessageId> ids;
  for (std::size_t i = 0; i < MailIndex::kMostBytes / MailIndex::kMostWords + 30; ++i)
    ids.push_back(deliver(journal, mail(std::to_string(i), 2 * MailIndex::kMostWords)));
  const Taken all = take(index, journal, ids);
  CHECK(all.subjects.size() == ids.size());
  CHECK(index.bytes() <= MailIndex::kMostBytes);
  const Taken first = take(index, journal, {ids.front()});
  CHECK(first.subjects == std::vector<std::string>{"0"});
  CHECK(first.visits == 1);
  CHECK(take(index, journal, {ids.back()}).visits == 0);
}
