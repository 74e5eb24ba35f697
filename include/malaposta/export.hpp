/// @file
/// What marks the names that the library exports.
#pragma once

/// Visible from outside the library; every other symbol of it is hidden, so that nothing of what it is made of (Boost, OpenSSL, …) can
/// meet another version of the same in your program.
#define MALAPOSTA_API __attribute__((visibility("default")))
