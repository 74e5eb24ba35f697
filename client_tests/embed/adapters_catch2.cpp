// As adapters.cpp, with Catch2.
#include <malaposta/catch2.hpp>
#include <malaposta/malaposta.hpp>

TEST_CASE("a verdict that failed tells why") {
  const auto mail = malaposta::Server::start(malaposta::Scenario::shipped("451-twice"));
  CHECK_THAT(mail.verify(std::chrono::milliseconds(1)), malaposta::catch2::passes());
}
