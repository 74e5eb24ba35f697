// HTML with the images that the message brings.
#pragma once

#include <cstddef>
#include <string>

#include "http/mime.hpp"

namespace malaposta::http {

inline constexpr std::size_t kMostInlineBytes = 8 * 1024 * 1024;  // of all images of a page; those beyond are left as they are

// The mail's HTML in which "cid:" URLs (RFC 2392) that name its images have become "data:" URLs (RFC 2397). So nothing has to be loaded,
// and a page without an origin or a token sees them. Only kinds of images that are pixels: no SVG.
std::string with_inline_images(const Mail& mail, const journal::Content& content);

}  // namespace malaposta::http
