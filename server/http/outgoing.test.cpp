#include "http/outgoing.hpp"

#include <algorithm>

#include "testing/catch.hpp"

using namespace malaposta::http;

namespace {

Mail read(const std::string& text) {
  malaposta::journal::Content content;
  content.append(text);
  return read_mail(content);
}

Outgoing message_of(std::string text, std::string html = {}) {
  Outgoing message;
  message.from = {"Älice", "alice@example.com"};
  message.to = {{"Bob", "bob@example.test"}, {"", "carol@example.test"}};
  message.subject = "Café";
  message.text = std::move(text);
  message.html = std::move(html);
  return message;
}

// Bytes of the longest line, without its end; npos where a line ends otherwise than with CRLF.
std::size_t longest_line(std::string_view text) {
  std::size_t longest = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || end == 0 || text[end - 1] != '\r') return std::string_view::npos;
    longest = std::max(longest, end - 1);
    text.remove_prefix(end + 1);
  }
  return longest;
}

}  // namespace

TEST_CASE("a message is written as it would come over SMTP", "[send]") {
  const std::string text = written(message_of("Hello\nwörld\n.\n" + std::string(5'000, 'x')));
  CHECK(longest_line(text) <= 998);
  CHECK(std::ranges::all_of(text, [](unsigned char c) { return c < 128; }));
  const Mail mail = read(text);
  CHECK(mail.from.at(0).name == "Älice");
  CHECK(mail.to.size() == 2);
  CHECK(mail.subject == "Café");
  CHECK(mail.date.has_value());
  CHECK(mail.text.find("wörld") != std::string::npos);
  CHECK(mail.text.find(std::string(5'000, 'x')) != std::string::npos);
  CHECK(mail.html.empty());
  CHECK(read(written(message_of("x"))).message_id != read(written(message_of("x"))).message_id);
}

TEST_CASE("only what is needed is a multipart", "[send]") {
  const auto type = [](const Outgoing& message) {
    const std::string text = written(message);
    const std::size_t begin = text.find("Content-Type: ") + 14;
    return text.substr(begin, text.find_first_of(";\r", begin) - begin);
  };
  CHECK(type(message_of("text")) == "text/plain");
  CHECK(type(message_of("", "<p>")) == "text/html");
  CHECK(type(message_of("text", "<p>")) == "multipart/alternative");
  Outgoing files = message_of("text");
  files.parts.push_back({"a.bin", "application/octet-stream", "", std::string("\0\xff\r\n.\r\n", 7)});
  CHECK(type(files) == "multipart/mixed");
  const Mail mail = read(written(files));
  REQUIRE(mail.attachments.size() == 1);
  CHECK(mail.attachments[0].file_name == "a.bin");
  CHECK(mail.attachments[0].size == 7);
  files.parts = {{"a.txt", "text/plain", "", "h\xc3\xa9llo"}, {"b.txt", "text/plain", "", "h\xe9llo"}};
  const std::string texts = written(files);
  CHECK(texts.find("text/plain; charset=utf-8; name=a.txt") != std::string::npos);
  CHECK(texts.find("text/plain; name=b.txt") != std::string::npos);
  Outgoing image = message_of("", "<img src='cid:logo'>");
  image.parts.push_back({"logo.png", "image/png", "logo", "x"});
  CHECK(type(image) == "multipart/related");
  // Without HTML nothing is within it.
  image.html.clear();
  CHECK(type(image) == "multipart/mixed");
}

TEST_CASE("the first bytes of a file show its type", "[send]") {
  CHECK(detected_type("\x89PNG\r\n\x1a\n...") == "image/png");
  CHECK(detected_type("\xff\xd8\xff\xe0") == "image/jpeg");
  CHECK(detected_type("GIF89a") == "image/gif");
  CHECK(detected_type("%PDF-1.7") == "application/pdf");
  CHECK(detected_type("PK\x03\x04") == "application/zip");
  CHECK(detected_type("h\xc3\xa9llo\r\n") == "text/plain");
  CHECK(detected_type("h\xe9llo") == "application/octet-stream");
  CHECK(detected_type("hello\x1b") == "application/octet-stream");
  CHECK(detected_type("") == "application/octet-stream");
}
