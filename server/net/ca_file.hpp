// The run's CA certificate, in a file that is there as long as the server: what clients are told to trust.
#pragma once

#include <string>

namespace malaposta::net {

class CaFile {
 public:
  // Nothing is written where `pem` is empty. Throws std::runtime_error if the file cannot be written.
  explicit CaFile(const std::string& pem);
  ~CaFile();
  CaFile(const CaFile&) = delete;
  CaFile& operator=(const CaFile&) = delete;
  const std::string& path() const { return path_; }  // empty where there is none

 private:
  std::string path_;
};

}  // namespace malaposta::net
