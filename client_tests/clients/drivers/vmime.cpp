// vmime: one message by its SMTP transport; the contract of a driver stands in mail_client.py.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include <vmime/net/smtp/SMTPExceptions.hpp>
#include <vmime/platforms/posix/posixHandler.hpp>
#include <vmime/vmime.hpp>

namespace {

time_t seconds() {
  const char* text = std::getenv("MALAPOSTA_CLIENT_TIME_OUT");
  return text != nullptr ? std::strtol(text, nullptr, 10) : 40;
}

// Gives up when nothing was heard for that long.
class TimeOut : public vmime::net::timeoutHandler {
 public:
  bool isTimeOut() override { return std::time(nullptr) - heard_ >= seconds(); }
  void resetTimeOut() override { heard_ = std::time(nullptr); }
  bool handleTimeOut() override { return false; }

 private:
  time_t heard_ = std::time(nullptr);
};

class TimeOuts : public vmime::net::timeoutHandlerFactory {
 public:
  vmime::shared_ptr<vmime::net::timeoutHandler> create() override { return vmime::make_shared<TimeOut>(); }
};

[[noreturn]] void report(const char* outcome, int code, const std::string& told) {
  std::printf("{\"outcome\": \"%s\", \"code\": %s, \"told\": \"", outcome, code >= 400 ? std::to_string(code).c_str() : "null");
  for (const char c : told)
    if (c == '"' || c == '\\')
      std::printf("\\%c", c);
    else if (static_cast<unsigned char>(c) >= 0x20)
      std::putchar(c);
  std::printf("\"}\n");
  std::exit(0);
}

void send(const std::string& host, const std::string& port, const std::string& from, const std::string& to, std::size_t size) {
  vmime::messageBuilder builder;
  builder.setExpeditor(vmime::mailbox(from));
  vmime::addressList recipients;
  recipients.appendAddress(vmime::make_shared<vmime::mailbox>(to));
  builder.setRecipients(recipients);
  builder.setSubject(vmime::text("A message from a real client"));
  std::string text;
  while (text.size() < size) text += "This line is one of many which together have the wanted size.\r\n";
  builder.getTextPart()->setText(vmime::make_shared<vmime::stringContentHandler>(text));

  const auto session = vmime::net::session::create();
  const auto transport = session->getTransport(vmime::utility::url("smtp://" + host + ":" + port));
  transport->setTimeoutHandlerFactory(vmime::make_shared<TimeOuts>());
  transport->connect();
  transport->send(builder.construct());
  transport->disconnect();
}

}  // namespace

int main(int count, char** arguments) {
  std::size_t size = 200;
  for (int i = 5; i < count; ++i)
    if (std::strncmp(arguments[i], "--body-size=", 12) == 0)
      size = std::strtoul(arguments[i] + 12, nullptr, 10);
    else if (std::strcmp(arguments[i], "--body-size") == 0 && i + 1 < count)
      size = std::strtoul(arguments[i + 1], nullptr, 10);
  std::signal(SIGPIPE, SIG_IGN);
  vmime::platform::setHandler<vmime::platforms::posix::posixHandler>();
  try {
    send(arguments[1], arguments[2], arguments[3], arguments[4], size);
    report("delivered", 0, "");
  } catch (const vmime::net::smtp::SMTPCommandError& error) {
    const int code = error.statusCode();
    report(code / 100 == 4 ? "temporary" : code / 100 == 5 ? "permanent" : "error", code, error.what());
  } catch (const vmime::exceptions::operation_timed_out& error) {
    report("timeout", 0, error.what());
  } catch (const vmime::exceptions::connection_greeting_error& error) {
    const int code = std::atoi(error.response().c_str());
    report(code / 100 == 4 ? "temporary" : code / 100 == 5 ? "permanent" : "error", code, error.response());
  } catch (const vmime::exceptions::connection_error& error) {
    report(std::strstr(error.what(), "onnect") != nullptr ? "connect-failed" : "error", 0, error.what());
  } catch (const std::exception& error) {
    report("error", 0, error.what());
  }
}
