#include "journal/ring.hpp"

#include <algorithm>
#include <cstring>

#include "journal/huge_pages.hpp"

namespace malaposta::journal {

struct Ring::Header {
  SessionId session;
  Offset previous;
  TimePoint::rep time;
  std::uint64_t number;
  std::int32_t code;
  std::uint32_t kind : 8;
  std::uint32_t text_size : 24;

  std::size_t event_size() const;
};

namespace {

constexpr std::size_t kAlignment = 8;

constexpr std::size_t aligned(std::size_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

std::size_t Ring::Header::event_size() const { return aligned(sizeof(Header) + text_size); }

Ring::Ring(std::size_t capacity)
    : capacity_(aligned(std::max(capacity, kSmallestCapacity))),
      longest_text_(std::min(kLongestText, capacity_ / kTextShare)),
      bytes_(std::make_unique_for_overwrite<std::byte[]>(capacity_)),
      head_(capacity_),  // not 0, which is no event
      tail_(capacity_),
      lap_end_(capacity_) {
  prefer_huge_pages(bytes_.get(), capacity_);
  static_assert(sizeof(Header) % kAlignment == 0 && kLongestText < (1u << 24));
  // Room for the event and for the rest of the lap before it, which is shorter than the event.
  static_assert(2 * aligned(sizeof(Header) + kSmallestCapacity / kTextShare) <= kSmallestCapacity);
}

Ring::Offset Ring::append(const Event& event, Offset previous) {
  const std::size_t text_size = std::min(event.text.size(), longest_text_);
  const Header header{event.session,
                      previous,
                      event.at.time_since_epoch().count(),
                      event.number,
                      event.code,
                      static_cast<std::uint8_t>(event.kind),
                      static_cast<std::uint32_t>(text_size) & 0xffffffu};
  const std::size_t size = header.event_size();
  const std::size_t lap_rest = capacity_ - head_position_;
  const bool next_lap = size > lap_rest;
  const Offset offset = next_lap ? head_ + lap_rest : head_;
  evict_before(offset + size - capacity_);
  if (next_lap) {
    lap_end_ = head_position_;
    head_position_ = 0;
  }
  std::byte* place = bytes_.get() + head_position_;
  std::memcpy(place, &header, sizeof header);
  if (text_size > 0) std::memcpy(place + sizeof header, event.text.data(), text_size);
  head_ = offset + size;
  ++appended_;
  head_position_ += size;
  return offset;
}

void Ring::evict_before(Offset oldest) {
  while (tail_ < oldest) {
    if (tail_position_ == lap_end_) {
      tail_ += capacity_ - tail_position_;
      tail_position_ = 0;
      lap_end_ = capacity_;
    } else {
      const std::size_t size = header(tail_position_).event_size();
      tail_ += size;
      tail_position_ += size;
      ++evicted_;
    }
  }
}

Ring::Header Ring::header(std::size_t position) const {
  Header header;
  std::memcpy(&header, bytes_.get() + position, sizeof header);
  return header;
}

bool Ring::next(Cursor& cursor, Event& event) const {
  if (cursor.offset < tail_) cursor = oldest();
  // Where the lap of the oldest ends before the ring does.
  if (cursor.offset / capacity_ == tail_ / capacity_ && cursor.offset % capacity_ == lap_end_) cursor.offset += capacity_ - lap_end_;
  if (cursor.offset >= head_) return false;
  event = at(cursor.offset);
  cursor.offset += header(cursor.offset % capacity_).event_size();
  ++cursor.number;
  return true;
}

Ring::Cursor Ring::find(std::uint64_t number) const {
  if (number >= appended_) return newest();
  Cursor cursor = oldest();
  for (Event event; cursor.number < number && next(cursor, event);) {}
  return cursor;
}

Event Ring::at(Offset offset) const {
  const std::size_t position = offset % capacity_;
  const Header header = this->header(position);
  Event event;
  event.kind = static_cast<Kind>(header.kind);
  event.session = header.session;
  event.at = TimePoint(TimePoint::duration(header.time));
  event.code = header.code;
  event.number = header.number;
  event.text = {reinterpret_cast<const char*>(bytes_.get() + position + sizeof header), header.text_size};
  return event;
}

Ring::Offset Ring::previous(Offset offset) const { return header(offset % capacity_).previous; }

}  // namespace malaposta::journal
