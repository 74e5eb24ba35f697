// The load generator of the benchmarks: sends a fixed number of messages through a fixed number of concurrent sessions
// and prints one JSON line about it, or opens idle sessions and holds them until standard input ends.
// It is strict: a reply with another code than expected, a reply too many, or a connection that ends early is a
// failure, so that no server looks fast by doing less. One thread and epoll, so that it costs less than what it measures.
#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t kOpeningAtOnce = 64;    // connections on their way: below any server's accept queue
constexpr std::size_t kSmallestMessage = 64;  // bytes: room for the header
constexpr int kPatience = 30'000;             // milliseconds without any event before the run has failed

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "load: %s\n", what.c_str());
  std::exit(1);
}
[[noreturn]] void fail_errno(const std::string& what) { fail(what + ": " + std::strerror(errno)); }

struct Options {
  std::string host = "127.0.0.1";
  std::size_t port = 2525;
  std::size_t sessions = 16;       // at the same time
  std::size_t messages = 1000;     // in all
  std::size_t per_connection = 0;  // messages before QUIT; 0: one connection for each session's whole share
  std::size_t size = 1024;         // bytes of a message, header and line ends included, final dot not
  std::size_t idle = 0;            // if not 0, that many connections that send EHLO and no more
  std::size_t think = 0;           // milliseconds that a session rests before each message but its first
  bool pipelined = false;
  bool chunks = false;             // BDAT instead of DATA
  bool tls = false;                // STARTTLS; certificates are not looked at
};

// What is sent at once, and the codes that have to come back before anything else is sent.
struct Group {
  std::string bytes;
  std::vector<std::string_view> codes;
  std::size_t delivers = kNothing;  // which of its replies is about a message
  bool begins_tls = false;          // a handshake follows

  static constexpr std::size_t kNothing = ~std::size_t{0};
};
// A connection's conversation: opening, `message` as often as needed, closing.
struct Plan {
  std::vector<Group> opening, message, closing;
  std::size_t messages_in_closing = 0;
};

std::string message(std::size_t size) {
  std::string text = "Subject: load\r\nFrom: <sender@example.com>\r\n\r\n";
  constexpr std::string_view kLine = "The quick brown fox jumps over the lazy dog, and then jumps back over it again\r\n";
  while (text.size() + kLine.size() <= size) text += kLine;
  if (text.size() + 2 <= size) text += std::string(size - text.size() - 2, 'x') + "\r\n";
  return text;
}

// Pipelined as RFC 2920 section 3.1 allows: DATA ends a group, and message content may begin one.
Plan plan(const Options& options) {
  const Group greeting{"", {"220"}}, hello{"EHLO client.example.com\r\n", {"250"}}, quit{"QUIT\r\n", {"221"}};
  const Group mail{"MAIL FROM:<sender@example.com>\r\n", {"250"}}, rcpt{"RCPT TO:<recipient@example.org>\r\n", {"250"}};
  const Group data{"DATA\r\n", {"354"}}, content{message(options.size) + ".\r\n", {"250"}, 0};
  const std::string chunk = message(options.size);
  const Group last_chunk{"BDAT " + std::to_string(chunk.size()) + " LAST\r\n" + chunk, {"250"}, 0};
  std::vector<Group> opening{greeting, hello};
  if (options.tls) opening.insert(opening.end(), {Group{"STARTTLS\r\n", {"220"}, Group::kNothing, true}, hello});
  if (options.idle > 0) return {opening, {}, {}};
  const auto together = [](const std::vector<Group>& groups) {
    Group all;
    for (const auto& group : groups) {
      all.bytes += group.bytes;
      if (group.delivers != Group::kNothing) all.delivers = all.codes.size() + group.delivers;
      all.codes.insert(all.codes.end(), group.codes.begin(), group.codes.end());
    }
    return all;
  };
  if (options.chunks && options.pipelined) return {opening, {together({mail, rcpt, last_chunk})}, {quit}};
  if (options.chunks) return {opening, {mail, rcpt, last_chunk}, {quit}};
  if (!options.pipelined) return {opening, {mail, rcpt, data, content}, {quit}};
  opening.push_back(together({mail, rcpt, data}));
  return {opening, {together({content, mail, rcpt, data})}, {together({content, quit})}, 1};
}

