// POST /api/v1/send, in Mailpit's shape: a message that is written here and put into the inbox.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <memory>
#include <string>

#include "http/handlers.hpp"
#include "http/outgoing.hpp"
#include "http/tags.hpp"
#include "journal/store.hpp"
#include "protocol/base64.hpp"
#include "protocol/command.hpp"
#include "report/report.hpp"

namespace malaposta::http {

namespace {

namespace json = boost::json;

constexpr std::size_t kMostRecipients = 1'000;
constexpr std::size_t kMostParts = 100;
constexpr std::size_t kMostFields = 100;
constexpr std::chrono::seconds kPatience{1};  // of a look at whether a message is durable by now
constexpr std::size_t kLongestName = 255;  // bytes of a file's, a field's or a person's name

// Fields that members of the request of their own are for.
constexpr std::string_view kOwn[] = {"to",   "from",    "cc",           "bcc",          "reply-to",
                                     "date", "subject", "content-type", "mime-version", "message-id"};

// What is wrong with the request; thrown within this file, so that reading it needs no condition at each step.
struct Wrong {
  std::string what;
};

const json::value* member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 32 || c == 127; });
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  if (value == nullptr) return {};
  if (!value->is_string()) throw Wrong{fmt::format("{} must be a text", name)};
  return report::valid_utf8(value->get_string());
}

// Goes into a header field.
std::string line_of(const json::object& object, std::string_view name) {
  std::string text = text_of(object, name);
  if (has_control(text)) throw Wrong{fmt::format("{} must be one line", name)};
  return text;
}

const json::array& list_of(const json::object& object, std::string_view name, std::size_t most) {
  static const json::array kNone;
  const json::value* value = member(object, name);
  if (value == nullptr) return kNone;
  if (!value->is_array()) throw Wrong{fmt::format("{} must be a list", name)};
  if (value->get_array().size() > most) throw Wrong{fmt::format("{} has more than {} entries", name, most)};
  return value->get_array();
}

std::string address_of(std::string_view name, const std::string& address) {
  const std::string argument = "TO:<" + address + ">";
  const protocol::PathArgument path = protocol::parse_rcpt_argument(argument, protocol::Syntax::strict, true);
  if (path.error != protocol::SyntaxError::none || !path.parameters.empty() || path.path.text != address || path.path.domain.empty())
    throw Wrong{fmt::format("{}: '{}' is no address", name, report::valid_utf8(address))};
  return address;
}

Mailbox mailbox_of(std::string_view name, const json::value& value) {
  if (!value.is_object()) throw Wrong{fmt::format(R"({} must be like {{"Email": "alice@example.com", "Name": "Alice"}})", name)};
  Mailbox mailbox{line_of(value.get_object(), "Name"), address_of(name, line_of(value.get_object(), "Email"))};
  if (mailbox.name.size() > kLongestName) throw Wrong{fmt::format("{}: a Name has at most {} bytes", name, kLongestName)};
  return mailbox;
}

std::vector<Mailbox> mailboxes_of(const json::object& content, std::string_view name) {
  std::vector<Mailbox> list;
  for (const json::value& one : list_of(content, name, kMostRecipients)) list.push_back(mailbox_of(name, one));
  return list;
}

// "image/png": RFC 6838 section 4.2.
bool is_media_type(std::string_view text) {
  const auto allowed = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$&-^_.+/").find(static_cast<char>(c)) != std::string_view::npos;
  };
  const std::size_t slash = text.find('/');
  return slash != 0 && slash + 1 < text.size() && std::ranges::count(text, '/') == 1 && std::ranges::all_of(text, allowed) &&
         text.size() <= kLongestName && !text.starts_with("multipart/") && !text.starts_with("message/");
}

OutgoingPart part_of(const json::value& value) {
  if (!value.is_object()) throw Wrong{R"(Attachments must be like [{"Filename": "a.txt", "Content": "base64"}])"};
  const json::object& object = value.get_object();
  OutgoingPart part;
  part.file_name = line_of(object, "Filename");
  part.content_id = line_of(object, "ContentID");
  if (part.file_name.size() > kLongestName || part.content_id.size() > kLongestName ||
      part.content_id.find_first_of("<> \"") != std::string::npos)
    throw Wrong{fmt::format("Filename and ContentID have at most {} bytes, a ContentID no brackets, quotes or blanks", kLongestName)};
  // Browsers put "data:image/png;base64," before it.
  const std::string content = text_of(object, "Content");
  const std::optional<std::string> bytes = protocol::decode_base64(std::string_view(content).substr(content.find(',') + 1));
  if (!bytes) throw Wrong{fmt::format("the Content of '{}' is not base64", part.file_name)};
  part.bytes = *bytes;
  const std::string type = line_of(object, "ContentType");
  if (!type.empty() && !is_media_type(type)) throw Wrong{fmt::format("'{}' is no media type of a file", type)};
  part.content_type = type.empty() ? std::string(detected_type(part.bytes)) : type;
  return part;
}

bool is_field_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::ranges::all_of(name, [](unsigned char c) { return c > 32 && c < 127 && c != ':'; });
}

