// What a failed verdict looks like in the two test frameworks: these tests fail on purpose, and embed_test reads what they print.
#include <gtest/gtest.h>
#include <malaposta/gtest.hpp>
#include <malaposta/malaposta.hpp>

TEST(Adapters, TellWhyAVerdictFailed) {
  const auto mail = malaposta::Server::start(malaposta::Scenario::shipped("451-twice"));
  EXPECT_TRUE(malaposta::gtest::passed(mail.verify(std::chrono::milliseconds(1))));
}
