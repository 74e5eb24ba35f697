#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include "http/scenarios_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta;
using namespace malaposta::http::testing;
using http::Method;
using http::Response;

namespace {

const std::string kBusy = "rules: [{id: busy, at: rcpt, reply: 451}]\n";
const std::string kGone = "rules: [{id: gone, at: rcpt, reply: 550}]\n";

std::string names(const boost::json::value& list) {
  std::string all;
  for (const boost::json::value& one : list.at("scenarios").as_array()) all += std::string(one.at("name").as_string()) + " ";
  return all;
}

}  // namespace

TEST_CASE("the list has what is played, and then what ships and is not", "[http]") {
  PlayingApi playing({loaded(kBusy), scenario::load({"550"}, {}).scenarios.at(0)});
  CHECK(names(playing.get("?played=true")) == "mine 550 ");
  const std::string rest = names(playing.get("?played=false"));
  CHECK(rest.find("451-twice ") != std::string::npos);
  CHECK(rest.find(" 550 ") == std::string::npos);
  CHECK(names(playing.get("")) == "mine 550 " + rest);
  CHECK(playing.ask(Method::get, "/api/v1/scenarios?played=maybe").status == 400);
}

TEST_CASE("the list has an entity tag, which changes with it", "[http]") {
  PlayingApi playing({loaded(kBusy)});
  const auto tag = [&] { return playing.ask(Method::get, "/api/v1/scenarios").etag; };
  const std::string before = tag();
  CHECK_FALSE(before.empty());
  CHECK(tag() == before);
  REQUIRE(playing.put("yours", kGone).status == 201);
  CHECK(tag() != before);
}

TEST_CASE("everything that ships can be looked at before it is played", "[http]") {
  PlayingApi playing({loaded(kBusy)});
  std::size_t looked_at = 0;
  const boost::json::value list = playing.get("?played=false");
  for (const boost::json::value& line : list.at("scenarios").as_array()) {
    const boost::json::value one = playing.get("/" + boost::urls::encode(line.at("name").as_string(), boost::urls::unreserved_chars));
    CHECK(one.at("title") == line.at("title"));
    CHECK(one.at("file").as_string().starts_with("<builtin>/"));
    CHECK_FALSE(one.at("source").as_string().empty());
    ++looked_at;
  }
  CHECK(looked_at >= scenario::shipped().size());
}

TEST_CASE("one scenario is told with its text, port, rules and warnings", "[http]") {
  PlayingApi playing(
      {loaded("title: Always busy\ncodes: 451\nrules:\n  - {id: busy, at: rcpt, times: 3, reply: 451}\n"
              "  - {id: idle, at: rcpt}\n")});
  const boost::json::value one = playing.get("/mine");
  CHECK(one.at("title").as_string() == "Always busy");
  CHECK(one.at("codes").as_array() == boost::json::array{451});
  CHECK(one.at("listeners").at(0).at("port").to_number<int>() == playing.smtp().listeners().front().endpoint.port);
  CHECK(one.at("listeners").at(0).at("state").as_string() == "start");
  CHECK(boost::json::serialize(one.at("rules").at(0)) ==
        R"({"id":"busy","at":["rcpt"],"fired":0,"times":3,"line":5,"added":false,"rule":null})");
  CHECK(one.at("rules").at(1).at("times").is_null());
  CHECK(one.at("diagnostics").at(0).at("severity").as_string() == "warning");
  CHECK(one.at("source").as_string().starts_with("malaposta: 1\ntitle: Always busy\n"));
  const Response text = playing.ask(Method::get, "/api/v1/scenarios/mine", {{}, {}, "application/yaml"});
  CHECK(text.content_type == "application/yaml");
  CHECK(text.body == one.at("source").as_string());
  CHECK(playing.ask(Method::get, "/api/v1/scenarios/none").status == 404);
}

