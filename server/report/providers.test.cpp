#include "report/providers.hpp"

#include <algorithm>

#include "testing/catch.hpp"
#include "verify/evidence_fixture.hpp"

using namespace malaposta::report;

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
