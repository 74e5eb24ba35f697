#include "http/api_fixture.hpp"
#include "http/inline_images.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Api;
using http::Method;

namespace {

std::string with_image(std::string_view html, std::string_view type = "image/png") {
  return "Subject: x\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n" + std::string(html) +
         "\r\n--b\r\nContent-Type: " + std::string(type) +
         "\r\nContent-ID: <logo@a.test>\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--b--\r\n";
}

std::string shown(std::string_view html, std::string_view type = "image/png") {
  journal::Content content;
  content.append(with_image(html, type));
  return http::with_inline_images(http::read_mail(content), content);
}

std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [field, value] : response.headers)
    if (field == name) return value;
  return {};
}

}  // namespace

TEST_CASE("HTML is shown by itself, under a policy that lets it run and load nothing", "[view]") {
  Api api;
  journal::Journal journal({});
  const auto id = deliver(journal, "Content-Type: text/html\r\n\r\n<script>alert(1)</script>");
  deliver(journal, "Subject: x\r\n\r\nonly text\r\n");
  const http::Response html = ask(api, Method::get, "/view/" + std::to_string(id) + ".html", {&journal});
  CHECK(html.status == 200);
  CHECK(html.content_type == "text/html; charset=utf-8");
  CHECK(html.body == "<script>alert(1)</script>");
  const std::string policy = header(html, "Content-Security-Policy");
  CHECK(policy.starts_with("sandbox; default-src 'none';"));
  for (const std::string_view no : {"allow-", "script-src", "http", "'self' ", "connect-src", "frame-src"})
    CHECK(policy.find(no) == std::string::npos);
  for (const std::string_view yes : {"form-action 'none'", "base-uri 'none'", "frame-ancestors 'self'", "img-src data:;"})
    CHECK(policy.find(yes) != std::string::npos);
  CHECK(header(html, "Referrer-Policy") == "no-referrer");
  const http::Response text = ask(api, Method::get, "/view/latest.txt", {&journal});
  CHECK(text.body == "only text\r\n");
  CHECK(text.content_type == "text/plain; charset=utf-8");
  CHECK(ask(api, Method::get, "/view/latest.html", {&journal}).status == 404);
  CHECK(ask(api, Method::get, "/view/latest.html?query=is:unread%20alert", {&journal}).status == 404);
  CHECK(ask(api, Method::get, "/view/latest.txt?query=only", {&journal}).status == 200);
  for (const char* none : {"/view/0.html", "/view/x.html", "/view/1", "/view/.txt", "/view/1.pdf"})
    CHECK(ask(api, Method::get, none, {&journal}).status == 404);
}

TEST_CASE("images that the message brings are within its HTML", "[view]") {
  CHECK(shown("<img src=\"cid:logo@a.test\">") == "<img src=\"data:image/png;base64,AAEC\">");
  CHECK(shown("<img src=cid:logo@a.test> <p style='background: url(cid:logo@a.test)'>") ==
        "<img src=data:image/png;base64,AAEC> <p style='background: url(data:image/png;base64,AAEC)'>");
  CHECK(shown("<img src='cid:logo%40a.test'>") == "<img src='data:image/png;base64,AAEC'>");
  for (const std::string_view same :
       {"<img src=\"cid:other@a.test\">", "cid:", "cid", "<img src=\"cid:%4\">", "<img src='http://a.test/x.png'>"})
    CHECK(shown(same) == same);
}

TEST_CASE("only pixels are images", "[view]") {
  const std::string html = "<img src=\"cid:logo@a.test\">";
  for (const std::string_view type : {"image/svg+xml", "text/html", "application/javascript", "image/png+xml"})
    CHECK(shown(html, type) == html);
}

TEST_CASE("so many bytes of images are within a page, and the others are left as they are", "[view]") {
  journal::Content content;
  const std::string half(4 * (http::kMostInlineBytes / 6), 'A');  // base64 of half as many bytes as a page may have
  std::string html;
  for (int i = 0; i < 3; ++i) html += "<img src=cid:" + std::to_string(i) + ">";
  content.append("Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n" + html);
  for (int i = 0; i < 3; ++i)
    content.append("\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <" + std::to_string(i) +
                   ">\r\nContent-Transfer-Encoding: base64\r\n\r\n" + half);
  content.append("\r\n--b--\r\n");
  const std::string page = http::with_inline_images(http::read_mail(content), content);
  CHECK(page.find("cid:0") == std::string::npos);
  CHECK(page.find("cid:1") == std::string::npos);
  CHECK(page.find("cid:2") != std::string::npos);
  CHECK(page.size() < 2 * http::kMostInlineBytes);
}
