#include "http/server.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_set>

#include "http/conditional.hpp"
#include "http/guard.hpp"
#include "http/held.hpp"
#include "http/routes.hpp"
#include "http/socket.hpp"
#include "net/acceptance.hpp"

namespace malaposta::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
// How long, at most, what a client still sends is read and dropped once the last answer has gone: a close with unread input
// sends RST, which may overtake the answer.
constexpr std::chrono::milliseconds kFarewell{1'000};

// How long after a look at the journals, at least, the next one follows, whatever happens meanwhile.
constexpr std::chrono::milliseconds kLookEvery{20};
// How often it is looked whether a client that waits is still there.
constexpr std::chrono::milliseconds kStillThere{1'000};

using Parser = wire::request_parser<wire::string_body>;

Method method_of(wire::verb verb) {
  switch (verb) {
    case wire::verb::get: return Method::get;
    case wire::verb::head: return Method::head;
    case wire::verb::post: return Method::post;
    case wire::verb::put: return Method::put;
    case wire::verb::delete_: return Method::del;
    default: return Method::other;
  }
}

// Bytes of a sum that is bounded, for as long as the object lives.
class Share {
 public:
  Share(std::size_t& sum, std::size_t bytes) : sum_(sum), bytes_(bytes) { sum_ += bytes_; }
  ~Share() { sum_ -= bytes_; }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

 private:
  std::size_t& sum_;
  std::size_t bytes_;
};

// What is answered to a request that could not be read; nothing where nobody is there to read it.
std::optional<Response> unreadable(const boost::system::error_code& problem) {
  if (problem == wire::error::header_limit) return error(431, "the header section is too large");
  if (problem == wire::error::body_limit) return error(413, "the content is too large");
  if (problem.category() == make_error_code(wire::error::bad_method).category() && problem != wire::error::end_of_stream &&
      problem != wire::error::partial_message)
    return error(400, "the request is no HTTP/1.1: " + problem.message());
  return std::nullopt;
}

wire::response<wire::string_body> message_of(Response answer, unsigned version, bool keep_alive, bool head) {
  wire::response<wire::string_body> message;
  message.version(version);
  message.result(answer.status);
  const bool unchanged = message.result() == wire::status::not_modified;  // what is said of the content is true of the one that was kept
  if (!unchanged) message.set(wire::field::content_type, answer.content_type);
  // Nothing that the API says is a page, whatever a browser takes it for.
  message.set("X-Content-Type-Options", "nosniff");
  message.set("Content-Security-Policy", "default-src 'none'; sandbox");
  message.set(wire::field::cache_control, "no-store");
  for (const auto& [name, value] : answer.headers) message.set(name, value);
  message.keep_alive(keep_alive);
  if (!unchanged) message.content_length(answer.body.size());
  if (!head) message.body() = std::move(answer.body);
  return message;
}

bool is_there(beast::tcp_stream& stream) {
  char byte;
  return ::recv(stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
}

}  // namespace

struct Server::Shared {
  // When the journals were looked at, and how often they had rung by then.
  struct Looked {
    std::uint64_t rings = 0;
    journal::TimePoint at{};
  };

  Shared(net::Server& smtp_server, Options wanted) : smtp(smtp_server), options(std::move(wanted)) {}

  asio::awaitable<void> accept();
  asio::awaitable<void> serve(beast::tcp_stream stream);
  asio::awaitable<bool> exchange(beast::tcp_stream& stream, beast::flat_buffer& buffer);
  asio::awaitable<void> farewell(beast::tcp_stream& stream);
  asio::awaitable<Answer> answer(beast::tcp_stream& stream, Request request);
  asio::awaitable<void> turn();
  void next_turn();
  asio::awaitable<Looked> look(const std::function<void(journal::Journal&)>& at);
  asio::awaitable<bool> something_happens(std::function<bool()> there, Looked last, journal::TimePoint until);
  asio::awaitable<void> feed(beast::tcp_stream& stream, Stream wanted, unsigned version);
  asio::awaitable<void> feed(std::shared_ptr<Socket> socket, const Socket::Upgrade& request, Stream wanted);
  asio::awaitable<bool> write_content(beast::tcp_stream& stream, const journal::Content& content);
  void rang();
  void look_again();
  asio::awaitable<bool> write(beast::tcp_stream& stream, Response response, unsigned version, bool keep_alive, bool head);

  net::Server& smtp;
  Options options;
  Api api;
  std::size_t open = 0;     // connections
  std::size_t streams = 0;  // of them, those that get an answer without an end
  std::uint64_t rings = 0;  // how often something happened in the journals, or in what the API changes itself
  std::unordered_set<asio::steady_timer*> waiting;  // for the next ring
  std::size_t bodies = 0;   // bytes of contents that are being read
  Held held;                // by answers on their way
  bool looking = false;     // a request looks at the journals; at most one does, because what it finds may be all that there is
  std::deque<asio::steady_timer*> turns;            // the next ones
  asio::io_context io{1};
  asio::ip::tcp::acceptor acceptor{io};
  std::thread thread;
};

asio::awaitable<void> Server::Shared::accept() {
  net::Acceptance acceptance([this](int error) { smtp.starving(error); });
  for (;;) {
    switch (acceptance.next(acceptor.native_handle())) {
      case net::Acceptance::Next::taken: {
        net::BoundSocket taken(acceptance.descriptor());
        asio::ip::tcp::socket socket(io);
        boost::system::error_code problem;
        socket.assign(acceptance.peer().protocol(), taken.get(), problem);
        if (problem) break;
        (void)taken.release();
        ++open;
        asio::co_spawn(io, serve(beast::tcp_stream(std::move(socket))), [this](const std::exception_ptr&) { --open; });
        co_await asio::post(io, asio::use_awaitable);  // the others have their turn
        break;
      }
      case net::Acceptance::Next::none: (void)co_await acceptor.async_wait(acceptor.wait_read, kAwait); break;
      case net::Acceptance::Next::pause: {
        asio::steady_timer pause(io, net::Acceptance::kPause);
        (void)co_await pause.async_wait(kAwait);
        break;
      }
      case net::Acceptance::Next::failed: break;
      case net::Acceptance::Next::closed: co_return;
    }
  }
}

asio::awaitable<void> Server::Shared::serve(beast::tcp_stream stream) {
  if (open > options.limits.connections) {
    (void)co_await write(stream, error(503, "too many connections: try again later"), 11, false, false);
    co_await farewell(stream);
    co_return;
  }
  beast::flat_buffer buffer(options.limits.header_bytes + options.limits.body_bytes);
  while (co_await exchange(stream, buffer)) {
    if (buffer.size() != 0) continue;  // pipelined
    stream.expires_after(options.limits.idle);
    const auto [problem, size] = co_await stream.async_read_some(buffer.prepare(options.limits.header_bytes), kAwait);
    if (problem) co_return;
    buffer.commit(size);
  }
  co_await farewell(stream);
}

asio::awaitable<void> Server::Shared::farewell(beast::tcp_stream& stream) {
  if (!stream.socket().is_open()) co_return;
  boost::system::error_code gone;
  stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, gone);
  stream.expires_after(kFarewell);
  std::array<char, 4096> dropped;
  while (!gone) {
    const auto [problem, size] = co_await stream.async_read_some(asio::buffer(dropped), kAwait);
    gone = problem;
  }
}

// One request and its answer. False where the connection ends with it.
asio::awaitable<bool> Server::Shared::exchange(beast::tcp_stream& stream, beast::flat_buffer& buffer) {
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(options.limits.header_bytes));
  parser.body_limit(options.limits.body_bytes);
  stream.expires_after(options.limits.header);
  auto [problem, header_size] = co_await wire::async_read_header(stream, buffer, parser, kAwait);
  (void)header_size;
  const auto& message = parser.get();
  Request request;
  std::optional<Response> refusal;
  if (!problem) {
    request.method = method_of(message.method());
    request.content_type = media_type(message[wire::field::content_type]);
    request.last_event_id = message["Last-Event-ID"];
    request.accept = message[wire::field::accept];
    request.if_match = message[wire::field::if_match];
    request.accept_encoding = message[wire::field::accept_encoding];
    request.if_none_match = message[wire::field::if_none_match];
    request.range = message[wire::field::range];
    request.if_range = message[wire::field::if_range];
    request.upgrade = Socket::is_wanted(message);
    if (!read_target(message.target(), request)) co_return co_await write(stream, error(400, "the target is no path"), 11, false, false);
    const Route* route = find_route(request);
    refusal = refuse({message[wire::field::host], message[wire::field::origin], message[wire::field::authorization]}, options.endpoint,
                     options.token, route != nullptr && route->open);
    // What a stranger sends is not even read.
    if (refusal) co_return co_await write(stream, std::move(*refusal), message.version(), false, request.method == Method::head);
    const std::size_t most = parser.content_length().value_or(parser.chunked() ? options.limits.body_bytes : 0);
    if (bodies + most > options.limits.bodies)
      co_return co_await write(stream, error(503, "too many long requests: try again later"), message.version(), false, false);
    const Share share(bodies, most);
    stream.expires_after(options.limits.body);
    auto [broken, body_size] = co_await wire::async_read(stream, buffer, parser, kAwait);
    (void)body_size;
    problem = broken;
  }
  if (problem) {
    refusal = unreadable(problem);
    if (refusal) (void)co_await write(stream, std::move(*refusal), 11, false, false);
    co_return false;
  }
  const bool head = request.method == Method::head;
  const bool keep_alive = parser.keep_alive();
  request.body = std::move(parser.get().body());
  const bool changes = request.method != Method::get && !head;
  const std::uint64_t changed = api.inbox.number();
  Answer answered = co_await answer(stream, std::move(request));
  // Whoever waits for something may wait for what this request has changed.
  if (changes || api.inbox.number() != changed) rang();
  if (std::holds_alternative<Response>(answered))
    co_return co_await write(stream, std::get<Response>(std::move(answered)), message.version(), keep_alive, head);
  if (streams >= options.limits.streams)
    co_return co_await write(stream, error(503, "too many streams of events: close one"), message.version(), keep_alive, head);
  ++streams;
  const auto gone = std::shared_ptr<void>(nullptr, [this](void*) { --streams; });
  Stream wanted = std::get<Stream>(std::move(answered));
  if (!wanted.content_type.empty()) {
    co_await feed(stream, std::move(wanted), message.version());
    co_return false;
  }
  // It owns the connection from here on: what of it goes on may outlast this coroutine.
  const Socket::Limits limits{options.limits.told, options.limits.body, options.limits.idle};
  const auto socket = std::make_shared<Socket>(std::move(stream), limits, [this] { look_again(); });
  co_await feed(socket, message, std::move(wanted));
  co_return false;
}

