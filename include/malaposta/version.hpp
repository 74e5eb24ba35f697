/// @file
/// The version that these headers belong to. While the first number is 0, another second one may break what was built with these.
#pragma once

#define MALAPOSTA_VERSION_MAJOR 0   ///< the first number
#define MALAPOSTA_VERSION_MINOR 1   ///< the second
#define MALAPOSTA_VERSION_PATCH 0   ///< the third
#define MALAPOSTA_VERSION "0.1.0"   ///< all three
