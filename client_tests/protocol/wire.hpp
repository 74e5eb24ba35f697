// A client of raw bytes: one blocking socket, with a hard time-out on everything, so that a server that hangs fails a
// test instead of stopping it. It knows the form of replies and nothing else of SMTP.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace malaposta::testing {

struct Reply {
  int code = 0;
  std::string enhanced;            // "5.1.1", where the text of every line begins with one
  std::vector<std::string> lines;  // as sent, without line end
};

// How the server leaves a connection.
enum class Ending {
  open,   // not at all, within the time-out
  fin,
  reset,
};

// The server did not do what it should in time, or said what is no reply.
struct WireError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Wire {
 public:
  static constexpr std::chrono::seconds kTimeout{20};

  // To a port of 127.0.0.1.
  explicit Wire(std::uint16_t port);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // All of it. What the server's end of the connection does to it is seen when reading.
  void send(std::string_view bytes);

  // One byte out of band (RFC 9293 section 3.8.5).
  void send_urgent(char byte);

  // As much as both sides' buffers hold while nothing is read; returns how many bytes that was.
  std::size_t send_until_stuck(std::string_view bytes);

  Reply reply();

  // Sends the line with CRLF, and reads the reply.
  Reply say(std::string_view line);

  // So many bytes, whatever they are; fewer where the connection ends before.
  std::string exactly(std::size_t count);

  // What was received but not read yet, or else what comes next; empty once the connection has ended.
  std::string some();

  // Whether nothing comes for so long, and the connection does not end.
  bool quiet_for(std::chrono::milliseconds time);

  // What was received but not read yet, and all that comes until the connection ends.
  std::string rest();

  // Reads and drops what comes until the connection ends.
  Ending ending();

  // Sends FIN; replies can still be read.
  void finish_sending();

  // Closes with RST.
  void abort();

 private:
  std::string line();
  bool receive();

  int socket_ = -1;
  std::string received_;
  Ending ended_ = Ending::open;
};

// The errno of a connect to that port of 127.0.0.1: 0 if it succeeds, ETIMEDOUT if nothing comes for so long.
int connect_error(std::uint16_t port, std::chrono::milliseconds timeout);

}  // namespace malaposta::testing
