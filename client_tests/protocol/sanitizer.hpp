// The sanitizers that the tests, and the program beside them, are built with: g++ and clang say it in different ways.
#pragma once

#if defined(__has_feature)
#define MALAPOSTA_HAS_FEATURE(name) __has_feature(name)
#else
#define MALAPOSTA_HAS_FEATURE(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || MALAPOSTA_HAS_FEATURE(address_sanitizer)
#define MALAPOSTA_ADDRESS_SANITIZER 1
#else
#define MALAPOSTA_ADDRESS_SANITIZER 0
#endif

#if defined(__SANITIZE_THREAD__) || MALAPOSTA_HAS_FEATURE(thread_sanitizer)
#define MALAPOSTA_THREAD_SANITIZER 1
#else
#define MALAPOSTA_THREAD_SANITIZER 0
#endif

namespace malaposta::testing {

// These two keep freed memory for long: what a process may take is not measured under them, only that nothing breaks.
inline constexpr bool kKeepsWhatIsFreed = MALAPOSTA_ADDRESS_SANITIZER || MALAPOSTA_THREAD_SANITIZER;

}  // namespace malaposta::testing
