#include "cli/providers.hpp"

#include <algorithm>

#include "cli/codes.hpp"
#include "testing/catch.hpp"
#include "verify/evidence_fixture.hpp"

using namespace malaposta::cli;

TEST_CASE("every reply of a provider is found by its code and by its words") {
  REQUIRE(provider_replies().size() > 50);
  for (const ProviderReply& reply : provider_replies()) {
    INFO(reply.provider << " " << reply.rule);
    const auto by_code = provider_replies_to(reply.code);
    CHECK(std::find(by_code.begin(), by_code.end(), &reply) != by_code.end());
    const auto by_words = provider_replies_with(reply.lines.front());
    CHECK(std::find(by_words.begin(), by_words.end(), &reply) != by_words.end());
    CHECK((reply.code >= 400 && reply.code < 600));
  }
  CHECK(provider_replies_with("").empty());
  CHECK(provider_replies_with("no provider says this").empty());
}

TEST_CASE("a provider's reply is told with the way to meet it") {
  const std::string page = code_page(*malaposta::catalogue::find(550), Language::en);
  CHECK(page.find("gmail: 550-5.1.1 The email account that you tried to reach does not exist.") != std::string::npos);
  CHECK(page.find("malaposta serve gmail, RCPT TO:<unknown@example.test>") != std::string::npos);

  const CodesAnswer answer = answer_codes({"OVER quota"}, "en", false);
  CHECK(answer.exit == kOk);
  CHECK(answer.out.find("icloud: 552 5.2.2 <${rcpt}>: user is over quota") != std::string::npos);
  CHECK(answer.out.find("gmail: 452-4.2.2 The email account that you tried to reach is over quota.") != std::string::npos);
  CHECK(answer_codes({"5.7.26"}, "en", true).out.find("\"provider\":\"gmail\"") != std::string::npos);
}

TEST_CASE("every reply of a provider is met in the way that is told") {
  using namespace malaposta;
  for (const ProviderReply& reply : provider_replies()) {
    INFO(reply.provider << " " << reply.rule);
    verify::test::Trial trial(scenario::load({reply.provider}, {}).scenarios.at(0));
    const auto command = [&](std::string_view verb, std::string_view ordinary) {
      return std::string(reply.trigger.starts_with(verb) ? std::string_view(reply.trigger) : ordinary) + "\r\n";
    };
    trial.session(verify::test::kEhlo, command("MAIL", "MAIL FROM:<a@a.test>"), command("RCPT", "RCPT TO:<b@b.test>"), "DATA\r\n",
                  verify::test::kMessage);
    const verify::Evidence evidence = trial.evidence();
    const std::string last = reply.lines.back().substr(0, reply.lines.back().find('$'));
    bool met = false;
    for (const verify::Exchange& exchange : verify::exchanges(evidence.sessions.at(0)))
      met = met || (exchange.code == reply.code && exchange.reply.find(last) != std::string::npos);
    CHECK(met);
  }
}