enum class Phase : std::uint8_t { opening, message, closing, ending, held };

struct Session {
  int socket = -1;
  SSL* tls = nullptr;  // from STARTTLS on
  bool shaking_hands = false;
  Phase phase = Phase::opening;
  bool blocked = false;      // the socket did not take all of the group
  std::size_t left = 0;      // repetitions of Plan::message still to come, the present one included
  std::size_t group = 0;     // within the phase
  std::size_t sent = 0;      // bytes of the group
  std::size_t answered = 0;  // codes of the group
  std::string line;          // of a reply, as far as it has come
};

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options),
        plan_(plan(options)),
        sessions_(options.idle > 0 ? options.idle : options.sessions),
        unassigned_(options.messages) {
    address_.sin_family = AF_INET;
    address_.sin_port = htons(static_cast<std::uint16_t>(options.port));
    if (inet_pton(AF_INET, options.host.c_str(), &address_.sin_addr) != 1) fail(options.host + " is no IPv4 address");
    if (epoll_ < 0) fail_errno("epoll_create1");
    if (options.tls && tls_ == nullptr) fail("no TLS");
    // What is left of a group may come from another place in memory than at the first attempt.
    SSL_CTX_set_mode(tls_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  }

  void run() {
    const auto begin = std::chrono::steady_clock::now();
    open_more();
    while (ended_ < sessions_.size() && held_ < sessions_.size()) {
      wait(until_next());
      wake();
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    std::printf("{\"messages\": %zu, \"seconds\": %.6f, \"bytes\": %zu, \"idle\": %zu}\n", delivered_, seconds.count(), bytes_, held_);
    std::fflush(stdout);
    if (held_ > 0) hold();
  }

 private:
  static constexpr std::uint64_t kStandardInput = ~std::uint64_t{0};

  void open_more() {
    while (opening_ < kOpeningAtOnce && next_ < sessions_.size()) open(sessions_[next_++]);
  }

  void open(Session& session) {
    const std::size_t share = (options_.messages + options_.sessions - 1) / options_.sessions;
    const std::size_t quota = std::min(unassigned_, options_.per_connection > 0 ? options_.per_connection : share);
    if (quota == 0 && options_.idle == 0) {
      ++ended_;
      return;
    }
    unassigned_ -= quota;
    session = {};
    session.left = quota - plan_.messages_in_closing;
    session.socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (session.socket < 0) fail_errno("socket");
    const int on = 1;
    setsockopt(session.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(session.socket, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) != 0 && errno != EINPROGRESS)
      fail_errno("connect");
    watch(session, EPOLL_CTL_ADD, EPOLLIN);
    ++opening_;
  }

  void watch(Session& session, int operation, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.u64 = static_cast<std::uint64_t>(&session - sessions_.data())}};
    if (epoll_ctl(epoll_, operation, session.socket, &event) != 0) fail_errno("epoll_ctl");
  }

  using Clock = std::chrono::steady_clock;

  // Milliseconds until a session has rested for long enough, and no more than kPatience.
  int until_next() const {
    if (resting_.empty()) return kPatience;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(resting_.front().until - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, kPatience));
  }

  void wake() {
    while (!resting_.empty() && resting_.front().until <= Clock::now()) {
      Session& session = *resting_.front().session;
      resting_.pop_front();
      send_rest(session);
    }
  }

  // One round of events; false once standard input has ended.
  bool wait(int patience) {
    std::array<epoll_event, 256> events;
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), patience);
    if (count == 0 && patience == kPatience)
      fail("nothing happened for 30 seconds; " + std::to_string(delivered_) + " messages were delivered");
    if (count < 0 && errno != EINTR) fail_errno("epoll_wait");
    for (int i = 0; i < count; ++i) {
      if (events[i].data.u64 == kStandardInput) return false;
      Session& session = sessions_[events[i].data.u64];
      if (session.shaking_hands) {
        shake_hands(session);
        continue;
      }
      if ((events[i].events & EPOLLOUT) != 0) send_rest(session);
      if ((events[i].events & ~EPOLLOUT) != 0) receive(session);
    }
    return true;
  }

  void hold() {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = kStandardInput}};
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, STDIN_FILENO, &event) != 0) fail_errno("epoll_ctl on standard input");
    while (wait(-1)) {}
  }

  const std::vector<Group>& groups(const Session& session) const {
    return session.phase == Phase::opening ? plan_.opening : session.phase == Phase::message ? plan_.message : plan_.closing;
  }
  bool waits_for_reply(const Session& session) const { return session.phase != Phase::ending && session.phase != Phase::held; }

  void send_rest(Session& session) {
    const std::string& bytes = groups(session)[session.group].bytes;
    while (session.sent < bytes.size()) {
      const ssize_t count = put(session, bytes.data() + session.sent, bytes.size() - session.sent);
      if (count < 0 && errno == EAGAIN) {
        if (!session.blocked) watch(session, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
        session.blocked = true;
        return;
      }
      if (count < 0) fail_errno("send");
      session.sent += static_cast<std::size_t>(count);
      bytes_ += static_cast<std::size_t>(count);
    }
    if (session.blocked) watch(session, EPOLL_CTL_MOD, EPOLLIN);
    session.blocked = false;
  }

  // As send() and recv() do, through TLS where there is TLS.
  ssize_t put(Session& session, const char* bytes, std::size_t size) {
    if (session.tls == nullptr) return send(session.socket, bytes, size, MSG_NOSIGNAL);
    std::size_t count = 0;
    ERR_clear_error();
    if (SSL_write_ex(session.tls, bytes, size, &count) == 1) return static_cast<ssize_t>(count);
    return tls_result(session, 0);
  }
  ssize_t get(Session& session) {
    if (session.tls == nullptr) return recv(session.socket, buffer_.data(), buffer_.size(), 0);
    std::size_t count = 0;
    ERR_clear_error();
    if (SSL_read_ex(session.tls, buffer_.data(), buffer_.size(), &count) == 1) return static_cast<ssize_t>(count);
    return tls_result(session, 0);
  }
  static ssize_t tls_result(const Session& session, int result) {
    const int error = SSL_get_error(session.tls, result);
    if (error == SSL_ERROR_ZERO_RETURN) return 0;
    errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
    return -1;
  }

  void shake_hands(Session& session) {
    ERR_clear_error();
    const int result = SSL_do_handshake(session.tls);
    if (result != 1) {
      if (tls_result(session, result) == 0 || errno != EAGAIN) fail("no TLS handshake");
      return;
    }
    session.shaking_hands = false;
    send_rest(session);
  }

  void receive(Session& session) {
    do {
      const int socket = session.socket;
      receive_some(session);
      if (session.socket != socket || session.shaking_hands) return;
    } while (session.tls != nullptr && SSL_pending(session.tls) > 0);
  }

  void receive_some(Session& session) {
    const ssize_t count = get(session);
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) fail_errno("recv");
    if (count == 0) return end(session);
    std::string_view rest{buffer_.data(), static_cast<std::size_t>(count)};
    while (!rest.empty()) {
      const std::size_t cut = rest.find('\n');
      session.line.append(rest.substr(0, cut));
      if (cut == std::string_view::npos) break;
      reply_line(session);
      session.line.clear();
      rest.remove_prefix(cut + 1);
    }
    // Only now: a reply that came along with these cannot be the answer to what is sent next.
    if (waits_for_reply(session) && session.answered == groups(session)[session.group].codes.size()) next_group(session);
  }

  void reply_line(Session& session) {
    const std::string& line = session.line;
    if (!waits_for_reply(session)) fail("nothing was asked, but the server says: " + line);
    const Group& group = groups(session)[session.group];
    if (session.answered == group.codes.size()) fail("a reply too many: " + line);
    const std::string_view code = group.codes[session.answered];
    if (!line.starts_with(code) || !line.ends_with('\r')) fail("expected " + std::string(code) + ", got: " + line);
    if (session.sent < group.bytes.size() && session.answered + 1 == group.codes.size()) fail("a reply too early: " + line);
    if (line.size() > 3 && line[3] == '-') return;
    if (group.delivers == session.answered) ++delivered_;
    ++session.answered;
  }

  void next_group(Session& session) {
    const bool begins_tls = groups(session)[session.group].begins_tls;
    const bool first = session.phase == Phase::opening;
    if (++session.group == groups(session).size()) next_phase(session);
    session.sent = session.answered = 0;
    if (begins_tls) {
      session.tls = SSL_new(tls_);
      SSL_set_fd(session.tls, session.socket);
      SSL_set_connect_state(session.tls);
      session.shaking_hands = true;
      shake_hands(session);
    } else if (options_.think > 0 && session.group == 0 && session.phase == Phase::message && !first) {
      resting_.push_back({Clock::now() + std::chrono::milliseconds(options_.think), &session});
    } else if (waits_for_reply(session)) {
      send_rest(session);
    }
  }

  void next_phase(Session& session) {
    session.group = 0;
    if (session.phase == Phase::closing) {
      session.phase = Phase::ending;
      return;
    }
    if (session.phase == Phase::opening) {
      --opening_;
      if (options_.idle > 0) {
        session.phase = Phase::held;
        ++held_;
      }
      open_more();
    } else {
      --session.left;
    }
    if (session.phase != Phase::held) session.phase = session.left > 0 ? Phase::message : Phase::closing;
  }

  // The server has closed: right after its 221, and only then (RFC 5321 section 4.1.1.10).
  void end(Session& session) {
    if (session.phase != Phase::ending) fail("the server closed a connection early, after " + std::to_string(delivered_) + " messages");
    SSL_free(std::exchange(session.tls, nullptr));
    close(session.socket);
    open(session);
  }

  const Options& options_;
  const Plan plan_;
  sockaddr_in address_{};
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  SSL_CTX* const tls_ = SSL_CTX_new(TLS_client_method());
  struct Resting {
    Clock::time_point until;
    Session* session;
  };
  std::deque<Resting> resting_;  // all for the same time, so that the first wakes first
  std::vector<Session> sessions_;
  std::size_t unassigned_;     // messages that no connection has taken on
  std::size_t next_ = 0;       // the first session that was never opened
  std::size_t opening_ = 0;    // sessions in their opening
  std::size_t held_ = 0;       // idle sessions
  std::size_t ended_ = 0;      // sessions that have nothing left to do
  std::size_t delivered_ = 0;  // messages
  std::size_t bytes_ = 0;      // sent
  std::array<char, 65536> buffer_;
};

