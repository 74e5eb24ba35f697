#include <boost/json/serialize.hpp>

#include "http/mime.hpp"
#include "http/scenarios_fixture.hpp"
#include "journal/held_store.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Api;
using http::Method;

namespace {

struct Sender {
  Api api;
  journal::Journal journal{{}};
  http::Response send(std::string body) {
    return ask(api, Method::post, "/api/v1/send", {&journal}, {"application/json", std::move(body)});
  }
  std::string told(std::string body) {
    const http::Response answer = send(std::move(body));
    return answer.status == 200 ? "sent" : std::string(parsed(answer).at("error").as_string());
  }
};

}  // namespace

TEST_CASE("a message is written and put into the inbox", "[send]") {
  Sender sender;
  const boost::json::value answer = parsed(sender.send(R"({
    "From": {"Email": "alice@example.com", "Name": "Älice"}, "To": [{"Email": "bob@example.test", "Name": "Bob"}],
    "Cc": [{"Email": "carol@example.test"}], "Bcc": ["hidden@example.test"], "ReplyTo": [{"Email": "desk@example.com"}],
    "Subject": "Café €", "Text": "Hello\nwörld", "HTML": "<p>Hello <img src=\"cid:logo\"></p>", "Tags": ["one", "two"],
    "Headers": {"X-Campaign": "spring ☀"},
    "Attachments": [{"Filename": "a b.pdf", "Content": "JVBERi0="}, {"Filename": "logo.png", "ContentType": "image/png", "ContentID": "logo",
      "Content": "data:image/png;base64,AAEC"}]})"));
  REQUIRE(sender.journal.messages().size() == 1);
  const journal::Message& message = sender.journal.messages().front();
  CHECK(answer.at("ID").as_string() == std::to_string(message.id));
  CHECK(message.reverse_path == "alice@example.com");
  CHECK(message.recipients == std::vector<std::string>{"bob@example.test", "carol@example.test", "hidden@example.test"});
  const std::string text = message.content.str();
  CHECK(text.find("hidden") == std::string::npos);
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) REQUIRE(text.at(at - 1) == '\r');
  const http::Mail mail = http::read_mail(message.content);
  CHECK(mail.from.at(0).name == "Älice");
  CHECK(mail.to.at(0).name == "Bob");
  CHECK(mail.cc.at(0).address == "carol@example.test");
  CHECK(mail.reply_to.at(0).address == "desk@example.com");
  CHECK(mail.subject == "Café €");
  CHECK(mail.text.starts_with("Hello"));
  CHECK(mail.text.find("wörld") != std::string::npos);
  CHECK(mail.html.find("cid:logo") != std::string::npos);
  CHECK(mail.date.has_value());
  CHECK(mail.message_id.ends_with("@malaposta.invalid"));
  REQUIRE(mail.attachments.size() == 1);
  CHECK(mail.attachments.at(0).file_name == "a b.pdf");
  CHECK(mail.attachments.at(0).content_type == "application/pdf");
  REQUIRE(mail.inlined.size() == 1);
  CHECK(mail.inlined.at(0).content_id == "logo");
  CHECK(http::read_part(message.content, mail.inlined.at(0).id)->bytes == std::string("\0\1\2", 3));
  const auto campaign = std::ranges::find(mail.fields, "X-Campaign", [](const auto& field) { return field.first; });
  REQUIRE(campaign != mail.fields.end());
  CHECK(campaign->second == "spring ☀");
  CHECK(boost::json::serialize(parsed(ask(sender.api, Method::get, "/api/v1/tags", {&sender.journal}))) == R"(["one","two"])");
}

TEST_CASE("a message needs a sender and a recipient, and no more", "[send]") {
  Sender sender;
  CHECK(sender.told(R"({"From": {"Email": "a@a.test"}, "To": [{"Email": "b@b.test"}]})") == "sent");
  CHECK(sender.told(R"({"From": {"Email": "a@a.test"}, "Bcc": ["b@b.test"], "To": null, "Attachments": [], "Headers": {}})") == "sent");
  CHECK(http::read_mail(sender.journal.messages().back().content).text.empty());
}

TEST_CASE("a message goes to one journal", "[send]") {
  Api api;
  journal::Journal one({}), other({});
  const std::string body = R"({"From": {"Email": "a@a.test"}, "To": [{"Email": "b@b.test"}]})";
  CHECK(ask(api, Method::post, "/api/v1/send", {&one, &other}, {"application/json", body}).status == 200);
  CHECK(one.messages().size() + other.messages().size() == 1);
}

