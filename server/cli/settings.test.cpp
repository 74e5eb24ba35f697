#include "cli/settings.hpp"

#include <boost/program_options.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "testing/catch.hpp"

using namespace malaposta::cli;
namespace po = boost::program_options;

namespace {

const Command kCommand{"test",
                       "",
                       "Tests",
                       "0",
                       [] {
                         po::options_description options("Options");
                         options.add_options()("max-memory", po::value<std::string>()->default_value("1MB"), "")(
                             "threads", po::value<unsigned>()->default_value(1), "")("keep", po::value<unsigned>()->default_value(7), "")(
                             "config", po::value<std::string>(), "");
                         return options;
                       },
                       nullptr};

// A file that is gone with the test.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / ("malaposta-settings-" + std::to_string(std::rand()))) {
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("a flag goes before the environment, the environment before the file, the file before the default") {
  const ConfigFile file("max-memory = 3MB\nthreads = 3\n");
  ::setenv("MALAPOSTA_THREADS", "2", 1);
  ::setenv("MALAPOSTA_WIBBLE", "belongs to somebody else", 1);
  po::variables_map values;
  int exit = 0;
  REQUIRE(parse(kCommand, {"--config", file.path()}, values, exit));
  CHECK(add_settings(kCommand, values));
  CHECK(values["threads"].as<unsigned>() == 2);
  CHECK(values["max-memory"].as<std::string>() == "3MB");

  po::variables_map flags;
  REQUIRE(parse(kCommand, {"--threads", "5"}, flags, exit));
  CHECK(add_settings(kCommand, flags));
  CHECK(flags["threads"].as<unsigned>() == 5);
  CHECK(flags["max-memory"].as<std::string>() == "1MB");
  ::unsetenv("MALAPOSTA_THREADS");
  ::unsetenv("MALAPOSTA_WIBBLE");
}

TEST_CASE("settings that cannot be understood are refused") {
  po::variables_map values;
  int exit = 0;
  const ConfigFile unknown("wibble = 1\n");
  REQUIRE(parse(kCommand, {"--config", unknown.path()}, values, exit));
  CHECK_FALSE(add_settings(kCommand, values));
  po::variables_map missing;
  REQUIRE(parse(kCommand, {"--config", "/nonexistent/file"}, missing, exit));
  CHECK_FALSE(add_settings(kCommand, missing));
  po::variables_map bad;
  CHECK_FALSE(parse(kCommand, {"--threads", "many"}, bad, exit));
  CHECK(exit == kBadInput);
  CHECK_FALSE(parse(kCommand, {"surplus"}, bad, exit));
  CHECK(exit == kBadInput);
}

TEST_CASE("names of Mailpit that mean the same are understood where something is served, ours first") {
  static const Command kServing{"test",
                                "",
                                "Tests",
                                "0",
                                [] {
                                  po::options_description options("Options");
                                  options.add_options()("smtp", po::value<std::vector<std::string>>(), "")(
                                      "keep", po::value<unsigned>()->default_value(7), "");
                                  return options;
                                },
                                nullptr};
  ::setenv("MP_MAX_MESSAGES", "11", 1);
  po::variables_map values;
  int exit = 0;
  REQUIRE(parse(kServing, {}, values, exit));
  CHECK(add_settings(kServing, values));
  CHECK(values["keep"].as<unsigned>() == 11);
  ::setenv("MALAPOSTA_KEEP", "12", 1);
  po::variables_map both;
  REQUIRE(parse(kServing, {}, both, exit));
  CHECK(add_settings(kServing, both));
  CHECK(both["keep"].as<unsigned>() == 12);
  ::unsetenv("MALAPOSTA_KEEP");
  po::variables_map other;
  REQUIRE(parse(kCommand, {}, other, exit));
  CHECK(add_settings(kCommand, other));
  CHECK(other["keep"].as<unsigned>() == 7);
  ::unsetenv("MP_MAX_MESSAGES");
}
