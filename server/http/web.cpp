#include "http/web.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <map>
#include <utility>

#include "http/handlers.hpp"

#define MALAPOSTA_FILE(symbol, path)      \
  extern "C" const char symbol##_begin[]; \
  extern "C" const char symbol##_end[];
#include "web_files.inc"
#undef MALAPOSTA_FILE

namespace malaposta::http {

namespace {

constexpr std::string_view kCompressed = ".gz";

// Everything comes from the API's own port; no script, style or frame that the page was not built with.
constexpr std::string_view kPolicy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kTypes{{{".html", "text/html; charset=utf-8"},
                                                                               {".js", "text/javascript; charset=utf-8"},
                                                                               {".css", "text/css; charset=utf-8"},
                                                                               {".svg", "image/svg+xml"}}};

std::string_view type_of(std::string_view path) {
  const auto* const found = std::ranges::find_if(kTypes, [&](const auto& type) { return path.ends_with(type.first); });
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

// FNV-1a, 64 bits: the name of a version, no secret.
std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211u;
  return hash;
}

std::map<std::string_view, WebFile> all_files() {
  static constexpr auto kBytes = [](const char* begin, const char* end) {
    return std::string_view(begin, static_cast<std::size_t>(end - begin));
  };
  const std::pair<std::string_view, std::string_view> embedded[] = {
#define MALAPOSTA_FILE(symbol, path) {path, kBytes(symbol##_begin, symbol##_end)},
#include "web_files.inc"
#undef MALAPOSTA_FILE
  };
  std::map<std::string_view, WebFile> files;
  for (const auto& [path, bytes] : embedded) {
    const bool compressed = path.ends_with(kCompressed);
    WebFile& file = files[compressed ? path.substr(0, path.size() - kCompressed.size()) : path];
    (compressed ? file.compressed : file.bytes) = bytes;
  }
  for (auto& [path, file] : files) {
    file.content_type = type_of(path);
    file.tag = fmt::format("\"{:016x}\"", hash_of(file.bytes));
  }
  return files;
}

Response serve(const Request& request, std::string_view path, std::string_view caching) {
  const WebFile* const file = find_web_file(path);
  if (file == nullptr) return error(404, "there is no such file; / is the web page");
  Response response;
  response.content_type = file->content_type;
  response.headers = {{"Cache-Control", std::string(caching)},
                      {"ETag", file->tag},
                      {"Vary", "Accept-Encoding"},
                      {"Content-Security-Policy", std::string(kPolicy)},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cross-Origin-Opener-Policy", "same-origin"},
                      {"Cross-Origin-Resource-Policy", "same-origin"},
                      {"X-Frame-Options", "DENY"}};
  if (request.if_none_match.find(file->tag) != std::string::npos) {
    response.status = 304;
    return response;
  }
  const bool compressed = !file->compressed.empty() && takes_gzip(request.accept_encoding);
  if (compressed) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = compressed ? file->compressed : file->bytes;
  return response;
}

}  // namespace

const WebFile* find_web_file(std::string_view path) {
  static const std::map<std::string_view, WebFile> kFiles = all_files();
  const auto found = kFiles.find(path);
  return found == kFiles.end() ? nullptr : &found->second;
}

bool takes_gzip(std::string_view accept_encoding) {
  namespace beast = boost::beast;
  for (const auto& [coding, parameters] : beast::http::ext_list(beast::string_view(accept_encoding.data(), accept_encoding.size()))) {
    if (!beast::iequals(coding, "gzip") && coding != "*") continue;
    bool wanted = true;
    for (const auto& [name, value] : parameters)
      if (beast::iequals(name, "q")) wanted = value.find_first_not_of("0.") != beast::string_view::npos;
    return wanted;
  }
  return false;
}

// The names of the other files change with their content, so only this one is asked for again.
Answer web_page(const Request& request, Api&) { return serve(request, "index.html", "no-cache"); }

Answer web_asset(const Request& request, Api&) {
  return serve(request, "assets/" + request.segment("file"), "public, max-age=31536000, immutable");
}

}  // namespace malaposta::http