// Until it is no Visit and no Pause any more; an empty Response where the client has gone meanwhile.
asio::awaitable<Answer> Server::Shared::answer(beast::tcp_stream& stream, Request request) {
  Request conditions;
  conditions.if_none_match = request.if_none_match;
  if (request.method == Method::get) conditions.range = request.range;
  conditions.if_range = request.if_range;
  Answer answered = dispatch(std::move(request), api);
  Looked last{rings, std::chrono::steady_clock::now()};
  for (;;) {
    if (std::holds_alternative<Visit>(answered)) {
      co_await turn();
      const auto over = std::shared_ptr<void>(nullptr, [this](void*) { next_turn(); });
      const Visit visit = std::get<Visit>(std::move(answered));
      last = co_await look(visit.look);
      answered = visit.answer();
    } else if (std::holds_alternative<Pause>(answered)) {
      const Pause pause = std::get<Pause>(std::move(answered));
      if (!co_await something_happens([&] { return is_there(stream); }, last, pause.until)) co_return Response{};
      answered = pause.go_on();
    } else {
      if (Response* const response = std::get_if<Response>(&answered)) apply_conditions(conditions, *response);
      co_return answered;
    }
  }
}

asio::awaitable<void> Server::Shared::turn() {
  asio::steady_timer timer(io, asio::steady_timer::time_point::max());
  while (looking) {
    turns.push_back(&timer);
    (void)co_await timer.async_wait(kAwait);
  }
  looking = true;
}

