// For tests of the API: the code under test, a client as one would write it, which knows a host and a port and nothing else.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <vector>

namespace malaposta::testing {

class Client {
 public:
  Client(const std::string& host, std::uint16_t port) : stream_(host, std::to_string(port)) {
    boost::system::error_code none;  // there is no connection where the port refuses
    stream_.socket().set_option(boost::asio::ip::tcp::no_delay(true), none);
  }

  // The code of the reply; 0: the connection broke. Nothing is said where the line is empty: what comes is the greeting.
  int ask(const std::string& line) {
    if (!line.empty()) stream_ << line << "\r\n" << std::flush;
    std::string reply;
    while (std::getline(stream_, reply) && reply.size() > 3 && reply[3] == '-') {}
    return stream_ && reply.size() > 3 ? std::stoi(reply.substr(0, 3)) : 0;
  }

 private:
  boost::asio::ip::tcp::iostream stream_;
};

// Says the lines, each after the reply to the one before; the code of the last reply.
inline int say(const std::string& host, std::uint16_t port, const std::vector<std::string>& lines) {
  Client client(host, port);
  int code = client.ask("");
  for (const std::string& line : lines) code = client.ask(line);
  return code;
}

// One attempt to deliver a message; the reply to the final dot, or what refused it before.
inline int deliver(const std::string& host, std::uint16_t port, const std::string& to = "bob@b.test",
                   const std::string& subject = "Hello") {
  const std::string content =
      "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nFrom: <alice@a.test>\r\nMessage-ID: <1@a.test>\r\nSubject: " + subject + "\r\n\r\n" +
      subject + "!\r\n.";
  Client client(host, port);
  int code = client.ask("");
  for (const std::string& line :
       {std::string("EHLO c.test"), std::string("MAIL FROM:<alice@a.test>"), "RCPT TO:<" + to + ">", std::string("DATA"), content}) {
    code = client.ask(line);
    if (code / 100 != 2 && code != 354) break;
  }
  (void)client.ask("QUIT");
  return code;
}

}  // namespace malaposta::testing
