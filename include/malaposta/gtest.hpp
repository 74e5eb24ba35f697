/// @file
/// For tests with GoogleTest: a verdict that failed is told with its explanation.
///
/// ```cpp
/// EXPECT_TRUE(malaposta::gtest::passed(mail.verify()));
/// ```
#pragma once

#include <gtest/gtest.h>

#include <malaposta/verdict.hpp>
#include <ostream>

namespace malaposta {

/// What GoogleTest shows of a verdict: its explanation.
inline void PrintTo(const Verdict& verdict, std::ostream* stream) { *stream << "\n" << verdict.explanation; }

}  // namespace malaposta

namespace malaposta::gtest {

/// Success of a verdict that passed; otherwise a failure that tells its explanation.
inline ::testing::AssertionResult passed(const Verdict& verdict) {
  if (verdict.passed()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "\n" << verdict.explanation;
}

}  // namespace malaposta::gtest