TEST_CASE("what cannot be sent is told, and nothing is sent", "[send]") {
  struct Case {
    std::string body, told;
  };
  const auto with = [](const std::string& more) {
    return R"({"From": {"Email": "a@a.test"}, "To": [{"Email": "b@b.test"}], )" + more + "}";
  };
  Sender sender;
  for (const Case& c :
       {Case{"{", "JSON object"},
        Case{"[]", "JSON object"},
        Case{"{}", "From is missing"},
        Case{R"({"From": "a@a.test"})", "From must be like"},
        Case{R"({"From": {"Email": "a"}})", "From: 'a' is no address"},
        Case{R"({"From": {"Email": "a@a.test"}})", "no recipients"},
        Case{R"({"From": {"Email": "a@a.test> SIZE=1"}})", "is no address"},
        Case{R"({"From": {"Email": ""}})", "is no address"},
        Case{with(R"("Cc": [{"Email": "x@"}])"), "Cc: 'x@' is no address"},
        Case{with(R"("Bcc": ["y"])"), "Bcc: 'y' is no address"},
        Case{with(R"("Bcc": [1])"), "Bcc must be"},
        Case{with(R"("Subject": 1)"), "Subject must be a text"},
        Case{with(R"("Subject": "a\r\nBcc: x@y.test")"), "Subject must be one line"},
        Case{with(R"("Headers": {"X-A": "b\nc"})"), "X-A must be one line"},
        Case{with(R"("Headers": {"Subject": "x"})"), "cannot set 'Subject'"},
        Case{with(R"("Headers": {"X Y": "x"})"), "no name of a header field"},
        Case{with(R"("Headers": {"X:": "x"})"), "no name of a header field"},
        Case{with(R"("Headers": [])"), "Headers must be"},
        Case{with(R"("Tags": ["!"])"), "a tag has letters"},
        Case{with(R"("Tags": ["x"], "Headers": {"x-tags": "y"})"), "cannot set 'x-tags'"},
        Case{with(R"("Attachments": [{"Filename": "x", "Content": "?"}])"), "the Content of 'x' is not base64"},
        Case{with(R"("Attachments": [1])"), "Attachments must be like"},
        Case{with(R"("Attachments": {})"), "must be a list"},
        Case{with(R"("Attachments": [{"Filename": "x", "Content": "AAEC", "ContentType": "a; é=b"}])"), "no media type"},
        Case{with(R"("Attachments": [{"Filename": "x", "Content": "AAEC", "ContentType": "multipart/mixed"}])"), "no media type"},
        Case{with(R"("Attachments": [{"Filename": "x", "Content": "AAEC", "ContentID": "a> b"}])"), "no brackets"},
        Case{with("\"Attachments\": [{\"Content\": \"\", \"Filename\": \"" + std::string(256, 'x') + "\"}]"), "at most 255 bytes"}}) {
    CAPTURE(c.body);
    CHECK(sender.told(c.body).find(c.told) != std::string::npos);
  }
  CHECK(sender.journal.messages().empty());
  std::string many = R"({"From": {"Email": "a@a.test"}, "Bcc": [)";
  for (int i = 0; i < 1'001; ++i) many += "\"b@b.test\",";
  many.back() = ']';
  CHECK(sender.told(many + "}") == "Bcc has more than 1000 entries");
}

TEST_CASE("a message that the memory has no room for is refused", "[send]") {
  Api api;
  journal::Journal::Limits limits;
  limits.message_bytes = 4'000;
  journal::Journal journal(limits);
  const auto send = [&](std::size_t size) {
    const std::string body = R"({"From": {"Email": "a@a.test"}, "To": [{"Email": "b@b.test"}], "Text": ")" + std::string(size, 'x') + "\"}";
    return ask(api, Method::post, "/api/v1/send", {&journal}, {"application/json", body}).status;
  };
  CHECK(send(10) == 200);
  CHECK(send(10'000) == 507);
  CHECK(journal.messages().size() == 1);
}

TEST_CASE("where there is a store, the answer waits until the message is durable", "[send]") {
  PlayingApi playing({loaded("rules: []\n")});
  journal::testing::HeldStore store;
  journal::Journal journal({});
  journal.keep_in(store, [&](journal::Stored stored) { journal.stored(std::move(stored), {}); });
  const auto send = [&](const journal::Outcome& outcome) {
    http::Request request;
    REQUIRE(http::read_target("/api/v1/send", request));
    request.method = Method::post;
    request.content_type = "application/json";
    request.body = R"({"From": {"Email": "a@a.test"}, "To": [{"Email": "b@b.test"}]})";
    const http::Visit visit = std::get<http::Visit>(http::dispatch(std::move(request), playing.api));
    visit.look(journal);
    const http::Pause first = std::get<http::Pause>(visit.answer());
    const http::Pause again = std::get<http::Pause>(first.go_on());
    store.give_back(outcome);
    return std::get<http::Response>(again.go_on());
  };
  CHECK(send({journal::Outcome::What::full, "full"}).status == 507);
  const http::Response failed = send({journal::Outcome::What::failed, "broken"});
  CHECK(failed.status == 503);
  CHECK(failed.body.find("broken") != std::string::npos);
  CHECK(playing.api.inbox.number() == 0);
  CHECK(journal.messages().empty());
  const http::Response sent = send({});
  CHECK(sent.status == 200);
  REQUIRE(journal.messages().size() == 1);
  CHECK(parsed(sent).at("ID").as_string() == std::to_string(journal.messages().front().id));
  CHECK(playing.api.inbox.number() == 1);
}

TEST_CASE("long names and odd texts come to an end", "[send]") {
  Sender sender;
  std::string odd;
  for (int i = 0; i < 120; ++i) odd += "é";
  CHECK(sender.told(R"({"From": {"Email": "a@a.test", "Name": ")" + odd + R"("}, "To": [{"Email": "b@b.test"}], "Subject": ")" + odd + odd +
                    odd + R"(", "Attachments": [{"Filename": ")" + odd + R"(", "Content": "AAEC"}]})") == "sent");
  const http::Mail mail = http::read_mail(sender.journal.messages().back().content);
  CHECK(mail.attachments.at(0).file_name == odd);
  CHECK(mail.subject == odd + odd + odd);
}
