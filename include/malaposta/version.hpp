/// @file
/// The version that these headers belong to.
#pragma once

#define MALAPOSTA_VERSION_MAJOR 0
#define MALAPOSTA_VERSION_MINOR 1
#define MALAPOSTA_VERSION_PATCH 0
#define MALAPOSTA_VERSION "0.1.0"
