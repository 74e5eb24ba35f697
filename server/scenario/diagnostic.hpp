// Problems of a scenario file: collected, all told at once, each with its place, the line and the way out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenario/model.hpp"

namespace malaposta::scenario {

struct Diagnostic {
  enum class Severity { error, warning };
  Severity severity = Severity::error;
  std::string file;
  Place place;         // line 0: of the file as a whole
  std::string message;
  std::string hint;    // shown after the caret: "did you mean 'reply'?"; may be empty
  std::string excerpt; // the source line at `place`, without its line end
};

// Collects the diagnostics of one file.
class Diagnostics {
 public:
  static constexpr std::size_t kMost = 100;  // of one file; a further line says how many more there were

  Diagnostics(std::string file, std::string_view source);
  void error(Place place, std::string message, std::string hint = {});
  void warning(Place place, std::string message, std::string hint = {});
  bool failed() const { return errors_ > 0; }
  std::size_t errors() const { return errors_; }  // so far
  // In the order of their places.
  std::vector<Diagnostic> take();

 private:
  void add(Diagnostic::Severity severity, Place place, std::string message, std::string hint);
  std::string file_;
  std::vector<std::string> lines_;  // of the source
  std::vector<Diagnostic> list_;
  std::size_t errors_ = 0;
  std::size_t dropped_ = 0;
};

// Some editors write it at the beginning of a file; it is no part of the first line.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The lines of a text, without their line ends.
std::vector<std::string_view> split_lines(std::string_view text);

// As printed: "scenarios/a.yaml:5:5: error: unknown key 'replay' in rule\n  5 |     replay: …\n    |     ^^^^^^ did you mean 'reply'?\n".
std::string render(const Diagnostic& diagnostic);

// The candidate nearest to `word` (edit distance at most a third of its length, at least 1 and at most 3), or empty.
// Upper and lower case count as the same.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace malaposta::scenario
