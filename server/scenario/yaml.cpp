#include "scenario/yaml.hpp"

#include <fmt/format.h>
#include <libfyaml.h>

#include <algorithm>
#include <array>
#include <memory>

#include "scenario/reader.hpp"

namespace malaposta::scenario {

namespace {

template <auto Destroy>
struct With {
  template <typename T>
  void operator()(T* object) const {
    Destroy(object);
  }
};
using FyDiag = std::unique_ptr<fy_diag, With<fy_diag_destroy>>;
using FyParser = std::unique_ptr<fy_parser, With<fy_parser_destroy>>;
using FyTokenIter = std::unique_ptr<fy_token_iter, With<fy_token_iter_destroy>>;

struct FreeEvent {
  fy_parser* parser = nullptr;
  void operator()(fy_event* event) const { fy_parser_event_free(parser, event); }
};

// From byte offsets to lines and columns.
class Lines {
 public:
  explicit Lines(std::string_view source) : source_(source), lines_(split_lines(source)) {}

  Place place(std::size_t from, std::size_t to) const {
    from = std::min(from, source_.size());
    const auto after = std::upper_bound(lines_.begin(), lines_.end(), source_.data() + from,
                                        [](const char* at, std::string_view line) { return at < line.data(); });
    if (after == lines_.begin()) return {1, 1, 1};
    const std::string_view line = *(after - 1);
    const std::size_t column = static_cast<std::size_t>(source_.data() + from - line.data());
    const std::size_t rest = column < line.size() ? line.size() - column : 0;
    return {static_cast<std::uint32_t>(after - lines_.begin()), static_cast<std::uint32_t>(column + 1),
            static_cast<std::uint32_t>(std::clamp<std::size_t>(to - std::min(from, to), 1, std::max<std::size_t>(rest, 1)))};
  }

  // The text of the line, without the blanks before it.
  Place trimmed(std::uint32_t number) const {
    if (number == 0 || number > lines_.size()) return {number, 1, 1};
    const std::string_view line = lines_[number - 1];
    const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
    return {number, static_cast<std::uint32_t>(blanks + 1), static_cast<std::uint32_t>(std::max<std::size_t>(line.size() - blanks, 1))};
  }

  // The library counts columns in characters, and calls the end of the file a line of its own.
  Place from_library(int line, int column) const {
    if (lines_.empty()) return {};
    if (line < 1) return {1, 1, 1};
    if (static_cast<std::size_t>(line) > lines_.size())
      return {static_cast<std::uint32_t>(lines_.size()), static_cast<std::uint32_t>(lines_.back().size() + 1), 1};
    const std::string_view text = lines_[static_cast<std::size_t>(line) - 1];
    std::size_t at = 0;
    for (int i = 1; i < column && at < text.size(); ++i)
      for (++at; at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;) ++at;
    return {static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(at + 1), 1};
  }

