// Finds the end of DATA's content and removes the dots that the client put before lines that begin with one
// (RFC 5321 section 4.5.2), over any split of the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace malaposta::protocol {

class DotReader {
 public:
  // `bare_line_feeds`: lines end by LF alone too. Otherwise only <CRLF>.<CRLF> ends the content, as section 4.1.1.4
  // asks, so that content with bare line feeds cannot smuggle in a second message.
  void start(bool bare_line_feeds) { *this = DotReader(), bare_line_feeds_ = bare_line_feeds; }

  // Consumes up to the end of the content or of the bytes, and calls keep(std::string_view) for what belongs to the
  // message, in order. Returns the number of bytes consumed; done() then says whether the end was met.
  template <typename Keep>
  std::size_t read(std::string_view bytes, Keep&& keep);

  bool done() const { return state_ >= State::done; }

  // Whether a line, begun behind CRLF, had one dot and then more octets: a client that stuffs dots always sends two.
  // Lone line feeds begin no line that a client would look at, nor does one end such a line.
  bool not_doubled() const { return not_doubled_; }

  // Bytes consumed that may yet turn out to belong to the final dot: "." or ".<CR>".
  // Once done(): of the final dot, 3 or, ended by LF alone, 2.
  std::size_t undecided() const {
    switch (state_) {
      case State::dot: return 1;
      case State::dot_cr:
      case State::done_by_line_feed: return 2;
      case State::done: return 3;
      default: return 0;
    }
  }

 private:
  enum class State : std::uint8_t { line_start, inside, after_cr, dot, dot_cr, done, done_by_line_feed };

  State after(std::string_view kept) const;
  // Whether they end with CRLF; at least one byte.
  bool ends_line(std::string_view kept) const {
    return kept.back() == '\n' && (kept.size() > 1 ? kept[kept.size() - 2] == '\r' : state_ == State::after_cr);
  }

  State state_ = State::line_start;
  bool bare_line_feeds_ = false;
  bool behind_crlf_ = true;  // of State::line_start and State::dot
  bool not_doubled_ = false;
};

// Where the reader stands after these bytes of plain content, which are at least one.
inline DotReader::State DotReader::after(std::string_view kept) const {
  const char last = kept.back();
  if (last == '\r') return State::after_cr;
  if (last != '\n') return State::inside;
  return ends_line(kept) || bare_line_feeds_ ? State::line_start : State::inside;
}

template <typename Keep>
std::size_t DotReader::read(std::string_view bytes, Keep&& keep) {
  std::size_t at = 0;
  while (at < bytes.size() && !done()) {
    const char c = bytes[at];
    if (state_ == State::dot) {
      // The dot is removed whatever follows, unless it is the final one.
      if (c == '\r') {
        state_ = State::dot_cr, ++at;
      } else if (c == '\n' && bare_line_feeds_) {
        state_ = State::done_by_line_feed, ++at;
      } else {
        not_doubled_ = not_doubled_ || (behind_crlf_ && c != '.' && c != '\n');
        state_ = State::inside;  // c is content, looked at again
      }
      continue;
    }
    if (state_ == State::dot_cr) {
      if (c == '\n') {
        state_ = State::done, ++at;
      } else {
        not_doubled_ = not_doubled_ || behind_crlf_;
        keep(std::string_view("\r"));
        state_ = State::after_cr;
      }
      continue;
    }
    if (state_ == State::line_start && c == '.') {
      state_ = State::dot, ++at;
      continue;
    }
    // Plain content up to the next dot that begins a line. Dots are rarer than line ends in most content, so the
    // search is for them, and what stands before each tells whether it begins a line.
    std::size_t end = at + 1;
    for (;; ++end) {
      const void* found = std::memchr(bytes.data() + end, '.', bytes.size() - end);
      if (found == nullptr) {
        end = bytes.size();
        break;
      }
      end = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
      if (after(bytes.substr(at, end - at)) == State::line_start) break;
    }
    const std::string_view kept = bytes.substr(at, end - at);
    behind_crlf_ = ends_line(kept);
    state_ = after(kept);
    keep(kept);
    at = end;
  }
  return at;
}

}  // namespace malaposta::protocol
