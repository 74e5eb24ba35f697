// `malaposta readyz`, as a container's health check calls it.
#include <memory>

#include "api.hpp"
#include "testing/catch.hpp"

using namespace malaposta::testing;

TEST_CASE("readyz tells by its exit code whether a server is ready") {
  auto server = std::make_unique<ApiServer>(std::vector<std::string>{"default"}, std::vector<std::string>{"--api-token", "secret"});
  const std::string at = "127.0.0.1:" + std::to_string(server->api_port());
  CHECK(Program({"readyz", "--http", at}).exit_status() == 0);
  // What a server that listens everywhere was told.
  CHECK(Program({"readyz", "--http", "0.0.0.0:" + std::to_string(server->api_port())}).exit_status() == 0);
  server.reset();
  Program alone({"readyz", "--http", at});
  CHECK(alone.exit_status() == 1);
  CHECK(alone.errors() == "malaposta readyz: " + at + " is not ready: Connection refused\n");
  CHECK(Program({"readyz", "--http", at, "--wait", "--timeout", "120ms"}).exit_status() == 1);

  Program waiting({"readyz", "--http", at, "--wait", "--timeout", "30s"});
  Program again({"serve", "--smtp", "127.0.0.1:0", "--http", at, "--log", "none"});
  CHECK(waiting.exit_status() == 0);
}

TEST_CASE("readyz says what is wrong with its command line") {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"readyz", "--timeout", "soon"},
                                                    {"readyz", "--http", "wibble"},
                                                    {"readyz", "--http", "off"},
                                                    {"readyz", "x"}}) {
    Program program(arguments);
    CHECK(program.exit_status() == 2);
    CHECK(program.errors().starts_with("malaposta readyz: "));
  }
}
