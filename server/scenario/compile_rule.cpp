// One rule: its patterns, templates and replies made ready, and what contradicts itself in it named.
#include <algorithm>
#include <array>
#include <variant>

#include "protocol/reply.hpp"
#include "scenario/compile.hpp"
#include "scenario/gates.hpp"
#include "scenario/outcome.hpp"
#include "scenario/units.hpp"

namespace malaposta::scenario {

using catalogue::Stage;
using StepKind = protocol::Step::Kind;

namespace {

// How much a condition costs to ask: the dear ones come last, and those that count come after all others.
int cost(const CompiledCondition& condition) {
  switch (condition.subject) {
    case Subject::header: return 2;
    case Subject::body: return 3;
    case Subject::state: return 4;
    case Subject::attempt: return 5;
    default: return condition.text && condition.text->literals() == nullptr ? 1 : 0;
  }
}

bool is_flag(Subject subject) { return subject == Subject::tls || subject == Subject::authenticated || subject == Subject::pipelined; }

bool is_number(Subject subject) {
  constexpr std::array kNumbers{Subject::port,        Subject::size,    Subject::rcpts, Subject::connection,
                                Subject::transaction, Subject::attempt, Subject::step};
  return std::find(kNumbers.begin(), kNumbers.end(), subject) != kNumbers.end();
}

// Stands in for every value when a templated reply is checked at load.
struct SampleValues final : Values {
  void append(const Part&, std::string& out) override { out += 'x'; }
};

struct FaultRow {
  FaultKind fault;
  StepKind step;
};
constexpr std::array kConnectionFaults{
    FaultRow{FaultKind::close, StepKind::close},           FaultRow{FaultKind::reset, StepKind::reset},
    FaultRow{FaultKind::half_close, StepKind::half_close}, FaultRow{FaultKind::stall, StepKind::stall},
    FaultRow{FaultKind::silence, StepKind::silence},
};

struct DoRow {
  DoStep::Kind said;
  StepKind step;
};
constexpr std::array kPlainSteps{
    DoRow{DoStep::Kind::wait, StepKind::wait},          DoRow{DoStep::Kind::read_bytes, StepKind::read_bytes},
    DoRow{DoStep::Kind::close, StepKind::close},        DoRow{DoStep::Kind::read_line, StepKind::read_line},
    DoRow{DoStep::Kind::reset, StepKind::reset},        DoRow{DoStep::Kind::half_close, StepKind::half_close},
    DoRow{DoStep::Kind::starttls, StepKind::start_tls},
};

StepKind step_of(Then then) {
  switch (then) {
    case Then::reset: return StepKind::reset;
    case Then::half_close: return StepKind::half_close;
    case Then::stall: return StepKind::stall;
    case Then::starttls: return StepKind::start_tls;
    default: return StepKind::close;
  }
}

std::optional<Duration> parse(std::string_view text, Duration) { return parse_duration(text); }
std::optional<std::uint64_t> parse(std::string_view text, std::uint64_t) { return parse_size(text); }
constexpr std::string_view what(Duration) { return "a duration, such as 500ms or 2s"; }
constexpr std::string_view what(std::uint64_t) { return "a number, such as 3 or 4kB"; }

class RuleCompiler {
 public:
  RuleCompiler(const Rule& rule, const Model& model, Diagnostics& diagnostics) : rule_(rule), model_(model), diagnostics_(diagnostics) {}

  CompiledRule compile() {
    out_.id = rule_.id.value;
    out_.line = rule_.place.line;
    for (const Stage stage : rule_.at) out_.at |= catalogue::bit(stage);
    conditions();
    gates();
    check_outcome();
    outcome();
    effects();
    if (uses_code_ && out_.code == 0)
      diagnostics_.error(code_place_, "${code} has no meaning here: the rule's reply has no code that is written out");
    return std::move(out_);
  }

 private:
  void conditions() {
    for (const Condition& condition : rule_.when) {
      CompiledCondition compiled;
      compiled.subject = condition.subject;
      compiled.name = condition.name;
      compiled.number = condition.number;
      compiled.flag = condition.flag;
      if (condition.subject == Subject::ip)
        compiled.address.emplace(condition.text, diagnostics_);
      else if (!is_number(condition.subject) && !is_flag(condition.subject))
        compiled.text.emplace(condition.text, ignores_case(condition.subject), out_.groups, diagnostics_);
      if (condition.subject == Subject::mail) out_.wants_mail = true;
      out_.conditions.push_back(std::move(compiled));
    }
    std::stable_sort(out_.conditions.begin(), out_.conditions.end(), [](const auto& a, const auto& b) { return cost(a) < cost(b); });
  }

