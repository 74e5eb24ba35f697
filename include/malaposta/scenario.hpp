/// @file
/// Scenarios: how a server misbehaves, and what it expects of its clients. The language is told in docs/scenarios.md.
#pragma once

#include <filesystem>
#include <malaposta/export.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace malaposta {

/// A scenario, ready to be played. Immutable and cheap to copy; as many servers as you like may play it, each with its own state.
class MALAPOSTA_API Scenario {
 public:
  /// One that ships inside the library: "550", "451-twice", "default"; `malaposta codes` and Catalogue name them.
  /// @throws ScenarioError where there is none of that name; what() has the nearest.
  static Scenario shipped(std::string_view name);

  /// From the text of a scenario file (YAML 1.2, of which JSON is a part).
  /// @param yaml the text, at most 1 MiB
  /// @param file what diagnostics and failed expectations call the text
  /// @throws ScenarioError with every problem of the text; also where its matrix makes several scenarios of it: load_text() takes those.
  static Scenario from_text(std::string_view yaml, const std::string& file = "scenario.yaml");

  /// From a file.
  /// @throws ScenarioError as from_text(), and where the file cannot be read.
  static Scenario from_file(const std::filesystem::path& file);

  /// All scenarios of a text: one for each cell of its `matrix`, in order, named `name[cell]`.
  /// @throws ScenarioError with every problem of the text.
  static std::vector<Scenario> load_text(std::string_view yaml, const std::string& file = "scenario.yaml");

  /// All that a command line names: a file, a folder (every *.yaml below it, by name), or a shipped scenario.
  /// @throws ScenarioError with every problem of every file; then none is loaded.
  static std::vector<Scenario> load(const std::string& what);

  /// The names of all scenarios that ship, in the order of their files. The views never end.
  static std::vector<std::string_view> shipped_names();

  /// "451-twice"; with a matrix "tls[expired]".
  const std::string& name() const noexcept;
  /// One line for people; empty where the scenario has none.
  const std::string& title() const noexcept;
  /// The text that it was read from.
  const std::string& text() const noexcept;
  /// What `malaposta check` warns of, one string for each, as printed there: a rule that can never be reached, and the like.
  const std::vector<std::string>& warnings() const noexcept;

 private:
  friend class Server;
  struct Impl;
  explicit Scenario(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

}  // namespace malaposta
