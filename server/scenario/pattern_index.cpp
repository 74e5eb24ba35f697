#include "scenario/pattern_index.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "protocol/grammar.hpp"
#include "scenario/pattern.hpp"

namespace malaposta::scenario {

namespace {

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

// What RE2 is to look for instead of a glob. A literal is a glob without stars.
std::string expression_of_glob(std::string_view glob) {
  const bool has_stars = glob.find_first_of("*?") != std::string_view::npos;
  std::string expression = "\\A";
  for (; !glob.empty(); glob.remove_prefix(1)) {
    if (glob[0] == '*' || glob[0] == '?') {
      expression += glob[0] == '*' ? "\\C*" : "\\C";
      continue;
    }
    if (has_stars && glob[0] == '\\' && glob.size() > 1) glob.remove_prefix(1);
    // Any octet for one beyond ASCII: alone, it would be no UTF-8, which RE2 wants.
    expression += protocol::grammar::is_eight_bit(glob[0]) ? "\\C" : RE2::QuoteMeta(piece(glob.substr(0, 1)));
  }
  return expression + "\\z";
}

// It matches all that the text of a pattern does, and hardly more: RE2 knows more letters of two cases than ASCII's.
std::string expression_of(std::string_view text, bool fold) {
  const bool is_regex = text.size() >= 2 && text.front() == '/' && text.back() == '/';
  return (fold ? "(?i)" : "") + (is_regex ? translate_groups(text.substr(1, text.size() - 2)) : expression_of_glob(text));
}

}  // namespace

bool PatternIndex::add(const TextPattern& pattern, bool fold, std::uint32_t rule) {
  if (pattern.negated) return false;
  if (!set_) {
    RE2::Options options;
    options.set_max_mem(kIndexMemory);
    options.set_log_errors(false);
    set_ = std::make_unique<RE2::Set>(options, RE2::UNANCHORED);
  }
  for (const Text& text : pattern.any_of) {
    if (set_->Add(expression_of(text.value, fold), nullptr) < 0) return false;
    rules_.push_back(rule);
  }
  return true;
}

bool PatternIndex::compile() { return set_ && set_->Compile(); }

std::span<const std::uint32_t> PatternIndex::find(std::string_view text) const {
  // Whether there is any is asked first: that allocates nothing.
  RE2::Set::ErrorInfo error{};
  if (!set_->Match(piece(text), nullptr, &error)) {
    if (error.kind == RE2::Set::kNoError) return {};
    return rules_;  // its memory is used up: all of them have to be asked
  }
  thread_local std::vector<int> entries;
  thread_local std::array<std::vector<std::uint32_t>, kFound> found;
  thread_local std::size_t next = 0;
  if (!set_->Match(piece(text), &entries, &error)) return rules_;
  std::vector<std::uint32_t>& rules = found[next++ % kFound];
  rules.clear();
  for (const int entry : entries) rules.push_back(rules_[static_cast<std::size_t>(entry)]);
  std::ranges::sort(rules);
  return rules;
}

}  // namespace malaposta::scenario
