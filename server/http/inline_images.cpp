#include "http/inline_images.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "protocol/base64.hpp"

namespace malaposta::http {

namespace {

constexpr std::string_view kScheme = "cid:";
constexpr std::string_view kPixels[] = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif"};

// What may end a URL in HTML and in a style sheet.
constexpr std::string_view kEnds = "\"'<> \t\r\n)";

// By Content-ID; the first of several.
using Images = std::map<std::string, const MailPart*, std::less<>>;
Images images_of(const Mail& mail) {
  Images images;
  for (const std::vector<MailPart>* list : {&mail.inlined, &mail.attachments})
    for (const MailPart& part : *list)
      if (!part.content_id.empty() && std::ranges::find(kPixels, part.content_type) != std::end(kPixels))
        images.emplace(part.content_id, &part);
  return images;
}

std::string decoded(std::string_view url) {
  std::string text;
  for (std::size_t i = 0; i < url.size(); ++i) {
    const auto digit = [&](std::size_t at) {
      return at < url.size() ? std::string_view("0123456789abcdef").find(static_cast<char>(url[at] | 0x20)) : std::string_view::npos;
    };
    if (url[i] == '%' && digit(i + 1) < 16 && digit(i + 2) < 16) {
      text += static_cast<char>(digit(i + 1) * 16 + digit(i + 2));
      i += 2;
    } else {
      text += url[i];
    }
  }
  return text;
}

// Puts what `put` gives instead of each URL that names an image; an empty text leaves it as it is.
template <typename Put>
std::string replaced(std::string_view html, const Images& images, const Put& put) {
  std::string result;
  while (!html.empty()) {
    const std::size_t at = std::min(html.find(kScheme), html.size());
    result += html.substr(0, at);
    html.remove_prefix(at);
    const std::string_view url = html.substr(0, html.find_first_of(kEnds));
    const auto image = url.empty() ? images.end() : images.find(decoded(url.substr(kScheme.size())));
    const std::string instead = image == images.end() ? std::string{} : put(*image->second);
    result += instead.empty() ? url : std::string_view(instead);
    html.remove_prefix(url.size());
  }
  return result;
}

}  // namespace

std::string with_inline_images(const Mail& mail, const journal::Content& content) {
  const Images images = images_of(mail);
  std::set<std::string> named;
  (void)replaced(mail.html, images, [&](const MailPart& part) {
    named.insert(part.id);
    return std::string{};
  });
  if (named.empty()) return mail.html;
  const std::map<std::string, PartContent> read = read_parts(content, named, kMostInlineBytes);
  std::size_t bytes = 0;
  return replaced(mail.html, images, [&](const MailPart& part) {
    const auto image = read.find(part.id);
    if (image == read.end() || image->second.bytes.size() > kMostInlineBytes - bytes) return std::string{};
    bytes += image->second.bytes.size();
    return "data:" + part.content_type + ";base64," + protocol::encode_base64(image->second.bytes);
  });
}

}  // namespace malaposta::http
