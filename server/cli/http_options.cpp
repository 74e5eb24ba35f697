#include "cli/http_options.hpp"

#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <stdexcept>

namespace malaposta::cli {

namespace po = boost::program_options;

void add_http_options(po::options_description& options) {
  options.add_options()("http", po::value<std::string>()->default_value("127.0.0.1:8025")->value_name("ADDR:PORT|off"),
                        "where the HTTP API listens; port 0: the system chooses")(
      "api-token", po::value<std::string>()->value_name("TOKEN|none"),
      "what requests to the API have to bring, as 'Authorization: Bearer TOKEN'; needed with --expose, where none says that "
      "everyone may ask");
}

std::optional<http::Options> http_options(const po::variables_map& values) {
  const std::string& place = values["http"].as<std::string>();
  if (place == "off") return std::nullopt;
  http::Options options;
  try {
    options.endpoint = net::parse_endpoint(place);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("--http {}: {}", place, error.what()));
  }
  const bool told = values.count("api-token") != 0;
  if (told) options.token = values["api-token"].as<std::string>();
  if (told && options.token.empty()) throw std::invalid_argument("--api-token is empty: a secret, or none, is expected");
  if (options.token == "none") options.token.clear();
  if (options.endpoint.loopback()) return options;
  if (!values["expose"].as<bool>())
    throw std::invalid_argument(
        fmt::format("--http {}: the address can be reached from other machines; say --expose if that is wanted", place));
  if (!told)
    throw std::invalid_argument(fmt::format(
        "--http {}: the address can be reached from other machines; say --api-token TOKEN, or none if everyone may ask", place));
  return options;
}

}  // namespace malaposta::cli
