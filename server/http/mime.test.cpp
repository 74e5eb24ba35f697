#include "http/mime.hpp"

#include "testing/catch.hpp"

using namespace malaposta::http;

namespace {

constexpr std::string_view kMixed =
    "From: =?utf-8?q?=C3=80lice?= <alice@example.com>\r\n"
    "To: Bob <bob@example.test>, friends: carol@example.test, dave@example.test;\r\n"
    "Subject: =?utf-8?b?Q2Fmw6k=?=\r\n"
    "Message-ID: <x@y.test>\r\n"
    "Date: Tue, 24 Nov 2026 08:00:00 +0100\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=out\r\n"
    "\r\n"
    "--out\r\n"
    "Content-Type: multipart/alternative; boundary=in\r\n"
    "\r\n"
    "--in\r\n"
    "Content-Type: text/plain; charset=iso-8859-1\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n"
    "w=F6rld\r\n"
    "--in\r\n"
    "Content-Type: text/html\r\n"
    "\r\n"
    "<p>world</p>\r\n"
    "--in--\r\n"
    "--out\r\n"
    "Content-Type: image/png\r\n"
    "Content-ID: <logo@y.test>\r\n"
    "\r\n"
    "png\r\n"
    "--out\r\n"
    "Content-Type: application/pdf\r\n"
    "Content-Disposition: attachment; filename=\"a b.pdf\"\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "AAEC\r\n"
    "--out--\r\n";

}  // namespace

TEST_CASE("mail is taken apart: fields, texts, parts", "[mime]") {
  const Mail mail = read_mail(kMixed);
  CHECK(mail.message_id == "x@y.test");
  CHECK(mail.subject == "Caf\xC3\xA9");
  REQUIRE(mail.from.size() == 1);
  CHECK(mail.from.front().name == "\xC3\x80lice");
  CHECK(mail.from.front().address == "alice@example.com");
  REQUIRE(mail.to.size() == 3);
  CHECK(mail.to.at(2).address == "dave@example.test");
  CHECK(mail.date == std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) + std::chrono::hours(7));
  CHECK(mail.text == "w\xC3\xB6rld");
  CHECK(mail.html == "<p>world</p>");
  REQUIRE(mail.inlined.size() == 1);
  CHECK(mail.inlined.front().content_id == "logo@y.test");
  REQUIRE(mail.attachments.size() == 1);
  CHECK(mail.attachments.front().file_name == "a b.pdf");
  CHECK(mail.attachments.front().content_type == "application/pdf");
  CHECK(mail.attachments.front().size == 3);
  CHECK(mail.fields.size() == 7);
  CHECK(mail.fields.back().first == "Content-Type");
}

TEST_CASE("a part is found by its id, and its text is UTF-8", "[mime]") {
  const Mail mail = read_mail(kMixed);
  CHECK(read_part(kMixed, mail.attachments.front().id)->bytes == std::string("\0\1\2", 3));
  CHECK(read_part(kMixed, "1.1")->bytes == "w\xC3\xB6rld");
  CHECK(read_part(kMixed, "1.1")->content_type == "text/plain; charset=utf-8");
  CHECK(read_part("Subject: x\r\n\r\nonly\r\n", "1")->bytes == "only\r\n");
  for (const char* none : {"", "0", "9", "1.9", "x"}) CHECK_FALSE(read_part(kMixed, none).has_value());
}

TEST_CASE("a message within a message is an attachment, and its text is not the outer one's", "[mime]") {
  const std::string_view outer =
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nouter\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
      "Subject: inner\r\n\r\ninner text\r\n--b--\r\n";
  const Mail mail = read_mail(outer);
  CHECK(mail.text == "outer");
  REQUIRE(mail.attachments.size() == 1);
  CHECK(mail.attachments.front().content_type == "message/rfc822");
  CHECK(read_part(outer, "2")->bytes.find("inner text") != std::string::npos);
}

TEST_CASE("malformed mail is read as well as it goes", "[mime]") {
  CHECK(read_mail("").fields.empty());
  CHECK(read_mail("no field at all\r\n").text == "no field at all\r\n");
  CHECK(read_mail("Subject: x\r\nno field\r\n\r\nmore\r\n").text == "no field\r\n\r\nmore\r\n");
  CHECK(read_mail("Subject: \xff\r\n\r\n\xff").text == "\xEF\xBF\xBD");
  CHECK(read_mail("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nopen").text == "open");
  // Nothing in a media type can begin another field of a response.
  const std::string_view odd = "Content-Type: \"a\r\n b\"/x;y\r\nContent-Disposition: attachment\r\n\r\nx";
  CHECK(read_part(odd, "1")->content_type.find_first_of("\r\n\"") == std::string::npos);
  // So deep that nobody means it.
  std::string deep;
  for (int i = 0; i < 5'000; ++i)
    deep += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\r\n\r\n--b" + std::to_string(i) + "\r\n";
  CHECK(read_mail(deep).attachments.empty());
}

TEST_CASE("mail that is made to take the parser's time, memory or stack does not", "[mime]") {
  const auto many = [](std::string_view piece, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += piece;
    return text;
  };
  std::string odd;
  for (int i = 0; i < 35; ++i) odd += "\xC3\xA9";
  // 110 bytes of which the library's own way to write them never comes to an end.
  const std::string trap = "Content-Type: multipart/mixed; " + odd + "=x\r\n\r\n";
  const std::string within = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n";
  CHECK(read_mail(trap).fields.size() == 1);
  CHECK(read_part(within + trap + "\r\n--b--\r\n", "1").has_value());
  CHECK(read_mail("To: " + many("a:", 500'000) + "\r\n\r\nx").text == "x");
  CHECK(read_mail("Subject: s\r\n" + many("a:b\r\n", 500'000) + "\r\nx").text == "x");
  CHECK(read_mail(within + many("a:b\r\n", 500'000) + "\r\nx").attachments.size() == 1);
  CHECK(read_mail("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + many("--b\r\n\r\n", 500'000)).subject.empty());
  CHECK(read_mail(many("Content-Type: message/rfc822\r\n\r\n", 50'000)).attachments.size() == 1);
  const std::string large = read_mail("Subject: s\r\n\r\n" + many("0123456\r\n", kLongestText / 8)).text;
  CHECK(large.size() == kLongestText);
}

TEST_CASE("texts are compared without their case", "[mime]") {
  CHECK(folded("Caf\xC3\x89 STRASSE") == folded("caf\xC3\xA9 stra\xC3\x9F"
                                                "e"));
  CHECK(folded("").empty());
  CHECK(folded("\xC3\x84") == "\xC3\xA4");
}

TEST_CASE("a snippet is one line of words, without tags, of whole characters", "[mime]") {
  Mail mail;
  mail.html = "<h1>One</h1>\r\n<p class='x'>two &amp; three<br";
  CHECK(mail.snippet() == "One two &amp; three");
  mail.text = "  a\r\n\tb  ";
  CHECK(mail.snippet() == "a b");
  mail.text = std::string(kSnippet - 1, 'x') + "\xC3\xA9yyy";
  CHECK(mail.snippet() == std::string(kSnippet - 1, 'x') + "\xC3\xA9");
}
