// What a person writes, what goes over the wire, and what a person got wrong.
#include "protocol/reply.hpp"

#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "catalogue/codes.hpp"
#include "testing/catch.hpp"

using namespace malaposta::protocol;
using namespace std::string_literals;

namespace {

using Lines = std::vector<std::string_view>;

// The bytes of a written reply, or its error as "line N: message".
std::string rendered(const Lines& lines) {
  const auto parsed = parse_reply(lines);
  if (const auto* error = std::get_if<ReplyError>(&parsed)) return "line " + std::to_string(error->line) + ": " + error->message;
  return render(std::get<Reply>(parsed));
}

}  // namespace

TEST_CASE("a reply is written as it is meant and rendered as RFC 5321 and RFC 2034 want it") {
  struct Row {
    Lines written;
    std::string wire;
  };
  const Row rows[] = {
      {{"550 5.1.1 No such user"}, "550 5.1.1 No such user\r\n"},
      {{"550 No such user"}, "550 No such user\r\n"},
      {{"550-No such user"}, "550 No such user\r\n"},
      {{"550 5.1.1 First", "Second"}, "550-5.1.1 First\r\n550 5.1.1 Second\r\n"},
      {{"550-5.1.1 First", "550-5.1.1 Second", "550 5.1.1 Third"}, "550-5.1.1 First\r\n550-5.1.1 Second\r\n550 5.1.1 Third\r\n"},
      {{"250-mx.test", "250-SIZE", "250 HELP"}, "250-mx.test\r\n250-SIZE\r\n250 HELP\r\n"},
      {{"550 5.1.1 First", "5.1.1 Second"}, "550-5.1.1 First\r\n550 5.1.1 Second\r\n"},
      {{"550 First", "550 5.1.1 Second"}, "550-First\r\n550 5.1.1 Second\r\n"},
      {{"250 ", "250 second"}, "250-\r\n250 second\r\n"},
      {{"250 2.0.0", "2.0.0 second"}, "250-2.0.0\r\n250 2.0.0 second\r\n"},
      {{"250 trailing blanks \t "}, "250 trailing blanks\r\n"},
      {{"250 a\ttab"}, "250 a\ttab\r\n"},
      {{"250 gr\xC3\xBC\xC3\x9F"}, "250 gr\xC3\xBC\xC3\x9F\r\n"},
      {{"220 3.1.4 is no enhanced code"}, "220 3.1.4 is no enhanced code\r\n"},
      {{"220 2.1234.5 nor is this"}, "220 2.1234.5 nor is this\r\n"},
      {{"220 2.0 nor this"}, "220 2.0 nor this\r\n"},
      {{"200 lowest"}, "200 lowest\r\n"},
      {{"599 highest"}, "599 highest\r\n"},
  };
  for (const auto& row : rows) CHECK(rendered(row.written) == row.wire);
}

TEST_CASE("a bare code speaks with the catalogue's words") {
  for (const int code : {250, 354, 421, 550}) {
    const auto& entry = *malaposta::catalogue::find(code);
    const auto text = std::to_string(code);
    const auto wire = rendered({text});
    INFO(wire);
    CHECK(wire.starts_with(text));
    CHECK(wire.find(entry.enhanced) != std::string::npos);
    CHECK(wire.find(entry.text) != std::string::npos);
    CHECK(rendered({text + " "}) == wire);
    CHECK(render_code(code) == wire);
  }
  CHECK(rendered({"550"}).starts_with("550 5."));
}

TEST_CASE("the catalogue's lines become lines of the reply") {
  const auto parsed = parse_reply(Lines{"214"});
  CHECK(std::get<Reply>(parsed).lines.size() >= 2);
  CHECK(render_code(214).starts_with("214-"));
}

TEST_CASE("an enhanced code without a text takes the catalogue's text only if it is the catalogue's own") {
  const auto& entry = *malaposta::catalogue::find(550);
  const std::string own{entry.enhanced};
  CHECK(rendered({"550 " + own}) == rendered({"550"}));
  CHECK(rendered({"550 5.7.27"}) == "550 5.7.27 Permanent failure\r\n");
  CHECK(rendered({"599 5.9.9"}) == "599 5.9.9 Permanent failure\r\n");
}

