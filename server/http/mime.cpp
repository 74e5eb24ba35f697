#include "http/mime.hpp"

#include <fmt/format.h>
#include <gmime/gmime.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>

#include "http/mime_input.hpp"
#include "report/report.hpp"

namespace malaposta::http {

namespace {

constexpr std::size_t kDeepest = 100;  // multiparts within multiparts, groups of addresses within groups

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
};
template <typename T>
using Object = std::unique_ptr<T, Unref>;

struct Free {
  void operator()(char* text) const { g_free(text); }
};
using Owned = std::unique_ptr<char, Free>;

std::string text_of(const char* text) { return text == nullptr ? std::string{} : report::valid_utf8(text); }

// A message and the bytes that its parts are read from.
class Parsed {
 public:
  explicit Parsed(std::string input) : input_(std::move(input)) {
    initialise_mime();
    bytes_.data = reinterpret_cast<guint8*>(input_.data());
    bytes_.len = static_cast<guint>(std::min<std::size_t>(input_.size(), std::numeric_limits<guint>::max()));
    const Object<GMimeStream> stream(g_mime_stream_mem_new_with_byte_array(&bytes_));
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream.get()), FALSE);
    const Object<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
    message_.reset(g_mime_parser_construct_message(parser.get(), nullptr));
  }
  GMimeMessage* message() const { return message_.get(); }  // may be null

 private:
  std::string input_;
  GByteArray bytes_{};
  Object<GMimeMessage> message_;
};

void add_mailboxes(InternetAddressList* list, std::vector<Mailbox>& into, std::size_t depth = 0) {
  const int count = list == nullptr || depth > kDeepest ? 0 : internet_address_list_length(list);
  for (int i = 0; i < count; ++i) {
    InternetAddress* const one = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_MAILBOX(one))
      into.push_back({text_of(internet_address_get_name(one)), text_of(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)))});
    else if (INTERNET_ADDRESS_IS_GROUP(one))
      add_mailboxes(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one)), into, depth + 1);
  }
}

// Goes into a response's header: nothing but what a media type is written with (RFC 6838 section 4.2).
std::string media_type_of(GMimeObject* part) {
  GMimeContentType* const type = g_mime_object_get_content_type(part);
  if (type == nullptr) return "text/plain";
  const Owned written(g_mime_content_type_get_mime_type(type));
  std::string name = text_of(written.get());
  const auto allowed = [](unsigned char c) {
    return g_ascii_isalnum(static_cast<gchar>(c)) || std::string_view("!#$&-^_.+/").find(static_cast<char>(c)) != std::string_view::npos;
  };
  return std::ranges::all_of(name, allowed) && std::ranges::count(name, '/') == 1 ? name : "application/octet-stream";
}

std::string bytes_of(GMimeStream* memory) {
  const GByteArray* const bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

// A leaf's content without its transfer encoding; a message within the message as it is.
std::string decoded(GMimeObject* leaf) {
  const Object<GMimeStream> stream(g_mime_stream_mem_new());
  if (GMIME_IS_MESSAGE_PART(leaf)) {
    GMimeMessage* const message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(leaf));
    if (message != nullptr) (void)g_mime_object_write_to_stream(GMIME_OBJECT(message), nullptr, stream.get());
  } else if (GMimeDataWrapper* const wrapper = GMIME_IS_PART(leaf) ? g_mime_part_get_content(GMIME_PART(leaf)) : nullptr) {
    (void)g_mime_data_wrapper_write_to_stream(wrapper, stream.get());
  }
  return bytes_of(stream.get());
}

// Bytes of a leaf's content as decoded() has it.
std::size_t decoded_size(GMimeObject* leaf) {
  GMimeDataWrapper* const wrapper = GMIME_IS_PART(leaf) ? g_mime_part_get_content(GMIME_PART(leaf)) : nullptr;
  if (wrapper == nullptr) return decoded(leaf).size();
  const Object<GMimeStream> stream(g_mime_stream_null_new());
  (void)g_mime_data_wrapper_write_to_stream(wrapper, stream.get());
  return GMIME_STREAM_NULL(stream.get())->written;
}

