// What a scenario file says: values with their places in the file, structure and types checked, nothing compiled.
// reader.cpp makes it from YAML; compile.cpp makes rules of it that can be played.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalogue/stage.hpp"
#include "protocol/profile.hpp"

namespace malaposta::scenario {

using catalogue::Stage;
using Duration = std::chrono::nanoseconds;

// Where something stands in its file. Lines and columns count from 1; column and length are in bytes.
struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 1;
};

struct Text {
  std::string value;
  Place place;
};

// A setting that is a value, or a template ("${n}") whose value is known only when the rule fires.
template <typename T>
struct Setting {
  std::optional<T> fixed;
  Text text;  // as written
};

// What a condition or a key looks at.
enum class Subject : std::uint8_t {
  ip,
  port,
  helo,
  mail,
  rcpt,
  user,
  mechanism,
  sni,  // texts, but port: a number
  command,
  argument,
  param,
  header,
  body,            // texts; param and header carry a name
  size,
  rcpts,
  connection,
  transaction,
  attempt,
  step,        // numbers
  tls,
  authenticated,
  pipelined,                     // booleans
  state,                                             // text
};

// Their keys in `when`. Those that end with a dot carry a name: "header.subject".
inline constexpr std::array<std::string_view, 23> kSubjectKeys{
    "ip",   "port", "helo",  "mail",       "rcpt",        "user",    "mechanism", "sni", "command",       "argument",  "param.", "header.",
    "body", "size", "rcpts", "connection", "transaction", "attempt", "step",      "tls", "authenticated", "pipelined", "state"};
static_assert(kSubjectKeys.size() == static_cast<std::size_t>(Subject::state) + 1);

struct TextPattern {
  std::vector<Text> any_of;  // literals, globs, /regular expressions/
  bool negated = false;      // { not: … }
};

struct NumberPattern {  // 3 · ">= 100" · "10..20" · a list: any of them
  struct Range {
    std::uint64_t min = 0;
    std::uint64_t max = UINT64_MAX;
  };
  std::vector<Range> any_of;
  bool negated = false;
};

struct Condition {
  Subject subject{};
  std::string name;  // of the header field or the parameter
  Place place;       // of the key
  TextPattern text;      // for the subjects that are texts (ip: addresses, CIDR)
  NumberPattern number;  // for those that are numbers
  bool flag = false;     // for those that are booleans
};

struct Delay {
  enum class Kind : std::uint8_t { fixed, uniform, normal, lognormal };
  Kind kind = Kind::fixed;
  Setting<Duration> fixed;   // fixed
  Duration low{}, high{};    // uniform
  Duration mean{}, sd{};     // normal
  Duration median{}, max{};  // lognormal; max zero: none
  double sigma = 0;
  Place place;
};

struct Dribble {
  std::uint64_t bytes = 1;
  Duration every{};
  std::optional<Duration> over;  // instead of `every`: spread evenly over this time
  Place place;
};

// `read`: from here on the client's bytes are taken in pieces.
struct SlowRead {
  std::uint64_t bytes = 1;
  Duration every{};
};

enum class FaultKind : std::uint8_t { close, reset, half_close, stall, silence, garbage, truncate, discard, duplicate };
enum class Then : std::uint8_t { stay, close, reset, half_close, stall, starttls };

struct ReplyText {
  std::vector<Text> lines;  // as written: a scalar is split at its line breaks
  Place place;
};

struct DoStep {
  enum class Kind : std::uint8_t { send, reply, wait, read_bytes, read_line, close, reset, half_close, set, starttls, go_to };
  Kind kind{};
  Text text;                   // send: the bytes; set: the state
  ReplyText reply;
  Setting<Duration> duration;  // wait
  std::uint64_t number = 0;    // read_bytes
  Stage stage{};               // go_to
  Place place;
};

struct Window {
  Duration after{};
  std::optional<Duration> until;
  Place place;
};

struct Rate {
  std::uint64_t max = 0;
  Duration per{};
  Place place;
};

struct Rule {
  Text id;  // given, or "rule-N" (N from 1) with the rule's place
  Place place;
  std::vector<Stage> at;
  Place at_place;
  std::vector<Condition> when;

  std::optional<Setting<std::uint64_t>> times;
  std::optional<Setting<std::uint64_t>> skip;
  std::optional<Setting<std::uint64_t>> every;
  std::optional<double> probability;  // 0..1
  std::vector<Subject> key;           // texts and ip only; empty: one per scenario
  std::optional<Window> window;
  std::optional<Rate> rate;
  std::optional<Text> set;