void read_fields(const json::object& content, Outgoing& message) {
  std::string tags;
  for (const json::value& one : list_of(content, "Tags", Tags::kMost)) {
    const std::string tag = one.is_string() ? clean_tag(one.get_string()) : std::string{};
    if (tag.empty()) throw Wrong{"a tag has letters, digits, blanks, hyphens, dots and underscores"};
    tags += (tags.empty() ? "" : ", ") + tag;
  }
  if (!tags.empty()) message.fields.emplace_back("X-Tags", tags);
  const json::value* fields = member(content, "Headers");
  if (fields == nullptr) return;
  if (!fields->is_object() || fields->get_object().size() > kMostFields)
    throw Wrong{R"(Headers must be like {"X-Name": "value"}, at most 100)"};
  for (const auto& [name, value] : fields->get_object()) {
    const std::string lower = folded(report::valid_utf8(name));
    if (!is_field_name(name)) throw Wrong{fmt::format("'{}' is no name of a header field", report::valid_utf8(name))};
    if (std::ranges::find(kOwn, lower) != std::end(kOwn) || (lower == "x-tags" && !tags.empty()))
      throw Wrong{fmt::format("Headers cannot set '{}'", std::string_view(name))};
    message.fields.emplace_back(name, line_of(fields->get_object(), name));
  }
}

struct Submission {
  journal::Message message;
  bool tried = false;
  journal::MessageId id = 0;  // 0: there is no room in memory
  // Where it has to be durable first; the journal's thread writes, and `settled` tells that it has.
  journal::Outcome outcome;
  std::atomic<bool> settled{false};
};

std::shared_ptr<Submission> submission_of(const json::object& content) {
  Outgoing message;
  const json::value* from = member(content, "From");
  if (from == nullptr) throw Wrong{R"(From is missing: {"From": {"Email": "alice@example.com"}, "To": [{"Email": "bob@example.test"}]})"};
  message.from = mailbox_of("From", *from);
  message.to = mailboxes_of(content, "To");
  message.cc = mailboxes_of(content, "Cc");
  message.reply_to = mailboxes_of(content, "ReplyTo");
  message.subject = line_of(content, "Subject");
  message.text = text_of(content, "Text");
  message.html = text_of(content, "HTML");
  read_fields(content, message);
  for (const json::value& one : list_of(content, "Attachments", kMostParts)) message.parts.push_back(part_of(one));

  auto submission = std::make_shared<Submission>();
  journal::Message& captured = submission->message;
  captured.reverse_path = message.from.address;
  for (const std::vector<Mailbox>* list : {&message.to, &message.cc})
    for (const Mailbox& one : *list) captured.recipients.push_back(one.address);
  for (const json::value& one : list_of(content, "Bcc", kMostRecipients)) {
    if (!one.is_string()) throw Wrong{R"(Bcc must be a list of addresses)"};
    captured.recipients.push_back(address_of("Bcc", std::string(one.get_string())));
  }
  if (captured.recipients.empty()) throw Wrong{"there are no recipients in To, Cc or Bcc"};
  captured.content.append(written(message));
  captured.acknowledged = true;
  return submission;
}

// To the first journal, within its limits.
void deliver(const std::shared_ptr<Submission>& submission, journal::Journal& journal, net::Server* smtp) {
  if (std::exchange(submission->tried, true)) return;
  const std::size_t bytes = submission->message.content.capacity();
  const journal::TimePoint now = std::chrono::steady_clock::now();
  submission->settled = true;
  if (!journal.reserve(bytes)) return;
  if (!journal.durable()) {
    submission->id = journal.deliver(std::move(submission->message), bytes, now);
    return;
  }
  submission->settled = false;
  journal.submit(std::move(submission->message), now, [submission, smtp](journal::MessageId id, const journal::Outcome& outcome) {
    submission->id = id;
    submission->outcome = outcome;
    submission->settled = true;
    smtp->ring();
  });
}

// Once it is durable, or will not be.
Answer answered(const std::shared_ptr<Submission>& submission, Api& api) {
  if (!submission->settled)
    return Pause{std::chrono::steady_clock::now() + kPatience, [submission, &api] { return answered(submission, api); }};
  if (submission->id == 0 || submission->outcome.what == journal::Outcome::What::full)
    return error(507, "there is no room for such a message: --max-memory and the disk of --store bound it");
  if (!submission->outcome.kept()) return error(503, "the message could not be stored: " + submission->outcome.reason);
  api.inbox.add(InboxChange::What::sent, submission->id);
  return http::json({{"ID", std::to_string(submission->id)}});
}

}  // namespace

Answer send(const Request& request, Api& api) {
  boost::system::error_code problem;
  const json::value content = json::parse(request.body, problem);
  if (problem || !content.is_object()) return error(400, "the content must be a JSON object: " + problem.message());
  std::shared_ptr<Submission> submission;
  try {
    submission = submission_of(content.get_object());
  } catch (const Wrong& wrong) {
    return error(400, wrong.what);
  }
  return Visit{[submission, smtp = api.smtp](journal::Journal& journal) { deliver(submission, journal, smtp); },
               [submission, &api] { return answered(submission, api); }};
}

}  // namespace malaposta::http
