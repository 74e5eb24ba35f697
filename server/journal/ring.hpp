// The memory of events: a ring of fixed size in which each event lies packed and in one piece, a header and its text.
// The newest are always there; the oldest give way to them, whole, and are counted.
//
// An event is known by its offset: the number of bytes that went through the ring before it, which never repeats, so
// an offset kept from long ago is either still the same event or known to be evicted. Where an event does not fit
// between its place and the end of the ring, the rest of that lap stays unused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "journal/event.hpp"

namespace malaposta::journal {

class Ring {
 public:
  using Offset = std::uint64_t;  // 0 is no event

  static constexpr std::size_t kSmallestCapacity = 1024;  // bytes; less is raised to it
  static constexpr std::size_t kLongestText = 64 * 1024;  // bytes of one event's text
  static constexpr std::size_t kTextShare = 4;            // in a small ring no text takes more than 1/kTextShare of it

  // The memory becomes resident only as it fills, in steps of 2 MiB where the system has such pages.
  explicit Ring(std::size_t capacity);

  // Appends an event whose predecessor in its session stands at `previous`. The text is cut to longest_text().
  Offset append(const Event& event, Offset previous);

  // True while the event is there. The offset must come from append().
  bool contains(Offset offset) const { return offset >= tail_ && offset != 0; }

  // A place between two events.
  struct Cursor {
    Offset offset = 0;         // of the event behind it
    std::uint64_t number = 0;  // how many events were appended before that one
  };
  Cursor oldest() const { return {tail_, evicted_}; }
  Cursor newest() const { return {head_, appended_}; }
  // Before the event of that number; the oldest or the newest place where it is not there any more or not yet. Takes a step for
  // each event before it.
  Cursor find(std::uint64_t number) const;
  // The event behind the cursor, which moves on; false at the newest. What was evicted meanwhile is left out, which the cursor's
  // number tells. The event's text is valid until the next append.
  bool next(Cursor& cursor, Event& event) const;

  // An event that is there. Its text is valid until the next append.
  Event at(Offset offset) const;
  Offset previous(Offset offset) const;

  std::size_t capacity() const { return capacity_; }
  std::size_t longest_text() const { return longest_text_; }
  std::uint64_t evicted() const { return evicted_; }

 private:
  struct Header;
  Header header(std::size_t position) const;
  void evict_before(Offset oldest);

  std::size_t capacity_;
  std::size_t longest_text_;
  std::unique_ptr<std::byte[]> bytes_;
  // Offsets and their positions in bytes_, side by side to spare a division on each append.
  Offset head_;
  std::size_t head_position_ = 0;
  Offset tail_;
  std::size_t tail_position_ = 0;
  std::size_t lap_end_;  // position where the events of tail_'s lap end, once head_ is in the next
  std::uint64_t evicted_ = 0;
  std::uint64_t appended_ = 0;
};

}  // namespace malaposta::journal
