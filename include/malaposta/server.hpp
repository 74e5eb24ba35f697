/// @file
/// The server: an SMTP server inside your process, on a port of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <malaposta/export.hpp>
#include <malaposta/journal.hpp>
#include <malaposta/scenario.hpp>
#include <malaposta/verdict.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace malaposta {

/// How a server is started.
struct ServerOptions {
  std::string address = "127.0.0.1";    ///< where it listens, IPv4 or IPv6; anything but loopback lets other machines in
  std::uint16_t port = 0;               ///< 0: the system chooses a free one, so that tests can run side by side
  unsigned threads = 1;                 ///< threads that serve connections, besides those of the program; 1 to 256
  std::uint64_t seed = 1;               ///< what chance depends on: the same seed fails the same way
  std::size_t max_memory = 64u << 20;   ///< bytes, of the journal's events and messages together; the oldest give way
  std::size_t keep = 10'000;            ///< messages kept; the oldest give way
};

/// A documented code that the next commands meet, whatever the scenario says; an armed fault.
struct Fault {
  int code = 0;                         ///< 442 is a connection that is reset; 101 and 111 come before a session, and cannot be armed
  std::vector<std::string> at = {};          ///< the stages; none: the first where the code is documented
  std::optional<std::uint64_t> times = {};   ///< how often; otherwise until it is disarmed
  std::vector<std::pair<std::string, std::string>> match = {};  ///< conditions as in Rule::when(): {{"rcpt", "*@example.test"}}
};

/// An SMTP server that plays a scenario, on threads of its own, from start() until it is stopped or destroyed. Several may run in one
/// process, and know nothing of each other. Every member function may be called from any thread; only that one is moved, assigned or
/// destroyed has to be arranged for. One that was moved from can be destroyed and assigned to.
class MALAPOSTA_API Server {
 public:
  /// How long verify() waits where nothing is said.
  static constexpr std::chrono::seconds kUsualWait{10};

  /// Starts it. The port accepts, or refuses if that is what the scenario wants, by the time that this returns.
  /// @throws StartError where the port cannot be had, or a certificate that the scenario names cannot be used
  static Server start(const Scenario& scenario, const ServerOptions& options = {});

  Server(Server&& other) noexcept;             ///< takes over the server of `other`
  Server& operator=(Server&& other) noexcept;  ///< stops its own, and takes over that of `other`
  ~Server();                                   ///< stops it, and waits for its threads: at most half a second

  /// The address, to be given to the client: "127.0.0.1".
  const std::string& host() const noexcept;
  /// The port, never 0.
  std::uint16_t port() const noexcept;
  /// Both: "smtp://127.0.0.1:40123"; "smtps://…" where TLS begins at once (RFC 8314 section 3).
  const std::string& url() const noexcept;
  /// The certificate of the authority that has signed the server's own, PEM: what a client has to trust. Empty where the scenario has no
  /// TLS, or shows a certificate of another authority.
  const std::string& ca_pem() const noexcept;
  /// The same in a file, which is there as long as the server is. Empty as above.
  const std::string& ca_file() const noexcept;

  /// What has happened so far.
  Journal journal() const;

  /// Waits until nothing is missing any more and everything has been quiet for as long as the scenario asks, and judges: until each
  /// expectation holds, or cannot hold any more, then up to half a second for sessions that are still open, and never longer than
  /// `timeout`. It can be called again. What the scenario expects of `client`, the command that `malaposta run` starts, is left out.
  Verdict verify(std::chrono::milliseconds timeout = kUsualWait) const;

  /// The same by other expectations, written as `expect` of a scenario: "[{ accepted: 1 }, { quiet: 200ms }]".
  /// @throws ScenarioError where they cannot be read
  Verdict verify(const std::string& expect, std::chrono::milliseconds timeout = kUsualWait) const;

  /// Arms a fault, for sessions that run already and for new ones. It comes before the rules of the scenario, the newest first.
  /// @returns what disarm() takes
  /// @throws ScenarioError where the code is not documented or met at no stage of a session, a stage or a condition is unknown, or 1,000
  /// faults are armed already
  std::uint64_t arm(const Fault& fault);
  /// Takes an armed fault away. False where there is none of that number, any more.
  bool disarm(std::uint64_t fault);
  /// Takes all armed faults away.
  void disarm();

  /// As it was when it started: counters and state of the scenario at their beginning, no fault armed, sessions that have ended and all
  /// messages forgotten. The port stays. So one server serves many test cases.
  void reset();

  /// Stops: open sessions are told 421 4.3.2 (RFC 5321 section 3.8), and the threads have ended when it returns. Journal and verdict
  /// can still be asked. More than once is allowed.
  void stop();

 private:
  explicit Server(std::shared_ptr<Journal::Running> running);
  std::shared_ptr<Journal::Running> running_;
};

}  // namespace malaposta
