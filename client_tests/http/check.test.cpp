// Scenario files that programs have checked, one after the other: whatever is in them, the server is as large as before.
#include "api.hpp"
#include "sanitizer.hpp"
#include "testing/catch.hpp"

using namespace malaposta::testing;

TEST_CASE("checking a file whose texts have many quotes and escapes, again and again, takes no memory") {
  constexpr int kBefore = 20, kChecks = 1'000;
  constexpr std::size_t kPieces = 500;
  constexpr std::size_t kMayGrow = 4u << 20;  // 4 KiB for each check: less than what is worked with while one such text is read
  std::string quotes, escapes;
  for (std::size_t i = 0; i < kPieces; ++i) quotes += "''''", escapes += "\\t";
  const std::string source =
      "malaposta: 1\ndescription: '" + quotes + "'\nname: quotes\nrules: [{ at: mail, reply: \"451 4.3.0 x" + escapes + "y\" }]\n";
  const ApiServer server({"default"}, {"--threads", "1"});
  std::size_t before = 0;
  for (int i = 0; i < kBefore + kChecks; ++i) {
    if (i == kBefore) before = server.resident();
    const HttpResponse answer = server.post("/api/v1/check", "application/yaml", source);
    if (i == 0) CHECK(boost::json::parse(answer.body()).at("valid").as_bool());
    REQUIRE(answer.result_int() == 200);
  }
  INFO("KiB before: " << before / 1024 << ", now: " << server.resident() / 1024);
  if (!kKeepsWhatIsFreed) CHECK(server.resident() <= before + kMayGrow);
}
