#include "journal/journal.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "journal/store.hpp"

namespace malaposta::journal {

namespace {

// Where older sessions are open, ended ones beyond the limit stay until they are 1/kSlack of it.
constexpr std::size_t kSlack = 8;

// The deque's element of that id, or its end.
template <typename Deque>
auto find_by_id(Deque& sorted, std::uint64_t id) {
  const auto found =
      std::lower_bound(sorted.begin(), sorted.end(), id, [](const auto& entry, std::uint64_t wanted) { return entry.id < wanted; });
  return found != sorted.end() && found->id == id ? found : sorted.end();
}

template <typename Deque>
auto pointer_by_id(Deque& sorted, std::uint64_t id) {
  const auto found = find_by_id(sorted, id);
  return found == sorted.end() ? nullptr : &*found;
}

std::uint64_t next(std::atomic<std::uint64_t>& last) { return last.fetch_add(1, std::memory_order_relaxed) + 1; }

}  // namespace

std::atomic<SessionId> Journal::last_session_{0};
std::atomic<MessageId> Journal::last_message_{0};

// What an event changes in the account of its session.
void Journal::count(Session& session, const Event& event) {
  ++session.events;
  switch (event.kind) {
    case Kind::command: ++session.commands; break;
    case Kind::reply:
      if (event.code != 0) session.last_code = event.code;
      break;
    case Kind::message:
      if (!event.text.empty()) ++session.accepted;
      break;
    default: break;
  }
}

std::string_view name(End end) {
  static constexpr std::array<std::string_view, 9> kNames{"open",         "quit",      "server-closed", "server-reset", "client-closed",
                                                          "client-reset", "timed-out", "shut-down",     "interrupted"};
  return kNames.at(static_cast<std::size_t>(end));
}

std::size_t Message::footprint() const {
  std::size_t bytes = sizeof(Message) + reverse_path.capacity() + recipients.capacity() * sizeof(std::string) + content.capacity();
  for (const std::string& recipient : recipients) bytes += recipient.capacity();
  return bytes;
}

Journal::Journal(Limits limits) : limits_(limits), ring_(limits.event_bytes) {}

void Journal::on_event(std::function<void(const Event&)> listener) { listener_ = std::move(listener); }

SessionId Journal::open_session(std::string_view peer, std::uint16_t local_port, std::string_view scenario, TimePoint now) {
  Session& session = sessions_.emplace_back();
  session.id = next(last_session_);
  session.peer = peer;
  session.local_port = local_port;
  session.scenario = scenario;
  session.opened = now;
  if (store_ != nullptr) store_->keep(session);
  append(session.id, Kind::opened, now, peer, local_port);
  return session.id;
}

void Journal::append(SessionId id, Kind kind, TimePoint now, std::string_view text, std::uint64_t number, int code) {
  Session* session = find_session(id);
  if (!session) {
    ++evicted_.events;
    return;
  }
  const Event event{kind, id, now, code, number, text};
  add(event, *session);
  count(*session, event);
  if (store_ != nullptr) store_->keep(ring_.at(session->last_event));
  if (listener_) listener_(ring_.at(session->last_event));
}

void Journal::add(const Event& event, Session& session) { session.last_event = ring_.append(event, session.last_event); }

void Journal::close_session(SessionId id, End end, TimePoint now) {
  Session* session = find_session(id);
  if (!session || session->end != End::open) return;
  session->end = end;
  session->closed = now;
  append(id, Kind::closed, now, name(end));
  if (store_ != nullptr) store_->keep(*session);
  if (++ended_ > limits_.sessions) evict_session();
}

void Journal::assign(SessionId id, std::string_view scenario) {
  Session* session = find_session(id);
  if (session == nullptr) return;
  session->scenario = scenario;
  if (store_ != nullptr) store_->keep(*session);
}

Session* Journal::find_session(SessionId id) {
  Session*& recent = recent_[id % kRecent];
  if (recent && recent->id == id) return recent;
  Session* found = pointer_by_id(sessions_, id);
  if (found) recent = found;
  return found;
}

// The oldest that have ended; open ones stay, wherever they are. Behind those, many are taken out at once: each time, all that is open
// has to be looked at and the rest moves up.
void Journal::evict_session() {
  std::size_t surplus = ended_ - limits_.sessions;
  for (; surplus > 0 && sessions_.front().end != End::open; --surplus, ++evicted_.sessions) drop_session(sessions_.begin());
  if (surplus == 0 || surplus <= limits_.sessions / kSlack) return;
  recent_.fill(nullptr);
  ended_ -= surplus;
  evicted_.sessions += surplus;
  std::erase_if(sessions_, [&](const Session& session) {
    if (surplus == 0 || session.end == End::open) return false;
    --surplus;
    if (store_ != nullptr) store_->forget_session(session.id);
    return true;
  });
}

// One that has ended.
// NOLINTNEXTLINE(performance-unnecessary-value-param): an iterator
void Journal::drop_session(std::deque<Session>::iterator session) {
  if (store_ != nullptr) store_->forget_session(session->id);
  if (session == sessions_.begin()) {
    recent_[session->id % kRecent] = nullptr;  // the others stay where they are in memory
  } else {
    recent_.fill(nullptr);
  }
  sessions_.erase(session);
  --ended_;
}

Journal::Evicted Journal::evicted() const {
  Evicted all = evicted_;
  all.events += ring_.evicted() - ring_evicted_;
  return all;
}

bool Journal::reserve(std::size_t bytes) {
  if (bytes > limits_.message_bytes - reserved_bytes_) return false;
  while (message_bytes() + bytes > limits_.message_bytes) evict_message();
  reserved_bytes_ += bytes;
  return true;
}

void Journal::release(std::size_t bytes) { reserved_bytes_ -= bytes; }

MessageId Journal::deliver(Message message, std::size_t reserved, TimePoint now) {
  release(reserved);
  message.id = next(last_message_);
  message.at = now;
  return place(std::move(message));
}

// Among those that are kept, the others making room.
MessageId Journal::place(Message message) {
  const std::size_t bytes = message.footprint();
  std::deque<Message>& among = message.captured ? messages_ : uncaptured_;
  const std::size_t most = message.captured ? limits_.messages : limits_.uncaptured;
  while (!among.empty() && among.size() >= most) evict_from(among);
  while (!(messages_.empty() && uncaptured_.empty()) && message_bytes() + bytes > limits_.message_bytes) evict_message();
  kept_bytes_ += bytes;
  return among.emplace_back(std::move(message)).id;
}

bool Journal::remove(MessageId id) {
  const auto found = find_by_id(messages_, id);
  if (found == messages_.end()) return false;
  if (store_ != nullptr) store_->forget_message(id);
  kept_bytes_ -= found->footprint();
  messages_.erase(found);
  return true;
}

std::size_t Journal::remove_messages() {
  for (const Message& message : messages_) {
    if (store_ != nullptr) store_->forget_message(message.id);
    kept_bytes_ -= message.footprint();
  }
  const std::size_t count = messages_.size();
  messages_.clear();
  return count;
}

void Journal::clear() {
  remove_messages();
  uncaptured_.clear();
  kept_bytes_ = 0;
  recent_.fill(nullptr);
  std::erase_if(sessions_, [this](const Session& session) {
    if (session.end == End::open) return false;
    if (store_ != nullptr) store_->forget_session(session.id);
    return true;
  });
  ended_ = 0;
  evicted_ = {};
  ring_evicted_ = ring_.evicted();
}

void Journal::expire(TimePoint now) {
  if (limits_.age <= std::chrono::nanoseconds::zero()) return;
  const TimePoint oldest = now - limits_.age;
  for (std::deque<Message>* messages : {&messages_, &uncaptured_})
    while (!messages->empty() && messages->front().at < oldest) evict_from(*messages);
  for (auto session = sessions_.begin(); session != sessions_.end() && session->opened < oldest;) {
    if (session->end == End::open || session->closed >= oldest) {
      ++session;
      continue;
    }
    const auto place = session - sessions_.begin();
    drop_session(session);
    ++evicted_.sessions;
    session = sessions_.begin() + place;
  }
}

void Journal::evict_message() { evict_from(uncaptured_.empty() ? messages_ : uncaptured_); }

void Journal::evict_from(std::deque<Message>& messages) {
  const bool captured = messages.front().captured;
  if (captured && store_ != nullptr) store_->forget_message(messages.front().id);
  kept_bytes_ -= messages.front().footprint();
  ++(captured ? evicted_.messages : evicted_.uncaptured);
  messages.pop_front();
}

const Session* Journal::session(SessionId id) const { return pointer_by_id(sessions_, id); }

const Message* Journal::message(MessageId id) const {
  const Message* captured = pointer_by_id(messages_, id);
  return captured != nullptr ? captured : pointer_by_id(uncaptured_, id);
}

std::vector<Event> Journal::events(SessionId id, bool* complete) const {
  std::vector<Event> found;
  const Session* session = this->session(id);
  Ring::Offset offset = session ? session->last_event : 0;
  while (ring_.contains(offset)) {
    found.push_back(ring_.at(offset));
    offset = ring_.previous(offset);
  }
  std::reverse(found.begin(), found.end());
  if (complete) *complete = session && found.size() == session->events;
  return found;
}

}  // namespace malaposta::journal
