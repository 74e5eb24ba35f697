// What is there again after a restart, what is not, and why the server does not start.
#include <csignal>
#include <fstream>

#include "dialog.hpp"
#include "store.hpp"

using namespace malaposta::testing;
namespace http = boost::beast::http;

namespace {

void stop(Program& server) {
  server.signal(SIGTERM);
  REQUIRE(server.exit_status() == 0);
}

void deliver(std::uint16_t port) {
  Wire wire(port);
  greet(wire);
  CHECK(summary(transact(wire)) == "250 2.0.0");
  leave(wire);
}

// Looks again, as long as a wire waits, for what happens without an event that a client could see.
template <typename Condition>
bool soon(Condition&& condition) {
  const auto begin = std::chrono::steady_clock::now();
  while (!condition())
    if (std::chrono::steady_clock::now() - begin > Wire::kTimeout) return false;
  return true;
}

}  // namespace

TEST_CASE("a message that was sent over HTTP is durable once that is answered") {
  const TemporaryFolder folder;
  std::vector<std::string> ids;
  {
    StoringServer server(folder.file(), {"--threads", "2"});
    for (int i = 0; i < 5; ++i) {
      const auto answer = server.post("/api/v1/send", "application/json",
                                      R"({"From": {"Email": "a@a.test"}, "To": [{"Email": "b@b.test"}], "Subject": "sent"})");
      REQUIRE(answer.result_int() == 200);
      ids.emplace_back(boost::json::parse(answer.body()).at("ID").as_string());
      CHECK(server.get("/api/v1/message/" + ids.back()).result_int() == 200);
    }
    server.signal(SIGKILL);
    (void)server.exit_status();
  }
  const StoringServer server(folder.file());
  CHECK(server.messages() == 5);
  for (const std::string& id : ids) CHECK(server.get_json("/api/v1/message/" + id).at("Subject").as_string() == "sent");
}

TEST_CASE("inbox, sessions and transcripts are there after a restart, and ids go on") {
  const TemporaryFolder folder;
  std::string id, transcript;
  boost::json::value session;
  {
    StoringServer server(folder.file());
    deliver(server.port());
    id = server.get_json("/api/v1/message/latest").at("ID").as_string().c_str();
    REQUIRE(soon([&] {
      session = server.get_json("/api/v1/sessions/1");
      return session.at("end").as_string() == "quit";
    }));
    transcript = server.get("/api/v1/sessions/1/transcript").body();
    const boost::json::value info = server.get_json("/api/v1/info");
    CHECK(info.at("Database").as_string() == folder.file());
    CHECK(info.at("Store").at("Durable").as_bool());
    CHECK(info.at("Store").at("Stored").as_int64() == 1);
    stop(server);
    CHECK(server.output().find("malaposta: kept in " + folder.file() + "\n") != std::string::npos);
  }
  StoringServer server(folder.file(), {"--threads", "2"});
  CHECK(server.messages() == 1);
  CHECK(server.get("/api/v1/message/" + id + "/raw").body() == std::string(kContent));
  CHECK(server.get("/api/v1/sessions/1/transcript").body() == transcript);
  deliver(server.port());
  CHECK(server.messages() == 2);
  CHECK(server.get_json("/api/v1/message/latest").at("ID").as_string() != id);
  stop(server);
}

TEST_CASE("what was read and which tags were set is known after a restart") {
  const TemporaryFolder folder;
  const auto put = [](const StoringServer& server, const std::string& path, const std::string& body) {
    HttpRequest request{http::verb::put, path, 11, body};
    request.set(http::field::content_type, "application/json");
    CHECK(server.ask(request).result() == http::status::ok);
  };
  const auto found = [](const StoringServer& server, const std::string& query) {
    return server.get_json("/api/v1/search?query=" + query).at("messages_count").as_int64();
  };
  {
    StoringServer server(folder.file());
    for (int i = 0; i < 4; ++i) deliver(server.port());
    put(server, "/api/v1/messages", R"({"IDs": ["1", "2", "3"], "Read": true})");
    put(server, "/api/v1/messages", R"({"IDs": ["2"], "Read": false})");
    put(server, "/api/v1/tags", R"({"IDs": ["2", "3"], "Tags": ["old", "gone"]})");
    put(server, "/api/v1/tags/old", R"({"Name": "new"})");
    CHECK(server.ask({http::verb::delete_, "/api/v1/tags/gone", 11}).result() == http::status::ok);
    HttpRequest request{http::verb::delete_, "/api/v1/messages", 11, R"({"IDs": ["3"]})"};
    request.set(http::field::content_type, "application/json");
    CHECK(server.ask(request).result() == http::status::ok);
    stop(server);
  }
  StoringServer server(folder.file());
  CHECK(server.get_json("/api/v1/info").at("Unread").as_int64() == 2);
  CHECK(found(server, "is:read") == 1);
  CHECK(found(server, "tag:new") == 1);
  CHECK(server.get_json("/api/v1/tags") == boost::json::array{"new"});
  CHECK(server.get_json("/api/v1/message/2").at("Tags") == boost::json::array{"new"});
  CHECK(found(server, "is:read") == 2);
  stop(server);
}

