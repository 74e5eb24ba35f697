// The mechanism of the tables of keys; and that each key of each table is read, checked and in the schema.
#include "scenario/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <set>

#include "scenario/reading_fixture.hpp"
#include "testing/catch.hpp"

using namespace malaposta::scenario;
using namespace malaposta::scenario::reading_test;

namespace {

// A file in which a key stands between @ and @. Adding a key to a table means adding a row here.
struct Example {
  std::string_view definition;  // in the schema
  std::string_view key;         // there: a property, or the beginning of a pattern
  std::string_view source;
};

constexpr Example kExamples[] = {
    {"scenario", "malaposta", "@malaposta@: 1"},
    {"scenario", "name", "malaposta: 1\n@name@: a-1"},
    {"scenario", "title", "malaposta: 1\n@title@: A title"},
    {"scenario", "description", "malaposta: 1\n@description@: |\n  Much\n  text"},
    {"scenario", "codes", "malaposta: 1\n@codes@: [451, 550]"},
    {"scenario", "vars", "malaposta: 1\n@vars@: { window: 30s }"},
    {"scenario", "server", "malaposta: 1\n@server@: {}"},
    {"scenario", "rules", "malaposta: 1\n@rules@: []"},
    {"scenario", "expect", "malaposta: 1\n@expect@: []"},

    {"server", "hostname", "malaposta: 1\nserver: { @hostname@: mx.example.test }"},
    {"server", "listen", "malaposta: 1\nserver: { @listen@: refuse }"},
    {"server", "protocol", "malaposta: 1\nserver: { @protocol@: lmtp }"},
    {"server", "greeting", "malaposta: 1\nserver: { @greeting@: 220 mx.example.test ESMTP ready }"},
    {"server", "extensions", "malaposta: 1\nserver: { @extensions@: [PIPELINING, SIZE 32] }"},
    {"server", "proxy", "malaposta: 1\nserver: { @proxy@: any }"},
    {"limits", "receive-buffer", "malaposta: 1\nserver: { limits: { @receive-buffer@: 4096 } }"},
    {"rule", "read", "malaposta: 1\nrules: [{ at: data, @read@: { every: 1s } }]"},
    {"read", "bytes", "malaposta: 1\nrules: [{ at: data, read: { @bytes@: 2, every: 1s } }]"},
    {"read", "every", "malaposta: 1\nrules: [{ at: data, read: { @every@: 1s } }]"},
    {"server", "auth", "malaposta: 1\nserver: { @auth@: {} }"},
    {"server", "limits", "malaposta: 1\nserver: { @limits@: {} }"},
    {"server", "syntax", "malaposta: 1\nserver: { @syntax@: strict }"},
    {"extensions", "size", "malaposta: 1\nserver: { extensions: { @size@: 10MB } }"},
    {"extensions", "auth", "malaposta: 1\nserver: { extensions: { @auth@: [PLAIN, LOGIN] } }"},
    {"extensions", "without", "malaposta: 1\nserver: { extensions: { @without@: [PIPELINING] } }"},
    {"extensions", "extra", "malaposta: 1\nserver: { extensions: { @extra@: [XFOO bar] } }"},
    {"auth", "users", "malaposta: 1\nserver: { auth: { @users@: { alice: secret } } }"},
    {"auth", "required", "malaposta: 1\nserver: { auth: { @required@: true } }"},
    {"server", "tls", "malaposta: 1\nserver: { @tls@: {} }"},
    {"tls", "mode", "malaposta: 1\nserver: { tls: { @mode@: implicit } }"},
    {"tls", "certificate", "malaposta: 1\nserver: { tls: { @certificate@: expired } }"},
    {"tls", "versions", "malaposta: 1\nserver: { tls: { @versions@: [tls1.2, tls1.3] } }"},
    {"tls", "ciphers", "malaposta: 1\nserver: { tls: { @ciphers@: TLS_AES_128_GCM_SHA256 } }"},
    {"tls", "client-certificate", "malaposta: 1\nserver: { tls: { @client-certificate@: require } }"},
    {"tls", "resumption", "malaposta: 1\nserver: { tls: { @resumption@: false } }"},
    {"tls", "close-notify", "malaposta: 1\nserver: { tls: { @close-notify@: false } }"},
    {"tls", "alpn", "malaposta: 1\nserver: { tls: { @alpn@: [smtp] } }"},
    {"certificate", "cert", "malaposta: 1\nserver: { tls: { certificate: { @cert@: a.pem, key: b.pem } } }"},
    {"certificate", "key", "malaposta: 1\nserver: { tls: { certificate: { cert: a.pem, @key@: b.pem } } }"},
    {"limits", "recipients", "malaposta: 1\nserver: { limits: { @recipients@: 100 } }"},
    {"limits", "line", "malaposta: 1\nserver: { limits: { @line@: 1000 } }"},
    {"limits", "connections", "malaposta: 1\nserver: { limits: { @connections@: 1000 } }"},
    {"limits", "timeout", "malaposta: 1\nserver: { limits: { @timeout@: 5m } }"},

    {"rule", "id", "malaposta: 1\nrules: [{ @id@: a, at: rcpt }]"},
    {"rule", "at", "malaposta: 1\nrules: [{ @at@: [mail, rcpt] }]"},
    {"rule", "when", "malaposta: 1\nrules: [{ at: rcpt, @when@: {} }]"},
    {"rule", "times", "malaposta: 1\nrules: [{ at: rcpt, @times@: 2 }]"},
    {"rule", "skip", "malaposta: 1\nrules: [{ at: rcpt, @skip@: 2 }]"},
    {"rule", "every", "malaposta: 1\nrules: [{ at: rcpt, @every@: 2 }]"},
    {"rule", "probability", "malaposta: 1\nrules: [{ at: rcpt, @probability@: 0.25 }]"},
    {"rule", "key", "malaposta: 1\nrules: [{ at: rcpt, @key@: [ip, mail, rcpt] }]"},
    {"rule", "window", "malaposta: 1\nrules: [{ at: rcpt, @window@: {} }]"},
    {"rule", "rate", "malaposta: 1\nrules: [{ at: rcpt, @rate@: { max: 5, per: 1m } }]"},
    {"rule", "set", "malaposta: 1\nrules: [{ at: rcpt, @set@: seen }]"},
    {"rule", "reply", "malaposta: 1\nrules: [{ at: rcpt, @reply@: 550 5.1.1 User unknown }]"},
    {"rule", "fault", "malaposta: 1\nrules: [{ at: rcpt, @fault@: reset }]"},
    {"rule", "then", "malaposta: 1\nrules: [{ at: rcpt, @then@: close }]"},
    {"rule", "for", "malaposta: 1\nrules: [{ at: rcpt, @for@: 60s }]"},
    {"rule", "bytes", "malaposta: 1\nrules: [{ at: rcpt, @bytes@: 64 }]"},
    {"rule", "after", "malaposta: 1\nrules: [{ at: rcpt, @after@: 4096 }]"},
    {"rule", "delay", "malaposta: 1\nrules: [{ at: rcpt, @delay@: 2s }]"},
    {"rule", "dribble", "malaposta: 1\nrules: [{ at: rcpt, @dribble@: { every: 50ms } }]"},
    {"rule", "do", "malaposta: 1\nrules: [{ at: rcpt, @do@: [close] }]"},
    {"rule", "capture", "malaposta: 1\nrules: [{ at: rcpt, @capture@: false }]"},

    {"when", "ip", "malaposta: 1\nrules: [{ at: rcpt, when: { @ip@: 192.0.2.0/24 } }]"},
    {"when", "port", "malaposta: 1\nrules: [{ at: rcpt, when: { @port@: 2525 } }]"},
    {"when", "helo", "malaposta: 1\nrules: [{ at: rcpt, when: { @helo@: localhost } }]"},
    {"when", "mail", "malaposta: 1\nrules: [{ at: rcpt, when: { @mail@: alice@example.com } }]"},
    {"when", "rcpt", "malaposta: 1\nrules: [{ at: rcpt, when: { @rcpt@: '/^bob/' } }]"},
    {"when", "user", "malaposta: 1\nrules: [{ at: rcpt, when: { @user@: alice } }]"},
    {"when", "mechanism", "malaposta: 1\nrules: [{ at: rcpt, when: { @mechanism@: PLAIN } }]"},
    {"when", "sni", "malaposta: 1\nrules: [{ at: rcpt, when: { @sni@: '*.test' } }]"},
    {"when", "command", "malaposta: 1\nrules: [{ at: rcpt, when: { @command@: 'RCPT *' } }]"},
    {"when", "argument", "malaposta: 1\nrules: [{ at: rcpt, when: { @argument@: x } }]"},
    {"when", "param.", "malaposta: 1\nrules: [{ at: rcpt, when: { @param.SIZE@: '1*' } }]"},
    {"when", "header.", "malaposta: 1\nrules: [{ at: rcpt, when: { @header.subject@: invoice } }]"},
    {"when", "body", "malaposta: 1\nrules: [{ at: rcpt, when: { @body@: '*viagra*' } }]"},
    {"when", "size", "malaposta: 1\nrules: [{ at: rcpt, when: { @size@: '>= 10kB' } }]"},
    {"when", "rcpts", "malaposta: 1\nrules: [{ at: rcpt, when: { @rcpts@: 10..20 } }]"},
    {"when", "connection", "malaposta: 1\nrules: [{ at: rcpt, when: { @connection@: 1 } }]"},
    {"when", "transaction", "malaposta: 1\nrules: [{ at: rcpt, when: { @transaction@: [1, 3] } }]"},
    {"when", "attempt", "malaposta: 1\nrules: [{ at: rcpt, when: { @attempt@: '< 3' } }]"},
    {"when", "step", "malaposta: 1\nrules: [{ at: auth, when: { @step@: 2 } }]"},
    {"when", "tls", "malaposta: 1\nrules: [{ at: rcpt, when: { @tls@: false } }]"},
    {"when", "authenticated", "malaposta: 1\nrules: [{ at: rcpt, when: { @authenticated@: true } }]"},
    {"when", "pipelined", "malaposta: 1\nrules: [{ at: rcpt, when: { @pipelined@: true } }]"},
    {"when", "state", "malaposta: 1\nrules: [{ at: rcpt, when: { @state@: start } }]"},
    {"text-pattern", "not", "malaposta: 1\nrules: [{ at: rcpt, when: { rcpt: { @not@: [a@b.test, c@d.test] } } }]"},
    {"number-pattern", "not", "malaposta: 1\nrules: [{ at: rcpt, when: { rcpts: { @not@: 3 } } }]"},

    {"window", "after", "malaposta: 1\nrules: [{ at: rcpt, window: { @after@: 10s } }]"},
    {"window", "until", "malaposta: 1\nrules: [{ at: rcpt, window: { @until@: 60s } }]"},
    {"rate", "max", "malaposta: 1\nrules: [{ at: rcpt, rate: { @max@: 5, per: 1m } }]"},
    {"rate", "per", "malaposta: 1\nrules: [{ at: rcpt, rate: { max: 5, @per@: 1m } }]"},
    {"delay", "uniform", "malaposta: 1\nrules: [{ at: rcpt, delay: { @uniform@: [1s, 3s] } }]"},
    {"delay", "normal", "malaposta: 1\nrules: [{ at: rcpt, delay: { @normal@: { mean: 1s, sd: 200ms } } }]"},
    {"delay", "lognormal", "malaposta: 1\nrules: [{ at: rcpt, delay: { @lognormal@: { median: 90ms, sigma: 0.4 } } }]"},
    {"normal", "mean", "malaposta: 1\nrules: [{ at: rcpt, delay: { normal: { @mean@: 1s, sd: 200ms } } }]"},
    {"normal", "sd", "malaposta: 1\nrules: [{ at: rcpt, delay: { normal: { mean: 1s, @sd@: 200ms } } }]"},
    {"lognormal", "median", "malaposta: 1\nrules: [{ at: rcpt, delay: { lognormal: { @median@: 90ms, sigma: 0.4 } } }]"},
    {"lognormal", "sigma", "malaposta: 1\nrules: [{ at: rcpt, delay: { lognormal: { median: 90ms, @sigma@: 0.4 } } }]"},
    {"lognormal", "max", "malaposta: 1\nrules: [{ at: rcpt, delay: { lognormal: { median: 90ms, sigma: 0.4, @max@: 2s } } }]"},
    {"dribble", "bytes", "malaposta: 1\nrules: [{ at: rcpt, dribble: { @bytes@: 2, every: 50ms } }]"},
    {"dribble", "every", "malaposta: 1\nrules: [{ at: rcpt, dribble: { @every@: 50ms } }]"},
    {"dribble", "over", "malaposta: 1\nrules: [{ at: rcpt, dribble: { @over@: 3s } }]"},
    {"step", "send", "malaposta: 1\nrules: [{ at: rcpt, do: [{ @send@: 250-half a re }] }]"},
    {"step", "reply", "malaposta: 1\nrules: [{ at: rcpt, do: [{ @reply@: 250 }] }]"},
    {"step", "wait", "malaposta: 1\nrules: [{ at: rcpt, do: [{ @wait@: 2s }] }]"},
    {"step", "read", "malaposta: 1\nrules: [{ at: rcpt, do: [{ @read@: line }] }]"},
    {"step", "set", "malaposta: 1\nrules: [{ at: rcpt, do: [{ @set@: seen }] }]"},

    {"expectation", "connections", "malaposta: 1\nexpect: [{ @connections@: { max: 3 } }]"},
    {"expectation", "attempts", "malaposta: 1\nexpect: [{ @attempts@: { exactly: 3 } }]"},
    {"expectation", "accepted", "malaposta: 1\nexpect: [{ @accepted@: 1 }]"},
    {"expectation", "captured", "malaposta: 1\nexpect: [{ @captured@: { min: 1 } }]"},
    {"expectation", "commands", "malaposta: 1\nexpect: [{ @commands@: { max: 10 } }]"},
    {"expectation", "quiet", "malaposta: 1\nexpect: [{ @quiet@: 2s }]"},
    {"expectation", "sequence", "malaposta: 1\nexpect: [{ @sequence@: [EHLO, MAIL, RCPT, QUIT] }]"},
    {"expectation", "never", "malaposta: 1\nexpect: [{ @never@: { at: [auth, mail], tls: false } }]"},
    {"expectation", "message", "malaposta: 1\nexpect: [{ @message@: { body: hello } }]"},
    {"expectation", "ends", "malaposta: 1\nexpect: [{ @ends@: quit }]"},
    {"expectation", "client", "malaposta: 1\nexpect: [{ @client@: { exit: 0 } }]"},
    {"expectation", "findings", "malaposta: 1\nexpect: [{ @findings@: { none: warning } }]"},
    {"expectation", "rule", "malaposta: 1\nexpect: [{ @rule@: { id: tempfail, fired: 2 } }]"},
    {"count", "exactly", "malaposta: 1\nexpect: [{ accepted: { @exactly@: 1 } }]"},
    {"count", "min", "malaposta: 1\nexpect: [{ accepted: { @min@: 1, max: 2 } }]"},
    {"count", "max", "malaposta: 1\nexpect: [{ accepted: { min: 1, @max@: 2 } }]"},
    {"scenario", "matrix", "malaposta: 1\n@matrix@: { code: [450, 451] }"},
    {"scenario", "dialog", "malaposta: 1\n@dialog@: |\n  S: 220 hello\n"},
    {"step", "goto", "malaposta: 1\nrules: [{ at: mail, do: [{ reply: 354 Go }, { @goto@: body }] }]"},
    {"scenario", "route", "malaposta: 1\n@route@: { helo: a.example.test }"},
    {"attempts", "exactly", "malaposta: 1\nexpect: [{ attempts: { @exactly@: 1 } }]"},
    {"attempts", "min", "malaposta: 1\nexpect: [{ attempts: { @min@: 1, max: 2 } }]"},
    {"attempts", "max", "malaposta: 1\nexpect: [{ attempts: { min: 1, @max@: 2 } }]"},
    {"attempts", "same", "malaposta: 1\nexpect: [{ attempts: { @same@: [mail, rcpts, header.message-id] } }]"},
    {"attempts", "gap", "malaposta: 1\nexpect: [{ attempts: { @gap@: { max: 30s } } }]"},
    {"gap", "min", "malaposta: 1\nexpect: [{ attempts: { gap: { @min@: 1s } } }]"},
    {"gap", "max", "malaposta: 1\nexpect: [{ attempts: { gap: { @max@: 30s } } }]"},
    {"commands", "exactly", "malaposta: 1\nexpect: [{ commands: { @exactly@: 1 } }]"},
    {"commands", "min", "malaposta: 1\nexpect: [{ commands: { @min@: 1, max: 2 } }]"},
    {"commands", "max", "malaposta: 1\nexpect: [{ commands: { min: 1, @max@: 2 } }]"},
    {"commands", "verb", "malaposta: 1\nexpect: [{ commands: { exactly: 0, @verb@: VRFY } }]"},
    {"never", "at", "malaposta: 1\nexpect: [{ never: { @at@: auth } }]"},
    {"never", "tls", "malaposta: 1\nexpect: [{ never: { at: auth, @tls@: false } }]"},
    {"message", "mail", "malaposta: 1\nexpect: [{ message: { @mail@: alice@example.com } }]"},
    {"message", "rcpts", "malaposta: 1\nexpect: [{ message: { @rcpts@: [bob@example.com] } }]"},
    {"message", "body", "malaposta: 1\nexpect: [{ message: { @body@: '*hello*' } }]"},
    {"message", "header.", "malaposta: 1\nexpect: [{ message: { @header.subject@: hello } }]"},
    {"client", "exit", "malaposta: 1\nexpect: [{ client: { @exit@: 0 } }]"},
    {"findings", "none", "malaposta: 1\nexpect: [{ findings: { @none@: note } }]"},
    {"fired-rule", "id", "malaposta: 1\nexpect: [{ rule: { @id@: tempfail } }]"},
    {"fired-rule", "fired", "malaposta: 1\nexpect: [{ rule: { id: tempfail, @fired@: 2 } }]"},
};

// The source with `with` around the key instead of the marks.
std::string marked(std::string_view source, std::string_view with) {
  const std::size_t first = source.find('@'), second = source.find("@:", first + 1);
  return fmt::format("{}{}{}{}\n", source.substr(0, first), with, source.substr(first + 1, second - first - 1), source.substr(second + 1));
}

}  // namespace

