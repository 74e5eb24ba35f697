// A request to the API, from the bytes on the wire to the answer, without a socket: Beast reads its header section, what follows that is
// its content, the guard judges it and a handler answers, with a journal and a server that plays a scenario. What must hold: every answer
// has a status of HTTP and, where it says that it is JSON, is JSON.
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "http/guard.hpp"
#include "http/routes.hpp"
#include "http/server.hpp"
#include "require.hpp"
#include "scenario/play.hpp"

using namespace malaposta;
using malaposta::fuzz::require;
namespace wire = boost::beast::http;

namespace {

constexpr int kMostLooks = 4;  // of one request that waits
// Stands for the id of the journal's session, which is another in each run.
constexpr std::string_view kSessionId = "SESSION";

std::unique_ptr<net::Server> make_server() {
  net::ServerOptions options;
  options.routed = scenario::load_text("fuzz.yaml",
                                       "malaposta: 1\nname: fuzz\nroute: { rcpt: '*@b.test' }\n"
                                       "rules: [{ id: r, at: rcpt, when: { rcpt: 'x@*' }, times: 2, reply: 550 }]\n"
                                       "expect: [{ accepted: 1 }]\n",
                                       {})
                       .scenarios;
  return std::make_unique<net::Server>(std::move(options));
}

// One session that has delivered a message.
struct Past {
  journal::Journal journal{{16u << 10, 64u << 10, 8, 8}};
  journal::SessionId session = 0;

  Past() {
    const journal::TimePoint now = std::chrono::steady_clock::now();
    session = journal.open_session("127.0.0.1:1", 25, "fuzz", now);
    journal.append(session, journal::Kind::reply, now, "220 mx.example.test ESMTP\r\n", 0, 220);
    journal.append(session, journal::Kind::command, now, "RCPT TO:<b@b.test>");
    journal.append(session, journal::Kind::reply, now, "250 2.1.5 Ok\r\n", 0, 250);
    journal::Message message;
    message.session = session;
    message.reverse_path = "a@a.test";
    message.recipients = {"b@b.test"};
    message.acknowledged = true;
    message.content.append(
        "From: A <a@a.test>\r\nTo: b@b.test\r\nSubject: =?utf-8?q?=C3=A9?=\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n"
        "text\r\n--x\r\nContent-Disposition: attachment; filename=f\r\n\r\ndata\r\n--x--\r\n");
    const journal::MessageId id = journal.deliver(std::move(message), 0, now);
    journal.append(session, journal::Kind::message, now, "250 2.0.0 Ok\r\n", id, 1);
    journal.close_session(session, journal::End::quit, now);
  }
};

void check(const http::Response& response) {
  require(response.status >= 200 && response.status <= 599, "a status of HTTP");
  if (response.content_type != "application/json") return;
  boost::system::error_code problem;
  (void)boost::json::parse(response.body, problem);
  require(!problem, "what says that it is JSON is JSON");
}

void follow(http::Answer answer, journal::Journal& journal) {
  for (int looks = 0; looks < kMostLooks; ++looks) {
    if (const auto* response = std::get_if<http::Response>(&answer)) return check(*response);
    if (auto* stream = std::get_if<http::Stream>(&answer)) {
      stream->look(journal);
      (void)stream->take();
      return;
    }
    if (std::holds_alternative<http::Visit>(answer)) {
      const http::Visit visit = std::get<http::Visit>(std::move(answer));
      visit.look(journal);
      answer = visit.answer();
    } else {
      const http::Pause pause = std::get<http::Pause>(std::move(answer));
      answer = pause.go_on();
    }
  }
}

http::Method method_of(wire::verb verb) {
  switch (verb) {
    case wire::verb::get: return http::Method::get;
    case wire::verb::head: return http::Method::head;
    case wire::verb::post: return http::Method::post;
    case wire::verb::put: return http::Method::put;
    case wire::verb::delete_: return http::Method::del;
    default: return http::Method::other;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::unique_ptr<net::Server> server = make_server();
  Past past;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  if (const std::size_t at = bytes.find(kSessionId); at != std::string::npos)
    bytes.replace(at, kSessionId.size(), std::to_string(past.session));

  wire::request_parser<wire::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(http::Limits{}.header_bytes));
  parser.body_limit(http::Limits{}.body_bytes);
  boost::system::error_code problem;
  const std::size_t used = parser.put(boost::asio::buffer(bytes), problem);
  if (problem || !parser.is_header_done()) return 0;

  const auto& message = parser.get();
  http::Request request;
  request.method = method_of(message.method());
  request.content_type = http::media_type(message[wire::field::content_type]);
  request.last_event_id = message["Last-Event-ID"];
  if (!http::read_target(message.target(), request)) return 0;
  const http::Route* route = http::find_route(request);
  const http::Credentials credentials{message[wire::field::host], message[wire::field::origin], message[wire::field::authorization]};
  (void)http::refuse(credentials, http::Options{}.endpoint, "token", route != nullptr && route->open);
  if (auto refused = http::refuse(credentials, http::Options{}.endpoint, {}, false)) check(*refused);
  request.body = bytes.substr(used);

  http::Api api;
  api.smtp = server.get();
  follow(http::dispatch(std::move(request), api), past.journal);
  (void)server->additions().clear();
  // What was opened is closed with its server, whose threads never run here.
  if (!server->listeners().empty()) server = make_server();
  return 0;
}
