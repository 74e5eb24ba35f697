#include "embed/scenario.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "malaposta/error.hpp"
#include "scenario/diagnostic.hpp"

namespace malaposta {

namespace {

std::string text_of_file(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Scenario only(std::vector<Scenario> all, std::string_view file) {
  if (all.size() != 1)
    throw ScenarioError(
        fmt::format("{}: error: {} scenarios come of it, where one is played\n  load them with load() or load_text(), and start "
                    "a server for each\n",
                    file, all.size()));
  return std::move(all.front());
}

}  // namespace

std::vector<Scenario> Scenario::Impl::from(scenario::Loaded loaded, std::string_view text) {
  std::string errors;
  for (const scenario::Diagnostic& one : loaded.diagnostics)
    if (one.severity == scenario::Diagnostic::Severity::error) errors += scenario::render(one);
  if (!errors.empty()) throw ScenarioError(errors);
  std::vector<Scenario> all;
  for (scenario::ScenarioPtr& one : loaded.scenarios) {
    const std::string file = one->model().file;
    const scenario::Shipped* const shipped = file.starts_with("<builtin>/") ? scenario::find_shipped(one->name()) : nullptr;
    const auto impl = std::make_shared<Impl>();
    impl->scenario = std::move(one);
    impl->text = !text.empty() ? std::string(text) : shipped != nullptr ? std::string(shipped->text) : text_of_file(file);
    for (const scenario::Diagnostic& diagnostic : loaded.diagnostics)
      if (diagnostic.file == file) impl->warnings.push_back(scenario::render(diagnostic));
    all.push_back(Scenario(impl));
  }
  return all;
}

Scenario::Scenario(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Scenario Scenario::shipped(std::string_view name) {
  const scenario::Shipped* const found = scenario::find_shipped(name);
  // load() knows what to say where there is none.
  if (found == nullptr) {
    const scenario::Loaded loaded = scenario::load({std::string(name)}, {});
    throw ScenarioError(
        fmt::format("{}: no scenario of that name ships with malaposta{}\n", name,
                    loaded.failed() && !loaded.diagnostics.front().hint.empty() ? ": " + loaded.diagnostics.front().hint : ""));
  }
  const std::string file = fmt::format("<builtin>/{}", found->path);
  return only(Impl::from(scenario::load_text(file, found->text, {}), found->text), file);
}

Scenario Scenario::from_text(std::string_view yaml, const std::string& file) { return only(load_text(yaml, file), file); }

Scenario Scenario::from_file(const std::filesystem::path& file) {
  std::error_code ignored;
  // What is no file is told as such: a name that ships is not meant.
  if (!std::filesystem::is_regular_file(file, ignored)) throw ScenarioError(fmt::format("{}: error: no such file\n", file.string()));
  return only(load(file.string()), file.string());
}

std::vector<Scenario> Scenario::load_text(std::string_view yaml, const std::string& file) {
  return Impl::from(scenario::load_text(file, yaml, {}), yaml);
}

std::vector<Scenario> Scenario::load(const std::string& what) { return Impl::from(scenario::load({what}, {}), {}); }

std::vector<std::string_view> Scenario::shipped_names() {
  std::vector<std::string_view> names;
  for (const scenario::Shipped& one : scenario::shipped()) names.push_back(one.name());
  return names;
}

const std::string& Scenario::name() const noexcept { return impl_->scenario->name(); }
const std::string& Scenario::title() const noexcept { return impl_->scenario->model().title; }
const std::string& Scenario::text() const noexcept { return impl_->text; }
const std::vector<std::string>& Scenario::warnings() const noexcept { return impl_->warnings; }

}  // namespace malaposta
