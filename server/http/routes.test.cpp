#include "http/routes.hpp"

#include <set>

#include "http/api_fixture.hpp"
#include "http/schemas.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Api;
using http::Method;

TEST_CASE("what no route takes is refused with the way out") {
  Api api;
  CHECK(ask(api, Method::get, "/nothing/here").status == 404);
  CHECK(ask(api, Method::get, "/api").status == 404);
  CHECK(ask(api, Method::get, "/livez/").status == 404);
  const http::Response wrong = ask(api, Method::put, "/livez");
  CHECK(wrong.status == 405);
  CHECK(wrong.headers == decltype(wrong.headers){{"Allow", "GET, HEAD"}});
  CHECK(parsed(wrong).at("error").as_string() == "the path takes GET, HEAD");
  CHECK(ask(api, Method::get, "/livez", {}, {"text/plain", "why?"}).status == 415);
}

TEST_CASE("targets are decoded by segment, so an encoded slash is no border") {
  http::Request request;
  REQUIRE(http::read_target("/a%2Fb/c%20d?x=1&y=%26&x=2&flag", request));
  CHECK(request.path == std::vector<std::string>{"a/b", "c d"});
  CHECK(request.parameter("x") == "1");
  CHECK(request.parameter("y") == "&");
  CHECK(request.parameter("flag", "absent").empty());
  CHECK(request.parameter("z", "absent") == "absent");
  for (const std::string_view bad : {"", "*", "http://localhost/", "/%zz", "a/b"}) {
    CAPTURE(bad);
    CHECK_FALSE(http::read_target(bad, request));
  }
  CHECK(http::media_type("Application/JSON ; charset=utf-8") == "application/json");
}

TEST_CASE("no two routes answer the same request, and no two have one id") {
  std::set<std::string> ids, places;
  for (const http::Route& route : http::routes()) {
    CHECK(ids.emplace(route.id).second);
    CHECK(places.insert(std::string(name(route.method)) + " " + std::string(route.path)).second);
  }
}

TEST_CASE("the OpenAPI document has every route, and every shape that it names") {
  Api api;
  const boost::json::value document = parsed(ask(api, Method::get, "/openapi.json"));
  CHECK(document.at("openapi").as_string() == "3.1.0");
  const boost::json::object& paths = document.at("paths").as_object();
  const boost::json::object& shapes = document.at("components").at("schemas").as_object();
  std::size_t operations = 0;
  for (const auto& path : paths) operations += path.value().as_object().size();
  CHECK(operations == http::routes().size());
  for (const http::Route& route : http::routes()) {
    CAPTURE(route.path);
    CHECK(paths.contains(route.path));
    CHECK((route.schema.empty() || shapes.contains(route.schema)));
    CHECK((route.type == "application/json") == !route.schema.empty());
  }
}

TEST_CASE("readyz and info look at each journal") {
  net::ServerOptions options;
  options.listeners.push_back({{"127.0.0.1", 0}, scenario::load({"default"}, {}).scenarios.at(0)});
  net::Server server(std::move(options));
  Api api;
  api.smtp = &server;
  journal::Journal one({}), other({});
  one.open_session("127.0.0.1:1", 2525, "default", {});
  other.deliver({}, 0, {});
  CHECK(parsed(ask(api, Method::get, "/livez")).at("status").as_string() == "ok");
  CHECK(parsed(ask(api, Method::get, "/readyz", {&one, &other})).at("status").as_string() == "ready");
  const boost::json::value info = parsed(ask(api, Method::get, "/api/v1/info", {&one, &other}));
  CHECK(info.at("Sessions").to_number<int>() == 1);
  CHECK(info.at("Messages").to_number<int>() == 1);
  CHECK(info.at("Listeners").at(0).at("Port").to_number<int>() == server.listeners().front().endpoint.port);
}

TEST_CASE("the time of day of a moment") {
  const http::Calendar calendar(journal::TimePoint{}, std::chrono::sys_days(std::chrono::year(2024) / 2 / 29));
  CHECK(calendar.text(journal::TimePoint{} + std::chrono::milliseconds(43'200'250)) == "2024-02-29T12:00:00.250Z");
  CHECK(calendar.text(journal::TimePoint{} - std::chrono::microseconds(1)) == "2024-02-28T23:59:59.999Z");
}
