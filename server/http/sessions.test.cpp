#include "http/api_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Api;
using http::Method;
using journal::Kind;
using std::chrono::milliseconds;

namespace {

constexpr journal::TimePoint kStart{};

std::string path_of(journal::SessionId id) { return "/api/v1/sessions/" + std::to_string(id); }

}  // namespace

TEST_CASE("sessions of all threads are listed, the newest first, page by page") {
  Api api;
  journal::Journal one({}), other({});
  const auto first = one.open_session("127.0.0.1:1", 2525, "default", kStart);
  const auto second = other.open_session("127.0.0.1:2", 2525, "default", kStart);
  const auto third = one.open_session("127.0.0.1:3", 2526, "550", kStart);
  const auto ids = [&](std::string_view query) {
    const boost::json::value list = parsed(ask(api, Method::get, "/api/v1/sessions" + std::string(query), {&one, &other}));
    CHECK(list.at("total").to_number<int>() == 3);
    std::vector<journal::SessionId> found;
    for (const auto& row : list.at("sessions").as_array()) found.push_back(row.at("id").to_number<journal::SessionId>());
    return found;
  };
  CHECK(ids("") == std::vector{third, second, first});
  CHECK(ids("?limit=1") == std::vector{third});
  CHECK(ids("?limit=2&start=1") == std::vector{second, first});
  CHECK(ids("?start=3").empty());
  for (const std::string_view bad : {"?limit=1001", "?limit=-1", "?start=x", "?start=1000000001"}) {
    CAPTURE(bad);
    CHECK(ask(api, Method::get, "/api/v1/sessions" + std::string(bad), {&one}).status == 400);
  }
}

TEST_CASE("a session has its events, whatever bytes they hold, and how it ended") {
  Api api;
  api.calendar = {kStart, std::chrono::sys_days(std::chrono::year(2024) / 2 / 29)};
  journal::Journal journal({});
  const auto id = journal.open_session("127.0.0.1:1", 2525, "default", kStart);
  journal.append(id, Kind::command, kStart + milliseconds(250), "NOOP \xff");
  boost::json::value open = parsed(ask(api, Method::get, path_of(id), {&journal}));
  CHECK(open.at("closed").is_null());
  CHECK(open.at("opened").as_string() == "2024-02-29T00:00:00.000Z");
  CHECK(open.at("events").at(1).at("text").as_string() == "NOOP \xEF\xBF\xBD");
  CHECK(open.at("events").at(1).at("seconds").to_number<double>() == Approx(0.25));
  journal.close_session(id, journal::End::client_reset, kStart + milliseconds(500));
  const boost::json::value over = parsed(ask(api, Method::get, path_of(id), {&journal}));
  CHECK(over.at("end").as_string() == name(journal::End::client_reset));
  CHECK(over.at("seconds").to_number<double>() == Approx(0.5));
  CHECK(over.at("complete").as_bool());
}

TEST_CASE("a session tells what was refused in it, whatever was said after that") {
  Api api;
  journal::Journal journal({});
  const auto refused = journal.open_session("127.0.0.1:1", 2525, "default", kStart);
  const auto accepted = journal.open_session("127.0.0.1:2", 2525, "default", kStart);
  journal.append(refused, Kind::reply, kStart, "450 later\r\n", 0, 450);
  journal.append(accepted, Kind::reply, kStart, "250 yes\r\n", 0, 250);
  journal.append(refused, Kind::reply, kStart, "221 bye\r\n", 0, 221);
  const boost::json::value list = parsed(ask(api, Method::get, "/api/v1/sessions", {&journal}));
  CHECK(list.at("sessions").at(0).at("refusal").to_number<int>() == 0);
  CHECK(list.at("sessions").at(1).at("refusal").to_number<int>() == 450);
  CHECK(list.at("sessions").at(1).at("last_code").to_number<int>() == 221);
  CHECK(parsed(ask(api, Method::get, path_of(refused), {&journal})).at("refusal").to_number<int>() == 450);
}

TEST_CASE("a transcript is the session as a dialog") {
  Api api;
  journal::Journal journal({});
  const auto id = journal.open_session("127.0.0.1:1", 2525, "default", kStart);
  journal.append(id, Kind::reply, kStart, "220 ready\r\n", 0, 220);
  journal.append(id, Kind::command, kStart, "QUIT");
  const http::Response answer = ask(api, Method::get, path_of(id) + "/transcript", {&journal});
  CHECK(answer.content_type == "text/plain; charset=utf-8");
  CHECK(answer.body.find("S: 220 ready\nC: QUIT\n") != std::string::npos);
}

TEST_CASE("sessions that are not there") {
  Api api;
  journal::Journal journal({});
  for (const std::string_view none :
       {"/api/v1/sessions/999999", "/api/v1/sessions/x", "/api/v1/sessions/0", "/api/v1/sessions/x/transcript"}) {
    CAPTURE(none);
    CHECK(ask(api, Method::get, none, {&journal}).status == 404);
  }
}
