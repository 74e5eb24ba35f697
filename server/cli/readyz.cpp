// malaposta readyz: whether the server of an address is ready. What a container's health check calls.
#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "cli/command.hpp"
#include "cli/settings.hpp"
#include "http/probe.hpp"
#include "net/endpoint.hpp"
#include "scenario/units.hpp"

namespace malaposta::cli {

namespace po = boost::program_options;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kAgain{50};  // between two attempts

// What a server that listens on all addresses is asked at.
net::Endpoint asked_at(net::Endpoint bound) {
  if (bound.address == "0.0.0.0") bound.address = "127.0.0.1";
  if (bound.address == "::") bound.address = "::1";
  return bound;
}

po::options_description options() {
  po::options_description options("Options");
  options.add_options()  //
      ("http", po::value<std::string>()->default_value("127.0.0.1:8025")->value_name("ADDR:PORT"),
       "where the server's HTTP API listens")  //
      ("wait", po::bool_switch(), "ask again until the server is ready or the time is up")  //
      ("timeout", po::value<std::string>()->default_value("10s")->value_name("T"), "how long all of it may take");
  return options;
}

int run(const std::vector<std::string>& arguments) {
  po::variables_map values;
  int exit = kOk;
  if (!parse(readyz_command, arguments, values, exit)) return exit;
  const auto timeout = scenario::parse_duration(values["timeout"].as<std::string>());
  if (!timeout) {
    fmt::print(stderr, "malaposta readyz: --timeout is a time like 10s; see 'malaposta readyz --help'\n");
    return kBadInput;
  }
  net::Endpoint server;
  try {
    server = asked_at(net::parse_endpoint(values["http"].as<std::string>()));
  } catch (const std::invalid_argument& error) {
    fmt::print(stderr, "malaposta readyz: --http {}: {}; see 'malaposta readyz --help'\n", values["http"].as<std::string>(), error.what());
    return kBadInput;
  }
  const Clock::time_point until = Clock::now() + *timeout;
  std::optional<std::string> problem = http::not_ready(server, until);
  while (problem && values["wait"].as<bool>() && Clock::now() + kAgain < until) {
    std::this_thread::sleep_for(kAgain);
    problem = http::not_ready(server, until);
  }
  if (!problem) return kOk;
  fmt::print(stderr, "malaposta readyz: {} is not ready: {}\n", server.text(), *problem);
  return kFailed;
}

}  // namespace

constexpr Example kExamples[] = {
    {"malaposta readyz --wait --timeout 30s", "Waits for a server that is being started"},
};

const Command readyz_command{"readyz",
                             "",
                             "Tells by its exit code whether the server of an address is ready",
                             "0 it is ready, 1 it is not, 2 bad command line",
                             options,
                             run,
                             kExamples,
                             true};

}  // namespace malaposta::cli
