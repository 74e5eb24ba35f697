// From what the command line names to scenarios that can be played: files, folders, shipped names.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <system_error>

#include "scenario/compile.hpp"
#include "scenario/reader.hpp"
#include "scenario/scenario.hpp"

namespace malaposta::scenario {

namespace fs = std::filesystem;

namespace {

class Loader {
 public:
  explicit Loader(const CompileOptions& options) : options_(options) {}

  void argument(const std::string& name) {
    std::error_code ignored;
    if (fs::is_directory(name, ignored))
      folder(name);
    else if (fs::exists(name, ignored))
      file(name);
    else if (const Shipped* shipped = find_shipped(name))
      text("<builtin>/" + std::string(shipped->path), shipped->text);
    else
      not_found(name);
  }

  void text(const std::string& file, std::string_view source) {
    Diagnostics diagnostics(file, source);
    const auto kept = std::make_shared<const std::string>(source);
    for (Model& model : read(file, source, diagnostics)) {
      const Text name = model.name;
      model.source = kept;
      const auto [first, added] = names_.emplace(name.value, file);
      if (!added && !name.value.empty())
        diagnostics.error(name.place, "another scenario is named '" + name.value + "': " + first->second, "give it a 'name' of its own");
      // What is wrong in one cell mostly is in the others too: it is told once.
      const std::size_t before = diagnostics.errors();
      ScenarioPtr scenario = compile(std::move(model), options_, diagnostics);
      if (scenario != nullptr) loaded_.scenarios.push_back(std::move(scenario));
      if (diagnostics.errors() > before) break;
    }
    keep(diagnostics);
  }

  Loaded take() { return std::move(loaded_); }

 private:
  // All *.yaml below it, by name, so that every machine has the same order.
  void folder(const std::string& name) {
    std::vector<std::string> files;
    std::error_code error;
    for (fs::recursive_directory_iterator it(name, error), end; !error && it != end; it.increment(error))
      if (it->path().extension() == ".yaml") files.push_back(it->path().string());
    if (error) return problem(name, "cannot be read: " + error.message());
    if (files.empty()) return problem(name, "no scenario is below this folder", "scenarios are files named *.yaml");
    std::sort(files.begin(), files.end());
    for (const std::string& path : files) file(path);
  }

  void file(const std::string& name) {
    std::ifstream stream(name, std::ios::binary);
    std::string source(kLargestFile + 1, '\0');
    stream.read(source.data(), static_cast<std::streamsize>(source.size()));
    if (!stream.is_open() || stream.bad()) return problem(name, "cannot be read: " + std::generic_category().message(errno));
    source.resize(static_cast<std::size_t>(stream.gcount()));
    if (source.size() > kLargestFile)
      return problem(name, "is larger than " + std::to_string(kLargestFile) + " bytes", "split it: a folder can be loaded at once");
    text(name, source);
  }

  void not_found(const std::string& name) {
    std::vector<std::string_view> candidates;
    for (const Shipped& shipped : shipped()) candidates.push_back(shipped.name());
    problem(name, "no such file or folder, and no scenario of that name ships with malaposta", suggestion(name, candidates));
  }

  void problem(const std::string& file, std::string message, std::string hint = {}) {
    Diagnostics diagnostics(file, {});
    diagnostics.error(Place{}, std::move(message), std::move(hint));
    keep(diagnostics);
  }

  void keep(Diagnostics& diagnostics) {
    for (Diagnostic& diagnostic : diagnostics.take()) loaded_.diagnostics.push_back(std::move(diagnostic));
  }

  const CompileOptions& options_;
  Loaded loaded_;
  std::map<std::string, std::string> names_;  // of scenarios, and the file that has each
};

}  // namespace

bool Loaded::failed() const {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& d) { return d.severity == Diagnostic::Severity::error; });
}

std::string Loaded::errors() const {
  std::string line;
  for (const Diagnostic& one : diagnostics)
    if (one.severity == Diagnostic::Severity::error)
      line += (line.empty() ? "" : "; ") + one.message + (one.hint.empty() ? "" : ": " + one.hint);
  return line;
}

Loaded load(const std::vector<std::string>& arguments, const CompileOptions& options) {
  Loader loader(options);
  for (const std::string& argument : arguments) loader.argument(argument);
  return loader.take();
}

Loaded load_text(const std::string& file, std::string_view text, const CompileOptions& options) {
  Loader loader(options);
  loader.text(file, text);
  return loader.take();
}

}  // namespace malaposta::scenario