void Server::Shared::next_turn() {
  looking = false;
  if (turns.empty() || io.stopped()) return;
  turns.front()->cancel();
  turns.pop_front();
}

// Calls `at` with each journal, on the thread that owns it. The next event after that rings.
asio::awaitable<Server::Shared::Looked> Server::Shared::look(const std::function<void(journal::Journal&)>& at) {
  const Looked now{rings, std::chrono::steady_clock::now()};
  smtp.call_once();
  co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(
      [this, &at](auto handler) {
        auto resume = std::make_shared<decltype(handler)>(std::move(handler));
        smtp.visit(at, [this, resume] { asio::post(io, [resume] { std::move (*resume)(); }); });
      },
      asio::use_awaitable);
  co_return now;
}

void Server::Shared::rang() {
  ++rings;
  look_again();
}

// Whoever waits looks whether its client is still there.
void Server::Shared::look_again() {
  for (asio::steady_timer* timer : waiting) timer->cancel();
}

// Waits until something has happened since that look, or it is `until`. False where the client has gone.
asio::awaitable<bool> Server::Shared::something_happens(std::function<bool()> there, Looked last, journal::TimePoint until) {
  asio::steady_timer timer(io);
  while (rings == last.rings && std::chrono::steady_clock::now() < until) {
    if (!there()) co_return false;
    timer.expires_at(std::min(until, std::chrono::steady_clock::now() + kStillThere));
    waiting.insert(&timer);
    (void)co_await timer.async_wait(kAwait);
    waiting.erase(&timer);
  }
  timer.expires_at(std::min(until, last.at + kLookEvery));
  (void)co_await timer.async_wait(kAwait);
  co_return true;
}

