// The least program that uses the library: linked in each way that there is to link it. With "hasty" it shows what a failure looks like,
// with "mistaken" that what the library throws is caught.
#include <iostream>
#include <malaposta/malaposta.hpp>
#include <string_view>

#include "mailer.hpp"

int main(int count, char** arguments) try {
  const std::string_view what = count > 1 ? arguments[1] : "";
  const auto mail = malaposta::Server::start(malaposta::Scenario::shipped(what == "mistaken" ? "451-twicce" : "451-twice"));
  if (what != "hasty") send_invoice(mail.host(), mail.port());
  const malaposta::Verdict verdict = mail.verify(std::chrono::milliseconds(what == "hasty" ? 1 : 10'000));
  std::cout << MALAPOSTA_VERSION << ": " << verdict;
  return verdict.passed() ? 0 : 1;
} catch (const malaposta::ScenarioError& error) {
  std::cout << error.what();
  return 2;
}
