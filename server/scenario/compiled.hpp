// The rules of a scenario as they are played: patterns, templates and replies are ready, and each stage knows which
// rules it may have to ask. Immutable; made by compile.cpp, read by play.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "protocol/decision.hpp"
#include "scenario/dialog.hpp"
#include "scenario/model.hpp"
#include "scenario/pattern.hpp"
#include "scenario/pattern_index.hpp"
#include "scenario/template.hpp"

namespace malaposta::scenario {

inline constexpr Duration kLongestDelay = std::chrono::hours(24);  // of a delay, wait or hold whose length a template or chance gives
inline constexpr std::uint64_t kMostGarbage = 1u << 20;            // bytes of one `fault: garbage`
inline constexpr std::uint64_t kDefaultGarbage = 64;               // bytes
inline constexpr std::size_t kLongestReplyLine = 512;              // octets with CRLF (RFC 5321 section 4.5.3.1.5)

// A number or a duration: fixed, or given by a template when the rule fires.
template <typename T>
struct Value {
  T fixed{};
  std::optional<Template> text;
};

struct CompiledCondition {
  Subject subject{};
  std::string name;
  std::optional<TextMatcher> text;
  std::optional<AddressMatcher> address;
  NumberPattern number;
  bool flag = false;
};

// A reply: bytes that are ready, or lines that become a reply when the rule fires.
struct CompiledReply {
  std::string wire;
  std::vector<Template> lines;  // empty when `wire` is all there is
  bool code_from_template = false;
};

struct CompiledStep {
  enum class Kind : std::uint8_t { reply, send, garbage, plain, set };  // plain: `step` alone says it
  Kind kind{};
  protocol::Step::Kind step{};
  CompiledReply reply;
  Template text;                // send, set
  Value<Duration> duration;     // wait, stall, silence
  Value<std::uint64_t> number;  // read_bytes; garbage: bytes
};

struct CompiledDelay {
  Delay::Kind kind = Delay::Kind::fixed;
  Value<Duration> fixed;
  Delay drawn;  // the parameters of the others
};

struct CompiledRule {
  std::string id;
  std::uint32_t line = 0;
  catalogue::StageSet at = 0;
  std::vector<CompiledCondition> conditions;  // the cheap ones first
  GroupNames groups;
  bool wants_groups = false;  // a template needs what a group matched
  bool wants_mail = false;    // a condition, the key or a template looks at the reverse path

  bool gated = false;  // has gates or a key: the store is asked
  Value<std::uint64_t> times{UINT64_MAX, {}}, skip{0, {}}, every{1, {}};
  double probability = 1;
  std::optional<Window> window;
  std::optional<Rate> rate;
  std::vector<Subject> key;

  bool decides = false;
  int code = 0;  // of its first reply, where that is written out; what ${code} stands for
  std::vector<CompiledStep> steps;
  Value<std::uint64_t> after;
  std::optional<Template> set;
  std::optional<bool> capture;
  std::optional<CompiledDelay> delay;
  std::optional<Dribble> dribble;
  std::optional<SlowRead> read;
  bool stay = false;
  std::optional<protocol::Step::Kind> then;
  Value<Duration> hold;  // of `then: stall`
  bool duplicate = false;
  std::optional<Value<std::uint64_t>> truncate;
};

// A rule that a stage may have to ask. `first` is what its text on `subject` can begin with: most rules end there.
struct Candidate {
  std::uint32_t rule = 0;
  Subject subject = Subject::state;  // mail, rcpt or helo; else there is nothing to look at beforehand
  FirstBytes first = FirstBytes::any();
};

// Rules that ask for certain addresses and nothing else of that kind, by the hash of the address in lower case.
using LiteralIndex = std::unordered_map<std::uint64_t, std::vector<std::uint32_t>>;

// From how many rules on whose pattern is for mail, or for rcpt, they are found by a PatternIndex; fewer are asked one by one.
inline constexpr std::size_t kManyPatterns = 24;

struct StageRules {
  std::vector<Candidate> scan;  // in file order, as each list in the indexes is
  LiteralIndex by_mail;
  LiteralIndex by_rcpt;  // at rcpt only: later there are many recipients
  std::optional<PatternIndex> like_mail;
  std::optional<PatternIndex> like_rcpt;  // as is
  bool empty() const { return scan.empty() && by_mail.empty() && by_rcpt.empty() && !like_mail && !like_rcpt; }
};

struct Compiled {
  std::vector<CompiledRule> rules;
  std::vector<Dialog> dialogs;        // instead of rules: connections play them in turn
  std::optional<CompiledRule> route;  // its conditions say which sessions the scenario applies to
  std::array<StageRules, catalogue::kStageNames.size()> stages;
  bool remembers_mail = false;  // a rule looks at `mail` where no transaction need be open
};

}  // namespace malaposta::scenario