 private:
  std::string_view source_;
  std::vector<std::string_view> lines_;
};

// Bytes of the character at the front if it may stand in a YAML file (YAML 1.2 section 5.1), or 0.
std::size_t printable(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return (lead >= 0x20 && lead != 0x7F) || lead == '\t' || lead == '\n' || lead == '\r' ? 1 : 0;
  if (lead < 0xC2 || !follows(1)) return 0;
  if (lead < 0xE0) return lead == 0xC2 && byte(1) < 0xA0 && byte(1) != 0x85 ? 0 : 2;
  const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
  if (lead < 0xF0) return follows(2) && !surrogate && (lead > 0xE0 || byte(1) >= 0xA0) ? 3 : 0;
  const bool in_range = (lead > 0xF0 || byte(1) >= 0x90) && (lead < 0xF4 || (lead == 0xF4 && byte(1) < 0x90));
  return in_range && follows(2) && follows(3) ? 4 : 0;
}

bool only_printable(std::string_view source, const Lines& lines, Diagnostics& diagnostics) {
  std::size_t at = 0;
  while (at < source.size()) {
    const std::size_t size = printable(source.substr(at));
    if (size == 0) break;
    at += size;
  }
  if (at == source.size()) return true;
  const auto byte = static_cast<unsigned char>(source[at]);
  const bool ascii = byte < 0x80;
  diagnostics.error(lines.place(at, at + 1), fmt::format("byte 0x{:02x} is {}", byte, ascii ? "a control character" : "not UTF-8"),
                    ascii ? "inside double quotes it can be written as an escape, such as \"\\0\"" : "save the file as UTF-8");
  return false;
}

// The text of a scalar, piece by piece. In a row of doubled quotes libfyaml 0.7.12 takes the second half of one and the first of the next
// for a doubled quote too: n of them become 2n - 1. Its fy_token_get_text(), which has counted n, gives up in the middle then: the rest is
// memory that nobody wrote, and what it worked with is lost. Here such a piece is left out; later versions give none.
// Blanks alone in a last line without its end are no text of a block scalar (YAML 1.2 section 8.1.1.2); libfyaml calls them an error here.
std::string text_of(fy_token* token) {
  const FyTokenIter pieces(fy_token_iter_create(token));
  if (pieces == nullptr) throw std::bad_alloc();
  const fy_scalar_style style = fy_scalar_token_get_style(token);
  const bool doubles = style == FYSS_SINGLE_QUOTED;
  const bool block = style == FYSS_LITERAL || style == FYSS_FOLDED;
  std::string text;
  const char* second_half = nullptr;
  int error = 0;
  for (const fy_iter_chunk* piece = nullptr; (piece = fy_token_iter_chunk_next(pieces.get(), piece, &error)) != nullptr;) {
    const bool false_quote = piece->str == second_half;
    if (!false_quote) text.append(piece->str, piece->len);
    second_half = doubles && !false_quote && *piece->str == '\'' ? piece->str + 1 : nullptr;
  }
  if (error != 0 && !(block && text.empty())) throw std::bad_alloc();  // whatever else could be wrong the parser has refused
  return text;
}

// What the library says, and what usually helps.
struct Advice {
  std::string_view said;
  std::string_view hint;
};
constexpr std::array kAdvice{
    Advice{"tab character", "indent with spaces"},
    Advice{"nested block mapping", "a text with ': ' in it needs quotes"},
    Advice{"multiline plain key", "is the indentation right? a text with ': ' in it needs quotes"},
    Advice{"missing comma in flow", "a text with '{', '}', '[', ']' or ',' in it needs quotes here"},
    Advice{"plain scalar cannot start", "put the text in quotes"},
    Advice{"trailing content after single-quoted", "write '' for a quote in single quotes"},
};

// Makes the tree from the library's events. Recursion is bounded by kDeepest.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view source, const Lines& lines, Diagnostics& diagnostics)
      : source_(source), lines_(lines), diagnostics_(diagnostics), errors_before_(diagnostics.errors()) {
    fy_diag_cfg diag_config{};
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = nullptr;
    diag_.reset(fy_diag_create(&diag_config));
    if (diag_ == nullptr) throw std::bad_alloc();
    fy_diag_set_collect_errors(diag_.get(), true);
    fy_parse_cfg config{};
    config.flags =
        static_cast<fy_parse_cfg_flags>(FYPCF_ALLOW_DUPLICATE_KEYS | FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE | FYPCF_DEFAULT_VERSION_1_2);
    config.diag = diag_.get();
    parser_.reset(fy_parser_create(&config));
    if (parser_ == nullptr || fy_parser_set_string(parser_.get(), source.data(), source.size()) != 0) throw std::bad_alloc();
  }

  std::optional<Node> build() {
    std::optional<Node> root;
    std::size_t documents = 0;
    while (next()) {
      if (type() == FYET_DOCUMENT_START && ++documents == 2) {
        stop(place(), "a second document begins here", "a file is one scenario");
        break;
      }
      if (type() == FYET_SCALAR || type() == FYET_MAPPING_START || type() == FYET_SEQUENCE_START || type() == FYET_ALIAS) root = node(1);
    }
    if (!stopped_) tell_error();
    if (stopped_ || diagnostics_.errors() > errors_before_) return std::nullopt;
    return root;
  }

 private:
  bool next() {
    event_.reset();
    if (stopped_) return false;
    event_ = std::unique_ptr<fy_event, FreeEvent>(fy_parser_parse(parser_.get()), FreeEvent{parser_.get()});
    return event_ != nullptr;
  }
  fy_event_type type() const { return event_->type; }

  // Of the event. Values of which nothing is written have no marks: they take the place of their key, or of their dash.
  Place place() {
    const fy_mark* start = fy_event_start_mark(event_.get());
    const fy_mark* end = fy_event_end_mark(event_.get());
    if (start != nullptr && end != nullptr) {
      last_ = lines_.place(start->input_pos, end->input_pos);
      behind_last_ = end->input_pos;
    } else if (const std::size_t at = after_blanks(behind_last_); source_.substr(std::min(at, source_.size())).starts_with('-')) {
      last_ = lines_.place(at, at + 1);
      behind_last_ = at + 1;
    }
    return last_;
  }

  // Where something stands that is neither blank nor comment.
  std::size_t after_blanks(std::size_t at) const {
    while (at < source_.size() && std::string_view(" \t\r\n#").find(source_[at]) != std::string_view::npos)
      at = source_[at] == '#' ? std::min(source_.find('\n', at), source_.size()) : at + 1;
    return at;
  }

