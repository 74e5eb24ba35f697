// A captured message as the inbox shows it: the MIME parser behind its wrapper, for any bytes. What must hold: it ends, all text is valid
// UTF-8, every part that is listed is found and as long as was said, and the snippet is short.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/mime.hpp"
#include "report/report.hpp"
#include "require.hpp"

using namespace malaposta;
using malaposta::fuzz::require;

namespace {

constexpr std::size_t kLongestCharacter = 4;  // bytes, in UTF-8

void check_text(const std::string& text) { require(report::valid_utf8(text) == text, "text is valid UTF-8"); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content{reinterpret_cast<const char*>(data), size};
  const http::Mail mail = http::read_mail(content);
  for (const std::string& text : {mail.message_id, mail.subject, mail.text, mail.html, mail.snippet()}) check_text(text);
  require(mail.snippet().size() < http::kSnippet + kLongestCharacter, "a snippet is short");
  for (const auto* list : {&mail.from, &mail.to, &mail.cc, &mail.bcc, &mail.reply_to})
    for (const http::Mailbox& one : *list) check_text(one.name), check_text(one.address);
  for (const auto& [name, value] : mail.fields) check_text(name), check_text(value);
  for (const auto* list : {&mail.inlined, &mail.attachments})
    for (const http::MailPart& part : *list) {
      check_text(part.file_name), check_text(part.content_type), check_text(part.content_id);
      const auto found = http::read_part(content, part.id);
      require(found.has_value(), "a part that is listed is found");
      // Text is shown as UTF-8, whatever it came as.
      const bool text = found->content_type.ends_with("; charset=utf-8");
      require(text || found->bytes.size() == part.size, "a part is as long as was said");
    }
  return 0;
}
