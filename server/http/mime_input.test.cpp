#include "http/mime_input.hpp"

#include "testing/catch.hpp"

using namespace malaposta;
using http::mime_input;
using http::MimeBudget;

TEST_CASE("what mail is made of goes in as it is", "[mime]") {
  const std::string mail =
      "Subject: a\r\n folded\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\nX: y\r\n\r\nno: field\r\n\r\n--b--\r\nend";
  CHECK(mime_input(mail) == mail);
  journal::Content content;
  for (const char c : mail) content.append({&c, 1});
  CHECK(mime_input(content) == mail);
  for (const std::string_view text : {"", "Subject: only\r\n", "Subject: no line end", "a:b\n\nbare\n--\n", "\r\nno fields\r\n"})
    CHECK(mime_input(text) == text);
}

TEST_CASE("a header section that is missing, or not ended, ends where the text begins", "[mime]") {
  struct Case {
    std::string_view mail, input;
  };
  for (const Case& c : {Case{"Hello world\r\nto all\r\n", "\r\nHello world\r\nto all\r\n"}, Case{" indented\r\n", "\r\n indented\r\n"},
                        Case{"Subject: x\r\nHello\r\n", "Subject: x\r\n\r\nHello\r\n"}, Case{"--b\r\nx: y\r\n", "\r\n--b\r\nx: y\r\n"},
                        Case{"From a@b.test Mon\r\nSubject: x\r\n", "\r\nFrom a@b.test Mon\r\nSubject: x\r\n"}}) {
    CAPTURE(c.mail);
    CHECK(mime_input(c.mail) == c.input);
  }
}

TEST_CASE("one field has so many bytes and so many colons", "[mime]") {
  MimeBudget budget;
  budget.field_bytes = 10;
  CHECK(mime_input("A: 456789012\r\n x\r\nB: 2\r\n\r\ntext", budget) == "A: 45678\r\nB: 2\r\n\r\ntext");
  CHECK(mime_input("A: 45678\r\n x\r\nB: 2\r\n\r\ntext", budget) == "A: 45678\r\nB: 2\r\n\r\ntext");
  budget = {};
  budget.field_colons = 2;
  CHECK(mime_input("To: a:b:c:d\r\nB: 2\r\n\r\ntext", budget) == "To: a\r\nB: 2\r\n\r\ntext");
  CHECK(mime_input("To: a:b\r\n c:d\r\n\r\ntext", budget) == "To: a:b\r\n\r\ntext");
}

TEST_CASE("all header sections together have so many fields and so many bytes", "[mime]") {
  MimeBudget budget;
  budget.fields = 3;
  CHECK(mime_input("A: 1\r\nB: 2\r\n\r\n--b\r\nC: 3\r\nD: 4\r\n e\r\n\r\nE: 5\r\n", budget) ==
        "A: 1\r\nB: 2\r\n\r\n--b\r\nC: 3\r\n\r\nE: 5\r\n");
  // Within messages that a message contains, too.
  CHECK(mime_input("A: message/rfc822\r\n\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\ntext: stays\r\n", budget) ==
        "A: message/rfc822\r\n\r\nB: 2\r\nC: 3\r\n\r\n");
  CHECK(mime_input("A: Multipart/Digest\r\n\r\n--b\r\n\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n", budget) ==
        "A: Multipart/Digest\r\n\r\n--b\r\n\r\nB: 2\r\nC: 3\r\n\r\n");
  budget = {};
  budget.header_bytes = 12;
  CHECK(mime_input("A: 1\r\nB: 2\r\nC: 3\r\n\r\ntext", budget) == "A: 1\r\nB: 2\r\n\r\ntext");
}

TEST_CASE("there are so many lines that may be boundaries, and the message ends before the next", "[mime]") {
  MimeBudget budget;
  budget.boundaries = 2;
  CHECK(mime_input("A: 1\r\n\r\n--b\r\n\r\none\r\n--b\r\n--b\r\ntwo\r\n", budget) == "A: 1\r\n\r\n--b\r\n\r\none\r\n--b\r\n");
  CHECK(mime_input("A: 1\r\n\r\n--b\r\n--b\r\nx", budget) == "A: 1\r\n\r\n--b\r\n--b\r\nx");
}
