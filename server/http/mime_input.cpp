#include "http/mime_input.hpp"

#include <algorithm>
#include <cstring>

#include "protocol/grammar.hpp"

namespace malaposta::http {

namespace {

// Room in front of the message for the line that a missing header section needs.
constexpr std::string_view kEmptyLine = "\r\n";

// RFC 5322 section 2.2, and the blanks before the colon of section 4.5.
bool is_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  std::string_view name = line.substr(0, colon);
  while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) { return c > 32 && c < 127; });
}

bool is_blank(std::string_view line) { return line == "\n" || line == "\r\n" || line == "\r" || line.empty(); }

bool is_boundary(std::string_view line) { return line.starts_with("--"); }

bool contains_word(std::string_view line, std::string_view word) {
  return std::search(line.begin(), line.end(), word.begin(), word.end(), [](char a, char b) { return protocol::grammar::lower(a) == b; }) !=
         line.end();
}

// Works in place: what is kept moves to the front.
class Filter {
 public:
  Filter(std::string& text, const MimeBudget& budget) : text_(text), budget_(budget), read_(kEmptyLine.size()) {}

  void run() {
    section(true);
    // What a part contains may begin with a header section as well.
    while (read_ < text_.size() && ((nested_ && ended_) || body())) section(false);
    text_.resize(written_);
  }

 private:
  std::string_view rest() const { return std::string_view(text_).substr(read_); }
  std::string_view line() const {
    const std::string_view all = rest();
    return all.substr(0, std::min(all.find('\n'), all.size() - 1) + 1);
  }

  void keep(std::size_t size) {
    if (written_ != read_) std::memmove(text_.data() + written_, text_.data() + read_, size);
    written_ += size;
    read_ += size;
  }
  void drop(std::size_t size) { read_ += size; }
  // Where as much was dropped, or is the room in front.
  void insert_line_end() {
    std::ranges::copy(kEmptyLine, text_.begin() + static_cast<std::ptrdiff_t>(written_));
    written_ += kEmptyLine.size();
  }

  // A header section with the empty line at its end. One that is not the message's own may be none: it ends where it cannot be one.
  void section(bool first) {
    ended_ = false;
    for (bool began = false; read_ < text_.size(); began = true) {
      const std::string_view here = line();
      ended_ = is_blank(here);
      if (ended_) return keep(here.size());
      if (began && (here.front() == ' ' || here.front() == '\t')) {
        continue_field(here);
      } else if (is_field(here)) {
        begin_field(here);
      } else {
        if (first) insert_line_end();
        return;
      }
    }
  }

  void begin_field(std::string_view here) {
    field_bytes_ = field_colons_ = 0;
    field_full_ = ++fields_ > budget_.fields;
    continue_field(here);
  }

  void continue_field(std::string_view here) {
    // What is within such a part has header sections of its own, behind empty lines (RFC 2046 sections 5.1.5 and 5.2).
    nested_ = nested_ || contains_word(here, "message") || contains_word(here, "digest");
    const std::size_t allowed = field_full_ ? 0 : within_budget(here);
    const std::size_t size = here.size();
    if (allowed == size) return keep(size);
    const std::size_t kept = std::max(allowed, kEmptyLine.size()) - kEmptyLine.size();
    keep(kept);
    drop(size - kept);
    if (kept > 0) insert_line_end();
    field_full_ = true;
  }

  // How many bytes of the line may stay.
  std::size_t within_budget(std::string_view here) {
    std::size_t allowed = std::min(here.size(), budget_.field_bytes - field_bytes_);
    allowed = std::min(allowed, budget_.header_bytes - header_bytes_);
    for (std::size_t at = here.find(':'); at < allowed; at = here.find(':', at + 1))
      if (++field_colons_ > budget_.field_colons) allowed = at;
    field_bytes_ += allowed;
    header_bytes_ += allowed;
    return allowed;
  }

  // Up to where a header section may begin. False where the message ends.
  bool body() {
    while (read_ < text_.size()) {
      const std::string_view here = line();
      if (is_boundary(here)) {
        if (++boundaries_ > budget_.boundaries) return false;
        keep(here.size());
        return true;
      }
      if (nested_) {
        keep(here.size());
        if (is_blank(here)) return true;
      } else {
        // The line end stays with this line.
        keep(std::min(rest().find("\n--"), rest().size() - 1) + 1);
      }
    }
    return false;
  }

  std::string& text_;
  const MimeBudget& budget_;
  std::size_t read_;
  std::size_t written_ = 0;
  std::size_t fields_ = 0, header_bytes_ = 0, boundaries_ = 0;
  std::size_t field_bytes_ = 0, field_colons_ = 0;  // of the field under way
  bool field_full_ = false;                         // the rest of it is left out
  bool nested_ = false;  // there are parts that contain messages
  bool ended_ = false;   // by its empty line: the header section before
};

std::string filtered(std::string text, const MimeBudget& budget) {
  Filter(text, budget).run();
  return text;
}

}  // namespace

std::string mime_input(const journal::Content& content, const MimeBudget& budget) {
  std::string text;
  text.reserve(kEmptyLine.size() + content.size());
  text += kEmptyLine;
  content.for_each([&](std::string_view block) { text += block; });
  return filtered(std::move(text), budget);
}

std::string mime_input(std::string_view content, const MimeBudget& budget) {
  return filtered(std::string(kEmptyLine).append(content), budget);
}

}  // namespace malaposta::http
