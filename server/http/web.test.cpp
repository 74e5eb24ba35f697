#include "http/web.hpp"

#include <fstream>
#include <iterator>

#include "http/api_fixture.hpp"
#include "testing/catch.hpp"
#include "testing/source_dir.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Api;
using http::Method;

namespace {

std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

}  // namespace

TEST_CASE("the page may run and load nothing but its own files, and is in no frame") {
  Api api;
  const http::Response page = ask(api, Method::get, "/");
  CHECK(page.status == 200);
  CHECK(page.content_type == "text/html; charset=utf-8");
  CHECK(page.body.find("Malaposta") != std::string::npos);
  const std::string policy = header(page, "Content-Security-Policy");
  CHECK(policy.starts_with("default-src 'self';"));
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
  CHECK(header(page, "Cache-Control") == "no-cache");
  CHECK(header(page, "Referrer-Policy") == "no-referrer");
}

TEST_CASE("the page is sent again only once it has changed") {
  Api api;
  http::Request request;
  request.path = {};
  REQUIRE(http::read_target("/", request));
  request.if_none_match = header(ask(api, Method::get, "/"), "ETag");
  REQUIRE(request.if_none_match.size() > 2);
  const auto same = std::get<http::Response>(http::dispatch(request, api));
  CHECK(same.status == 304);
  CHECK(same.body.empty());
  request.if_none_match = "\"0\"";
  CHECK(std::get<http::Response>(http::dispatch(request, api)).status == 200);
}

TEST_CASE("no file but the page's own is there") {
  Api api;
  for (const std::string_view none : {"/assets/x", "/assets/..%2findex.html", "/assets/", "/index.html"}) {
    CAPTURE(none);
    CHECK(ask(api, Method::get, none).status == 404);
  }
  CHECK(http::find_web_file("index.html") != nullptr);
  CHECK(http::find_web_file("assets/x") == nullptr);
}

TEST_CASE("the page of a program that was built without Node says so, and leads to what is there") {
  std::ifstream file(malaposta::testing::source_path("web/without/index.html"));
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  CHECK(page.find("without its web page") != std::string::npos);
  CHECK(page.find("scripts/run") != std::string::npos);
  for (const std::string_view more : {"<script", "<style", "<link", " style=", " src="}) CHECK(page.find(more) == std::string::npos);
  Api api;
  const std::string_view link = "href=\"";
  std::size_t links = 0;
  for (std::size_t at = page.find(link); at != std::string::npos; at = page.find(link, at), ++links) {
    at += link.size();
    const std::string target = page.substr(at, page.find('"', at) - at);
    CAPTURE(target);
    CHECK(ask(api, Method::get, target).status == 200);
  }
  CHECK(links == 3);
#ifdef MALAPOSTA_WITHOUT_WEB
  CHECK(ask(api, Method::get, "/").body == page);
#else
  CHECK(ask(api, Method::get, "/").body != page);
#endif
}

TEST_CASE("gzip is for those who take it") {
  CHECK(http::takes_gzip("gzip, deflate, br"));
  CHECK(http::takes_gzip("br;q=1, GZIP;q=0.5"));
  CHECK(http::takes_gzip("*"));
  CHECK_FALSE(http::takes_gzip(""));
  CHECK_FALSE(http::takes_gzip("br"));
  CHECK_FALSE(http::takes_gzip("gzip;q=0"));
  CHECK_FALSE(http::takes_gzip("gzip;q=0.000, *"));
}
