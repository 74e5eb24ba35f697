#include "http/conditional.hpp"

#include "http/api_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using http::Request;
using http::Response;

namespace {

std::string header(const Response& response, std::string_view name) {
  for (const auto& [field, value] : response.headers)
    if (field == name) return value;
  return {};
}

Response answered(const Request& request) {
  Response response{200, "text/plain", "0123456789", {}};
  response.etag = "\"tag\"";
  response.ranges = true;
  http::apply_conditions(request, response);
  return response;
}

Response for_range(std::string range, std::string if_range = {}) {
  Request request;
  request.range = std::move(range);
  request.if_range = std::move(if_range);
  return answered(request);
}

}  // namespace

TEST_CASE("who has it already is told so", "[conditional]") {
  Request request;
  CHECK(answered(request).status == 200);
  CHECK(header(answered(request), "ETag") == "\"tag\"");
  for (const char* known : {"\"tag\"", "W/\"tag\"", "\"other\", \"tag\"", "*"}) {
    request.if_none_match = known;
    CHECK(answered(request).status == 304);
    CHECK(answered(request).body.empty());
    CHECK(header(answered(request), "ETag") == "\"tag\"");
  }
  request.if_none_match = "\"other\"";
  CHECK(answered(request).status == 200);
}

TEST_CASE("a range is answered with that part", "[conditional]") {
  struct Case {
    std::string range, body, told;
  };
  for (const Case& c :
       {Case{"bytes=0-3", "0123", "bytes 0-3/10"}, Case{"bytes=7-", "789", "bytes 7-9/10"}, Case{"bytes=-2", "89", "bytes 8-9/10"},
        Case{"bytes=8-99", "89", "bytes 8-9/10"}, Case{"bytes=-99", "0123456789", "bytes 0-9/10"}}) {
    CAPTURE(c.range);
    const Response response = for_range(c.range);
    CHECK(response.status == 206);
    CHECK(response.body == c.body);
    CHECK(header(response, "Content-Range") == c.told);
  }
  for (const char* none : {"bytes=10-", "bytes=99-100", "bytes=-0"}) {
    const Response response = for_range(none);
    CHECK(response.status == 416);
    CHECK(header(response, "Content-Range") == "bytes */10");
  }
  for (const char* whole : {"bytes=0-1,4-5", "bytes=x-", "bytes=3-1", "bytes", "lines=0-3", "bytes=-", "bytes=-x"}) {
    CAPTURE(whole);
    CHECK(for_range(whole).status == 200);
    CHECK(for_range(whole).body == "0123456789");
  }
  CHECK(for_range("bytes=0-3", "\"tag\"").status == 206);
  CHECK(for_range("bytes=0-3", "\"other\"").status == 200);
}

TEST_CASE("messages and their parts have tags and ranges", "[conditional]") {
  http::Api api;
  journal::Journal journal({});
  http::testing::deliver(journal, "Subject: x\r\n\r\nHello\r\n");
  for (const std::string path : {"/raw", "/part/1"}) {
    Request request;
    REQUIRE(http::read_target("/api/v1/message/latest" + path, request));
    request.method = http::Method::get;
    const auto ask = [&] {
      http::Answer answer = http::dispatch(request, api);
      while (std::holds_alternative<http::Visit>(answer)) {
        const http::Visit visit = std::get<http::Visit>(std::move(answer));
        visit.look(journal);
        answer = visit.answer();
      }
      Response response = std::get<Response>(std::move(answer));
      http::apply_conditions(request, response);
      return response;
    };
    const std::string tag = header(ask(), "ETag");
    CHECK_FALSE(tag.empty());
    request.range = "bytes=0-3";
    CHECK(ask().status == 206);
    CHECK(ask().size() == 4);
    request.if_none_match = tag;
    CHECK(ask().status == 304);
  }
}
