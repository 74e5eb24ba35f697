#include "api.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <stdexcept>
#include <utility>

#include "testing/answers.hpp"

namespace malaposta::testing {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

std::vector<std::string> with_api(std::vector<std::string> options) {
  options.insert(options.end(), {"--http", "127.0.0.1:0"});
  return options;
}

}  // namespace

ApiServer::ApiServer(const std::vector<std::string>& scenarios, std::vector<std::string> options)
    : Server(scenarios, with_api(std::move(options))) {
  static const std::string kListening = "malaposta: http listening on 127.0.0.1:";
  const std::string text = line();
  if (!text.starts_with(kListening)) throw std::runtime_error("no listening line of the API: '" + text + "'");
  port_ = static_cast<std::uint16_t>(std::stoi(text.substr(kListening.size())));
}

HttpResponse ApiServer::ask(HttpRequest request) const {
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  socket.connect({asio::ip::address_v4::loopback(), port_});
  if (request.count(http::field::host) == 0) request.set(http::field::host, "localhost:" + std::to_string(port_));
  request.prepare_payload();
  const std::string method(request.method_string()), target(request.target());
  http::write(socket, request);
  boost::beast::flat_buffer buffer;
  HttpResponse response;
  http::read(socket, buffer, response);
  note_answer(method, target, response.result_int(), std::string(response[http::field::content_type]), response.body());
  return response;
}

HttpResponse ApiServer::get(const std::string& target) const { return ask({http::verb::get, target, 11}); }

boost::json::value ApiServer::get_json(const std::string& target) const { return boost::json::parse(get(target).body()); }

HttpResponse ApiServer::post(const std::string& target, const std::string& type, const std::string& body) const {
  HttpRequest request{http::verb::post, target, 11, body};
  request.set(http::field::content_type, type);
  return ask(std::move(request));
}

}  // namespace malaposta::testing
