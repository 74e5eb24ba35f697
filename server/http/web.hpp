// The files of the web page, as they were compiled into the program.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace malaposta::http {

struct WebFile {
  std::string_view content_type;
  std::string_view bytes;
  std::string_view compressed;  // by gzip; empty where the file does not come so
  std::string tag;              // what ETag says: changes with the bytes
};

// `path`: relative to the page: "index.html", "assets/index-B1a2c3.js". Nothing where there is none. Valid as long as the program runs.
const WebFile* find_web_file(std::string_view path);

// Whether Accept-Encoding (RFC 9110 section 12.5.3) takes gzip.
bool takes_gzip(std::string_view accept_encoding);

}  // namespace malaposta::http