TEST_CASE("each key of each table has an example") {
  std::set<std::pair<std::string, std::string>> in_schema, in_examples;
  const auto definitions = boost::json::parse(schema()).at("definitions").as_object();
  for (const auto& definition : definitions) {
    const auto& table = definition.value().as_object();
    if (const auto* properties = table.if_contains("properties"))
      for (const auto& property : properties->as_object()) in_schema.emplace(definition.key(), property.key());
    if (const auto* patterns = table.if_contains("patternProperties"))
      for (const auto& pattern : patterns->as_object()) {
        const std::string_view text = pattern.key();  // "^header\..+$"
        in_schema.emplace(definition.key(), std::string(text.substr(1, text.find('\\') - 1)) + ".");
      }
  }
  for (const Example& example : kExamples) in_examples.emplace(example.definition, example.key);
  CHECK(in_schema == in_examples);
}

TEST_CASE("each key is read, and only by its own name") {
  for (const Example& example : kExamples) {
    CAPTURE(example.definition, example.key, example.source);
    CHECK(problems_of_file(marked(example.source, "")).empty());
    std::string name(example.definition);
    std::replace(name.begin(), name.end(), '-', ' ');
    const std::string wrong = problems_of_file(marked(example.source, "x"));
    CHECK(wrong.find(fmt::format("error: unknown key 'x{}", example.key)) != std::string::npos);
    CHECK(wrong.find(fmt::format("' in {}\n", name)) != std::string::npos);
  }
}

