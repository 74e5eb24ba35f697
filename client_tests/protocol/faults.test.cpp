// Every fault that ships, observed from outside: the bytes that come, FIN told from RST, and silence. What to expect stands
// in server/scenario/faults.expected.txt, where the unit tests have it as well. Those that take seconds are left to them.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>

#include "dialog.hpp"
#include "program.hpp"
#include "testing/source_dir.hpp"

using namespace malaposta::testing;

namespace {

constexpr std::uint64_t kLongestWait = 1000;  // milliseconds that a fault may take here
constexpr std::chrono::milliseconds kQuiet{20};
constexpr std::string_view kSlow = "slow-reader";  // takes the content byte by byte: wire_faults.test.cpp has that

const std::string kBody = "Message-ID: <1@a.test>\r\n\r\n" + std::string(5000, 'x') + "\r\n.\r\n";

// "MAIL 100ms '250 Ok\r\n' close": what the client says, and what it gets.
struct Step {
  std::string said, code, bytes, doing;
  std::size_t length = 0;  // of `bytes`, where they are cut
};

std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else if (text[++i] == 'x') {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += text[i] == 'n' ? '\n' : '\r';
    }
  }
  return out;
}

Step step_of(const std::string& text) {
  static const std::regex kForm(R"(^(\S*?) ?(?:\d+ms ?)?(?:'(.*)'|(\d{3}))?((?: [a-z-]+)*)$)");
  static const std::regex kCut(R"(^(.*)… \((\d+) bytes\)$)");
  std::smatch match, cut;
  Step step;
  if (!std::regex_match(text, match, kForm)) throw std::runtime_error("no step: " + text);
  step.said = match[1], step.code = match[3];
  std::string bytes = match[2];
  if (std::regex_match(bytes, cut, kCut)) {
    step.length = std::stoul(cut[2]);
    bytes = cut[1];
  }
  step.bytes = unescaped(bytes);
  if (step.length == 0) step.length = step.bytes.size();
  for (const std::string doing : {"half-close", "close", "reset", "stall", "silence"})
    if (step.doing.empty() && match[4].str().ends_with(doing)) step.doing = doing;
  return step;
}

// The first session of each scenario in scenarios/faults whose waits are quick enough, or of the others.
std::map<std::string, std::string> faults(bool quick_ones) {
  static const std::regex kWait(R"((\d+)ms)");
  std::map<std::string, std::string> sessions;
  std::ifstream file(source_path("server/scenario/faults.expected.txt"));
  std::string name, line;
  while (std::getline(file, line)) {
    if (line.front() != ' ') {
      name = line;
      continue;
    }
    if (sessions.count(name) != 0 || !std::filesystem::exists(source_path("scenarios/faults/" + name + ".yaml"))) continue;
    bool quick = name != kSlow || !quick_ones;
    for (std::sregex_iterator wait(line.begin(), line.end(), kWait), end; wait != end; ++wait)
      quick = quick && std::stoul((*wait)[1]) <= kLongestWait;
    if (quick == quick_ones) sessions[name] = line.substr(line.find_first_not_of(' '));
  }
  return sessions;
}

std::string line_for(const std::string& said, int recipient) {
  static const std::map<std::string, std::string> kLines{
      {"EHLO", "EHLO c.test"},          {"HELO", "HELO c.test"}, {"AUTH", "AUTH PLAIN AGFsaWNlAHNlY3JldA=="},
      {"MAIL", "MAIL FROM:<a@a.test>"}, {"DATA", "DATA"},        {"RSET", "RSET"},
      {"STARTTLS", "STARTTLS"},         {"QUIT", "QUIT"}};
  if (said == "RCPT") return std::string("RCPT TO:<") + static_cast<char>('b' + recipient) + "@b.test>";
  return kLines.at(said);
}

