// How the HTTP API is set up on the command line, and asked.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>
#include <optional>

#include "http/server.hpp"

namespace malaposta::cli {

// --http and --api-token.
void add_http_options(boost::program_options::options_description& options);

// What they and --expose say; nothing where the API is off. Throws std::invalid_argument with what is wrong.
std::optional<http::Options> http_options(const boost::program_options::variables_map& values);

}  // namespace malaposta::cli
