#include "malaposta/catalogue.hpp"

#include <algorithm>

#include "catalogue/codes.hpp"
#include "catalogue/findings.hpp"

namespace malaposta {

namespace {

std::vector<Code> all_codes() {
  std::vector<Code> all;
  for (const catalogue::Code& one : catalogue::codes()) {
    Code& code = all.emplace_back();
    code.code = one.code;
    code.kind = static_cast<CodeClass>(one.kind);
    for (const catalogue::Stage stage : one.stages) code.stages.push_back(name(stage));
    code.enhanced = one.enhanced, code.text = one.text;
    code.meaning = one.meaning.en, code.advice = one.advice.en, code.client = one.client.en;
    code.trigger = one.trigger, code.scenario = one.scenario;
  }
  return all;
}

std::vector<FindingKind> all_findings() {
  std::vector<FindingKind> all;
  for (const catalogue::FindingInfo& one : catalogue::findings())
    all.push_back({one.id, static_cast<Severity>(one.severity), one.rule, one.title, one.meaning, one.advice});
  return all;
}

static_assert(static_cast<int>(CodeClass::permanent) == static_cast<int>(catalogue::Class::permanent));
static_assert(static_cast<int>(Severity::error) == static_cast<int>(catalogue::Severity::error));

}  // namespace

std::span<const Code> Catalogue::codes() {
  static const std::vector<Code> kAll = all_codes();
  return kAll;
}

const Code* Catalogue::find(int code) {
  const std::span<const Code> all = codes();
  const auto found = std::ranges::find(all, code, &Code::code);
  return found == all.end() ? nullptr : &*found;
}

std::span<const FindingKind> Catalogue::findings() {
  static const std::vector<FindingKind> kAll = all_findings();
  return kAll;
}

}  // namespace malaposta