[[noreturn]] void usage() {
  std::puts(
      "usage: malaposta_load [--host ADDRESS] [--port N] [--sessions N] [--messages N]\n"
      "                      [--per-connection N] [--size BYTES] [--pipelined] [--bdat] [--tls] [--think MS] | --idle N [--tls]");
  std::exit(2);
}

std::size_t number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) usage();
  return value;
}

Options parse(int count, char** arguments) {
  Options options;
  std::array<option, 12> known{{{"host", 1, nullptr, 'h'},
                                {"port", 1, nullptr, 'p'},
                                {"sessions", 1, nullptr, 's'},
                                {"messages", 1, nullptr, 'm'},
                                {"per-connection", 1, nullptr, 'c'},
                                {"size", 1, nullptr, 'l'},
                                {"idle", 1, nullptr, 'i'},
                                {"pipelined", 0, nullptr, 'P'},
                                {"bdat", 0, nullptr, 'b'},
                                {"tls", 0, nullptr, 't'},
                                {"think", 1, nullptr, 'T'},
                                {}}};
  for (int key = 0; (key = getopt_long(count, arguments, "", known.data(), nullptr)) != -1;) {
    switch (key) {
      case 'h': options.host = optarg; break;
      case 'p': options.port = number(optarg); break;
      case 's': options.sessions = number(optarg); break;
      case 'm': options.messages = number(optarg); break;
      case 'c': options.per_connection = number(optarg); break;
      case 'l': options.size = number(optarg); break;
      case 'i': options.idle = number(optarg); break;
      case 'P': options.pipelined = true; break;
      case 'b': options.chunks = true; break;
      case 't': options.tls = true; break;
      case 'T': options.think = number(optarg); break;
      default: usage();
    }
  }
  if (optind != count || options.sessions == 0 || options.messages == 0 || options.size < kSmallestMessage || options.port > 65535) usage();
  return options;
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = parse(count, arguments);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  Load(options).run();
}
