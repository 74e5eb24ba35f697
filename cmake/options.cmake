# What every target of the project is compiled with.
add_library(malaposta_options INTERFACE)
target_compile_options(malaposta_options INTERFACE -Wall -Wextra -Wpedantic)
# Where it optimises, g++ 12 takes std::string concatenation for an overlapping copy (GCC bug 105329), and the strings of
# temporaries for uninitialised (GCC bug 105562).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(malaposta_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()
if(MALAPOSTA_WERROR)
  target_compile_options(malaposta_options INTERFACE -Werror)
endif()
# libstdc++'s cheap checks (an index, an empty optional) wherever the tests run, not in what users run.
if(MALAPOSTA_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(malaposta_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(MALAPOSTA_SANITIZE)
  target_compile_options(malaposta_options INTERFACE -fsanitize=${MALAPOSTA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(malaposta_options INTERFACE -fsanitize=${MALAPOSTA_SANITIZE})
  # Instrumented code hides from g++ 12 that <functional> and <regex> have initialised what they read.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(malaposta_options INTERFACE -Wno-maybe-uninitialized)
    # Asio's fences, which the thread sanitizer does not follow, stand beside mutexes, which it does.
    if(MALAPOSTA_SANITIZE MATCHES "thread")
      target_compile_options(malaposta_options INTERFACE -Wno-tsan)
    endif()
  endif()
endif()
# Fuzz targets link the same rooms; only instrumentation is added to them.
if(MALAPOSTA_FUZZ)
  target_compile_options(malaposta_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_include_directories(malaposta_options INTERFACE
  ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/server ${PROJECT_BINARY_DIR}/generated)
