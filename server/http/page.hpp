// The part of a list that is asked for, the newest first.
#pragma once

#include <cstddef>
#include <optional>

#include "http/message.hpp"

namespace malaposta::http {

struct Page {
  static constexpr std::size_t kUsual = 50;       // rows, where the request says nothing
  static constexpr std::size_t kMost = 1'000;     // rows in one answer
  static constexpr std::size_t kFarthest = 1'000'000'000;  // where it may start

  std::size_t start = 0;  // so many newer ones are left out
  std::size_t limit = kUsual;
};

// What `start` and `limit` say; nothing where one of them is no number within the bounds.
std::optional<Page> page_of(const Request& request);
Response no_page();

}  // namespace malaposta::http