TEST_CASE("what is deleted over the API is deleted in the file") {
  const TemporaryFolder folder;
  {
    StoringServer server(folder.file());
    deliver(server.port());
    deliver(server.port());
    const std::string id = server.get_json("/api/v1/message/latest").at("ID").as_string().c_str();
    HttpRequest request{http::verb::delete_, "/api/v1/messages", 11, "{\"IDs\": [\"" + id + "\"]}"};
    request.set(http::field::content_type, "application/json");
    CHECK(server.ask(request).result() == http::status::ok);
    stop(server);
  }
  {
    StoringServer server(folder.file());
    CHECK(server.messages() == 1);
    CHECK(server.ask({http::verb::post, "/api/v1/reset", 11}).result() == http::status::ok);
    CHECK(server.messages() == 0);
    stop(server);
  }
  StoringServer server(folder.file());
  CHECK(server.messages() == 0);
  CHECK(server.get_json("/api/v1/info").at("Sessions").as_int64() == 0);
  stop(server);
}

TEST_CASE("--keep-for: messages and sessions go when they are old enough, in the file as well") {
  const TemporaryFolder folder;
  {
    StoringServer server(folder.file(), {"--keep-for", "1s"});
    deliver(server.port());
    CHECK(server.messages() == 1);
    CHECK(soon([&] { return server.messages() == 0 && server.get_json("/api/v1/info").at("Sessions").as_int64() == 0; }));
    stop(server);
  }
  StoringServer server(folder.file());
  CHECK(server.messages() == 0);
  stop(server);
}

TEST_CASE("a client that leaves before it is answered leaves its message, unacknowledged or not, and the server goes on") {
  const TemporaryFolder folder;
  StoringServer server(folder.file());
  for (int i = 0; i < 20; ++i) {
    Wire wire(server.port());
    greet(wire);
    talk(wire, {{"MAIL FROM:<alice@example.com>", "250 2.1.0"}, {"RCPT TO:<bob@example.test>", "250 2.1.5"}, {"DATA", "354"}});
    wire.send(std::string(kContent) + ".\r\n");
    if (i % 2 == 0)
      wire.abort();
    else
      wire.finish_sending();
    if (i % 2 != 0) CHECK(summary(wire.reply()) == "250 2.0.0");
  }
  // An RST may overtake what was sent before it.
  CHECK(soon([&] { return server.messages() >= 10; }));
  stop(server);
}

TEST_CASE("the option comes from the environment, too, and a store that cannot be used is exit code 3") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& store) {
    Program program({"serve", "--smtp", "127.0.0.1:0", "--http", "off"}, {"MALAPOSTA_STORE=" + store});
    CHECK(program.exit_status() == (store.starts_with("sqlite:/") ? 3 : 2));
    return program.errors();
  };
  CHECK(refused("postgres") == "malaposta serve: --store is memory or sqlite:FILE, not 'postgres'; see 'malaposta serve --help'\n");
  CHECK(refused("sqlite:") == "malaposta serve: --store is memory or sqlite:FILE, not 'sqlite:'; see 'malaposta serve --help'\n");
  StoringServer server(folder.file());
  CHECK(refused("sqlite:" + folder.file()) ==
        "malaposta serve: --store: " + folder.file() + " is in use by another process: stop that one, or name another file\n");
  std::ofstream(folder.path() + "/other") << "no store";
  CHECK(refused("sqlite:" + folder.path() + "/other") ==
        "malaposta serve: --store: " + folder.path() + "/other is no store of Malaposta: name another file, or move this one away\n");
  stop(server);
}

TEST_CASE("--keep-for that is no time is refused") {
  Program program({"serve", "--keep-for", "soon"});
  CHECK(program.exit_status() == 2);
  CHECK(program.errors() ==
        "malaposta serve: --keep-for: 'soon' is no time: a number with us, ms, s, m or h is expected; see 'malaposta serve --help'\n");
}