  void gates() {
    out_.key = rule_.key;
    if (std::find(out_.key.begin(), out_.key.end(), Subject::mail) != out_.key.end()) out_.wants_mail = true;
    if (rule_.times) out_.times = value(*rule_.times, UINT64_MAX);
    if (rule_.skip) out_.skip = value(*rule_.skip, std::uint64_t{0});
    if (rule_.every) out_.every = value(*rule_.every, std::uint64_t{1});
    if (rule_.every && rule_.every->fixed == 0u)
      diagnostics_.error(rule_.every->text.place, "every: 0 never comes", "1 is each time, 2 every other time");
    if (rule_.times && rule_.times->fixed == 0u) diagnostics_.error(rule_.times->text.place, "times: 0 never comes", "leave the rule out");
    out_.probability = rule_.probability.value_or(1);
    out_.window = rule_.window;
    out_.rate = rule_.rate;
    if (rule_.rate && (rule_.rate->max == 0 || rule_.rate->max > kMostRate || rule_.rate->per <= Duration::zero()))
      diagnostics_.error(rule_.rate->place, "a rate needs max from 1 to " + std::to_string(kMostRate) + " and a time");
    if (rule_.window && rule_.window->until && *rule_.window->until <= rule_.window->after)
      diagnostics_.error(rule_.window->place, "the window ends before it begins", "both count from when the key was first seen");
    out_.gated = rule_.times || rule_.skip || rule_.every || rule_.probability || rule_.window || rule_.rate || !rule_.key.empty();
    if (rule_.set) out_.set = text(*rule_.set);
  }

  // What cannot be meant together, or has no meaning where it stands.
  void check_outcome() {
    const auto only = [&](bool said, bool allowed, Place place, std::string message, std::string hint) {
      if (said && !allowed) diagnostics_.error(place, std::move(message), std::move(hint));
    };
    const bool ends_message = at(Stage::end_of_data) || at(Stage::bdat);
    const auto starts_tls = [](const DoStep& step) { return step.kind == DoStep::Kind::starttls; };
    const bool tls_starts = rule_.then == Then::starttls || std::any_of(rule_.steps.begin(), rule_.steps.end(), starts_tls);
    const TlsMode tls = model_.server.tls.mode;
    only(tls_starts, (tls == TlsMode::starttls || tls == TlsMode::required) && !at(Stage::tls), rule_.place,
         "'starttls' begins a handshake, and there is none to begin",
         "write 'server: { tls: { mode: starttls } }', and another stage than tls");
    const auto goes = [](const DoStep& step) { return step.kind == DoStep::Kind::go_to; };
    const auto first = std::find_if(rule_.steps.begin(), rule_.steps.end(), goes);
    only(first != rule_.steps.end(), first == rule_.steps.end() || (first + 1 == rule_.steps.end() && !rule_.then), rule_.place,
         "nothing of this rule happens after 'goto'", "put it last, without 'then'");
    const bool leads_to_tls = first != rule_.steps.end() && first->stage == Stage::tls;
    only(leads_to_tls, tls == TlsMode::starttls || tls == TlsMode::required, rule_.place,
         "'goto: tls' begins a handshake, and there is none to begin", "write 'server: { tls: { mode: starttls } }'");
    only(first != rule_.steps.end(), !at(Stage::tls) && !at(Stage::body), rule_.place,
         "'goto' does not lead out of the handshake or the content", "use another stage");
    const bool holds = is(FaultKind::stall) || is(FaultKind::silence) || rule_.then == Then::stall;
    only(rule_.reply && connection_fault(), false, rule_.fault_place, "a fault of the connection comes instead of a reply",
         "write 'then' for what follows the reply");
    only(rule_.reply && is(FaultKind::garbage), false, rule_.fault_place, "garbage comes instead of a reply", "leave one of the two out");
    only(!rule_.steps.empty(), !rule_.reply && !rule_.fault, rule_.place, "'do' comes instead of a reply and of a fault",
         "put the reply among its steps");
    only(rule_.hold.has_value(), holds, rule_.hold ? rule_.hold->text.place : Place{},
         "'for' says how long a stall or a silence lasts, and there is none", {});
    only(rule_.bytes.has_value(), is(FaultKind::garbage) || is(FaultKind::truncate), rule_.bytes ? rule_.bytes->text.place : Place{},
         "'bytes' belongs to 'fault: garbage' or 'fault: truncate'", {});
    only(is(FaultKind::truncate), rule_.bytes.has_value(), rule_.fault_place, "how much of the reply is to be sent?", "add 'bytes: N'");
    only(rule_.after.has_value(), at(Stage::body), rule_.after ? rule_.after->text.place : Place{},
         "'after' counts content bytes, so it needs 'at: body'", {});
    only(is(FaultKind::discard), ends_message, rule_.fault_place, "only a message can be discarded", "use 'at: end-of-data'");
    only(rule_.capture.has_value(), ends_message, rule_.place, "'capture' says what becomes of a message", "use 'at: end-of-data'");
    only(is(FaultKind::discard) && rule_.capture == true, false, rule_.fault_place, "a message cannot be both discarded and captured", {});
    only(rule_.bytes && rule_.bytes->fixed > kMostGarbage, is(FaultKind::truncate), rule_.bytes ? rule_.bytes->text.place : Place{},
         "at most " + std::to_string(kMostGarbage) + " bytes of garbage", {});
    only(rule_.dribble && rule_.dribble->bytes == 0, false, rule_.dribble ? rule_.dribble->place : Place{}, "a piece has one byte at least",
         {});
  }

