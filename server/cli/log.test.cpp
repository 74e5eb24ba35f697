#include "cli/log.hpp"

#include <boost/json.hpp>

#include "testing/catch.hpp"

using namespace malaposta::cli;
using malaposta::journal::Event;
using malaposta::journal::Kind;

namespace {

Event event(Kind kind, std::string_view text, std::uint64_t number = 0, int code = 0) {
  Event result;
  result.kind = kind;
  result.session = 7;
  result.at = std::chrono::steady_clock::now();
  result.text = text;
  result.number = number;
  result.code = code;
  return result;
}

// The line without its time.
std::string text_of(const Event& event) {
  const std::string line = text_line(nullptr, event);
  return line.substr(line.find('#'));
}

}  // namespace

TEST_CASE("text: each event is a line that a person understands") {
  CHECK(text_of(event(Kind::command, "MAIL FROM:<a@a.test>")) == "#7 C: MAIL FROM:<a@a.test>\n");
  CHECK(text_of(event(Kind::reply, "250 2.1.0 Ok\r\n", 0, 250)) == "#7 S: 250 2.1.0 Ok\n");
  CHECK(text_of(event(Kind::content, "DATA", 512)) == "#7 C: <512 bytes of content by DATA>\n");
  CHECK(text_of(event(Kind::message, "250 Ok", 3, 1)) == "#7 message 3 kept\n");
  CHECK(text_of(event(Kind::message, "", 3, 1)) == "#7 message 3 kept, not acknowledged\n");
  CHECK(text_of(event(Kind::message, "250 Ok", 3)) == "#7 message acknowledged, not kept\n");
  CHECK(text_of(event(Kind::message, "", 3)) == "#7 message refused\n");
  CHECK(text_of(event(Kind::rule, "tempfail", 9, 1)) == "#7 rule 'tempfail' (line 9) decides\n");
  CHECK(text_of(event(Kind::rule, "armed-451", 0, 1)) == "#7 rule 'armed-451' (added) decides\n");
  CHECK(text_of(event(Kind::rule, "slow", 9, 0)) == "#7 rule 'slow' (line 9) takes effect\n");
  CHECK(text_of(event(Kind::wait, "", 2'000'000'000)) == "#7 waits 2000 ms\n");
  CHECK(text_of(event(Kind::fault, "reset")) == "#7 fault: reset\n");
  CHECK(text_of(event(Kind::closed, "quit")) == "#7 ended: quit\n");
}

TEST_CASE("text: a reply of several lines takes as many, and nothing reaches the terminal unseen") {
  const std::string lines = text_line(nullptr, event(Kind::reply, "250-a\r\n250 b\r\n"));
  CHECK(lines.find("S: 250-a\n") != std::string::npos);
  CHECK(lines.find("S: 250 b\n") != std::string::npos);
  CHECK(text_of(event(Kind::command, std::string_view("a\0\x1b[2J\x7f", 7))) == "#7 C: a\\x00\\x1B[2J\\x7F\n");
}

TEST_CASE("json: one object on a line, in valid UTF-8 whatever the client sent") {
  const std::string line = json_line(nullptr, event(Kind::command, "caf\xc3\xa9 \xff\xc3(", 4));
  CHECK(line.back() == '\n');
  const boost::json::object object = boost::json::parse(line).as_object();
  CHECK(object.at("session") == 7);
  CHECK(object.at("kind") == "command");
  CHECK(object.at("number") == 4);
  CHECK(object.at("text") == "caf\xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd(");
  CHECK(object.at("time").as_string().ends_with("Z"));
}
