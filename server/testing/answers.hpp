// For tests: each answer of the API is noted in the file that MALAPOSTA_ANSWERS names, where openapi_test looks whether it is as the
// OpenAPI document says. Without that name nothing is noted.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string_view>

namespace malaposta::testing {

inline void note_answer(std::string_view method, std::string_view target, unsigned status, std::string_view type, std::string_view body) {
  static std::mutex mutex;
  static const char* const name = std::getenv("MALAPOSTA_ANSWERS");
  static std::ofstream file(name == nullptr ? "" : name);
  if (name == nullptr) return;
  const bool is_json = type.find("json") != std::string_view::npos;
  const std::lock_guard lock(mutex);
  file << boost::json::object{{"method", method},
                              {"target", target},
                              {"status", status},
                              {"type", type},
                              {"body", is_json ? body : std::string_view()}}
       << "\n";
}

}  // namespace malaposta::testing