TEST_CASE("unknown keys") {
  CHECK(problems("rules:\n  - id: a\n    at: rcpt\n    replay: 550 5.1.1\n") ==
        "a.yaml:5:5: error: unknown key 'replay' in rule\n"
        "  5 |     replay: 550 5.1.1\n"
        "    |     ^^^^^^ did you mean 'reply'?\n");
  CHECK(problems("rules: [{ at: rcpt, when: { heade.x: y } }]\n") ==
        "a.yaml:2:29: error: unknown key 'heade.x' in when\n"
        "  2 | rules: [{ at: rcpt, when: { heade.x: y } }]\n"
        "    |                             ^^^^^^^ did you mean 'header.NAME'?\n");
  CHECK(problems("colour: red\n") ==
        "a.yaml:2:1: error: unknown key 'colour' in scenario\n"
        "  2 | colour: red\n"
        "    | ^^^^^^ its keys are malaposta, name, title, description, codes, matrix, vars, server, route, rules, dialog, expect\n");
  CHECK(problems(std::string(200, 'k') + ": 1\n") ==
        "a.yaml:2:1: error: unknown key '" + std::string(60, 'k') +
            "…' in scenario\n"
            "  2 | " +
            std::string(120, 'k') +
            "…\n"
            "    | " +
            std::string(120, '^') +
            " its keys are malaposta, name, title, description, codes, matrix, vars, server, route, rules, dialog, expect\n");
}

