#include "http/captured.hpp"

#include "http/api_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http;
using malaposta::http::testing::ask;
using malaposta::http::testing::deliver;

namespace {

// What comes of an answer once its visits are made.
Response settled(Answer answer, std::initializer_list<journal::Journal*> journals, int* visits = nullptr) {
  while (std::holds_alternative<Visit>(answer)) {
    const Visit visit = std::get<Visit>(std::move(answer));
    for (journal::Journal* journal : journals) visit.look(*journal);
    answer = visit.answer();
    if (visits != nullptr) ++*visits;
  }
  return std::get<Response>(std::move(answer));
}

}  // namespace

TEST_CASE("a captured message shares its content with the journal, and outlives it there", "[inbox]") {
  journal::Journal journal({});
  const auto id = deliver(journal, "Subject: x\r\n\r\nHello\r\n");
  const journal::Message& message = *journal.message(id);
  const void* own = nullptr;
  message.content.for_each_memory([&](const void* block, std::size_t) { own = block; });
  const Captured captured = captured_of(message);
  CHECK(captured.id == id);
  CHECK(captured.reverse_path == "alice@example.com");
  CHECK(captured.recipients.size() == 2);
  captured.content.for_each_memory([&](const void* block, std::size_t) { CHECK(block == own); });
  CHECK(journal.remove(id));
  CHECK(captured.content.str() == "Subject: x\r\n\r\nHello\r\n");
}

TEST_CASE("a message is found by its id or as the latest, in whichever journal it is, and is read then", "[inbox]") {
  Api api;
  journal::Journal one({}), other({});
  const auto first = deliver(one, "Subject: first\r\n\r\n"), last = deliver(other, "Subject: last\r\n\r\n");
  const auto id_of = [&](const std::string& name) -> journal::MessageId {
    journal::MessageId found = 0;
    const auto told = [&](Captured& message) -> Answer {
      found = message.id;
      return Response{};
    };
    Request request;
    request.matched.emplace_back("id", name);
    return settled(with_message(request, api, told), {&one, &other}).status == 200 ? found : 0;
  };
  CHECK(id_of(std::to_string(first)) == first);
  CHECK(api.read == std::set<journal::MessageId>{first});
  CHECK(id_of("latest") == last);
  CHECK(id_of("0") == 0);
  CHECK(id_of("x") == 0);
  CHECK(id_of("99999999999999999999999") == 0);
  CHECK(api.read.size() == 2);
}

TEST_CASE("many messages are deleted some at a visit, and each is told of", "[inbox]") {
  Api api;
  journal::Journal journal({});
  std::vector<journal::MessageId> ids;
  for (int i = 0; i < 120; ++i) ids.push_back(deliver(journal, "Subject: x\r\n\r\n"));
  const auto left = deliver(journal, "Subject: left\r\n\r\n");
  for (const journal::MessageId id : ids) api.mark_read(id, true);
  const std::uint64_t before = api.inbox.number();
  int visits = 0;
  CHECK(settled(delete_all(ids, api, [] { return Response{}; }), {&journal}, &visits).status == 200);
  CHECK(visits == 3);
  REQUIRE(journal.messages().size() == 1);
  CHECK(journal.messages().front().id == left);
  CHECK(api.read.empty());
  CHECK(api.inbox.number() == before + 120);
}
