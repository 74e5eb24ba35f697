// Dialogs over sockets: the corpus of server/scenario/dialogs.corpus.txt as a client meets it, with FIN told from RST; TLS begun by a
// dialog; and a session that is recorded by `run`, then played from its transcript.
#include "testing/dialog_corpus.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "dialog.hpp"
#include "program.hpp"
#include "tls_client.hpp"

using namespace malaposta::testing;

namespace {

// A handshake is this file's last test but one, and a silence is told in memory.
bool over_sockets(const DialogCase& one) { return !one.has("> <tls>") && one.name != "silence"; }

std::string server_bytes(const std::string& line) {
  if (line.starts_with("<< ")) return bytes_of(line.substr(3));
  return line.starts_with("<") ? bytes_of(line.substr(std::min<std::size_t>(2, line.size()))) + "\r\n" : std::string{};
}

void meet(const DialogCase& one, std::uint16_t port) {
  Wire wire(port);
  for (const std::string& line : one.exchange) {
    INFO(line);
    if (const std::string bytes = server_bytes(line); !bytes.empty())
      CHECK(shown_bytes(wire.exactly(bytes.size())) == shown_bytes(bytes));
    else if (line == "> <eof>")
      wire.finish_sending();
    else if (line == "> <reset>")
      wire.abort();
    else if (line.starts_with(">"))
      wire.send(sent_by(line));
    else if (line == "close")
      CHECK(wire.ending() == Ending::fin);
    else if (line == "reset")
      CHECK(wire.ending() == Ending::reset);
  }
}

std::string text_of(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("the corpus of dialogs, over sockets, with one thread and with two") {
  std::vector<std::unique_ptr<TemporaryFile>> files;
  std::vector<std::string> scenarios;
  for (const DialogCase& one : dialog_corpus()) {
    if (!over_sockets(one)) continue;
    files.push_back(std::make_unique<TemporaryFile>(one.name + ".txt", one.dialog));
    scenarios.push_back(files.back()->path());
  }
  for (const char* threads : {"1", "2"}) {
    const Server server(scenarios, {"--threads", threads});
    for (const DialogCase& one : dialog_corpus()) {
      if (!over_sockets(one)) continue;
      INFO(one.name << " with " << threads << " threads");
      meet(one, server.port(one.name));
    }
  }
}

TEST_CASE("a dialog begins TLS, and goes on in it") {
  const TemporaryFile file("tls.yaml",
                           "malaposta: 1\nname: tls\ndialog: |\n  S: 220 hello\n  C: STARTTLS\n  S: 220 go ahead\n  !: starttls\n"
                           "  C: EHLO ${name=/.+/}\n  S: 250 in TLS, ${name}\n  C: QUIT\n  S: 221 bye\n");
  const Server server({file.path()});
  Wire wire(server.port());
  talk(wire, {{"", "220"}, {"STARTTLS", "220"}});
  TlsClient client(wire);
  REQUIRE(client.shake_hands());
  CHECK(client.say("EHLO a.test") == "250 in TLS, a.test");
  CHECK(client.say("QUIT") == "221 bye");
  CHECK(wire.ending() == Ending::fin);
}

TEST_CASE("what run records can be played: the transcript of a session is a scenario that the same client passes") {
  const std::string client =
      "import smtplib, os\n"
      "with smtplib.SMTP(os.environ['SMTP_HOST'], int(os.environ['SMTP_PORT']), local_hostname='c.test') as s:\n"
      "  for i in range(2):\n"
      "    try: s.sendmail('a@a.test', ['b@b.test', 'c@b.test'], 'Subject: x\\r\\n\\r\\n.dot\\r\\n')\n"
      "    except smtplib.SMTPException: pass\n";
  const TemporaryFile scenario("story.yaml",
                               "malaposta: 1\nname: story\nrules:\n  - { at: rcpt, when: { rcpt: c@b.test }, reply: 452 4.5.3 Too many }\n"
                               "  - { at: end-of-data, times: 1, reply: 451 4.3.0 later, delay: 20ms }\n");
  const std::filesystem::path artifacts = std::filesystem::path(scenario.folder()) / "artifacts";
  Program record({"run", scenario.path(), "--artifacts", artifacts.string(), "--", "python3", "-c", client});
  REQUIRE(record.exit_status() == 0);
  const std::filesystem::path transcript = artifacts / "story" / "transcript.txt";
  INFO(text_of(transcript));
  Program replay({"run", transcript.string(), "--", "python3", "-c", client});
  CHECK(replay.exit_status() == 0);
  INFO(replay.output());
  const std::string other = std::string(client).replace(client.find("c@b.test"), 8, "d@b.test");
  Program differs({"run", transcript.string(), "--", "python3", "-c", other});
  CHECK(differs.exit_status() == 1);
  CHECK(differs.output().find("expected  C: rcpt TO:<c@b.test>") != std::string::npos);
  CHECK(differs.output().find("received  C: rcpt TO:<d@b.test>") != std::string::npos);
}