TEST_CASE("a key that carries a name needs one") {
  CHECK(problems("rules: [{ at: rcpt, when: { header.: y } }]\n") ==
        "a.yaml:2:29: error: unknown key 'header.' in when\n"
        "  2 | rules: [{ at: rcpt, when: { header.: y } }]\n"
        "    |                             ^^^^^^^ did you mean 'header.NAME'?\n");
}

TEST_CASE("double keys") {
  CHECK(problems("title: a\nname: b\ntitle: c\n") ==
        "a.yaml:4:1: error: key 'title' stands twice in scenario\n"
        "  4 | title: c\n"
        "    | ^^^^^ first on line 2\n");
  CHECK(problems("rules: [{ at: rcpt, when: { header.a: x, header.b: y, header.a: z } }]\n") ==
        "a.yaml:2:55: error: key 'header.a' stands twice in when\n"
        "  2 | rules: [{ at: rcpt, when: { header.a: x, header.b: y, header.a: z } }]\n"
        "    |                                                       ^^^^^^^^ first on line 2\n");
}

TEST_CASE("keys that are not words") {
  CHECK(problems("? [a, b]\n: c\n") ==
        "a.yaml:2:3: error: expected a key, not a list\n"
        "  2 | ? [a, b]\n"
        "    |   ^\n");
}