// As much of a part's text as is told.
std::string text_of(GMimeObject* leaf) {
  const Owned text(g_mime_text_part_get_text(GMIME_TEXT_PART(leaf)));
  return text ? report::valid_utf8(std::string_view(text.get()).substr(0, kLongestText)) : std::string{};
}

std::string file_name_of(GMimeObject* leaf) {
  return GMIME_IS_PART(leaf) ? text_of(g_mime_part_get_filename(GMIME_PART(leaf))) : std::string{};
}

using VisitLeaf = std::function<bool(GMimeObject*, const std::string&)>;

// Calls `visit` with each leaf below, and its id, until it returns true. What is nested deeper than kDeepest is left out.
bool for_each_leaf(GMimeObject* object, const std::string& id, std::size_t depth, const VisitLeaf& visit) {
  if (object == nullptr || depth > kDeepest) return false;
  if (!GMIME_IS_MULTIPART(object)) return visit(object, id.empty() ? "1" : id);
  GMimeMultipart* const parts = GMIME_MULTIPART(object);
  const int count = g_mime_multipart_get_count(parts);
  for (int i = 0; i < count; ++i) {
    const std::string child = fmt::format("{}{}{}", id, id.empty() ? "" : ".", i + 1);
    if (for_each_leaf(g_mime_multipart_get_part(parts, i), child, depth + 1, visit)) return true;
  }
  return false;
}

void for_each_leaf(GMimeMessage* message, const VisitLeaf& visit) {
  (void)for_each_leaf(g_mime_message_get_mime_part(message), {}, 0, visit);
}

void add_leaf(GMimeObject* leaf, const std::string& id, Mail& mail) {
  const std::string type = media_type_of(leaf);
  const bool attached = GMIME_IS_PART(leaf) && g_mime_part_is_attachment(GMIME_PART(leaf)) != 0;
  const std::string file_name = file_name_of(leaf);
  if (!attached && GMIME_IS_TEXT_PART(leaf) && file_name.empty()) {
    if (type != "text/html") {
      if (mail.text.size() < kLongestText) mail.text += text_of(leaf);
      return;
    }
    if (mail.html.empty()) {
      mail.html = text_of(leaf);
      return;
    }
  }
  const std::string content_id = text_of(g_mime_object_get_content_id(leaf));
  (!attached && !content_id.empty() ? mail.inlined : mail.attachments).push_back({id, file_name, type, content_id, decoded_size(leaf)});
}

// The library keeps the fields that tell of the content, Content-Type and its like, with the content.
void add_fields(GMimeObject* object, Mail& mail) {
  GMimeHeaderList* const fields = object == nullptr ? nullptr : g_mime_object_get_header_list(object);
  const int count = fields == nullptr ? 0 : g_mime_header_list_get_count(fields);
  for (int i = 0; i < count; ++i) {
    GMimeHeader* const field = g_mime_header_list_get_header_at(fields, i);
    mail.fields.emplace_back(text_of(g_mime_header_get_name(field)), text_of(g_mime_header_get_value(field)));
  }
}

Mail mail_of(GMimeMessage* message) {
  Mail mail;
  if (message == nullptr) return mail;
  mail.message_id = text_of(g_mime_message_get_message_id(message));
  mail.subject = text_of(g_mime_message_get_subject(message));
  struct Field {
    GMimeAddressType type;
    std::vector<Mailbox>& into;
  };
  for (const Field& field :
       {Field{GMIME_ADDRESS_TYPE_FROM, mail.from}, Field{GMIME_ADDRESS_TYPE_TO, mail.to}, Field{GMIME_ADDRESS_TYPE_CC, mail.cc},
        Field{GMIME_ADDRESS_TYPE_BCC, mail.bcc}, Field{GMIME_ADDRESS_TYPE_REPLY_TO, mail.reply_to}})
    add_mailboxes(g_mime_message_get_addresses(message, field.type), field.into);
  if (GDateTime* const date = g_mime_message_get_date(message))
    mail.date = std::chrono::sys_seconds(std::chrono::seconds(g_date_time_to_unix(date)));
  add_fields(GMIME_OBJECT(message), mail);
  add_fields(g_mime_message_get_mime_part(message), mail);
  for_each_leaf(message, [&](GMimeObject* leaf, const std::string& id) {
    add_leaf(leaf, id, mail);
    return false;
  });
  return mail;
}

