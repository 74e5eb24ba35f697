#include "http/conditional.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

#include "http/numbers.hpp"

namespace malaposta::http {

namespace {

struct Range {
  std::size_t first = 0, length = 0;  // no length: there is no such part
};

// "bytes=0-499", "bytes=500-", "bytes=-500"; nothing where it is no single range of bytes, and the whole is meant.
std::optional<Range> range_of(std::string_view field, std::size_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!field.starts_with(kUnit)) return std::nullopt;
  field.remove_prefix(kUnit.size());
  const std::size_t hyphen = field.find('-');
  if (hyphen == std::string_view::npos) return std::nullopt;
  const std::string_view begin = field.substr(0, hyphen), end = field.substr(hyphen + 1);
  const auto first = number_of<std::size_t>(begin), last = number_of<std::size_t>(end);
  if (begin.empty()) {
    if (!last) return std::nullopt;
    const std::size_t length = std::min(*last, size);
    return Range{size - length, length};
  }
  if (!first || (!last && !end.empty()) || (last && *last < *first)) return std::nullopt;
  if (*first >= size) return Range{};
  return Range{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1};
}

}  // namespace

void apply_conditions(const Request& request, Response& response) {
  if (response.status != 200 || response.etag.empty()) return;
  response.headers.emplace_back("ETag", response.etag);
  // Whoever keeps it asks each time.
  response.headers.emplace_back("Cache-Control", "no-cache");
  if (!request.if_none_match.empty() && names_tag(request.if_none_match, response.etag)) {
    response.status = 304;
    response.body.clear();
    response.content.reset();
    return;
  }
  if (!response.ranges) return;
  response.headers.emplace_back("Accept-Ranges", "bytes");
  if (request.range.empty() || (!request.if_range.empty() && request.if_range != response.etag)) return;
  const std::size_t size = response.size();
  const std::optional<Range> range = range_of(request.range, size);
  if (!range) return;
  if (range->length == 0) {
    response = error(416, fmt::format("the content has {} bytes", size));
    response.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
    return;
  }
  response.status = 206;
  response.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", range->first, range->first + range->length - 1, size));
  if (response.content)
    response.content = std::make_shared<const journal::Content>(response.content->slice(range->first, range->length));
  else
    response.body = response.body.substr(range->first, range->length);
}

std::string entity_tag(std::string_view content) {
  return fmt::format("\"{:x}-{:x}\"", content.size(), std::hash<std::string_view>{}(content));
}

}  // namespace malaposta::http