TEST_CASE("missing keys") {
  CHECK(problems("rules:\n  - id: a\n    reply: 550\n") ==
        "a.yaml:3:5: error: rule has no 'at'\n"
        "  3 |   - id: a\n"
        "    |     ^^\n");
  CHECK(problems_of_file("title: a\n") ==
        "a.yaml:1:1: error: scenario has no 'malaposta'\n"
        "  1 | title: a\n"
        "    | ^^^^^\n");
}

TEST_CASE("mappings that have exactly one key") {
  CHECK(problems("expect:\n  - accepted: 1\n    quiet: 2s\n") ==
        "a.yaml:4:5: error: expectation has one key, and 'quiet' is a second one\n"
        "  4 |     quiet: 2s\n"
        "    |     ^^^^^ begin it with '- '\n");
  CHECK(problems("expect: [{ accepted: 1, quiet: 2s }]\n") ==
        "a.yaml:2:25: error: expectation has one key, and 'quiet' is a second one\n"
        "  2 | expect: [{ accepted: 1, quiet: 2s }]\n"
        "    |                         ^^^^^\n");
  CHECK(problems("rules: [{ at: rcpt, do: [{}] }]\n") ==
        "a.yaml:2:26: error: step is empty\n"
        "  2 | rules: [{ at: rcpt, do: [{}] }]\n"
        "    |                          ^ its keys are send, reply, wait, read, set, goto\n");
}

