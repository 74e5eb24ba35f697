#include "http/message_json.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "http/conditional.hpp"
#include "report/report.hpp"

namespace malaposta::http {

namespace {

boost::json::object object_of(const Mailbox& mailbox) { return {{"Name", mailbox.name}, {"Address", mailbox.address}}; }

boost::json::array array_of(const std::vector<Mailbox>& mailboxes) {
  boost::json::array list;
  for (const Mailbox& one : mailboxes) list.push_back(object_of(one));
  return list;
}

boost::json::array array_of(const std::vector<MailPart>& parts) {
  boost::json::array list;
  for (const MailPart& one : parts)
    list.push_back({{"PartID", one.id},
                    {"FileName", one.file_name},
                    {"ContentType", one.content_type},
                    {"ContentID", one.content_id},
                    {"Size", one.size}});
  return list;
}

// What a line of the inbox and the whole message have in common.
boost::json::object envelope(journal::MessageId id, const Mail& mail, std::size_t size, const Api& api) {
  return {{"ID", std::to_string(id)},
          {"MessageID", mail.message_id},
          {"From", object_of(mail.from.empty() ? Mailbox{} : mail.from.front())},
          {"To", array_of(mail.to)},
          {"Cc", array_of(mail.cc)},
          {"Bcc", array_of(mail.bcc)},
          {"ReplyTo", array_of(mail.reply_to)},
          {"Subject", mail.subject},
          {"Tags", tags_of(id, api)},
          {"Size", size}};
}

}  // namespace

boost::json::array tags_of(journal::MessageId id, const Api& api) {
  boost::json::array list;
  for (const std::string& one : api.tags.of(id)) list.emplace_back(one);
  return list;
}

boost::json::object line_of(const Indexed& message, const Api& api) {
  boost::json::object line = envelope(message.id, message.mail, message.size, api);
  line["Read"] = api.read.contains(message.id);
  line["Created"] = api.calendar.text(message.at);
  line["Attachments"] = message.mail.attachments.size();
  line["Snippet"] = message.snippet;
  return line;
}

boost::json::object list_of(const std::vector<IndexedPtr>& page, std::size_t total, std::size_t start, const Api& api) {
  boost::json::array lines, tags;
  for (const IndexedPtr& one : page) lines.push_back(line_of(*one, api));
  for (const auto& [tag, count] : api.tags.all()) tags.emplace_back(tag);
  const std::size_t unread = api.unread(total);
  return {{"total", total}, {"unread", unread}, {"count", lines.size()}, {"messages_count", total}, {"messages_unread", unread},
          {"start", start}, {"tags", tags},     {"messages", lines}};
}

boost::json::object whole_of(const Captured& message, const Api& api) {
  Mail mail = read_mail(message.content);
  if (mail.from.empty()) mail.from.push_back({"", report::valid_utf8(message.reverse_path)});
  mail.bcc = blind_copies(message, mail);
  boost::json::object object = envelope(message.id, mail, message.content.size(), api);
  object["ReturnPath"] = report::valid_utf8(message.reverse_path);
  object["Date"] = mail.date ? Calendar::text(*mail.date) : api.calendar.text(message.at);
  object["Text"] = mail.text;
  object["HTML"] = mail.html;
  object["Inline"] = array_of(mail.inlined);
  object["Attachments"] = array_of(mail.attachments);
  return object;
}

Response tagged_json(const boost::json::object& object) {
  Response response = json(object);
  response.etag = entity_tag(response.body);
  return response;
}

Response done() { return {200, "text/plain; charset=utf-8", "ok", {}}; }

}  // namespace malaposta::http
