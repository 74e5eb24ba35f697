// What EHLO offers, and what the server then honours.
#include "protocol/profile.hpp"

#include "testing/catch.hpp"

using namespace malaposta::protocol;

namespace {

Profile offering(const std::vector<std::string>& keywords) {
  auto profile = default_profile("mx.test");
  offer(profile, keywords);
  return profile;
}

}  // namespace

TEST_CASE("the default profile offers everything that the server honours, but for EXPN") {
  const auto profile = default_profile("mx.test");
  CHECK(profile.greeting == "220 mx.test ESMTP Malaposta ready\r\n");
  CHECK(profile.helo_reply == "250 mx.test\r\n");
  CHECK(profile.ehlo_reply ==
        "250-mx.test\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-ETRN\r\n250-AUTH PLAIN LOGIN\r\n250-ENHANCEDSTATUSCODES\r\n"
        "250-8BITMIME\r\n250-DSN\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n250-VRFY\r\n250 HELP\r\n");
  CHECK(profile.size_limit == 50u << 20);
  CHECK(profile.mechanisms == std::vector<std::string>{"PLAIN", "LOGIN"});
  for (const auto extension :
       {Extension::pipelining, Extension::size, Extension::eight_bit_mime, Extension::smtp_utf8, Extension::dsn,
        Extension::enhanced_status_codes, Extension::chunking, Extension::auth, Extension::help, Extension::vrfy, Extension::etrn})
    CHECK((profile.offered & bit(extension)) != 0);
  CHECK((profile.offered & bit(Extension::expn)) == 0);
}

TEST_CASE("the default keywords follow the profile") {
  Profile profile;
  profile.size_limit = 0;
  profile.mechanisms = {"CRAM-MD5"};
  const auto keywords = default_keywords(profile);
  CHECK(keywords[1] == "SIZE");
  CHECK(keywords[3] == "AUTH CRAM-MD5");
}

TEST_CASE("offering nothing leaves the host name alone") {
  const auto profile = offering({});
  CHECK(profile.ehlo_reply == "250 mx.test\r\n");
  CHECK(profile.offered == 0);
  CHECK(profile.size_limit == 0);
  CHECK(profile.mechanisms.empty());
}

TEST_CASE("keywords are understood in any case and shown as they are written; unknown ones are shown only") {
  const auto profile = offering({"pipelining", "XFOO Bar", "size 32", "Expn"});
  CHECK(profile.ehlo_reply == "250-mx.test\r\n250-pipelining\r\n250-XFOO Bar\r\n250-size 32\r\n250 Expn\r\n");
  CHECK(profile.offered == (bit(Extension::pipelining) | bit(Extension::size) | bit(Extension::expn)));
  CHECK(profile.size_limit == 32);
}

TEST_CASE("SIZE declares a limit only with a number") {
  CHECK(offering({"SIZE 1000"}).size_limit == 1000);
  for (const auto* keyword : {"SIZE", "SIZE 0", "SIZE many", "SIZE 10MB", "SIZE 99999999999999999999"}) {
    INFO(keyword);
    CHECK(offering({keyword}).size_limit == 0);
    CHECK(offering({keyword}).offered == bit(Extension::size));
  }
}

TEST_CASE("AUTH offers mechanisms, in its old form too, each once") {
  const auto profile = offering({"AUTH plain CRAM-MD5", "AUTH=PLAIN LOGIN"});
  CHECK(profile.mechanisms == std::vector<std::string>{"PLAIN", "CRAM-MD5", "LOGIN"});
  CHECK(profile.offered == bit(Extension::auth));
}