TEST_CASE("values of the wrong kind say what is wanted") {
  CHECK(problems("rules: { at: rcpt }\n") ==
        "a.yaml:2:8: error: expected a list of rules, not a mapping\n"
        "  2 | rules: { at: rcpt }\n"
        "    |        ^\n");
  CHECK(problems("title: [a]\n") ==
        "a.yaml:2:8: error: expected a text, not a list\n"
        "  2 | title: [a]\n"
        "    |        ^\n");
  CHECK(problems("server: smtp\n") ==
        "a.yaml:2:9: error: expected a mapping, not 'smtp'\n"
        "  2 | server: smtp\n"
        "    |         ^^^^\n");
  CHECK(problems("rules:\n  - at: rcpt\n    reply:\n") ==
        "a.yaml:4:5: error: expected a reply, such as 550 5.1.1 User unknown, or a list of its lines, and nothing is here\n"
        "  4 |     reply:\n"
        "    |     ^^^^^\n");
  CHECK(problems("codes: [451, [552]]\n") ==
        "a.yaml:2:14: error: expected a code from 100 to 599, not a list\n"
        "  2 | codes: [451, [552]]\n"
        "    |              ^\n");
}

TEST_CASE("every problem of a file is told in one go") {
  CHECK(problems("name: Ä\nrules:\n  - at: rctp\n    times: x\n  - reply: 550\n") ==
        "a.yaml:2:7: error: name 'Ä' is not in kebab-case\n"
        "  2 | name: Ä\n"
        "    |       ^ lower-case letters and digits, with single hyphens between\n"
        "a.yaml:4:9: error: unknown stage 'rctp'\n"
        "  4 |   - at: rctp\n"
        "    |         ^^^^ did you mean 'rcpt'?\n"
        "a.yaml:5:12: error: expected a number, such as 3 or 10kB, not 'x'\n"
        "  5 |     times: x\n"
        "    |            ^\n"
        "a.yaml:6:5: error: rule has no 'at'\n"
        "  6 |   - reply: 550\n"
        "    |     ^^^^^\n");
}

