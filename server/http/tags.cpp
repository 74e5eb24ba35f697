#include "http/tags.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "verify/evidence.hpp"

namespace malaposta::http {

namespace {

std::vector<std::string> clean(const std::vector<std::string>& wanted) {
  std::vector<std::string> tags;
  for (const std::string& one : wanted)
    if (std::string tag = clean_tag(one); !tag.empty()) tags.push_back(std::move(tag));
  std::ranges::sort(tags);
  tags.erase(std::ranges::unique(tags).begin(), tags.end());
  tags.resize(std::min(tags.size(), Tags::kMost));
  return tags;
}

// "one, two" as X-Tags has it.
std::vector<std::string> tags_in(std::string_view header) {
  const std::optional<std::string> field = verify::header_field(header, "X-Tags");
  std::vector<std::string> tags;
  for (std::string_view rest = field ? std::string_view(*field) : std::string_view{}; !rest.empty();) {
    const std::string_view one = rest.substr(0, rest.find(','));
    tags.emplace_back(one);
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  }
  return clean(tags);
}

bool allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

}  // namespace

std::string clean_tag(std::string_view tag) {
  std::string cleaned;
  for (const char c : tag)
    if (allowed(c))
      cleaned += c;
    else if (!cleaned.empty() && cleaned.back() != ' ')
      cleaned += ' ';
  cleaned.resize(std::min(cleaned.size(), Tags::kLongest));
  while (cleaned.ends_with(' ')) cleaned.pop_back();
  return cleaned;
}

Answer Tags::with(std::vector<journal::MessageId> ids, std::function<Answer(std::vector<journal::MessageId>)> then) {
  const auto missing = std::make_shared<std::vector<journal::MessageId>>();
  for (const journal::MessageId id : ids)
    if (missing->size() < kMostAtOnce && !tags_.contains(id)) missing->push_back(id);
  if (missing->empty()) return then(std::move(ids));
  using Headers = std::map<journal::MessageId, std::string>;
  const auto headers = std::make_shared<Headers>();
  return Visit{[missing, headers](const journal::Journal& journal) {
                 for (const journal::MessageId id : *missing)
                   if (const journal::Message* message = journal.message(id)) headers->emplace(id, message->content.prefix(kHeader));
               },
               [this, missing, headers, ids = std::move(ids), then = std::move(then)]() -> Answer {
                 for (const auto& [id, header] : *headers) tags_.try_emplace(id, tags_in(header));
                 // Those that are gone have none.
                 for (const journal::MessageId id : *missing) tags_.try_emplace(id);
                 return with(ids, then);
               }};
}

void Tags::learn(journal::MessageId id, const journal::Content& content) {
  if (!tags_.contains(id)) tags_.emplace(id, tags_in(content.prefix(kHeader)));
}

void Tags::forget(journal::MessageId id) { tags_.erase(id); }

void Tags::forget_if(const std::function<bool(journal::MessageId)>& gone) {
  std::erase_if(tags_, [&](const auto& known) { return gone(known.first); });
}

void Tags::restore(journal::MessageId id, std::vector<std::string> tags) { tags_.insert_or_assign(id, std::move(tags)); }

const std::vector<std::string>* Tags::known(journal::MessageId id) const {
  const auto found = tags_.find(id);
  return found == tags_.end() ? nullptr : &found->second;
}

const std::vector<std::string>& Tags::of(journal::MessageId id) const {
  static const std::vector<std::string> kNone;
  const std::vector<std::string>* const tags = known(id);
  return tags == nullptr ? kNone : *tags;
}

std::map<std::string, std::size_t> Tags::all() const {
  std::map<std::string, std::size_t> all;
  for (const auto& [id, tags] : tags_)
    for (const std::string& tag : tags) ++all[tag];
  return all;
}

void Tags::set(journal::MessageId id, const std::vector<std::string>& tags) {
  if (const auto found = tags_.find(id); found != tags_.end()) found->second = clean(tags);
}

std::vector<journal::MessageId> Tags::rename(std::string_view tag, std::string_view new_name) {
  std::vector<journal::MessageId> changed;
  for (auto& [id, tags] : tags_) {
    if (std::erase(tags, tag) == 0) continue;
    if (!new_name.empty()) tags.emplace_back(new_name);
    tags = clean(tags);
    changed.push_back(id);
  }
  return changed;
}

}  // namespace malaposta::http
