// A matrix: one scenario for each combination of its values.
#include "scenario/play_fixture.hpp"
#include "scenario/reader.hpp"
#include "testing/catch.hpp"

using namespace malaposta::scenario;
using namespace malaposta::scenario::test;

namespace {

std::vector<std::string> names(std::string_view text) {
  const Loaded loaded = load_text("a.yaml", text, {});
  std::vector<std::string> all;
  for (const ScenarioPtr& scenario : loaded.scenarios) all.push_back(scenario->name());
  for (const Diagnostic& diagnostic : loaded.diagnostics) all.push_back(render(diagnostic));
  return all;
}

}  // namespace

TEST_CASE("each cell is a scenario, named by its values; the last name changes fastest", "[matrix]") {
  CHECK(
      names(
          "malaposta: 1\nname: m\nmatrix: {code: [450, 451], at: [mail, rcpt]}\nrules: [{at: \"${matrix.at}\", reply: \"${matrix.code}\"}]\n") ==
      std::vector<std::string>{"m[450,mail]", "m[450,rcpt]", "m[451,mail]", "m[451,rcpt]"});
}

TEST_CASE("the value stands wherever its name does", "[matrix]") {
  const Loaded loaded =
      load_text("a.yaml",
                "malaposta: 1\nmatrix: {certificate: [expired, wrong-host]}\nserver: {tls: {certificate: \"${matrix.certificate}\"}}\n"
                "rules: [{at: rcpt, reply: \"550 5.1.1 ${matrix.certificate} of ${rcpt}\"}]\n",
                {});
  REQUIRE(loaded.scenarios.size() == 2);
  CHECK(loaded.scenarios[1]->model().server.tls.certificate == CertificateKind::wrong_host);
  CHECK(loaded.scenarios[1]->model().cell == "wrong-host");
  World world(loaded.scenarios[1]);
  CHECK(Client(world).rcpt("b@b.test") == "550 5.1.1 wrong-host of b@b.test");
}

TEST_CASE("a mistake in a cell is told once, at its place", "[matrix]") {
  const auto wrong =
      names("malaposta: 1\nmatrix: {certificate: [valid, wibble]}\nserver: {tls: {certificate: \"${matrix.certificate}\"}}\n");
  REQUIRE(wrong.size() == 1);
  CHECK(wrong[0].starts_with("a.yaml:3:30: error: unknown certificate 'wibble'"));
  CHECK(names("malaposta: 1\nmatrix: {a.b: [1]}\n").at(0).starts_with("a.yaml:2:10: error: 'a.b' cannot be used as ${matrix.…}"));
  CHECK(names("malaposta: 1\nmatrix: [1]\n").at(0).starts_with("a.yaml:2:9: error: expected a mapping of names to lists of values"));
}

TEST_CASE("a matrix has a limit", "[matrix]") {
  std::string values;
  for (std::size_t i = 0; i <= kMostCells; ++i) values += (i == 0 ? "" : ", ") + std::to_string(i);
  CHECK(
      names("malaposta: 1\nmatrix: {n: [" + values + "]}\n").at(0).starts_with("a.yaml:2:10: error: the matrix has more than 1000 cells"));
  CHECK(names("malaposta: 1\nmatrix: {a: [" + values + "], b: [" + values + "]}\n").size() == 1);
}