  void outcome() {
    out_.decides = rule_.has_outcome();
    if (rule_.reply) out_.steps.push_back(reply_step(*rule_.reply));
    if (rule_.fault) fault(*rule_.fault);
    for (const DoStep& step : rule_.steps) out_.steps.push_back(do_step(step));
    if (rule_.after) out_.after = value(*rule_.after, std::uint64_t{0});
  }

  void fault(FaultKind kind) {
    for (const FaultRow& row : kConnectionFaults)
      if (row.fault == kind) out_.steps.push_back(plain(row.step, hold()));
    if (kind == FaultKind::garbage) {
      CompiledStep step{CompiledStep::Kind::garbage, StepKind::send, {}, {}, {}, {kDefaultGarbage, {}}};
      if (rule_.bytes) step.number = value(*rule_.bytes, kDefaultGarbage);
      out_.steps.push_back(std::move(step));
    }
    if (kind == FaultKind::truncate && rule_.bytes) out_.truncate = value(*rule_.bytes, std::uint64_t{0});
    if (kind == FaultKind::duplicate) out_.duplicate = true;
    if (kind == FaultKind::discard) {
      out_.capture = false;
      if (!rule_.reply)
        out_.steps.push_back({CompiledStep::Kind::reply, StepKind::send, {protocol::render_code(250), {}, false}, {}, {}, {}});
    }
  }

  void effects() {
    if (rule_.capture) out_.capture = rule_.capture;
    if (rule_.delay) {
      out_.delay = CompiledDelay{rule_.delay->kind, {}, *rule_.delay};
      if (rule_.delay->kind == Delay::Kind::fixed) out_.delay->fixed = value(rule_.delay->fixed, Duration::zero());
    }
    if (rule_.dribble) {
      out_.dribble = rule_.dribble;
      out_.dribble->bytes = std::min<std::uint64_t>(out_.dribble->bytes, UINT32_MAX);
    }
    out_.read = rule_.read;
    if (rule_.then == Then::stay) out_.stay = true;
    if (rule_.then && rule_.then != Then::stay) out_.then = step_of(*rule_.then);
    if (rule_.then == Then::stall) out_.hold = hold();
  }

  CompiledStep reply_step(const ReplyText& reply) { return {CompiledStep::Kind::reply, StepKind::send, this->reply(reply), {}, {}, {}}; }
  static CompiledStep plain(StepKind kind, Value<Duration> duration = {}, std::uint64_t number = 0) {
    return {CompiledStep::Kind::plain, kind, {}, {}, std::move(duration), {number, {}}};
  }