TEST_CASE("a scenario is put on a port of its own, then replaced there, then closed", "[http]") {
  PlayingApi playing({loaded(kBusy)});
  const Response made = playing.put("yours?port=0", kBusy);
  REQUIRE(made.status == 201);
  CHECK(header(made, "Location") == "/api/v1/scenarios/yours");
  const auto port = parsed(made).at("listeners").at(0).at("port").to_number<int>();
  REQUIRE(playing.smtp().listeners().size() == 2);
  CHECK(playing.smtp().listeners().back().endpoint.port == port);

  for (const std::string target : {"yours", "yours?port=0"}) {
    CAPTURE(target);
    const Response again = playing.put(target, kGone);
    CHECK(again.status == 200);
    CHECK(parsed(again).at("listeners").at(0).at("port").to_number<int>() == port);
    CHECK(parsed(again).at("rules").at(0).at("id").as_string() == "gone");
  }
  CHECK(playing.put("yours?port=" + std::to_string(port), kGone).status == 200);
  CHECK(playing.put("yours?port=" + std::to_string(playing.smtp().listeners().front().endpoint.port), kGone).status == 409);
  CHECK(playing.put("third?port=" + std::to_string(port), kGone).status == 409);
  CHECK(playing.put("yours", "server: {listen: refuse}\n").status == 409);
  CHECK(playing.put("yours?port=65536", kGone).status == 400);

  CHECK(parsed(playing.ask(Method::del, "/api/v1/scenarios/yours")).at("closed").to_number<int>() == 1);
  CHECK(playing.ask(Method::del, "/api/v1/scenarios/yours").status == 404);
  CHECK(playing.smtp().listeners().size() == 1);
  CHECK(parsed(playing.ask(Method::get, "/api/v1/info")).at("Listeners").as_array().size() == 1);
}

TEST_CASE("a scenario is posted under the name that it has", "[http]") {
  PlayingApi playing({loaded(kBusy)});
  const auto post = [&](const std::string& type, const std::string& text) {
    return playing.ask(Method::post, "/api/v1/scenarios", {type, text});
  };
  CHECK(post("application/json", R"({"malaposta": 1, "name": "yours", "title": "\u00e9\ud83d\ude00", "rules": []})").status == 201);
  CHECK(playing.get("/yours").at("title").as_string() == "é😀");
  CHECK(post("text/plain", "malaposta: 1\nname: yours\n").status == 409);
  // The text of a dialog, as transcripts are; its name is that of the file.
  CHECK(post("text/plain", "S: 220 ready\nC: QUIT\nS: 221 bye\n").status == 201);
  CHECK(playing.get("/scenario").at("dialog").as_bool());
  CHECK(post("text/html", "<p>").status == 415);
}

TEST_CASE("what ships is played without its text being sent, one cell of a matrix at a time", "[http]") {
  PlayingApi playing({});
  CHECK(playing.ask(Method::put, "/api/v1/scenarios/451-twice").status == 201);
  const boost::json::value one = playing.get("/451-twice");
  CHECK(one.at("played").as_bool());
  CHECK(one.at("file").as_string().starts_with("<builtin>/"));
  CHECK(playing.ask(Method::put, "/api/v1/scenarios/none").status == 400);

  const std::string matrix = "name: pair\nmatrix: {code: [450, 451]}\nrules: [{at: rcpt, reply: '${matrix.code}'}]\n";
  const Response refused = playing.put("pair", matrix);
  CHECK(refused.status == 422);
  CHECK(parsed(refused).at("error").as_string() == "the path names 'pair', the text pair[450], pair[451]");
  const Response made = playing.put("pair%5B451%5D", matrix);
  CHECK(made.status == 201);
  CHECK(header(made, "Location") == "/api/v1/scenarios/pair%5B451%5D");
  CHECK(playing.ask(Method::post, "/api/v1/scenarios", {"text/plain", "malaposta: 1\n" + matrix}).status == 422);
}

