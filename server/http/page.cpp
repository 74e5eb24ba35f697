#include "http/page.hpp"

#include <fmt/format.h>

#include "http/numbers.hpp"

namespace malaposta::http {

namespace {

// False where the parameter is there and no number up to `most`.
bool read(const Request& request, std::string_view name, std::size_t most, std::size_t& into) {
  const std::string_view text = request.parameter(name);
  if (text.empty()) return true;
  const auto number = number_of<std::size_t>(text);
  if (!number || *number > most) return false;
  into = *number;
  return true;
}

}  // namespace

std::optional<Page> page_of(const Request& request) {
  Page page;
  if (!read(request, "start", Page::kFarthest, page.start) || !read(request, "limit", Page::kMost, page.limit)) return std::nullopt;
  return page;
}

Response no_page() { return error(400, fmt::format("start is a number up to {}, limit one up to {}", Page::kFarthest, Page::kMost)); }

}  // namespace malaposta::http
