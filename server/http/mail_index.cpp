#include "http/mail_index.hpp"

#include <algorithm>
#include <utility>

#include "http/captured.hpp"
#include "report/report.hpp"

namespace malaposta::http {

namespace {

std::string text_of(const std::vector<Mailbox>& mailboxes) {
  std::string text;
  for (const Mailbox& one : mailboxes) text += one.name + " <" + one.address + "> ";
  return text;
}

std::string words_of(const Mail& mail) {
  std::string words;
  for (const std::vector<Mailbox>* list : {&mail.from, &mail.to, &mail.cc, &mail.bcc, &mail.reply_to}) words += text_of(*list);
  words += mail.subject + " " + mail.message_id + " ";
  for (const std::vector<MailPart>* list : {&mail.inlined, &mail.attachments})
    for (const MailPart& part : *list) words += part.file_name + " ";
  words += std::string_view(mail.text).substr(0, MailIndex::kMostWords);
  return words + " " + without_tags(std::string_view(mail.html).substr(0, MailIndex::kMostWords));
}

}  // namespace

std::size_t Indexed::bytes() const {
  std::size_t sum = sizeof(Indexed) + snippet.size() + mail.subject.size() + mail.message_id.size();
  for (const std::string& one : searched) sum += one.size();
  for (const std::vector<Mailbox>* list : {&mail.from, &mail.to, &mail.cc, &mail.bcc, &mail.reply_to})
    for (const Mailbox& one : *list) sum += sizeof(Mailbox) + one.name.size() + one.address.size();
  for (const std::vector<MailPart>* list : {&mail.inlined, &mail.attachments}) sum += list->size() * 2 * sizeof(MailPart);
  return sum;
}

std::string searchable(std::string_view text) {
  std::string line;
  for (const char c : folded(text)) {
    const bool blank = std::string_view(" \t\r\n").find(c) != std::string_view::npos;
    if (!blank)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

std::vector<Mailbox> blind_copies(const Captured& message, const Mail& mail) {
  std::vector<Mailbox> blind = mail.bcc;
  for (const std::string& recipient : message.recipients) {
    const std::string address = report::valid_utf8(recipient);
    const auto named = [&](const std::vector<Mailbox>& list) { return std::ranges::find(list, address, &Mailbox::address) != list.end(); };
    if (!named(mail.to) && !named(mail.cc) && !named(blind)) blind.push_back({"", address});
  }
  return blind;
}

IndexedPtr read_indexed(const Captured& message) {
  auto entry = std::make_shared<Indexed>();
  entry->id = message.id;
  entry->at = message.at;
  entry->size = message.content.size();
  Mail& mail = entry->mail = read_mail(message.content);
  if (mail.from.empty()) mail.from.push_back({"", report::valid_utf8(message.reverse_path)});
  mail.bcc = blind_copies(message, mail);
  entry->snippet = mail.snippet();
  entry->searched = {searchable(text_of(mail.from)), searchable(text_of(mail.to)),       searchable(text_of(mail.cc)),
                     searchable(text_of(mail.bcc)),  searchable(text_of(mail.reply_to)), searchable(mail.subject),
                     searchable(mail.message_id),    searchable(words_of(mail))};
  mail.text = {}, mail.html = {}, mail.fields = {};
  return entry;
}

struct MailIndex::Reading {
  std::vector<journal::MessageId> ids;
  std::function<Answer(std::vector<IndexedPtr>)> then;
  std::unordered_map<journal::MessageId, IndexedPtr> found;
  std::vector<journal::MessageId> missing;  // the next of them last
  std::vector<Captured> shared;             // since the last visit
  std::size_t bytes = 0;                    // of their contents
};

Answer MailIndex::with(std::vector<journal::MessageId> ids, std::function<Answer(std::vector<IndexedPtr>)> then) {
  const auto reading = std::make_shared<Reading>();
  for (const journal::MessageId id : ids)
    if (IndexedPtr entry = find(id))
      reading->found.emplace(id, std::move(entry));
    else
      reading->missing.push_back(id);
  std::ranges::reverse(reading->missing);
  reading->ids = std::move(ids);
  reading->then = std::move(then);
  return go_on(reading);
}

Answer MailIndex::go_on(const std::shared_ptr<Reading>& reading) {
  if (reading->missing.empty()) {
    std::vector<IndexedPtr> entries;
    for (const journal::MessageId id : reading->ids)
      if (const auto found = reading->found.find(id); found != reading->found.end()) entries.push_back(found->second);
    return reading->then(std::move(entries));
  }
  const std::size_t count = std::min(kMostAtOnce, reading->missing.size());
  const auto batch = std::make_shared<std::vector<journal::MessageId>>(reading->missing.rbegin(),
                                                                       reading->missing.rbegin() + static_cast<std::ptrdiff_t>(count));
  reading->missing.resize(reading->missing.size() - count);
  return Visit{[reading, batch](const journal::Journal& journal) {
                 std::erase_if(*batch, [&](journal::MessageId id) {
                   const journal::Message* message = reading->bytes >= kMostBytesAtOnce ? nullptr : journal.message(id);
                   if (message == nullptr || !message->captured) return false;
                   reading->shared.push_back(captured_of(*message));
                   reading->bytes += message->content.capacity();
                   return true;
                 });
               },
               [this, reading, batch]() -> Answer {
                 // Those that no journal gave are gone, unless there were too many bytes.
                 if (reading->bytes >= kMostBytesAtOnce) reading->missing.insert(reading->missing.end(), batch->rbegin(), batch->rend());
                 reading->bytes = 0;
                 for (const Captured& message : std::exchange(reading->shared, {})) {
                   const IndexedPtr entry = of(message);
                   reading->found.emplace(entry->id, entry);
                 }
                 return go_on(reading);
               }};
}

IndexedPtr MailIndex::of(const Captured& message) {
  if (IndexedPtr known = find(message.id)) return known;
  IndexedPtr entry = read_indexed(message);
  keep(entry);
  return entry;
}

IndexedPtr MailIndex::find(journal::MessageId id) {
  const auto place = places_.find(id);
  if (place == places_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, place->second);
  return recent_.front();
}

void MailIndex::keep(const IndexedPtr& entry) {
  recent_.push_front(entry);
  places_.emplace(entry->id, recent_.begin());
  bytes_ += entry->bytes();
  while (bytes_ > kMostBytes && recent_.size() > 1) {
    bytes_ -= recent_.back()->bytes();
    places_.erase(recent_.back()->id);
    recent_.pop_back();
  }
}

}  // namespace malaposta::http
