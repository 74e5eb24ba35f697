#include "http/outgoing.hpp"

#include <fmt/format.h>
#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <random>

#include "report/report.hpp"

namespace malaposta::http {

namespace {

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
};
template <typename T>
using Object = std::unique_ptr<T, Unref>;

std::string random_word() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}", random(), random(), random());
}

void add(GMimeMessage* message, GMimeAddressType type, const std::vector<Mailbox>& mailboxes) {
  for (const Mailbox& one : mailboxes)
    g_mime_message_add_mailbox(message, type, one.name.empty() ? nullptr : one.name.c_str(), one.address.c_str());
}

Object<GMimeObject> text_part(const char* subtype, const std::string& text) {
  GMimeTextPart* const part = g_mime_text_part_new_with_subtype(subtype);
  g_mime_text_part_set_charset(part, "utf-8");
  g_mime_text_part_set_text(part, text.c_str());
  g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
  return Object<GMimeObject>(GMIME_OBJECT(part));
}

bool is_utf8(std::string_view bytes) { return report::valid_utf8(bytes) == bytes; }

Object<GMimeObject> file_part(const OutgoingPart& file) {
  const std::size_t slash = file.content_type.find('/');
  GMimePart* const part =
      g_mime_part_new_with_type(file.content_type.substr(0, slash).c_str(), file.content_type.substr(slash + 1).c_str());
  if (file.content_type.starts_with("text/") && is_utf8(file.bytes))
    g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
  const Object<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(file.bytes.data(), file.bytes.size()));
  const Object<GMimeDataWrapper> bytes(g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part, bytes.get());
  g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
  g_mime_object_set_disposition(GMIME_OBJECT(part), file.content_id.empty() ? GMIME_DISPOSITION_ATTACHMENT : GMIME_DISPOSITION_INLINE);
  if (!file.file_name.empty()) g_mime_part_set_filename(part, file.file_name.c_str());
  if (!file.content_id.empty()) g_mime_object_set_content_id(GMIME_OBJECT(part), file.content_id.c_str());
  return Object<GMimeObject>(GMIME_OBJECT(part));
}

// A single one is no multipart.
Object<GMimeObject> multipart(const char* subtype, std::vector<Object<GMimeObject>> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  GMimeMultipart* const all = g_mime_multipart_new_with_subtype(subtype);
  g_mime_multipart_set_boundary(all, ("=_" + random_word()).c_str());
  for (const Object<GMimeObject>& part : parts) g_mime_multipart_add(all, part.get());
  return Object<GMimeObject>(GMIME_OBJECT(all));
}

// RFC 2046 sections 5.1.3 and 5.1.4, RFC 2387: attachments beside what is read, that as text or HTML, and the HTML's images beside it.
Object<GMimeObject> body_of(const Outgoing& message) {
  const auto files = [&](bool within) {
    std::vector<Object<GMimeObject>> list;
    for (const OutgoingPart& file : message.parts)
      if (file.content_id.empty() != within) list.push_back(file_part(file));
    return list;
  };
  std::vector<Object<GMimeObject>> readings;
  if (!message.text.empty() || message.html.empty()) readings.push_back(text_part("plain", message.text));
  if (!message.html.empty()) {
    std::vector<Object<GMimeObject>> related = files(true);
    related.insert(related.begin(), text_part("html", message.html));
    readings.push_back(multipart("related", std::move(related)));
  }
  std::vector<Object<GMimeObject>> all = files(false);
  // Without HTML nothing is within it.
  if (message.html.empty()) std::ranges::move(files(true), std::back_inserter(all));
  all.insert(all.begin(), multipart("alternative", std::move(readings)));
  return multipart("mixed", std::move(all));
}

}  // namespace

std::string written(const Outgoing& message) {
  initialise_mime();
  const Object<GMimeMessage> whole(g_mime_message_new(TRUE));
  add(whole.get(), GMIME_ADDRESS_TYPE_FROM, {message.from});
  add(whole.get(), GMIME_ADDRESS_TYPE_TO, message.to);
  add(whole.get(), GMIME_ADDRESS_TYPE_CC, message.cc);
  add(whole.get(), GMIME_ADDRESS_TYPE_REPLY_TO, message.reply_to);
  g_mime_message_set_subject(whole.get(), message.subject.c_str(), "utf-8");
  GDateTime* const now = g_date_time_new_now_utc();
  g_mime_message_set_date(whole.get(), now);
  g_date_time_unref(now);
  g_mime_message_set_message_id(whole.get(), (random_word() + "@malaposta.invalid").c_str());
  for (const auto& [name, value] : message.fields)
    g_mime_object_set_header(GMIME_OBJECT(whole.get()), name.c_str(), value.c_str(), "utf-8");
  g_mime_message_set_mime_part(whole.get(), body_of(message).get());

  const std::unique_ptr<GMimeFormatOptions, decltype(&g_mime_format_options_free)> format(g_mime_format_options_new(),
                                                                                          g_mime_format_options_free);
  g_mime_format_options_set_newline_format(format.get(), GMIME_NEWLINE_FORMAT_DOS);
  const Object<GMimeStream> stream(g_mime_stream_mem_new());
  (void)g_mime_object_write_to_stream(GMIME_OBJECT(whole.get()), format.get(), stream.get());
  const GByteArray* const bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

std::string_view detected_type(std::string_view bytes) {
  using namespace std::string_view_literals;
  struct Sign {
    std::string_view first, type;
  };
  constexpr Sign kSigns[] = {{"\x89PNG\r\n\x1a\n"sv, "image/png"},
                             {"\xff\xd8\xff"sv, "image/jpeg"},
                             {"GIF8"sv, "image/gif"},
                             {"%PDF-"sv, "application/pdf"},
                             {"PK\x03\x04"sv, "application/zip"}};
  const auto* const sign = std::ranges::find_if(kSigns, [&](const Sign& one) { return bytes.starts_with(one.first); });
  if (sign != std::end(kSigns)) return sign->type;
  const auto is_text = [](unsigned char c) {
    return c >= 32 ? c != 127 : "\t\n\f\r"sv.find(static_cast<char>(c)) != std::string_view::npos;
  };
  return !bytes.empty() && std::ranges::all_of(bytes, is_text) && is_utf8(bytes) ? "text/plain" : "application/octet-stream";
}

}  // namespace malaposta::http
