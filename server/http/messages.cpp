// Captured mail, in the paths and shapes that Mailpit's clients know.
#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/handlers.hpp"
#include "http/mime.hpp"
#include "http/numbers.hpp"
#include "http/page.hpp"
#include "report/report.hpp"

namespace malaposta::http {

namespace {

constexpr std::string_view kNone = "there is no such message, or it gave way to the limits of memory";
constexpr std::string_view kLatest = "latest";

// A message as it was when its journal was looked at.
struct Copy {
  journal::MessageId id = 0;
  journal::TimePoint at{};
  std::string reverse_path;
  std::vector<std::string> recipients;
  std::string content;
};

Copy copy_of(const journal::Message& message) {
  return {message.id, message.at, message.reverse_path, message.recipients, message.content.str()};
}

boost::json::object object_of(const Mailbox& mailbox) { return {{"Name", mailbox.name}, {"Address", mailbox.address}}; }

boost::json::array list_of(const std::vector<Mailbox>& mailboxes) {
  boost::json::array list;
  for (const Mailbox& one : mailboxes) list.push_back(object_of(one));
  return list;
}

boost::json::array list_of(const std::vector<MailPart>& parts) {
  boost::json::array list;
  for (const MailPart& one : parts)
    list.push_back({{"PartID", one.id},
                    {"FileName", one.file_name},
                    {"ContentType", one.content_type},
                    {"ContentID", one.content_id},
                    {"Size", one.size}});
  return list;
}

// Recipients of the envelope that no field names were blind copies (RFC 5322 section 3.6.3).
std::vector<Mailbox> blind_copies(const Copy& message, const Mail& mail) {
  std::vector<Mailbox> blind = mail.bcc;
  for (const std::string& recipient : message.recipients) {
    const std::string address = report::valid_utf8(recipient);
    const auto named = [&](const std::vector<Mailbox>& list) { return std::ranges::find(list, address, &Mailbox::address) != list.end(); };
    if (!named(mail.to) && !named(mail.cc) && !named(blind)) blind.push_back({"", address});
  }
  return blind;
}

// What a line of the inbox and the whole message have in common.
boost::json::object envelope(const Copy& message, const Mail& mail) {
  return {{"ID", std::to_string(message.id)},
          {"MessageID", mail.message_id},
          {"From", object_of(mail.from.empty() ? Mailbox{"", report::valid_utf8(message.reverse_path)} : mail.from.front())},
          {"To", list_of(mail.to)},
          {"Cc", list_of(mail.cc)},
          {"Bcc", list_of(blind_copies(message, mail))},
          {"ReplyTo", list_of(mail.reply_to)},
          {"Subject", mail.subject},
          {"Tags", boost::json::array{}},
          {"Size", message.content.size()}};
}

boost::json::object line_of(const Copy& message, const Api& api) {
  const Mail mail = read_mail(message.content);
  boost::json::object line = envelope(message, mail);
  line["Read"] = api.read.contains(message.id);
  line["Created"] = api.calendar.text(message.at);
  line["Attachments"] = mail.attachments.size();
  line["Snippet"] = mail.snippet();
  return line;
}

// Looks for the message that the path names, and answers with what `told` makes of it.
Answer with_message(const Request& request, Api& api, std::function<Response(const Copy&)> told) {
  const std::string& segment = request.segment("id");
  const bool latest = segment == kLatest;
  const auto id = number_of<journal::MessageId>(segment);
  if (!id && !latest) return error(404, kNone);
  const auto found = std::make_shared<std::optional<Copy>>();
  return Visit{[found, latest, id = id.value_or(0)](const journal::Journal& journal) {
                 if (latest) {
                   if (!journal.messages().empty() && (!*found || (*found)->id < journal.messages().back().id))
                     *found = copy_of(journal.messages().back());
                 } else if (const journal::Message* message = journal.message(id); message != nullptr && message->captured) {
                   *found = copy_of(*message);
                 }
               },
               [found, told = std::move(told), &api]() -> Answer {
                 if (!*found) return error(404, kNone);
                 api.mark_read((*found)->id, true);
                 return told(**found);
               }};
}

// The ids that the content names; nothing where it is no list of them. None: all that there are.
struct Chosen {
  std::vector<journal::MessageId> ids;
  bool all = true;
  bool read = false;
};
std::optional<Chosen> chosen(const Request& request) {
  Chosen result;
  if (request.body.empty()) return result;
  boost::system::error_code problem;
  const boost::json::value content = boost::json::parse(request.body, problem);
  if (problem || !content.is_object()) return std::nullopt;
  if (const boost::json::value* read = content.get_object().if_contains("Read")) {
    if (!read->is_bool()) return std::nullopt;
    result.read = read->get_bool();
  }
  const boost::json::value* ids = content.get_object().if_contains("IDs");
  if (ids == nullptr || ids->is_null()) return result;
  if (!ids->is_array()) return std::nullopt;
  for (const boost::json::value& one : ids->get_array()) {
    const auto id = one.is_string() ? number_of<journal::MessageId>(one.get_string()) : std::nullopt;
    if (!id) return std::nullopt;
    result.ids.push_back(*id);
  }
  result.all = result.ids.empty();
  return result;
}

Response no_choice() { return error(400, R"(the content must be like {"IDs": ["1", "2"]}; without it, all messages are meant)"); }

Response done() { return {200, "text/plain; charset=utf-8", "ok", {}}; }

}  // namespace

Answer messages(const Request& request, Api& api) {
  const std::optional<Page> page = page_of(request);
  if (!page) return no_page();
  const auto ids = std::make_shared<std::vector<journal::MessageId>>();
  return Visit{[ids](const journal::Journal& journal) {
                 for (const journal::Message& message : journal.messages()) ids->push_back(message.id);
               },
               [ids, page = *page, &api]() -> Answer {
                 std::ranges::sort(*ids, std::ranges::greater{});
                 api.keep_read(*ids);
                 const std::size_t total = ids->size();
                 ids->erase(ids->begin(), ids->begin() + static_cast<std::ptrdiff_t>(std::min(page.start, total)));
                 ids->resize(std::min(page.limit, ids->size()));
                 const auto found = std::make_shared<std::vector<Copy>>();
                 return Visit{[ids, found](const journal::Journal& journal) {
                                for (const journal::MessageId id : *ids)
                                  if (const journal::Message* message = journal.message(id)) found->push_back(copy_of(*message));
                              },
                              [found, total, page, &api]() -> Answer {
                                std::ranges::sort(*found, std::ranges::greater{}, &Copy::id);
                                boost::json::array lines;
                                for (const Copy& one : *found) lines.push_back(line_of(one, api));
                                const std::size_t unread = total - std::min(total, api.read.size());
                                return json({{"total", total},
                                             {"unread", unread},
                                             {"count", lines.size()},
                                             {"messages_count", total},
                                             {"messages_unread", unread},
                                             {"start", page.start},
                                             {"tags", boost::json::array{}},
                                             {"messages", lines}});
                              }};
               }};
}

Answer delete_messages(const Request& request, Api& api) {
  const std::optional<Chosen> choice = chosen(request);
  if (!choice) return no_choice();
  return Visit{[choice = *choice](journal::Journal& journal) {
                 if (choice.all) (void)journal.remove_messages();
                 for (const journal::MessageId id : choice.ids) (void)journal.remove(id);
               },
               [&api]() -> Answer {
                 ++api.inbox;
                 return done();
               }};
}

Answer mark_messages(const Request& request, Api& api) {
  const std::optional<Chosen> choice = chosen(request);
  if (!choice) return no_choice();
  const auto there = std::make_shared<std::vector<journal::MessageId>>();
  return Visit{[choice = *choice, there](const journal::Journal& journal) {
                 for (const journal::Message& message : journal.messages())
                   if (choice.all || std::ranges::find(choice.ids, message.id) != choice.ids.end()) there->push_back(message.id);
               },
               [there, read = choice->read, &api]() -> Answer {
                 for (const journal::MessageId id : *there) api.mark_read(id, read);
                 ++api.inbox;
                 return done();
               }};
}

Answer message(const Request& request, Api& api) {
  return with_message(request, api, [&api](const Copy& message) {
    const Mail mail = read_mail(message.content);
    boost::json::object object = envelope(message, mail);
    object["ReturnPath"] = report::valid_utf8(message.reverse_path);
    object["Date"] = mail.date ? Calendar::text(*mail.date) : api.calendar.text(message.at);
    object["Text"] = mail.text;
    object["HTML"] = mail.html;
    object["Inline"] = list_of(mail.inlined);
    object["Attachments"] = list_of(mail.attachments);
    return json(object);
  });
}

Answer message_headers(const Request& request, Api& api) {
  return with_message(request, api, [](const Copy& message) {
    boost::json::object object;
    for (const auto& [name, value] : read_mail(message.content).fields) {
      boost::json::value& values = object[name];
      if (!values.is_array()) values.emplace_array();
      values.get_array().emplace_back(value);
    }
    return json(object);
  });
}

Answer message_raw(const Request& request, Api& api) {
  return with_message(request, api, [](const Copy& message) { return Response{200, "text/plain; charset=utf-8", message.content, {}}; });
}

Answer message_part(const Request& request, Api& api) {
  return with_message(request, api, [id = request.segment("part")](const Copy& message) {
    std::optional<PartContent> part = read_part(message.content, id);
    if (!part) return error(404, "the message has no such part; its PartIDs are in GET /api/v1/message/{id}");
    return Response{200, std::move(part->content_type), std::move(part->bytes), {}};
  });
}

}  // namespace malaposta::http
