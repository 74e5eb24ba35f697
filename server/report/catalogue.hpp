// The catalogue of codes for programs.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string_view>
#include <vector>

#include "catalogue/codes.hpp"
#include "report/providers.hpp"

namespace malaposta::report {

enum class Language { en, it };
std::string_view in(const catalogue::Text& text, Language language);

// All that is known of one code; the texts are in the chosen language.
boost::json::object json_of(const catalogue::Code& code, Language language);
boost::json::array json_of(const std::vector<const ProviderReply*>& replies);

}  // namespace malaposta::report