TEST_CASE("what is wrong with a reply is said with its line and the way out") {
  struct Row {
    Lines written;
    std::string error;
  };
  const Row rows[] = {
      {{}, "line 0: a reply needs a code, such as 550"},
      {{""}, "line 0: no code at the begin of ''; a reply looks like '550 5.1.1 No such user'"},
      {{"No such user"}, "line 0: no code at the begin of 'No such user'; a reply looks like '550 5.1.1 No such user'"},
      {{"550No"}, "line 0: no code at the begin of '550No'; a reply looks like '550 5.1.1 No such user'"},
      {{"5500"}, "line 0: no code at the begin of '5500'; a reply looks like '550 5.1.1 No such user'"},
      {{"199 low"}, "line 0: '199' is no reply code; they go from 200 to 599"},
      {{"600 high"}, "line 0: '600' is no reply code; they go from 200 to 599"},
      {{"550 a", "b", "551 c"}, "line 2: code 551 in a reply that began with 550; all lines of a reply carry the same code"},
      {{"550 5.1.1 a", "550 5.1.2 b"},
       "line 1: enhanced code 5.1.2 in a reply that began with 5.1.1; all lines of a reply carry the same one"},
      {{"550 4.1.1 a"}, "line 0: enhanced code 4.1.1 is of another class than 550: it must begin with 5"},
      {{"354 2.0.0 a"}, "line 0: enhanced code 2.0.0 cannot stand in a 3yz reply; only 2yz, 4yz and 5yz have one"},
      {{"550 a\rb"}, "line 0: control character in a reply; raw bytes can be sent by 'send'"},
      {{"550 a", "b\x7F"}, "line 1: control character in a reply; raw bytes can be sent by 'send'"},
      {{"599"}, "line 0: the catalogue has no text for 599; write one after the code"},
  };
  for (const auto& row : rows) CHECK(rendered(row.written) == row.error);
}

TEST_CASE("a code that is known at run time only is rendered whatever comes with it") {
  CHECK(render_code(550, "5.7.1", "Not today") == "550 5.7.1 Not today\r\n");
  CHECK(render_code(550, {}, "Not today") == "550 Not today\r\n");
  CHECK(render_code(599) == "599 Permanent failure\r\n");
  CHECK(render_code(499) == "499 Temporary failure\r\n");
  CHECK(render_code(399) == "399 Continue\r\n");
  CHECK(render_code(299) == "299 OK\r\n");
  CHECK(render_code(599, "5.0.1") == "599 5.0.1 Permanent failure\r\n");
  CHECK(render_code(550, "5.7.1", "two\nlines") == "550-5.7.1 two\r\n550 5.7.1 lines\r\n");
  CHECK(render_code(550, {}, "no\r\n250 smuggling") == "550-no \r\n550 250 smuggling\r\n");
}

TEST_CASE("a reply over 512 octets is rendered as it is") {
  const std::string text(1000, 'x');
  CHECK(rendered({"550 " + text}).size() == 4 + 1000 + 2);
}

TEST_CASE("the code of raw bytes is that of their last complete reply line") {
  struct Row {
    std::string wire;
    int code;
  };
  const Row rows[] = {
      {"250 ok\r\n", 250},
      {"250 ok", 250},
      {"250", 250},
      {"250\r\n", 250},
      {"250 ok\n", 250},
      {"250-a\r\n250 b\r\n", 250},
      {"250-a\r\n", 0},
      {"250-", 0},
      {"250 ok\r\n354-x", 0},
      {"250 ok\r\n354 go", 354},
      {"250 ok\r\nnoise\r\n", 250},
      {"", 0},
      {"\r\n\r\n", 0},
      {"noise", 0},
      {"25", 0},
      {"2500", 0},
      {"199 low", 0},
      {"600 high", 0},
      {"x250 ok", 0},
      {"\0\0\0"s, 0},
  };
  for (const auto& row : rows) {
    INFO(row.wire);
    CHECK(last_code(row.wire) == row.code);
  }
}

TEST_CASE("reading what was rendered gives the same reply") {
  const std::string_view words[] = {"550", "551", "250", " ", "-", "5.1.1", "5.1.2", "2.0.0", "text", ".", "\t", "5"};
  std::mt19937 random{5};
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::string> written(1 + random() % 3, "");
    written[0] = "550";
    for (auto& line : written)
      for (auto count = random() % 5; count > 0; --count) line += words[random() % std::size(words)];
    const auto parsed = parse_reply(Lines(written.begin(), written.end()));
    const auto* reply = std::get_if<Reply>(&parsed);
    if (!reply) continue;
    ++accepted;
    const auto wire = render(*reply);
    Lines lines;
    for (std::size_t begin = 0; begin < wire.size(); begin = wire.find("\r\n", begin) + 2)
      lines.push_back(std::string_view{wire}.substr(begin, wire.find("\r\n", begin) - begin));
    const auto again = parse_reply(lines);
    const auto* same = std::get_if<Reply>(&again);
    if (!same || same->code != reply->code || same->enhanced != reply->enhanced || same->lines != reply->lines) FAIL("wire: " << wire);
  }
  CHECK(accepted > 5'000);
}
