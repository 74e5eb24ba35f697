// The arguments of MAIL and RCPT, as RFC 5321 writes them and as clients do.
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "protocol/command.hpp"
#include "testing/catch.hpp"

using namespace malaposta::protocol;
using namespace std::string_literals;

namespace {

bool within(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

TEST_CASE("what RFC 5321 allows is read the same in both modes") {
  struct Row {
    std::string argument;
    std::string text, local_part, domain, parameters;
  };
  const Row rows[] = {
      {"FROM:<alice@example.com>", "alice@example.com", "alice", "example.com", ""},
      {"from:<alice@example.com>", "alice@example.com", "alice", "example.com", ""},
      {"FROM:<>", "", "", "", ""},
      {"FROM:<> SIZE=1", "", "", "", "SIZE=1"},
      {"FROM:<a@b> SIZE=1 BODY=8BITMIME", "a@b", "a", "b", "SIZE=1 BODY=8BITMIME"},
      {R"(FROM:<"a b"@c>)", R"("a b"@c)", R"("a b")", "c", ""},
      {R"(FROM:<"a@b>c"@d.example> RET=HDRS)", R"("a@b>c"@d.example)", R"("a@b>c")", "d.example", "RET=HDRS"},
      {R"(FROM:<"a\"\\"@b>)", R"("a\"\\"@b)", R"("a\"\\")", "b", ""},
      {R"(FROM:<""@b>)", R"(""@b)", R"("")", "b", ""},
      {"FROM:<a@[127.0.0.1]>", "a@[127.0.0.1]", "a", "[127.0.0.1]", ""},
      {"FROM:<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]", ""},
      {"FROM:<a@[x-tag:c>d@e]> SIZE=1", "a@[x-tag:c>d@e]", "a", "[x-tag:c>d@e]", "SIZE=1"},
  };
  for (const auto& row : rows)
    for (const auto syntax : {Syntax::tolerant, Syntax::strict}) {
      INFO(row.argument);
      const auto result = parse_mail_argument(row.argument, syntax, false);
      CHECK(result.error == SyntaxError::none);
      CHECK(result.path.text == row.text);
      CHECK(result.path.local_part == row.local_part);
      CHECK(result.path.domain == row.domain);
      CHECK(result.parameters == row.parameters);
      CHECK(result.deviations == 0);
    }
}

TEST_CASE("a source route is left out and told in both modes") {
  for (const auto syntax : {Syntax::tolerant, Syntax::strict}) {
    const auto result = parse_rcpt_argument("TO:<@a.example,@b.example:carol@c.example>", syntax, false);
    CHECK(result.error == SyntaxError::none);
    CHECK(result.path.text == "carol@c.example");
    CHECK(result.path.local_part == "carol");
    CHECK(result.deviations == kSourceRoute);
  }
}

TEST_CASE("RCPT takes <postmaster> without a domain, in any case") {
  for (const auto syntax : {Syntax::tolerant, Syntax::strict}) {
    const auto result = parse_rcpt_argument("TO:<PostMaster>", syntax, false);
    CHECK(result.error == SyntaxError::none);
    CHECK(result.path.text == "PostMaster");
    CHECK(result.path.domain.empty());
    CHECK(result.deviations == 0);
  }
  CHECK(parse_mail_argument("FROM:<postmaster>", Syntax::strict, false).error == SyntaxError::bad_domain);
}

TEST_CASE("what clients get wrong is understood and told, or refused where strictness was asked for") {
  struct Row {
    std::string argument;
    std::string text;
    Deviations deviations;
    SyntaxError strict;
  };
  const std::string local65(65, 'a');
  const std::string label50(50, 'b');
  const std::string domain254 = label50 + "." + label50 + "." + label50 + "." + label50 + "." + label50.substr(0, 50);
  const Row rows[] = {
      {"TO: <a@b>", "a@b", kSpaceAfterColon, SyntaxError::space_after_colon},
      {"TO:  a@b", "a@b", kSpaceAfterColon | kMissingBrackets, SyntaxError::space_after_colon},
      {"TO :<a@b>", "a@b", kExtraSpace, SyntaxError::missing_keyword},
      {"TO:a@b", "a@b", kMissingBrackets, SyntaxError::missing_brackets},
      {"TO:a@b NOTIFY=NEVER", "a@b", kMissingBrackets, SyntaxError::missing_brackets},
      {R"(TO:"a b"@c)", R"("a b"@c)", kMissingBrackets, SyntaxError::missing_brackets},
      {"TO:< a@b >", "a@b", kExtraSpace, SyntaxError::bad_local_part},
      {"TO:<a@b>  NOTIFY=NEVER", "a@b", kExtraSpace, SyntaxError::bad_parameter},
      {"TO:<a@b> NOTIFY=NEVER  X=1", "a@b", kExtraSpace, SyntaxError::bad_parameter},
      {"TO:<a@b>\tNOTIFY=NEVER", "a@b", kControlCharacter, SyntaxError::control_character},
      {"TO:<alice>", "alice", kBareAddress, SyntaxError::bad_domain},
      {"TO:alice", "alice", kBareAddress | kMissingBrackets, SyntaxError::missing_brackets},
      {"TO:<a@my_host.example>", "a@my_host.example", kDotlessOrOddDomain, SyntaxError::bad_domain},
      {"TO:<a@127.0.0.1>", "a@127.0.0.1", kDotlessOrOddDomain, SyntaxError::bad_domain},
      {"TO:<@my_host:a@b>", "a@b", kDotlessOrOddDomain | kSourceRoute, SyntaxError::bad_source_route},
      {"TO:<a.@b>", "a.@b", kOddLocalPart, SyntaxError::bad_local_part},
      {"TO:<a..c@b>", "a..c@b", kOddLocalPart, SyntaxError::bad_local_part},
      {"TO:<j\xC3\xBCrgen@b>", "j\xC3\xBCrgen@b", kEightBit, SyntaxError::eight_bit},
      {"TO:<j\xFCrgen@b>", "j\xFCrgen@b", kEightBit, SyntaxError::eight_bit},
      {"TO:<" + local65 + "@b>", local65 + "@b", kTooLong, SyntaxError::local_part_too_long},
      {"TO:<a@" + domain254 + ">", "a@" + domain254, kTooLong, SyntaxError::path_too_long},
      {"TO:<a@" + domain254 + ".cc>", "a@" + domain254 + ".cc", kTooLong, SyntaxError::domain_too_long},
  };
  for (const auto& row : rows) {
    INFO(row.argument);
    const auto tolerant = parse_rcpt_argument(row.argument, Syntax::tolerant, false);
    CHECK(tolerant.error == SyntaxError::none);
    CHECK(tolerant.path.text == row.text);
    CHECK(tolerant.deviations == row.deviations);
    CHECK(parse_rcpt_argument(row.argument, Syntax::strict, false).error == row.strict);
  }
}

TEST_CASE("the longest that RFC 5321 allows is allowed in strict mode") {
  const std::string local64(64, 'a');
  const std::string label63(63, 'b');
  const std::string rest(256 - 64 - 3 - 128, 'c');
  const auto result = parse_rcpt_argument("TO:<" + local64 + "@" + label63 + "." + label63 + "." + rest + ">", Syntax::strict, false);
  CHECK(result.error == SyntaxError::none);
  CHECK(result.path.text.size() == 254);
}

TEST_CASE("blanks at the end are cut and told, and refused in neither mode") {
  for (const auto syntax : {Syntax::tolerant, Syntax::strict}) {
    const auto result = parse_mail_argument("FROM:<a@b> SIZE=1  ", syntax, false);
    CHECK(result.error == SyntaxError::none);
    CHECK(result.parameters == "SIZE=1");
    CHECK(result.deviations == kTrailingSpace);
  }
}

TEST_CASE("what cannot be understood is an error in both modes") {
  struct Row {
    std::string argument;
    SyntaxError error;
  };
  const Row rows[] = {
      {"", SyntaxError::missing_keyword},
      {"<a@b>", SyntaxError::missing_keyword},
      {"FROM:<a@b>", SyntaxError::missing_keyword},
      {"TO<a@b>", SyntaxError::missing_keyword},
      {"TO", SyntaxError::missing_keyword},
      {"TO:", SyntaxError::missing_path},
      {"TO: ", SyntaxError::missing_path},
      {"TO:<>", SyntaxError::empty_path},
      {"TO:<", SyntaxError::unclosed_bracket},
      {"TO:<a@b", SyntaxError::unclosed_bracket},
      {"TO:<a@b SIZE=1", SyntaxError::unclosed_bracket},
      {"TO:<a@b>SIZE=1", SyntaxError::bad_parameter},
      {"TO:<a@b>>", SyntaxError::bad_parameter},
      {"TO:<a@b> =1", SyntaxError::bad_parameter},
      {"TO:<a@b> NOTIFY=", SyntaxError::bad_parameter},
      {"TO:<a@b> NOTIFY=A=B", SyntaxError::bad_parameter},
      {"TO:<a@b> <c@d>", SyntaxError::bad_parameter},
      {"TO:<@b>", SyntaxError::bad_local_part},
      {R"(TO:<"a@b>)", SyntaxError::bad_local_part},
      {R"(TO:<"a\"@b>)", SyntaxError::bad_local_part},
      {"TO:<<a@b>>", SyntaxError::bad_local_part},
      {"TO:<a@>", SyntaxError::bad_domain},
      {"TO:<a@b@c>", SyntaxError::bad_domain},
      {"TO:<a@b..c>", SyntaxError::bad_domain},
      {"TO:<a@.b>", SyntaxError::bad_domain},
      {"TO:<a@b,c>", SyntaxError::bad_domain},
      {"TO:<a@[127.0.0]>", SyntaxError::bad_address_literal},
      {"TO:<a@[127.0.0.1>", SyntaxError::bad_address_literal},
      {"TO:<a@[127.0.0.1]x>", SyntaxError::bad_address_literal},
      {"TO:<a@[IPv6:1::2::3]>", SyntaxError::bad_address_literal},
      {"TO:<@a,b:c@d>", SyntaxError::bad_source_route},
      {"TO:<@a,@b>", SyntaxError::bad_source_route},
      {"TO:<@:c@d>", SyntaxError::bad_source_route},
      {"TO:<a\0@b>"s, SyntaxError::control_character},
      {"TO:<a@b\x7F>", SyntaxError::control_character},
      {"TO:<a@b> X=\x01", SyntaxError::control_character},
      {"TO:<a@b>\r", SyntaxError::control_character},
  };
  for (const auto& row : rows)
    for (const auto syntax : {Syntax::tolerant, Syntax::strict}) {
      INFO(row.argument);
      CHECK(parse_rcpt_argument(row.argument, syntax, false).error == row.error);
    }
  CHECK(parse_mail_argument("FROM:a@b>", Syntax::tolerant, false).error == SyntaxError::unclosed_bracket);
  CHECK(parse_mail_argument("FROM:<a b@c>", Syntax::tolerant, false).error == SyntaxError::unclosed_bracket);
}

TEST_CASE("octets above 127 need SMTPUTF8, and then must be UTF-8") {
  const std::string address =
      "<j\xC3\xBCrgen@b\xC3\xBC"
      "cher.example>";
  for (const auto syntax : {Syntax::tolerant, Syntax::strict}) {
    CHECK(parse_rcpt_argument("TO:" + address, syntax, true).error == SyntaxError::none);
    CHECK(parse_rcpt_argument("TO:" + address, syntax, true).deviations == 0);
    CHECK(parse_rcpt_argument("TO:<j\xFCrgen@b>", syntax, true).error == SyntaxError::invalid_utf8);
  }
  SECTION("MAIL asks for it in the same line") {
    CHECK(parse_mail_argument("FROM:" + address + " smtputf8", Syntax::strict, false).error == SyntaxError::none);
    CHECK(parse_mail_argument("FROM:<j\xFCrgen@b> SMTPUTF8", Syntax::strict, false).error == SyntaxError::invalid_utf8);
    CHECK(parse_rcpt_argument("TO:" + address + " SMTPUTF8", Syntax::strict, false).error == SyntaxError::eight_bit);
  }
}

TEST_CASE("each error has a reply whose enhanced code fits the command") {
  CHECK(syntax_error_reply(SyntaxError::none, Verb::mail).empty());
  for (int i = 1; i <= static_cast<int>(SyntaxError::control_character); ++i) {
    const auto error = static_cast<SyntaxError>(i);
    for (const auto verb : {Verb::mail, Verb::rcpt, Verb::ehlo}) {
      const auto reply = syntax_error_reply(error, verb);
      INFO(reply);
      CHECK((reply.starts_with("501 ") || reply.starts_with("553 ")));
      CHECK(reply.size() <= 510);
      CHECK((reply.substr(4, 2) == "5.") == (verb != Verb::ehlo));
    }
  }
  CHECK(syntax_error_reply(SyntaxError::bad_domain, Verb::mail).starts_with("501 5.1.7 "));
  CHECK(syntax_error_reply(SyntaxError::bad_domain, Verb::rcpt).starts_with("501 5.1.3 "));
  CHECK(syntax_error_reply(SyntaxError::bad_parameter, Verb::mail).starts_with("501 5.5.4 "));
  CHECK(syntax_error_reply(SyntaxError::eight_bit, Verb::rcpt).starts_with("553 5.6.7 "));
}

TEST_CASE("whatever arrives, results lie within the argument, and errors carry none") {
  // Random words of what the grammar turns on: each finds another branch than random octets would.
  const std::string_view words[] = {"FROM",
                                    "TO",
                                    ":",
                                    "<",
                                    ">",
                                    "@",
                                    "\"",
                                    "\\",
                                    "[",
                                    "]",
                                    ",",
                                    ".",
                                    " ",
                                    "\t",
                                    "=",
                                    "a",
                                    "b.c",
                                    "[127.0.0.1]",
                                    "IPv6:",
                                    "SIZE=1",
                                    "\xC3\xBC",
                                    "\xFF",
                                    std::string_view{"\0", 1},
                                    "\r",
                                    "\x7F",
                                    "TO:<a@b>",
                                    "FROM:<@a:b@c> "};
  std::mt19937 random{20};
  for (int round = 0; round < 20'000; ++round) {
    std::string text = round % 2 ? "TO:<" : "FROM:";
    for (auto count = random() % 12; count > 0; --count) text += words[random() % std::size(words)];
    const std::vector<char> exact(text.begin(), text.end());  // no terminator behind it: the sanitizers see a read too far
    const std::string_view argument{exact.data(), exact.size()};
    for (const auto syntax : {Syntax::tolerant, Syntax::strict})
      for (const bool utf8 : {false, true}) {
        const auto result = round % 2 ? parse_rcpt_argument(argument, syntax, utf8) : parse_mail_argument(argument, syntax, utf8);
        const bool inside = within(result.path.text, argument) && within(result.path.local_part, result.path.text) &&
                            within(result.path.domain, result.path.text) && within(result.parameters, argument);
        const bool empty =
            result.path.text.empty() && result.path.local_part.empty() && result.path.domain.empty() && result.parameters.empty();
        if (!inside || (result.error != SyntaxError::none && !empty)) FAIL("argument: " << text);
      }
  }
}