  CompiledStep do_step(const DoStep& step) {
    for (const DoRow& row : kPlainSteps)
      if (row.said == step.kind)
        return plain(row.step, step.kind == DoStep::Kind::wait ? value(step.duration, Duration::zero()) : Value<Duration>{}, step.number);
    if (step.kind == DoStep::Kind::reply) return reply_step(step.reply);
    if (step.kind == DoStep::Kind::go_to) return plain(StepKind::go_to, {}, static_cast<std::uint64_t>(step.stage));
    const bool send = step.kind == DoStep::Kind::send;
    return {send ? CompiledStep::Kind::send : CompiledStep::Kind::set, send ? StepKind::send : StepKind::set, {}, text(step.text), {}, {}};
  }

  CompiledReply reply(const ReplyText& written) {
    CompiledReply reply;
    bool fixed = true;
    std::vector<std::string> samples;
    SampleValues values;
    for (const Text& line : written.lines) {
      reply.lines.push_back(text(line));
      fixed = fixed && reply.lines.back().is_literal();
      reply.lines.back().render(values, samples.emplace_back(), true);
    }
    reply.code_from_template = !reply.lines.empty() && !has_code(reply.lines[0]);
    const std::vector<std::string_view> views(samples.begin(), samples.end());
    if (!reply.code_from_template) check_reply(views, written, fixed, reply);
    if (fixed) reply.lines.clear();
    return reply;
  }

  // Parses the reply, or a sample of it where values are missing yet.
  void check_reply(const std::vector<std::string_view>& lines, const ReplyText& written, bool fixed, CompiledReply& reply) {
    const auto parsed = protocol::parse_reply(lines);
    if (const auto* error = std::get_if<protocol::ReplyError>(&parsed)) {
      diagnostics_.error(error->line < written.lines.size() ? written.lines[error->line].place : written.place, error->message);
      return;
    }
    const auto& good = std::get<protocol::Reply>(parsed);
    if (out_.code == 0) out_.code = good.code;
    const std::string wire = protocol::render(good);
    if (fixed) reply.wire = wire;
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < wire.size(); ++number) {
      const std::size_t end = wire.find('\n', begin) + 1;
      if (end - begin > kLongestReplyLine)
        diagnostics_.warning(number < written.lines.size() ? written.lines[number].place : written.place,
                             "this reply line has " + std::to_string(end - begin) + " octets; RFC 5321 section 4.5.3.1.5 allows 512");
      begin = end;
    }
  }

  // Whether the code is written out: anything but a template in the first three places is for the reply's parser to judge.
  static bool has_code(const Template& line) {
    return line.is_literal() || (line.parts()[0].variable == Variable::literal && line.parts()[0].text.size() >= 3);
  }

  Value<Duration> hold() { return rule_.hold ? value(*rule_.hold, Duration::zero()) : Value<Duration>{}; }

  template <typename T>
  Value<T> value(const Setting<T>& setting, T otherwise) {
    if (setting.fixed) return {*setting.fixed, {}};
    Template given = text(setting.text);
    if (!given.is_literal()) return {otherwise, std::move(given)};
    const auto parsed = parse(given.literal(), T{});
    const bool as_written = given.literal() == setting.text.value;  // then the reader has told of it
    if (!parsed && !as_written) diagnostics_.error(setting.text.place, "'" + given.literal() + "' is not " + std::string(what(T{})));
    return {parsed.value_or(otherwise), {}};
  }

  Template text(const Text& written) {
    Template parsed = parse_template(written, {&model_.vars, &out_.groups}, diagnostics_);
    if (parsed.uses(Variable::group)) out_.wants_groups = true;
    if (parsed.uses(Variable::mail)) out_.wants_mail = true;
    if (parsed.uses(Variable::code) && !uses_code_) uses_code_ = true, code_place_ = written.place;
    return parsed;
  }

  bool at(Stage stage) const { return (out_.at & catalogue::bit(stage)) != 0; }
  bool is(FaultKind kind) const { return rule_.fault == kind; }
  bool connection_fault() const {
    return std::any_of(kConnectionFaults.begin(), kConnectionFaults.end(), [&](const FaultRow& row) { return is(row.fault); });
  }

  const Rule& rule_;
  const Model& model_;
  Diagnostics& diagnostics_;
  CompiledRule out_;
  bool uses_code_ = false;
  Place code_place_;
};

}  // namespace

CompiledRule compile_rule(const Rule& rule, const Model& model, Diagnostics& diagnostics) {
  return RuleCompiler(rule, model, diagnostics).compile();
}

}  // namespace malaposta::scenario