TEST_CASE("a scenario that is wrong is refused with its diagnostics, and nothing changes", "[http]") {
  PlayingApi playing({loaded(kBusy)});
  const boost::json::value before = playing.get("/mine");
  for (const std::string name : {"mine", "yours"}) {
    const Response refused = playing.put(name, "rules: [{at: rcpt, replay: 550}]\n");
    CHECK(refused.status == 422);
    const Response checked = playing.ask(Method::post, "/api/v1/check?file=" + name + ".yaml",
                                         {"text/plain", "malaposta: 1\nrules: [{at: rcpt, replay: 550}]\n"});
    CHECK(parsed(refused).at("diagnostics") == parsed(checked).at("diagnostics"));
    CHECK_FALSE(parsed(refused).at("error").as_string().empty());
  }
  CHECK(playing.put("mine", "name: other\n").status == 422);
  const Response no_certificate = playing.put("yours", "server: {tls: {mode: implicit, certificate-file: /none, key-file: /none}}\n");
  CHECK(no_certificate.status == 422);
  CHECK(playing.get("/mine") == before);
  CHECK(playing.smtp().listeners().size() == 1);
}

TEST_CASE("whoever changes a scenario can say which state of it is meant", "[http]") {
  PlayingApi playing({loaded(kBusy)});
  const auto with = [&](Method method, const std::string& target, const std::string& if_match, const std::string& if_none_match = {}) {
    return playing.ask(method, "/api/v1/scenarios/" + target,
                       {"application/yaml", method == Method::put ? "malaposta: 1\n" + kGone : std::string{}, {}, if_match, if_none_match});
  };
  const Response seen = playing.ask(Method::get, "/api/v1/scenarios/mine");
  const std::string tag = header(seen, "ETag");
  CHECK(tag == "W/\"" + std::string(parsed(seen).at("revision").as_string()) + "\"");
  CHECK(with(Method::get, "mine", {}, tag).status == 304);
  CHECK(with(Method::get, "mine", {}, tag).body.empty());
  CHECK(with(Method::get, "mine", {}, "\"other\"").status == 200);

  CHECK(with(Method::put, "mine", "\"other\"").status == 412);
  CHECK(with(Method::put, "mine", tag).status == 200);
  CHECK(header(playing.ask(Method::get, "/api/v1/scenarios/mine"), "ETag") != tag);
  CHECK(with(Method::put, "mine", tag).status == 412);
  CHECK(with(Method::post, "mine/reset", tag).status == 412);
  CHECK(with(Method::del, "mine", tag).status == 412);
  CHECK(with(Method::put, "mine", {}, "*").status == 412);
  CHECK(with(Method::put, "new", "*").status == 412);
  CHECK(with(Method::put, "new", {}, "*").status == 201);
  CHECK(with(Method::del, "new", "*").status == 200);
}

TEST_CASE("a scenario that shares all ports is told and reset, and stays", "[http]") {
  PlayingApi playing({loaded(kBusy)},
                     {scenario::load_text("shares.yaml", "malaposta: 1\nroute: {rcpt: a@a.test}\n" + kGone, {}).scenarios.at(0)});
  CHECK(playing.get("/shares").at("shared").as_bool());
  CHECK(playing.get("/shares").at("listeners").as_array().empty());
  CHECK(playing.put("shares", kGone).status == 409);
  CHECK(playing.ask(Method::del, "/api/v1/scenarios/shares").status == 409);
  CHECK(playing.ask(Method::post, "/api/v1/scenarios/shares/reset").status == 200);
}

TEST_CASE("so many ports are opened and no more", "[http]") {
  PlayingApi playing({loaded(kBusy)});
  for (std::size_t i = 1; i < http::Api::kMostListeners; ++i) REQUIRE(playing.put("n" + std::to_string(i), kBusy).status == 201);
  CHECK(playing.put("more", kBusy).status == 409);
  CHECK(playing.put("n1", kGone).status == 200);
  CHECK(playing.ask(Method::del, "/api/v1/scenarios/n1").status == 200);
  CHECK(playing.put("more", kBusy).status == 201);
}
