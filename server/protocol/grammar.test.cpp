// Words of the SMTP grammar, each with how well it fits.
#include "protocol/grammar.hpp"

#include <string>

#include "testing/catch.hpp"

using namespace malaposta::protocol::grammar;
using namespace std::string_literals;

TEST_CASE("domains") {
  const std::string label63(63, 'a');
  for (const auto& text : {"example.com"s, "localhost"s, "a.b.c.d"s, "3com.com"s, "a-b.example"s, "1.2.3"s,
                           "b\xC3\xBC"
                           "cher.example"s,
                           label63 + ".example"}) {
    INFO(text);
    CHECK(domain(text) == Fit::exact);
  }
  for (const auto& text :
       {"my_host.example"s, "-a.example"s, "a-.example"s, "example.com."s, "127.0.0.1"s, "a+b.example"s, label63 + "a.example"}) {
    INFO(text);
    CHECK(domain(text) == Fit::odd);
  }
  for (const auto& text : {""s, "."s, ".example"s, "a..b"s, "a.b.."s, "a b"s, "a@b"s, "a,b"s, "[1.2.3.4]"s, "a\0b"s}) {
    INFO(text);
    CHECK(domain(text) == Fit::wrong);
  }
}

TEST_CASE("local parts") {
  for (const auto& text :
       {"a"s, "a.b.c"s, "o'brien"s, "a+b=c/d!e%f"s, R"("a b")"s, R"("")"s, R"("a@b>c")"s, R"("a\"b\\c")"s, "j\xC3\xBCrgen"s}) {
    INFO(text);
    CHECK(local_part(text) == Fit::exact);
  }
  for (const auto& text : {".a"s, "a."s, "a..b"s, "a,b"s, "a(b)"s, "a:b"s, "a\\b"s, R"("a"."b")"s, R"(a"b")"s}) {
    INFO(text);
    CHECK(local_part(text) == Fit::odd);
  }
  for (const auto& text : {""s, "a b"s, "a<b"s, "a@b"s, "a>b"s, R"("a)"s, R"(a")"s, R"("a\")"s,
                           "a\x7F"
                           "b"s,
                           "\"a\tb\""s}) {
    INFO(text);
    CHECK(local_part(text) == Fit::wrong);
  }
}

TEST_CASE("address literals") {
  for (const auto* text : {"[127.0.0.1]", "[255.255.255.255]", "[IPv6:::1]", "[ipv6:2001:db8::1]", "[IPv6:::ffff:192.0.2.1]",
                           "[tag:content]", "[x-y:<a@b>]"}) {
    INFO(text);
    CHECK(address_literal(text));
  }
  for (const auto& text : {"[]"s, "["s, "127.0.0.1"s, "[256.0.0.1]"s, "[1.2.3]"s, "[1.2.3.4"s, "[::1]"s, "[IPv6:]"s, "[IPv6:1.2.3.4]"s,
                           "[IPv6:1::2::3]"s, "[IPv6:fe80::1%lo]"s, "[tag:]"s, "[tag-:x]"s, "[:x]"s, "[t_g:x]"s, "[tag:a b]"s, "[tag:[x]]"s,
                           "[127.0.0.1\0]"s, "[IPv6:" + std::string(100, '1') + "]"}) {
    INFO(text);
    CHECK_FALSE(address_literal(text));
  }
}

TEST_CASE("a quoted string is measured from its first to its last quote") {
  CHECK(quoted_string_length(R"("a b"@c)") == 5);
  CHECK(quoted_string_length(R"("a\"b"@c)") == 6);
  CHECK(quoted_string_length(R"(a"b")") == 0);
  CHECK(quoted_string_length(R"("a)") == 0);
  CHECK(quoted_string_length("\"a\\") == 0);
  CHECK(quoted_string_length("") == 0);
}

TEST_CASE("UTF-8 in its shortest form only, without surrogates, up to U+10FFFF") {
  for (const auto& text : {""s, "ascii"s, "\xC2\x80"s, "\xDF\xBF"s, "\xE0\xA0\x80"s, "\xED\x9F\xBF"s, "\xEF\xBF\xBF"s, "\xF0\x90\x80\x80"s,
                           "\xF4\x8F\xBF\xBF"s})
    CHECK(valid_utf8(text));
  for (const auto& text : {"\x80"s, "\xC0\x80"s, "\xC1\xBF"s, "\xC2"s,
                           "\xC2"
                           "a"s,
                           "\xE0\x9F\xBF"s, "\xE2\x82"s, "\xED\xA0\x80"s, "\xF0\x8F\xBF\xBF"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s,
                           "\xFF"s, "j\xFCrgen"s})
    CHECK_FALSE(valid_utf8(text));
}