  std::optional<ReplyText> reply;
  std::optional<FaultKind> fault;
  Place fault_place;
  std::optional<Then> then;
  std::optional<Setting<Duration>> hold;         // `for`, of stall and silence
  std::optional<Setting<std::uint64_t>> bytes;   // of garbage and truncate
  std::optional<Setting<std::uint64_t>> after;   // at body: content bytes before it happens
  std::optional<Delay> delay;
  std::optional<Dribble> dribble;
  std::optional<SlowRead> read;
  std::vector<DoStep> steps;                     // `do`
  std::optional<bool> capture;

  bool has_outcome() const { return reply || fault || !steps.empty(); }
};

enum class Listen : std::uint8_t { accept, refuse, ignore };
using TlsMode = protocol::Tls;

// As scenario files write them.
std::string_view word_of(Listen listen);
std::string_view word_of(TlsMode mode);

enum class CertificateKind : std::uint8_t {
  valid,
  self_signed,
  expired,
  not_yet_valid,
  wrong_host,
  untrusted_root,
  incomplete_chain,
  weak_key
};
enum class TlsVersion : std::uint8_t { v1_0, v1_1, v1_2, v1_3 };
enum class ClientCertificate : std::uint8_t { none, request, require };

struct TlsSection {
  TlsMode mode = TlsMode::none;
  std::optional<CertificateKind> certificate;  // not given: valid, unless the server was started with files
  Text certificate_file, key_file;         // PEM; instead of `certificate`
  std::vector<TlsVersion> versions;        // empty: 1.2 and 1.3
  Text ciphers;                            // OpenSSL's list; empty: its default
  ClientCertificate client_certificate = ClientCertificate::none;
  bool resumption = true;
  bool close_notify = true;  // false: the connection just ends
  std::vector<Text> alpn;    // protocols to choose from; empty: the extension is ignored
};

struct ServerSection {
  std::optional<Text> hostname;
  Listen listen = Listen::accept;
  bool lmtp = false;
  protocol::Proxy proxy = protocol::Proxy::none;
  bool strict_syntax = false;               // `syntax: strict`
  std::optional<ReplyText> greeting;
  std::optional<std::vector<Text>> keywords;  // `extensions` as a list: exactly these
  std::vector<Text> without;                  // `extensions` as a map: changes of the default set
  std::vector<Text> extra;
  std::optional<std::uint64_t> size;          // bytes
  std::optional<std::vector<Text>> mechanisms;
  std::vector<std::pair<Text, Text>> users;
  bool auth_required = false;
  TlsSection tls;
  std::optional<std::uint64_t> recipients, line, connections, receive_buffer;
  std::optional<Duration> timeout;
};

struct Count {  // exactly, min, max
  std::uint64_t min = 0;
  std::uint64_t max = UINT64_MAX;
};

// One entry of `expect`. Exactly one of these is said, by `kind`.
struct Expectation {
  enum class Kind : std::uint8_t {
    connections,
    attempts,
    accepted,
    captured,
    commands,
    quiet,
    sequence,
    never,
    message,
    ends,
    client,
    findings,
    rule
  };
  Kind kind{};
  Place place;
  std::optional<Count> count;      // connections, attempts, accepted, captured, commands
  std::vector<Text> same;          // attempts: mail, rcpts, header.NAME
  std::optional<Duration> gap_min, gap_max;  // attempts
  Text verb;                       // commands: of which verb; empty: all
  Duration quiet{};                // quiet
  std::vector<Text> sequence;      // sequence: verbs
  std::vector<Stage> at;           // never
  std::optional<bool> tls;         // never
  std::vector<std::pair<Text, TextPattern>> message;  // mail, rcpts, body, header.NAME
  std::vector<Text> ends;          // quit, close, reset: any of them
  std::optional<std::uint64_t> exit;  // client
  Text findings;                   // note, warning or error: none at or above
  Text rule;                       // rule: id
  std::optional<std::uint64_t> fired;
};

// One scenario file.
struct Model {
  std::string file;       // as named by the user; "<builtin>/550.yaml" style for shipped ones
  std::shared_ptr<const std::string> source;  // the whole file, which all cells of a matrix share; empty where it was not loaded as one
  Text name;              // kebab-case
  std::string title;
  std::string description;
  std::vector<int> codes;
  std::vector<std::pair<Text, Text>> vars;
  std::vector<std::pair<Text, std::vector<Text>>> matrix;  // each name with the values that it takes in turn
  std::string cell;  // "expired,tls1.2": the values of this one; also behind the name, in brackets
  ServerSection server;
  Place server_place;            // of `server`; line 0 where it is not said
  std::vector<Condition> route;  // sessions that it applies to, on a port that others share; empty: all of its port
  Place route_place;
  std::vector<Rule> rules;
  std::vector<Text> dialog;  // the lines of a strict dialog, instead of rules
  Place dialog_place;        // line 0 where there is none
  std::vector<Expectation> expect;
};

}  // namespace malaposta::scenario
