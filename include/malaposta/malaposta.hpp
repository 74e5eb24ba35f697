/// @file
/// All of Malaposta's API: an SMTP server that misbehaves on purpose, inside the process that tests a mail client.
#pragma once

#include <malaposta/builder.hpp>
#include <malaposta/catalogue.hpp>
#include <malaposta/error.hpp>
#include <malaposta/export.hpp>
#include <malaposta/journal.hpp>
#include <malaposta/scenario.hpp>
#include <malaposta/server.hpp>
#include <malaposta/verdict.hpp>
#include <malaposta/version.hpp>

/// Everything of the API but its macros.
namespace malaposta {}
