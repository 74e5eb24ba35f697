// A server that speaks TLS, for one test: its scenario, its CA file, and what it logged.
#pragma once

#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "program.hpp"
#include "testing/catch.hpp"
#include "tls_client.hpp"

namespace malaposta::testing {

// A server with one scenario.
class TlsServer {
 public:
  // `settings` is what stands at `tls:`; `rules` are lines of `rules:`.
  explicit TlsServer(const std::string& settings, const std::string& rules = "", const std::vector<std::string>& options = {})
      : scenario_("tls.yaml",
                  "malaposta: 1\nserver: { tls: " + settings + " }\n" + (rules.empty() ? std::string{} : "rules:\n" + rules + "\n")),
        server_({scenario_.path()}, with_log(options)) {}

  std::uint16_t port() const { return server_.port(); }
  // The line after the listening line names the file.
  const std::string& ca_file() {
    if (ca_file_.empty()) {
      const std::string line = server_.line();
      ca_file_ = line.substr(line.rfind(' ') + 1);
    }
    return ca_file_;
  }
  // Stops the server: all that it logged.
  std::string journal() {
    server_.signal(SIGTERM);
    CHECK(server_.exit_status() == 0);
    return server_.output();
  }

 private:
  static std::vector<std::string> with_log(std::vector<std::string> options) {
    options.insert(options.end(), {"--log", "json"});
    return options;
  }

  TemporaryFile scenario_;
  Server server_;
  std::string ca_file_;
};

inline bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// Its common name.
inline std::string issuer_of(X509* certificate) {
  char name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_issuer_name(certificate), NID_commonName, name, sizeof name);
  return name;
}

}  // namespace malaposta::testing