void check_bytes(Wire& wire, const Step& step) {
  std::string rest = step.bytes;
  std::size_t length = step.length;
  if (step.said == "DATA" && rest.starts_with("354")) {
    // The content is what the fault waits for.
    REQUIRE(wire.reply().code == 354);
    wire.send(kBody);
    length -= rest.find('\n') + 1;
    rest.erase(0, rest.find('\n') + 1);
  }
  const std::string got = wire.exactly(length);
  CHECK(got.substr(0, rest.size()) == rest);
}

void check_doing(Wire& wire, const std::string& doing) {
  if (doing == "close" || doing == "half-close") CHECK(wire.ending() == Ending::fin);
  if (doing == "reset") CHECK(wire.ending() == Ending::reset);
  if (doing == "stall") CHECK(wire.quiet_for(kQuiet));
  if (doing == "silence") {
    wire.finish_sending();
    CHECK(wire.rest().empty());
    CHECK(wire.ending() == Ending::fin);
  }
}

std::vector<std::string> names_of(const std::map<std::string, std::string>& sessions) {
  std::vector<std::string> names;
  for (const auto& [name, session] : sessions) names.push_back(name);
  return names;
}

// What the client says is answered until a reply is to take longer than a test can wait.
void check_until_wait(Wire& wire, const std::string& session) {
  static const std::regex kLongWait(R"((?:^|^\S+ )\d{4,}ms.*)");
  for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 3) {
    end = session.find(" | ", begin);
    const std::string part = session.substr(begin, end == std::string::npos ? end : end - begin);
    INFO("step: " << part);
    const std::string said = part.substr(0, part.find_first_of(" '"));
    const bool speaks = begin > 0;
    if (speaks) wire.send(said == "<content>" ? kBody : line_for(said, 0) + "\r\n");
    if (std::regex_match(part, kLongWait)) {
      // Of a reply of several lines the first does not wait.
      if (const std::string first = unescaped(part.substr(std::min(part.find('\'') + 1, part.size())));
          part.find('\'') != std::string::npos)
        CHECK(first.starts_with(wire.exactly(first.find('\n') + 1)));
      CHECK(wire.quiet_for(kQuiet));
      return;
    }
    REQUIRE(wire.reply().code == std::stoi(speaks ? part.substr(said.size() + 1) : part));
  }
  FAIL("no wait was met");
}

void check_session(const std::string& session, std::uint16_t port) {
  Wire wire(port);
  int recipient = 0;
  for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 3) {
    end = session.find(" | ", begin);
    const std::string part = session.substr(begin, end == std::string::npos ? end : end - begin);
    if (part.front() == '(') {
      if (part == "(quit)" || part == "(server-closed)") {
        if (session.find("stall | (") == std::string::npos) CHECK(wire.ending() == Ending::fin);
      }
      return;
    }
    const Step step = step_of(begin == 0 ? " " + part : part);
    INFO("step: " << part);
    if (step.said == "<content>")
      wire.send(kBody);
    else if (!step.said.empty())
      wire.send(line_for(step.said, step.said == "RCPT" ? recipient++ : 0) + "\r\n");
    if (!step.code.empty()) CHECK(std::to_string(wire.reply().code) == step.code);
    if (step.length > 0) check_bytes(wire, step);
    check_doing(wire, step.doing);
  }
}

}  // namespace

TEST_CASE("each fault, from outside") {
  const std::map<std::string, std::string> quick = faults(true);
  REQUIRE(quick.size() > 60);
  const Server server(names_of(quick));
  for (const auto& [name, session] : quick) {
    INFO(name << ": " << session);
    check_session(session, server.port(name));
  }
}

TEST_CASE("each fault that takes seconds: all that comes before the wait, and then nothing") {
  const std::map<std::string, std::string> slow = faults(false);
  REQUIRE(slow.size() >= 5);
  const Server server(names_of(slow));
  for (const auto& [name, session] : slow) {
    INFO(name << ": " << session);
    Wire wire(server.port(name));
    check_until_wait(wire, session);
  }
}
