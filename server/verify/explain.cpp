#include "verify/explain.hpp"

#include <fmt/format.h>

#include <array>

namespace malaposta::verify {

std::string_view name(Judgement::Outcome outcome) {
  static constexpr std::array<std::string_view, 4> kNames{"passed", "failed", "inconclusive", "pending"};
  return kNames.at(static_cast<std::size_t>(outcome));
}

std::string render(const Judgement& judgement) {
  std::string text = fmt::format("{}:{}:{}: {}: expected {}; got {}\n", judgement.file, judgement.line, judgement.column,
                                 name(judgement.outcome), judgement.expected, judgement.actual);
  for (const std::string& line : judgement.explanation) text += "  " + line + "\n";
  return text;
}

}  // namespace malaposta::verify
