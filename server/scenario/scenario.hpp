// A scenario ready to be played: compiled rules and the server's profile, immutable, shared by all that play it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/decision.hpp"
#include "protocol/profile.hpp"
#include "scenario/diagnostic.hpp"
#include "scenario/model.hpp"

namespace malaposta::scenario {

struct Compiled;  // the rules; compile.cpp and play.cpp know it

class Scenario {
 public:
  Scenario(Model model, protocol::Profile profile, std::shared_ptr<const Compiled> compiled);
  const std::string& name() const { return model_.name.value; }
  const Model& model() const { return model_; }
  const protocol::Profile& profile() const { return profile_; }
  const Compiled& compiled() const { return *compiled_; }
  // The same, judged by other expectations.
  std::shared_ptr<const Scenario> with(std::vector<Expectation> expect) const;

 private:
  Model model_;
  protocol::Profile profile_;
  std::shared_ptr<const Compiled> compiled_;
};
using ScenarioPtr = std::shared_ptr<const Scenario>;

struct CompileOptions {
  std::string hostname = "mx.example.test";  // where the scenario names none
};

// nullptr if `diagnostics` failed.
ScenarioPtr compile(Model model, const CompileOptions& options, Diagnostics& diagnostics);

// What `load` found: scenarios in the order of the arguments (files of a folder by name), and every problem of
// every file. Nothing may be started when one of the diagnostics is an error.
struct Loaded {
  std::vector<ScenarioPtr> scenarios;
  std::vector<Diagnostic> diagnostics;
  bool failed() const;
  // The errors in one line, with their hints; empty where there is none.
  std::string errors() const;
};

// Loads what the command line names: a file, a folder (all *.yaml below it) or a shipped scenario's name.
// An argument that is none of them is a diagnostic with the nearest shipped name.
Loaded load(const std::vector<std::string>& arguments, const CompileOptions& options);

// From a text; `file` is for the diagnostics.
Loaded load_text(const std::string& file, std::string_view text, const CompileOptions& options);

// The shipped scenario files, compiled into the binary.
struct Shipped {
  std::string_view path;  // relative to scenarios/: "codes/550.yaml"
  std::string_view text;
  std::string_view name() const;  // "550"
};
const std::vector<Shipped>& shipped();
const Shipped* find_shipped(std::string_view name);

}  // namespace malaposta::scenario
