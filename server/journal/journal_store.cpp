// The journal with a store beneath it: messages that go there and come back, and what an earlier process has left.
#include <utility>
#include <vector>

#include "journal/journal.hpp"
#include "journal/store.hpp"

namespace malaposta::journal {

void Journal::keep_in(Store& store, std::function<void(Stored)> back) {
  store_ = &store;
  back_ = std::move(back);
}

void Journal::on_stored(std::function<bool(SessionId, MessageId, const Outcome&)> listener) { stored_ = std::move(listener); }

void Journal::submit(Message message, TimePoint now, std::function<void(MessageId, const Outcome&)> told) {
  message.id = last_message_.fetch_add(1, std::memory_order_relaxed) + 1;
  message.at = now;
  if (told) told_.emplace(message.id, std::move(told));
  store_->keep(std::move(message), back_);
}

void Journal::stored(Stored stored, TimePoint now) {
  const SessionId session = stored.message.session;
  const bool kept = stored.outcome.kept();
  release(stored.message.content.capacity());
  if (const auto waiting = told_.extract(stored.message.id)) {
    const MessageId id = stored.message.id;
    if (kept) place(std::move(stored.message));
    waiting.mapped()(id, stored.outcome);
    return;
  }
  if (!kept) {
    // Others have come among the evidence since it was given its id.
    stored.message.id = last_message_.fetch_add(1, std::memory_order_relaxed) + 1;
    stored.message.captured = stored.message.acknowledged = false;
  }
  const MessageId id = place(std::move(stored.message));
  if (stored_ && stored_(session, id, stored.outcome)) return;
  if (kept) {
    messages_.back().acknowledged = false;
    store_->unacknowledged(id);
  }
  append(session, Kind::message, now, {}, id, kept ? 1 : 0);
}

void Journal::restore(Session session) {
  session.last_event = 0;
  if (session.end != End::open) ++ended_;
  sessions_.push_back(std::move(session));
  if (ended_ > limits_.sessions) evict_session();
}

void Journal::restore(const Event& event) {
  Session* const session = find_session(event.session);
  if (session == nullptr) return;
  add(event, *session);
  if (session->end != End::open) return;
  count(*session, event);
  session->closed = event.at;
}

void Journal::restore(Message message) { place(std::move(message)); }

void Journal::restored() {
  std::uint64_t events = 0;
  std::vector<std::pair<SessionId, TimePoint>> interrupted;
  for (const Session& session : sessions_) {
    events += session.events;
    if (session.end == End::open) interrupted.emplace_back(session.id, session.events > 0 ? session.closed : session.opened);
  }
  evicted_.events += events - ring_.newest().number;
  for (const auto& [id, at] : interrupted) close_session(id, End::interrupted, at);
}

void Journal::raise_ids(SessionId session, MessageId message) {
  const auto raise = [](std::atomic<std::uint64_t>& last, std::uint64_t least) {
    std::uint64_t now = last.load(std::memory_order_relaxed);
    while (now < least && !last.compare_exchange_weak(now, least, std::memory_order_relaxed)) {}
  };
  raise(last_session_, session);
  raise(last_message_, message);
}

}  // namespace malaposta::journal
