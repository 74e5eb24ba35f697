// A small client of SMTP (RFC 5321) over POSIX sockets: it knows nothing of Malaposta.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

#include "mailer.hpp"

namespace {

class Connection {
 public:
  Connection(const std::string& host, std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1 ||
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("no connection");
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The code of the reply; 0 where the connection is gone.
  int ask(std::string line) {
    if (!line.empty()) {
      line += "\r\n";
      if (::send(socket_, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) return 0;
    }
    while (true) {
      const std::size_t end = input_.find("\r\n");
      if (end != std::string::npos) {
        const std::string reply = input_.substr(0, end);
        input_.erase(0, end + 2);
        if (reply.size() < 4 || reply[3] != '-') return std::stoi(reply);
        continue;
      }
      char buffer[512];
      const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
      if (count <= 0) return 0;
      input_.append(buffer, static_cast<std::size_t>(count));
    }
  }

 private:
  int socket_;
  std::string input_;
};

// The code that decided what became of the message.
int attempt(const std::string& host, std::uint16_t port) {
  Connection connection(host, port);
  int code = connection.ask("");
  const std::string message =
      "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nFrom: <billing@example.test>\r\nMessage-ID: <7@example.test>\r\n"
      "Subject: Invoice\r\n\r\nPlease pay.\r\n.";
  for (const std::string& line :
       {std::string("EHLO billing.example.test"), "MAIL FROM:<billing@example.test> SIZE=" + std::to_string(message.size()),
        std::string("RCPT TO:<customer@example.test>"), std::string("DATA"), message}) {
    code = connection.ask(line);
    if (code / 100 != 2 && code != 354) break;
  }
  if (code != 0) (void)connection.ask("QUIT");
  return code;
}

}  // namespace

void send_invoice(const std::string& host, std::uint16_t port) {
  // A real one would wait between its attempts.
  for (int attempts = 0; attempts < 5; ++attempts) {
    const int code = attempt(host, port);
    if (code / 100 == 2 || code / 100 == 5) return;
  }
}
