#include "http/held.hpp"

namespace malaposta::http {

namespace {

std::size_t alone(const Response& response) { return !response.content && response.body.size() > Held::kShort ? response.body.size() : 0; }

}  // namespace

std::size_t Held::added(const Response& response) const {
  std::size_t bytes = alone(response);
  if (response.content)
    response.content->for_each_memory([&](const void* block, std::size_t size) { bytes += users_.contains(block) ? 0 : size; });
  return bytes > kShort ? bytes : 0;
}

Held::Share::Share(Held& held, const Response& response) : held_(held), alone_(alone(response)), content_(response.content) {
  held_.bytes_ += alone_;
  if (!content_) return;
  content_->for_each_memory([&](const void* block, std::size_t size) {
    if (held_.users_[block]++ == 0) held_.bytes_ += size;
  });
}

Held::Share::~Share() {
  held_.bytes_ -= alone_;
  if (!content_) return;
  content_->for_each_memory([&](const void* block, std::size_t size) {
    if (--held_.users_[block] > 0) return;
    held_.users_.erase(block);
    held_.bytes_ -= size;
  });
}

}  // namespace malaposta::http