  Node node(std::size_t depth) {
    Node made;
    made.place = place();
    ++nodes_;
    if (depth > kDeepest)
      stop(made.place, fmt::format("nested more than {} levels deep", kDeepest), {});
    else if (nodes_ > kMostNodes)
      stop(made.place, fmt::format("a file has {} values at most", kMostNodes), "split it: a folder can be loaded at once");
    else if (refuse_reference())
      return made;
    else if (type() == FYET_SCALAR)
      scalar(made);
    else
      children(made, depth);
    return made;
  }

  bool refuse_reference() {
    constexpr std::string_view kWayOut = "write the value itself; `vars` name what is needed twice";
    if (type() == FYET_ALIAS)
      return refuse(fy_event_get_token(event_.get()), '*', "an alias: every value stands where it is used", kWayOut);
    refuse(fy_event_get_anchor_token(event_.get()), '&', "an anchor: every value stands where it is used", kWayOut);
    refuse(fy_event_get_tag_token(event_.get()), '!', "a tag: every scalar is a text", "leave the tag out");
    return false;
  }

  // The library's marks leave out the sign.
  bool refuse(fy_token* token, char sign, std::string_view message, std::string_view hint) {
    if (token == nullptr) return false;
    std::size_t from = fy_token_start_mark(token)->input_pos;
    if (from > 0 && !source_.substr(from).starts_with(sign)) --from;
    diagnostics_.error(lines_.place(from, fy_token_end_mark(token)->input_pos), std::string(message), std::string(hint));
    return true;
  }

  void scalar(Node& made) {
    fy_token* token = fy_event_get_token(event_.get());
    if (token == nullptr) return;
    made.text = text_of(token);
    const fy_scalar_style style = fy_scalar_token_get_style(token);
    made.literal = style == FYSS_LITERAL;
    made.quoted = made.literal || style == FYSS_FOLDED || style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
    if (made.literal || style == FYSS_FOLDED) made.place = lines_.trimmed(made.place.line);
  }

  void children(Node& made, std::size_t depth) {
    made.kind = type() == FYET_MAPPING_START ? Node::Kind::mapping : Node::Kind::list;
    const fy_event_type end = made.is_mapping() ? FYET_MAPPING_END : FYET_SEQUENCE_END;
    while (next() && type() != end) made.children.push_back(node(depth + 1));
    // A mapping without braces begins with its first key: then this key stands for it.
    if (made.is_mapping() && !made.children.empty()) {
      const Place& first = made.children[0].place;
      if (first.line == made.place.line && first.column == made.place.column) made.place = first;
    }
  }

  void stop(Place place, std::string message, std::string hint) {
    diagnostics_.error(place, std::move(message), std::move(hint));
    stopped_ = true;
  }

  // The first of the library's errors; what it says after that follows from it.
  void tell_error() {
    void* position = nullptr;
    const fy_diag_error* error = fy_diag_errors_iterate(diag_.get(), &position);
    if (error == nullptr && fy_parser_get_stream_error(parser_.get())) diagnostics_.error(Place{}, "not valid YAML");
    if (error == nullptr) return;
    const std::string_view said = error->msg;
    const auto advice =
        std::find_if(kAdvice.begin(), kAdvice.end(), [&](const Advice& row) { return said.find(row.said) != std::string_view::npos; });
    diagnostics_.error(lines_.from_library(error->line, error->column), "not valid YAML: " + std::string(said),
                       advice == kAdvice.end() ? std::string{} : std::string(advice->hint));
  }

  std::string_view source_;
  const Lines& lines_;
  Diagnostics& diagnostics_;
  std::size_t errors_before_;
  FyDiag diag_;
  FyParser parser_;
  std::unique_ptr<fy_event, FreeEvent> event_;
  Place last_{1, 1, 1};
  std::size_t behind_last_ = 0;
  std::size_t nodes_ = 0;
  bool stopped_ = false;
};

}  // namespace

std::optional<Node> parse_yaml(std::string_view source, Diagnostics& diagnostics) {
  if (source.size() > kLargestFile) {
    diagnostics.error(Place{}, fmt::format("is larger than {} bytes", kLargestFile), "split it: a folder can be loaded at once");
    return std::nullopt;
  }
  if (source.starts_with(kByteOrderMark)) source.remove_prefix(kByteOrderMark.size());
  const Lines lines(source);
  if (!only_printable(source, lines, diagnostics)) return std::nullopt;
  const std::size_t before = diagnostics.errors();
  std::optional<Node> root = TreeBuilder(source, lines, diagnostics).build();
  if (!root && diagnostics.errors() == before) diagnostics.error(Place{}, "the file is empty", "a scenario begins with 'malaposta: 1'");
  return root;
}

}  // namespace malaposta::scenario