asio::awaitable<void> Server::Shared::feed(beast::tcp_stream& stream, Stream wanted, unsigned version) {
  Response first;
  first.content_type = wanted.content_type;
  auto header = message_of(std::move(first), version, false, true);
  header.content_length(boost::none);
  wire::response_serializer<wire::string_body> serializer(header);
  stream.expires_after(options.limits.body);
  if (const auto [problem, size] = co_await wire::async_write_header(stream, serializer, kAwait); problem) co_return;
  journal::TimePoint sent = std::chrono::steady_clock::now();
  for (;;) {
    const Looked last = co_await look(wanted.look);
    std::string text = wanted.take();
    if (text.empty() && std::chrono::steady_clock::now() >= sent + options.limits.silence) text = wanted.sign_of_life;
    if (text.empty()) {
      if (!co_await something_happens([&] { return is_there(stream); }, last, sent + options.limits.silence)) co_return;
      continue;
    }
    stream.expires_after(options.limits.body);
    if (const auto [problem, size] = co_await asio::async_write(stream, asio::buffer(text), kAwait); problem) co_return;
    sent = std::chrono::steady_clock::now();
  }
}

asio::awaitable<void> Server::Shared::feed(std::shared_ptr<Socket> socket, const Socket::Upgrade& request, Stream wanted) {
  // What happens once the client knows that it is connected is told.
  Looked last = co_await look(wanted.look);
  std::string text = wanted.take();
  if (!co_await socket->accept(request)) co_return;
  for (;;) {
    for (std::size_t at = 0, end = 0; at < text.size(); at = end + 1) {
      end = std::min(text.find('\n', at), text.size());
      if (!co_await socket->tell(std::string_view(text).substr(at, end - at))) co_return;
    }
    if (text.empty() && !co_await something_happens([&] { return socket->is_open(); }, last, journal::TimePoint::max())) co_return;
    last = co_await look(wanted.look);
    text = wanted.take();
  }
}

// Block by block, as they are: nothing is copied.
asio::awaitable<bool> Server::Shared::write_content(beast::tcp_stream& stream, const journal::Content& content) {
  std::vector<std::string_view> blocks;
  content.for_each([&](std::string_view block) { blocks.push_back(block); });
  for (const std::string_view block : blocks) {
    stream.expires_after(options.limits.body);
    if (const auto [problem, size] = co_await asio::async_write(stream, asio::buffer(block), kAwait); problem) co_return false;
  }
  co_return true;
}

// False where the connection ends with it.
asio::awaitable<bool> Server::Shared::write(beast::tcp_stream& stream, Response response, unsigned version, bool keep_alive, bool head) {
  const std::size_t added = held.added(response);
  if (added > 0 && held.bytes() > 0 && held.bytes() + added > options.limits.answers)
    response = error(503, "too many long answers are on their way: try again later");
  const Held::Share share(held, response);
  if (response.content) {
    Response fields = response;
    fields.content.reset();
    auto header = message_of(std::move(fields), version, keep_alive, true);
    header.content_length(response.size());
    wire::response_serializer<wire::string_body> serializer(header);
    stream.expires_after(options.limits.body);
    if (const auto [problem, size] = co_await wire::async_write_header(stream, serializer, kAwait); problem) co_return false;
    co_return (head || co_await write_content(stream, *response.content)) && keep_alive;
  }
  auto message = message_of(std::move(response), version, keep_alive, head);
  wire::response_serializer<wire::string_body> serializer(message);
  stream.expires_after(options.limits.body);
  if (head) {
    const auto [problem, size] = co_await wire::async_write_header(stream, serializer, kAwait);
    co_return !problem && keep_alive;
  }
  const auto [problem, size] = co_await wire::async_write(stream, serializer, kAwait);
  co_return !problem && keep_alive;
}

Server::Server(net::Server& smtp, Options options) : shared_(std::make_unique<Shared>(smtp, std::move(options))) {
  net::Endpoint& endpoint = shared_->options.endpoint;
  net::BoundSocket socket = net::open_socket(endpoint, scenario::Listen::accept, false);
  const bool v6 = endpoint.address.find(':') != std::string::npos;
  shared_->acceptor.assign(v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), socket.release());
  shared_->api.smtp = &smtp;
  shared_->api.address = endpoint.address;
  shared_->api.compile = shared_->options.compile;
  if (journal::Store* const store = smtp.store()) {
    shared_->api.store = store;
    shared_->api.restore(store->take_marks());
  }
  smtp.on_activity([shared = shared_.get()] { asio::post(shared->io, [shared] { shared->rang(); }); });
}

Server::~Server() {
  shared_->io.stop();
  if (shared_->thread.joinable()) shared_->thread.join();
}

const net::Endpoint& Server::endpoint() const { return shared_->options.endpoint; }

void Server::start() {
  asio::co_spawn(shared_->io, shared_->accept(), asio::detached);
  shared_->thread = std::thread([io = &shared_->io] { io->run(); });
}

}  // namespace malaposta::http
