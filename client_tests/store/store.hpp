// A server that keeps everything in a file, and the folder for it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "api.hpp"

namespace malaposta::testing {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "malaposta-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for temporary files");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path() const { return path_.string(); }
  std::string file() const { return (path_ / "mail.sqlite").string(); }

 private:
  std::filesystem::path path_;
};

class StoringServer : public ApiServer {
 public:
  explicit StoringServer(const std::string& file, std::vector<std::string> options = {})
      : ApiServer({"default"}, with_store(file, std::move(options))) {}

  // Messages in the inbox, as the API counts them.
  std::int64_t messages() const { return get_json("/api/v1/messages?limit=1").at("total").as_int64(); }

 private:
  static std::vector<std::string> with_store(const std::string& file, std::vector<std::string> options) {
    options.insert(options.end(), {"--store", "sqlite:" + file});
    return options;
  }
};

}  // namespace malaposta::testing
