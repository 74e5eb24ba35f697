/// @file
/// For tests with Catch2, 2.13 or 3: a verdict that failed is told with its explanation.
///
/// ```cpp
/// CHECK_THAT(mail.verify(), malaposta::catch2::passes());
/// ```
#pragma once

#if __has_include(<catch2/matchers/catch_matchers.hpp>)
#include <catch2/catch_tostring.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#else
#include <catch2/catch.hpp>
#endif
#include <malaposta/verdict.hpp>
#include <string>

namespace Catch {

/// What Catch2 shows of a verdict: its explanation.
template <>
struct StringMaker<malaposta::Verdict> {
  /// The explanation, on lines of its own.
  static std::string convert(const malaposta::Verdict& verdict) { return "\n" + verdict.explanation; }
};

}  // namespace Catch

namespace malaposta::catch2 {

#if __has_include(<catch2/matchers/catch_matchers.hpp>)
using MatcherBase = Catch::Matchers::MatcherBase<Verdict>;  ///< of Catch2 3
#else
using MatcherBase = Catch::MatcherBase<Verdict>;  ///< of Catch2 2
#endif

/// Matches a verdict that passed.
class Passes : public MatcherBase {
 public:
  /// Whether it passed.
  bool match(const Verdict& verdict) const override { return verdict.passed(); }
  /// What is expected.
  std::string describe() const override { return "passes"; }
};
/// Matches a verdict that passed.
inline Passes passes() { return {}; }

}  // namespace malaposta::catch2
