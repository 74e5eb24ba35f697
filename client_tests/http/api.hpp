// `malaposta serve` with its API on a port that the system chose, and requests to it.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "program.hpp"

namespace malaposta::testing {

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;
using HttpResponse = boost::beast::http::response<boost::beast::http::string_body>;

class ApiServer : public Server {
 public:
  // One port for each scenario.
  explicit ApiServer(const std::vector<std::string>& scenarios = {"default"}, std::vector<std::string> options = {});

  std::uint16_t api_port() const { return port_; }
  // On a connection of its own; Host is added where it is missing.
  HttpResponse ask(HttpRequest request) const;
  HttpResponse get(const std::string& target) const;
  boost::json::value get_json(const std::string& target) const;
  HttpResponse post(const std::string& target, const std::string& type, const std::string& body) const;

 private:
  std::uint16_t port_ = 0;
};

}  // namespace malaposta::testing
