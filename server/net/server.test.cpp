#include "net/server.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "scenario/play.hpp"
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

namespace {

// The reply to RCPT in a session of its own.
class Client {
 public:
  explicit Client(const net::Listener& at) { socket_.connect({asio::ip::make_address(at.endpoint.address), at.endpoint.port}); }
  std::string reply_to(std::string_view line) {
    asio::write(socket_, asio::buffer(line));
    return reply();
  }
  std::string reply() {
    const std::size_t size = asio::read_until(socket_, buffer_, "\r\n");
    std::string line(asio::buffers_begin(buffer_.data()), asio::buffers_begin(buffer_.data()) + static_cast<std::ptrdiff_t>(size));
    buffer_.consume(size);
    return line;
  }

 private:
  asio::io_context io_;
  asio::ip::tcp::socket socket_{io_};
  asio::streambuf buffer_;
};

// A loopback address of this process alone, where no other takes a port that was closed.
std::string own_address() {
  const unsigned pid = static_cast<unsigned>(::getpid());
  return fmt::format("127.{}.{}.{}", 1 + (pid >> 16) % 254, (pid >> 8) & 255, pid & 255);
}

scenario::ScenarioPtr greeting(const std::string& name, const std::string& more) {
  return scenario::load_text(name + ".yaml", "malaposta: 1\nname: " + name + "\n" + more, {}).scenarios.at(0);
}

const std::string kBusy = "rules: [{at: noop, reply: 451 4.3.0 Busy}]\n";
const std::string kGone = "rules: [{at: noop, reply: 550 5.1.1 Gone}]\n";

// Whoever is told so later is told by a server that has done what it was asked before.
void settle(net::Server& server) {
  std::promise<void> done;
  server.visit([](const journal::Journal&) {}, [&] { done.set_value(); });
  done.get_future().get();
}

}  // namespace

TEST_CASE("a port that is closed before its threads run is closed when a later visit is done") {
  net::ServerOptions options = playing("default");
  options.threads = 2;
  net::Server server(std::move(options));
  const net::Listener opened = server.open({{own_address(), 0}, greeting("mine", kBusy)});
  CHECK(server.close("mine") == 1);
  settle(server);
  CHECK_THROWS(Client(opened));
}

TEST_CASE("a listener is opened, plays another scenario and is closed while the server runs") {
  net::ServerOptions options = playing("default");
  options.threads = 2;
  net::Server server(std::move(options));
  std::thread thread([&] { server.run(); });

  const net::Listener opened = server.open({{own_address(), 0}, greeting("mine", kBusy)});
  REQUIRE(server.listeners().size() == 2);
  CHECK(opened.scenario == "mine");
  Client early(opened);
  CHECK(early.reply().starts_with("220"));
  CHECK(early.reply_to("NOOP\r\n") == "451 4.3.0 Busy\r\n");

  SECTION("sessions that run keep their scenario, the next ones meet the new one") {
    CHECK(server.replace(greeting("mine", kGone)));
    CHECK(early.reply_to("NOOP\r\n") == "451 4.3.0 Busy\r\n");
    Client late(opened);
    CHECK(late.reply().starts_with("220"));
    CHECK(late.reply_to("NOOP\r\n") == "550 5.1.1 Gone\r\n");
    CHECK(net::rule_counts(*server.playing().at(1).instance).at(0).fired == 1);
  }
  SECTION("what is not played is not replaced, nor what opens its port in another way") {
    CHECK_FALSE(server.replace(greeting("yours", kGone)));
    CHECK_FALSE(server.replace(greeting("mine", "server: {listen: refuse}\n")));
  }
  SECTION("a closed port takes no connection, and can be opened again; sessions that run go on") {
    CHECK(server.close("mine") == 1);
    CHECK(server.close("mine") == 0);
    settle(server);
    CHECK(server.listeners().size() == 1);
    CHECK_THROWS(Client(opened));
    CHECK(early.reply_to("NOOP\r\n") == "451 4.3.0 Busy\r\n");
    CHECK(server.open({opened.endpoint, greeting("mine", kGone)}).endpoint.port == opened.endpoint.port);
  }
  SECTION("a port that is taken is told, and nothing is opened") {
    CHECK_THROWS_AS(server.open({opened.endpoint, greeting("other", kGone)}), net::BindError);
    CHECK(server.listeners().size() == 2);
  }
  server.stop();
  thread.join();
}
