#include "scenario/expectations.hpp"

#include "testing/catch.hpp"

using namespace malaposta::scenario;

namespace {

ScenarioPtr played() {
  return load_text("a.yaml", "malaposta: 1\nname: a\nrules: [{id: busy, at: rcpt, reply: 451}]\nexpect: [{connections: 1}]\n", {})
      .scenarios.front();
}

}  // namespace

TEST_CASE("a scenario takes other expectations and stays what it is otherwise") {
  const ScenarioPtr scenario = played();
  std::string problems;
  const ScenarioPtr other =
      with_expectations(*scenario, R"([{"accepted": 2}, {"rule": {"id": "armed-550"}}])", {"busy", "armed-550"}, problems);
  REQUIRE(other);
  CHECK(problems.empty());
  REQUIRE(other->model().expect.size() == 2);
  CHECK(other->model().expect[0].kind == Expectation::Kind::accepted);
  CHECK(other->name() == "a");
  CHECK(other->model().rules.size() == 1);
  CHECK(&other->compiled() == &scenario->compiled());
}

TEST_CASE("what is wrong with expectations is told as in a file") {
  std::string problems;
  CHECK_FALSE(with_expectations(*played(), R"([{"acepted": 2}])", {}, problems));
  CHECK(problems.find("did you mean 'accepted'?") != std::string::npos);
  problems.clear();
  CHECK_FALSE(with_expectations(*played(), R"([{"rule": {"id": "bussy"}}])", {"busy"}, problems));
  CHECK(problems.find("did you mean 'busy'?") != std::string::npos);
  problems.clear();
  CHECK_FALSE(with_expectations(*played(), "7", {}, problems));
  CHECK_FALSE(problems.empty());
}
