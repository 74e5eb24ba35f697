#include "net/server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "testing/catch.hpp"
#include "verify/verdict.hpp"

using namespace malaposta;
namespace asio = boost::asio;

namespace {

net::ServerOptions playing(const std::string& scenario) {
  scenario::Loaded loaded = scenario::load({scenario}, {});
  net::ServerOptions options;
  options.listeners.push_back({{"127.0.0.1", 0}, loaded.scenarios.at(0)});
  return options;
}

}  // namespace

TEST_CASE("the totals have the sessions of clients that do not leave when the server stops") {
  net::Server server(playing("default"));
  std::thread thread([&] { server.run(); });

  asio::io_context io;
  asio::ip::tcp::socket client(io);
  client.connect({asio::ip::address_v4::loopback(), server.listeners().front().endpoint.port});
  asio::write(client, asio::buffer(std::string_view("EHLO c.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\n.\r\n")));
  asio::streambuf replies;
  asio::read_until(client, replies, "\r\n250 2.0.0");

  server.stop();
  thread.join();
  const net::Totals totals = server.totals();
  CHECK(totals.sessions == 1);
  CHECK(totals.accepted == 1);
  CHECK(totals.kept == 1);
}

namespace {

// Three clients, one after the other, which say all that they have to say and then listen.
std::string verdict_of(const scenario::ScenarioPtr& scenario, unsigned threads) {
  net::ServerOptions options;
  options.listeners.push_back({{"127.0.0.1", 0}, scenario});
  options.threads = threads;
  net::Server server(std::move(options));
  std::thread thread([&] { server.run(); });
  for (int i = 0; i < 3; ++i) {
    asio::io_context io;
    asio::ip::tcp::socket client(io);
    client.connect({asio::ip::address_v4::loopback(), server.listeners().front().endpoint.port});
    boost::system::error_code error;  // a server that misbehaves is what is wanted
    asio::write(
        client,
        asio::buffer(std::string_view("EHLO c.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\nx\r\n.\r\nVRFY b\r\nQUIT\r\n")),
        error);
    client.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    asio::streambuf replies;
    asio::read(client, replies, error);
  }
  server.stop();
  thread.join();
  const verify::Verdict verdict = verify::judge(*scenario, server.evidence(0), {}, true, {});
  std::string text(verify::name(verdict.kind));
  for (const verify::Judgement& one : verdict.judgements) text += " | " + one.expected + ": " + one.actual;
  for (const verify::Finding& one : verdict.findings) text += " | " + std::to_string(one.session) + " " + std::string(one.id);
  return text;
}

}  // namespace

TEST_CASE("the verdict is the same, whatever the number of threads") {
  std::size_t compared = 0;
  for (const scenario::Shipped& shipped : scenario::shipped()) {
    if (!shipped.path.starts_with("codes/") && !shipped.path.starts_with("clients/")) continue;
    const scenario::ScenarioPtr scenario = scenario::load({std::string(shipped.name())}, {}).scenarios.at(0);
    const auto& expected = scenario->model().expect;
    const bool timed = shipped.text.find("delay:") != std::string_view::npos || shipped.text.find("stall") != std::string_view::npos ||
                       shipped.text.find("wait:") != std::string_view::npos ||
                       std::any_of(expected.begin(), expected.end(), [](const auto& one) { return one.gap_max || one.gap_min; });
    if (timed || scenario->model().server.listen != scenario::Listen::accept || scenario->profile().tls == protocol::Tls::implicit)
      continue;
    INFO(shipped.name());
    CHECK(verdict_of(scenario, 2) == verdict_of(scenario, 1));
    ++compared;
  }
  CHECK(compared > 70);
}

TEST_CASE("what has happened at a listener can be looked at before, while and after the server runs") {
  net::ServerOptions options = playing("default");
  options.listeners.push_back(options.listeners.front());
  options.threads = 2;
  net::Server server(std::move(options));
  CHECK(server.evidence(0).sessions.empty());
  std::thread thread([&] { server.run(); });

  asio::io_context io;
  asio::ip::tcp::socket client(io);
  client.connect({asio::ip::address_v4::loopback(), server.listeners()[1].endpoint.port});
  asio::write(client, asio::buffer(std::string_view("EHLO c.test\r\nMAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\n.\r\n")));
  asio::streambuf replies;
  asio::read_until(client, replies, "\r\n250 2.0.0");
  CHECK(server.evidence(0).sessions.empty());
  const verify::Evidence during = server.evidence(1);
  REQUIRE(during.sessions.size() == 1);
  CHECK(during.sessions[0].end == journal::End::open);
  CHECK(during.messages.size() == 1);

  server.stop();
  thread.join();
  CHECK(server.evidence(1).sessions.at(0).end == journal::End::shut_down);
}

TEST_CASE("a session that an exception ends is closed in the journal, which says why") {
  net::ServerOptions options = playing("default");
  options.exit_after = 1;
  options.on_event = [](const journal::Journal&, const journal::Event& event) {
    if (event.text == "NOOP") throw std::runtime_error("it went wrong");
  };
  net::Server server(std::move(options));
  std::thread thread([&] { server.run(); });

  asio::io_context io;
  asio::ip::tcp::socket client(io);
  client.connect({asio::ip::address_v4::loopback(), server.listeners().front().endpoint.port});
  asio::write(client, asio::buffer(std::string_view("NOOP\r\n")));
  thread.join();
  const verify::Evidence evidence = server.evidence(0);
  REQUIRE(evidence.sessions.size() == 1);
  CHECK(evidence.sessions[0].end == journal::End::server_closed);
}
