#include "report/catalogue.hpp"

#include <array>

namespace malaposta::report {

namespace {

constexpr std::array<std::string_view, 3> kClosingNames{"no", "fin", "reset"};

}  // namespace

std::string_view in(const catalogue::Text& text, Language language) { return language == Language::en ? text.en : text.it; }

boost::json::array json_of(const std::vector<const ProviderReply*>& replies) {
  boost::json::array list;
  for (const ProviderReply* reply : replies)
    list.push_back({{"provider", reply->provider},
                    {"rule", reply->rule},
                    {"code", reply->code},
                    {"reply", boost::json::array(reply->lines.begin(), reply->lines.end())},
                    {"trigger", reply->trigger}});
  return list;
}

boost::json::object json_of(const catalogue::Code& code, Language language) {
  boost::json::array stages;
  for (const catalogue::Stage stage : code.stages) stages.emplace_back(name(stage));
  return {{"code", code.code},
          {"class", name(code.kind)},
          {"origin", code.origin},
          {"stages", stages},
          {"enhanced", code.enhanced},
          {"closes", kClosingNames.at(static_cast<std::size_t>(code.closes))},
          {"text", code.text},
          {"meaning", in(code.meaning, language)},
          {"advice", in(code.advice, language)},
          {"client", in(code.client, language)},
          {"trigger", code.trigger},
          {"scenario", code.scenario},
          {"providers", json_of(provider_replies_to(code.code))}};
}

}  // namespace malaposta::report
