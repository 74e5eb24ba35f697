// The floor of the benchmarks: what a sink of mail costs at the very least. One thread, epoll, one read buffer for all
// connections, canned replies, all replies to one read in one send. It looks at the first letters of a command and finds
// the end of a message, and nothing else: no limits, no timeouts, nothing kept. Never to be used for anything but this.
#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t kReadSize = 128 * 1024;
constexpr std::size_t kVerb = 4;  // letters of a verb

// Only what has to survive between two reads.
struct Connection {
  std::array<char, kVerb> head;  // of the line that is being read
  std::uint8_t head_size = 0;
  bool content = false;  // after DATA
  bool chunk_size = false;       // the number behind BDAT is being read
  std::uint64_t chunk = 0;       // bytes of a chunk that still come
};

struct Reply {
  std::string_view verb, text;
};
constexpr std::array<Reply, 5> kReplies{{{"MAIL", "250 2.1.0 Ok\r\n"},
                                         {"RCPT", "250 2.1.5 Ok\r\n"},
                                         {"DATA", "354 End data with <CR><LF>.<CR><LF>\r\n"},
                                         {"EHLO", "250-floor\r\n250-PIPELINING\r\n250 8BITMIME\r\n"},
                                         {"QUIT", "221 2.0.0 Bye\r\n"}}};

// Answers what came in; false after QUIT.
bool answer(Connection& connection, std::string_view bytes, std::string& replies) {
  while (!bytes.empty()) {
    if (connection.chunk > 0 && !connection.chunk_size) {
      const std::size_t taken = std::min<std::size_t>(connection.chunk, bytes.size());
      connection.chunk -= taken;
      bytes.remove_prefix(taken);
      if (connection.chunk == 0) replies += "250 2.0.0 Ok\r\n";
      continue;
    }
    const std::size_t cut = bytes.find('\n');
    const std::size_t end = cut == std::string_view::npos ? bytes.size() : cut;
    for (std::size_t i = 0; i < end && connection.head_size < kVerb; ++i) connection.head[connection.head_size++] = bytes[i];
    if (std::string_view(connection.head.data(), connection.head_size) == "BDAT" && !connection.content) {
      connection.chunk_size = true;
      for (std::size_t i = 0; i < end; ++i)
        if (bytes[i] >= '0' && bytes[i] <= '9') connection.chunk = connection.chunk * 10 + static_cast<unsigned>(bytes[i] - '0');
    }
    if (cut == std::string_view::npos) return true;
    const std::string_view head{connection.head.data(), connection.head_size};
    bytes.remove_prefix(cut + 1);
    connection.head_size = 0;
    if (connection.content) {
      if (head != ".\r") continue;
      connection.content = false;
      replies += "250 2.0.0 Ok\r\n";
      continue;
    }
    if (connection.chunk_size) {
      connection.chunk_size = false;
      continue;
    }
    std::string_view text = "250 2.0.0 Ok\r\n";
    for (const auto& reply : kReplies)
      if (reply.verb == head) text = reply.text;
    replies += text;
    if (head == "DATA") connection.content = true;
    if (head == "QUIT") return false;
  }
  return true;
}

void check(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(1);
}

int listen_on(std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  check(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "floor: bind");
  check(listen(listener, SOMAXCONN) == 0, "floor: listen");
  return listener;
}

class Floor {
 public:
  explicit Floor(std::uint16_t port) : listener_(listen_on(port)), buffer_(kReadSize) { watch(listener_); }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events;
    for (;;) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        if (events[i].data.fd == listener_)
          accept_all();
        else
          serve(events[i].data.fd);
      }
    }
  }

 private:
  void watch(int socket) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = socket}};
    check(epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) == 0, "floor: epoll_ctl");
  }

  void accept_all() {
    for (int socket = 0; (socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      if (connections_.size() <= static_cast<std::size_t>(socket)) connections_.resize(static_cast<std::size_t>(socket) * 2);
      connections_[static_cast<std::size_t>(socket)] = {};
      watch(socket);
      send(socket, "220 floor\r\n", 11, MSG_NOSIGNAL);
    }
  }

  void serve(int socket) {
    Connection& connection = connections_[static_cast<std::size_t>(socket)];
    for (ssize_t count = kReadSize; count == static_cast<ssize_t>(kReadSize);) {
      count = recv(socket, buffer_.data(), buffer_.size(), 0);
      if (count < 0 && errno == EAGAIN) return;
      replies_.clear();
      const bool stays = count > 0 && answer(connection, {buffer_.data(), static_cast<std::size_t>(count)}, replies_);
      if (!replies_.empty()) send(socket, replies_.data(), replies_.size(), MSG_NOSIGNAL);
      if (!stays) {
        close(socket);
        return;
      }
    }
  }

  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  const int listener_;
  std::vector<char> buffer_;
  std::vector<Connection> connections_;  // by descriptor
  std::string replies_;
};

}  // namespace

int main(int count, char** arguments) {
  const long port = count == 2 ? std::strtol(arguments[1], nullptr, 10) : 0;
  if (port < 1 || port > 65535) {
    std::fputs("usage: malaposta_floor PORT\n", stderr);
    return 2;
  }
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  Floor(static_cast<std::uint16_t>(port)).run();
}
