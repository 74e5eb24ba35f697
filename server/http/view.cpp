// A message's HTML or text by itself, for browsers.
#include <algorithm>
#include <string>
#include <string_view>

#include "http/captured.hpp"
#include "http/handlers.hpp"
#include "http/inline_images.hpp"
#include "http/mime.hpp"

namespace malaposta::http {

namespace {

// Whatever the HTML has in it, it has no origin, runs no script, sends no form and loads nothing: neither from the network nor from here.
// Styles and the images that came with it are within the page itself. Only the API's own page may show it in a frame.
constexpr std::string_view kPolicy =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

struct Kind {
  std::string_view suffix;
  Response (*show)(const Captured& message);
};

Response show_html(const Captured& message) {
  const Mail mail = read_mail(message.content);
  if (mail.html.empty()) return error(404, "the message has no HTML; its text is /view/{id}.txt");
  Response response{200, "text/html; charset=utf-8", with_inline_images(mail, message.content), {}};
  response.headers.emplace_back("Content-Security-Policy", kPolicy);
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

Response show_text(const Captured& message) { return {200, "text/plain; charset=utf-8", read_mail(message.content).text, {}}; }

constexpr Kind kKinds[] = {{".html", show_html}, {".txt", show_text}};

}  // namespace

Answer view(const Request& request, Api& api) {
  const std::string_view page = request.segment("page");
  const auto* const kind = std::ranges::find_if(kKinds, [&](const Kind& one) { return page.ends_with(one.suffix); });
  if (kind == std::end(kKinds)) return error(404, "a message's HTML is /view/{id}.html, its text /view/{id}.txt");
  return with_message(std::string(page.substr(0, page.size() - kind->suffix.size())), request, api,
                      [show = kind->show](Captured& message) -> Answer { return show(message); });
}

}  // namespace malaposta::http