PartContent content_of(GMimeObject* leaf) {
  PartContent part{media_type_of(leaf), {}};
  if (!GMIME_IS_TEXT_PART(leaf)) {
    part.bytes = decoded(leaf);
    return part;
  }
  const Owned text(g_mime_text_part_get_text(GMIME_TEXT_PART(leaf)));
  part.bytes = text_of(text.get());
  part.content_type += "; charset=utf-8";
  return part;
}

std::map<std::string, PartContent> parts_of(GMimeMessage* message, const std::set<std::string>& ids, std::size_t most_bytes) {
  std::map<std::string, PartContent> found;
  if (message == nullptr) return found;
  std::size_t bytes = 0;
  for_each_leaf(message, [&](GMimeObject* leaf, const std::string& id) {
    if (!ids.contains(id)) return false;
    PartContent part = content_of(leaf);
    if (part.bytes.size() > most_bytes - bytes) return false;
    bytes += part.bytes.size();
    found.emplace(id, std::move(part));
    return found.size() == ids.size();
  });
  return found;
}

std::optional<PartContent> part_of(GMimeMessage* message, const std::string& id) {
  std::map<std::string, PartContent> found = parts_of(message, {id}, std::numeric_limits<std::size_t>::max());
  return found.empty() ? std::nullopt : std::optional(std::move(found.begin()->second));
}

}  // namespace

void initialise_mime() {
  static const bool kReady = [] {
    g_mime_init();
    return true;
  }();
  (void)kReady;
}

Mail read_mail(const journal::Content& content) { return mail_of(Parsed(mime_input(content)).message()); }
Mail read_mail(std::string_view content) { return mail_of(Parsed(mime_input(content)).message()); }

std::optional<PartContent> read_part(const journal::Content& content, const std::string& id) {
  return part_of(Parsed(mime_input(content)).message(), id);
}
std::optional<PartContent> read_part(std::string_view content, const std::string& id) {
  return part_of(Parsed(mime_input(content)).message(), id);
}

std::string without_tags(std::string_view html) {
  std::string text;
  for (;;) {
    const std::size_t tag = html.find('<');
    text += html.substr(0, tag);
    if (tag == std::string_view::npos) return text;
    text += ' ';
    html.remove_prefix(std::min(html.size(), html.find('>', tag) == std::string_view::npos ? html.size() : html.find('>', tag) + 1));
  }
}

std::map<std::string, PartContent> read_parts(const journal::Content& content, const std::set<std::string>& ids, std::size_t most_bytes) {
  return parts_of(Parsed(mime_input(content)).message(), ids, most_bytes);
}

std::string folded(std::string_view text) {
  const Owned folded(g_utf8_casefold(text.data(), static_cast<gssize>(text.size())));
  return folded.get();
}

std::string Mail::snippet() const {
  const std::string words = text.empty() ? without_tags(html) : text;
  std::string line;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool blank = std::string_view(" \t\r\n").find(words[i]) != std::string_view::npos;
    if (!blank)
      line += words[i];
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
    // Full, and at the end of a character (RFC 3629: what belongs to the one before is 10xxxxxx).
    const bool whole = i + 1 == words.size() || (static_cast<unsigned char>(words[i + 1]) & 0xC0u) != 0x80u;
    if (whole && line.size() >= kSnippet) break;
  }
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

}  // namespace malaposta::http
