// A server that plays scenarios, and its API without a socket.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "http/api_fixture.hpp"
#include "net/server.hpp"

namespace malaposta::http::testing {

class PlayingApi {
 public:
  explicit PlayingApi(std::initializer_list<scenario::ScenarioPtr> scenarios, std::initializer_list<scenario::ScenarioPtr> routed = {})
      : smtp_(options(scenarios, routed)) {
    api.smtp = &smtp_;
  }

  Response ask(Method method, std::string_view target, Asked content = {}) {
    return testing::ask(api, method, target, {}, std::move(content));
  }
  Response put(const std::string& target, std::string_view text) {
    return ask(Method::put, "/api/v1/scenarios/" + target, {"application/yaml", "malaposta: 1\n" + std::string(text)});
  }
  boost::json::value get(const std::string& target) { return parsed(ask(Method::get, "/api/v1/scenarios" + target)); }
  net::Server& smtp() { return smtp_; }

  Api api;

 private:
  static net::ServerOptions options(std::initializer_list<scenario::ScenarioPtr> scenarios,
                                    std::initializer_list<scenario::ScenarioPtr> routed) {
    net::ServerOptions options;
    for (const scenario::ScenarioPtr& one : scenarios) options.listeners.push_back({{"127.0.0.1", 0}, one});
    options.routed = routed;
    return options;
  }

  net::Server smtp_;
};

inline scenario::ScenarioPtr loaded(std::string_view text) {
  return scenario::load_text("mine.yaml", "malaposta: 1\n" + std::string(text), {}).scenarios.at(0);
}

inline std::string header(const Response& response, std::string_view name) {
  const auto found = std::ranges::find(response.headers, name, [](const auto& one) { return std::string_view(one.first); });
  return found == response.headers.end() ? std::string{} : found->second;
}

}  // namespace malaposta::http::testing
