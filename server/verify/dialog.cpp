// Whether the client kept to the dialog: each session to its end, and where not, the two lines side by side.
#include <fmt/format.h>

#include <algorithm>

#include "scenario/compiled.hpp"
#include "verify/context.hpp"
#include "verify/excerpt.hpp"

namespace malaposta::verify {

namespace {

// Both lines, and a mark where they part. What was expected may be one of several lines: then there is no mark.
void compare(const journal::Mismatch& mismatch, std::vector<std::string>& into) {
  const std::string expected = visible(mismatch.expected), received = visible(mismatch.received);
  constexpr std::string_view kPrefix = "C: ";
  const bool comparable = mismatch.expected.starts_with(kPrefix) && !mismatch.received.starts_with('<');
  into.push_back("expected  " + expected);
  into.push_back((comparable ? "received  C: " : "received  ") + received);
  if (!comparable) return;
  const std::string_view line = std::string_view(expected).substr(kPrefix.size());
  // Upper and lower case may differ in a verb: what else differs is of more interest.
  const auto alike = [](char a, char b) { return protocol::equals_ignoring_case({&a, 1}, {&b, 1}); };
  auto parted = std::mismatch(line.begin(), line.end(), received.begin(), received.end(), alike).first;
  if (parted == line.end() && line.size() == received.size()) parted = std::mismatch(line.begin(), line.end(), received.begin()).first;
  into.push_back(std::string(10 + kPrefix.size() + static_cast<std::size_t>(parted - line.begin()), ' ') + "^");
}

const Event* last_word(const SessionRecord& session) {
  const auto found =
      std::find_if(session.events.rbegin(), session.events.rend(), [](const Event& event) { return event.kind == Kind::dialog; });
  return found == session.events.rend() ? nullptr : &*found;
}

void explain(const Context& context, std::size_t session, const Event& event, Judgement& judgement) {
  const SessionRecord& record = context.evidence.sessions[session];
  const journal::Mismatch mismatch = journal::mismatch_of(event.text);
  judgement.outcome = Outcome::failed;
  judgement.line = static_cast<std::uint32_t>(event.number);
  judgement.expected = visible(mismatch.expected);
  judgement.actual = visible(mismatch.received);
  judgement.explanation.clear();
  compare(mismatch, judgement.explanation);
  for (std::string& line : excerpt(context.evidence, session, static_cast<std::size_t>(&event - record.events.data())))
    judgement.explanation.push_back(std::move(line));
}

}  // namespace

Judgement judge_dialog(const Context& context) {
  const scenario::Model& model = context.scenario.model();
  const std::size_t dialogs = context.scenario.compiled().dialogs.size();
  Judgement judgement;
  judgement.file = model.file;
  judgement.line = model.dialog_place.line, judgement.column = model.dialog_place.column;
  judgement.expected =
      dialogs == 1 ? "the client keeps to the dialog" : fmt::format("the client keeps to the dialog of {} sessions", dialogs);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < context.evidence.sessions.size(); ++i) {
    const Event* word = last_word(context.evidence.sessions[i]);
    if (word == nullptr) continue;
    if (word->code == 0) {
      explain(context, i, *word, judgement);
      return judgement;
    }
    ++kept;
  }
  judgement.actual = fmt::format("{} of {} sessions kept to it", kept, context.evidence.sessions.size());
  if (kept < std::max(dialogs, context.evidence.sessions.size())) judgement.outcome = not_met(context);
  if (judgement.outcome == Outcome::failed && context.evidence.sessions.empty()) judgement.actual = "no client connected";
  return judgement;
}

}  // namespace malaposta::verify
