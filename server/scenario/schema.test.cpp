// The JSON Schema: written for people, and complete. client_tests/schema_test checks it against whole files.
#include "scenario/schema.hpp"

#include <boost/json/parse.hpp>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "catalogue/stage.hpp"
#include "scenario/reader.hpp"
#include "testing/catch.hpp"
#include "testing/source_dir.hpp"

using namespace malaposta::scenario;
namespace json = boost::json;

TEST_CASE("JSON is laid out for people") {
  CHECK(pretty(json::parse(R"({"a":[1,2],"b":{"c":[[3],{}],"d":"e\n"},"f":[],"g":{}})")) == R"({
  "a": [1,2],
  "b": {
    "c": [
      [3],
      {}
    ],
    "d": "e\n"
  },
  "f": [],
  "g": {}
}
)");
  CHECK(pretty(json::value("a")) == "\"a\"\n");
}

TEST_CASE("the schema is one of draft-07, with every table among its definitions") {
  const json::value root = json::parse(schema());
  CHECK(root.at("$schema") == "http://json-schema.org/draft-07/schema#");
  CHECK(root.at("$ref") == "#/definitions/scenario");
  for (const auto& definition : root.at("definitions").as_object()) {
    CAPTURE(std::string(definition.key()));
    CHECK(definition.value().at("additionalProperties") == false);
    CHECK_FALSE(definition.value().at("title").as_string().empty());
    CHECK_FALSE(definition.value().at("description").as_string().empty());
  }
}

TEST_CASE("each key in the schema is explained") {
  const json::value root = json::parse(schema());
  for (const auto& definition : root.at("definitions").as_object())
    for (const char* group : {"properties", "patternProperties"})
      if (const auto* keys = definition.value().as_object().if_contains(group))
        for (const auto& key : keys->as_object()) {
          CAPTURE(std::string(definition.key()), std::string(key.key()));
          CHECK_FALSE(key.value().at("description").as_string().empty());
        }
}

TEST_CASE("the stages in the schema are those of the catalogue") {
  const json::value stages = json::parse(schema()).at("definitions").at("rule").at("properties").at("at").at("oneOf").at(0).at("enum");
  CHECK(stages.as_array().size() == malaposta::catalogue::kStageNames.size());
}

// Each has a list of them in its own language.
TEST_CASE("the web page, and the types of the helper for Node, have every stage and no other") {
  static const std::regex kWord(R"(['"]([a-z-]+)['"])");
  const std::pair<const char*, const char*> lists[] = {{"web/src/stages.ts", "kStages = ["},
                                                       {"clients/node/malaposta.d.ts", "type Stage ="}};
  for (const auto& [file, begin] : lists) {
    INFO(file);
    std::stringstream text;
    text << std::ifstream(malaposta::testing::source_path(file)).rdbuf();
    const std::string all = text.str();
    const std::size_t from = all.find(begin);
    REQUIRE(from != std::string::npos);
    const std::string list = all.substr(from, all.find(';', from) - from);
    std::set<std::string> named;
    for (std::sregex_iterator word(list.begin(), list.end(), kWord), end; word != end; ++word) CHECK(named.insert((*word)[1]).second);
    CHECK(named == std::set<std::string>(malaposta::catalogue::kStageNames.begin(), malaposta::catalogue::kStageNames.end()));
  }
}
