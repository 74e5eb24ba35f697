#include "http/search_query.hpp"

#include "http/captured.hpp"
#include "http/dates.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http;

namespace {

constexpr std::string_view kInvoice =
    "From: =?utf-8?q?J=C3=B6rg?= Doe <joerg@example.com>\r\n"
    "To: Mary Poppins <mary@example.test>\r\n"
    "Cc: cc@example.test\r\n"
    "Reply-To: desk@example.com\r\n"
    "Subject: Your  invoice\r\n 42\r\n"
    "Message-ID: <12345.678@example.com>\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\n\r\nPlease pay\r\nthe bill.\r\n"
    "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=bill.pdf\r\n\r\nx\r\n--b--\r\n";

bool finds(std::string_view query, bool read = false, const std::vector<std::string>& tags = {"Host 1"}) {
  static const IndexedPtr kMail = [] {
    Captured message;
    message.reverse_path = "bounces@example.com";
    message.recipients = {"mary@example.test", "hidden@example.test"};
    message.content.append(kInvoice);
    return read_indexed(message);
  }();
  const auto parsed = SearchQuery::parse(query);
  INFO("query " << query);
  if (const auto* problem = std::get_if<std::string>(&parsed)) FAIL(*problem);
  return std::get<SearchQuery>(parsed).matches({*kMail, read, tags, *read_date("2024-02-29 12:00")});
}

std::string problem(std::string_view query, std::string_view zone = {}) {
  const auto parsed = SearchQuery::parse(query, zone);
  const auto* text = std::get_if<std::string>(&parsed);
  return text == nullptr ? "" : *text;
}

}  // namespace

TEST_CASE("each filter finds what it names, and its opposite does not", "[search]") {
  for (const std::string query : {"pay",
                                  "bill pay",
                                  "\"pay the bill\"",
                                  "bill.pdf",
                                  "from:joerg",
                                  "from:\"JÖRG doe\"",
                                  "to:mary",
                                  "to:\"mary poppins\"",
                                  "cc:cc@",
                                  "bcc:hidden",
                                  "reply-to:desk",
                                  "addressed:mary",
                                  "addressed:joerg",
                                  "addressed:hidden",
                                  "addressed:desk",
                                  "subject:\"your invoice 42\"",
                                  "message-id:12345.678@example.com",
                                  "tag:\"host 1\"",
                                  "is:unread",
                                  "is:tagged",
                                  "has:attachment",
                                  "HAS:Attachments",
                                  "before:2024/03/01",
                                  "after:2024/02/29",
                                  "after:\"2024-02-29 12:00\"",
                                  "before:\"2024-02-29 12:00\"",
                                  "larger:100",
                                  "smaller:2k",
                                  "smaller:1.5MB",
                                  "example.com"}) {
    CHECK(finds(query));
    CHECK_FALSE(
        finds("-" + query.substr(0, query.find(' ')) + (query.find('"') != std::string::npos ? query.substr(query.find(' ')) : "")));
    CHECK_FALSE(
        finds("!" + query.substr(0, query.find(' ')) + (query.find('"') != std::string::npos ? query.substr(query.find(' ')) : "")));
  }
}

TEST_CASE("what a filter does not name is not found, and its opposite is", "[search]") {
  for (const std::string query :
       {"nothing", "\"the pay\"", "from:mary", "to:joerg", "cc:mary", "bcc:mary", "reply-to:mary", "addressed:nobody", "subject:bill",
        "message-id:999", "tag:host", "is:read", "has:inline", "before:2024/02/29", "after:2024/03/01", "larger:20k", "smaller:100"}) {
    CHECK_FALSE(finds(query));
    CHECK(finds("-" + query));
    CHECK(finds("!" + query));
  }
  CHECK(finds("is:read", true));
  CHECK_FALSE(finds("is:tagged", false, {}));
}

TEST_CASE("all terms have to hold", "[search]") {
  CHECK(finds("subject:invoice !from:admin@example.com is:tagged"));
  CHECK_FALSE(finds("subject:invoice !from:joerg is:tagged"));
  CHECK(finds("  pay   bill  "));
  CHECK(finds("\"from:joerg doe\"") == finds("from:\"joerg doe\""));
  CHECK_FALSE(finds("->"));
}

TEST_CASE("a query that cannot be understood is told", "[search]") {
  struct Case {
    std::string query, told;
  };
  for (const Case& c : {Case{"", "the query is empty"}, Case{"   ", "the query is empty"},
                        Case{"from:", "'from:' says nothing to look for"}, Case{"before:soon", "'before:soon': not a date"},
                        Case{"larger:much", "'larger:much': not a size"}, Case{"smaller:-1", "not a size"},
                        Case{"larger:2tb", "not a size"}, Case{"larger:", "not a size"}, Case{"is:raed", "'is:raed' is no filter"},
                        Case{"-has:links", "is no filter"}, Case{std::string(1'001, 'x'), "longer than 1000 bytes"}}) {
    CAPTURE(c.query);
    CHECK(problem(c.query).find(c.told) != std::string::npos);
  }
  std::string many;
  for (int i = 0; i < 51; ++i) many += "x ";
  CHECK(problem(many).find("more than 50 terms") != std::string::npos);
  CHECK(problem(many.substr(2)).empty());
  CHECK(problem("x", "Nowhere/Atall").find("no time zone") != std::string::npos);
}