TEST_CASE("a list that must not be empty says so, in the schema too") {
  for (const std::string_view bad : {"rules: [{ at: [], reply: 550 }]", "rules: [{ at: rcpt, key: [] }]",
                                     "rules: [{ at: rcpt, reply: [] }]", "codes: []", "expect: [{ sequence: [] }]",
                                     "expect: [{ ends: [] }]", "expect: [{ never: { at: [] } }]", "expect: [{ attempts: { same: [] } }]"}) {
    CAPTURE(bad);
    CHECK(problems(fmt::format("{}\n", bad)).find(", not an empty list\n") != std::string::npos);
  }
  const auto at = boost::json::parse(schema()).at("definitions").at("rule").at("properties").at("at");
  CHECK(at.at("oneOf").at(1).at("minItems") == 1);
}

TEST_CASE("thirty thousand keys are read like three") {
  std::string users = "server:\n  auth:\n    users:\n";
  for (int i = 0; i < 30'000; ++i) users += fmt::format("      key{}: value\n", i);
  CHECK(model(users).server.users.size() == 30'000);
  std::string unknown;
  for (int i = 0; i < 30'000; ++i) unknown += fmt::format("key{}: value\n", i);
  CHECK(problems(unknown).ends_with("a.yaml: error: 29900 more problems are not shown\n"));
}
