// The API over HTTP/1.1: one thread of its own, so that a long list never delays an SMTP reply. A connection is a coroutine that
// reads a request, has it dispatched and writes the answer; every wait in it has an end.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "http/api.hpp"
#include "net/endpoint.hpp"

namespace malaposta::http {

struct Limits {
  std::size_t header_bytes = 8 * 1024;     // request line and header fields; beyond: 431
  std::size_t body_bytes = 1024 * 1024;    // content of a request; beyond: 413
  std::size_t connections = 256;           // at once; beyond: 503
  std::chrono::milliseconds header{10'000};  // until the header section has come; beyond, the connection is closed
  std::chrono::milliseconds body{30'000};    // until the content has come, and until the answer has gone; as is
  std::chrono::milliseconds idle{60'000};    // between an answer and the next request; beyond, the connection is closed
  std::size_t bodies = 32u << 20;   // bytes of contents that are being read, all connections together; beyond: 503
  std::size_t answers = 64u << 20;  // bytes that answers on their way hold, all together; beyond: 503, but one alone may be longer
  std::size_t told = 4096;                   // bytes of a message that comes over a WebSocket; beyond, it is closed with 1009
  std::size_t streams = 64;                  // answers without an end, at once; beyond: 503
  std::chrono::milliseconds silence{15'000};  // in such an answer; beyond, a sign of life is sent
};

struct Options {
  net::Endpoint endpoint{"127.0.0.1", 8025};
  std::string token;  // empty: none is asked for
  scenario::CompileOptions compile;  // of scenarios that come over HTTP
  Limits limits;
};

class Server {
 public:
  // Opens the port, or throws net::BindError. `smtp` outlives the object.
  Server(net::Server& smtp, Options options);
  // Closes all connections. To be called when smtp.run() has returned, or will never be called.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // With the real port.
  const net::Endpoint& endpoint() const;

  // Answers from here on.
  void start();

 private:
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

}  // namespace malaposta::http
