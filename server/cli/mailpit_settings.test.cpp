#include "cli/mailpit_settings.hpp"

#include <algorithm>

#include "cli/commands.hpp"
#include "testing/catch.hpp"

using namespace malaposta::cli;

TEST_CASE("what Mailpit's variables ask for is said in options, or is so anyway") {
  const MailpitEnvironment read = read_mailpit({{"MP_MAX_MESSAGES", "0"},
                                                {"MP_SMTP_AUTH", "alice:secret bob:word"},
                                                {"MP_SMTP_AUTH_ACCEPT_ANY", "1"},
                                                {"MP_SMTP_AUTH_ALLOW_INSECURE", "true"},
                                                {"MP_SMTP_BIND_ADDR", "127.0.0.1:1025"},
                                                {"MP_QUIET", "on"},
                                                {"MP_UI_BIND_ADDR", ""},
                                                {"HOME", "/root"}});
  CHECK(read.options == std::vector<std::pair<std::string, std::string>>{
                            {"keep", "1000000000"}, {"auth", "alice:secret bob:word"}, {"smtp", "127.0.0.1:1025"}, {"log", "none"}});
  CHECK(read.ignored.empty());
}

TEST_CASE("what means nothing here, or something else, is told") {
  const MailpitEnvironment read = read_mailpit(
      {{"MP_UI_AUTH_FILE", "users"}, {"MP_MAX_AGE", "1d"}, {"MP_SMTP_AUTH_ACCEPT_ANY", "0"}, {"MP_SMTP_TLS_CERT", "sans:localhost"}});
  CHECK(read.options.empty());
  CHECK(read.ignored ==
        std::vector<std::string>{"MP_MAX_AGE=1d", "MP_SMTP_AUTH_ACCEPT_ANY=0", "MP_SMTP_TLS_CERT=sans:localhost", "MP_UI_AUTH_FILE=users"});
}

TEST_CASE("every variable that stands for an option stands for one of serve") {
  const std::vector<OptionText> options = option_texts(serve_command);
  for (const MailpitSetting& one : mailpit_settings()) {
    CAPTURE(one.name);
    CHECK((one.option.empty() || std::any_of(options.begin(), options.end(), [&](const OptionText& o) { return o.name == one.option; })));
  }
}
