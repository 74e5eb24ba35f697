// Memory that answers hold until their clients have taken them. Messages are not copied into answers: a block that several have counts
// once.
#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>

#include "http/message.hpp"

namespace malaposta::http {

class Held {
 public:
  // Answers up to this length, in bytes, are not counted: whether the server lives can be asked however much others ask for.
  static constexpr std::size_t kShort = 4096;

  // Bytes that all answers hold.
  std::size_t bytes() const { return bytes_; }
  // Bytes that this one would add to them.
  std::size_t added(const Response& response) const;

  // Counts a response for as long as it lives. The sum outlives it.
  class Share {
   public:
    Share(Held& held, const Response& response);
    ~Share();
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

   private:
    Held& held_;
    std::size_t alone_ = 0;  // bytes that are its own
    std::shared_ptr<const journal::Content> content_;
  };

 private:
  std::unordered_map<const void*, std::size_t> users_;  // of each block
  std::size_t bytes_ = 0;
};

}  // namespace malaposta::http
