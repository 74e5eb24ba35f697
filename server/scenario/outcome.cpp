#include "scenario/outcome.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <variant>

#include "protocol/grammar.hpp"
#include "protocol/reply.hpp"
#include "scenario/units.hpp"

namespace malaposta::scenario {

using protocol::Step;

namespace {

constexpr int kFallbackCode = 451;  // where a template gives no reply that a client could parse
constexpr std::string_view kFallbackEnhanced = "4.3.0";

using protocol::grammar::is_digit;

// "5.1.1": one digit, then twice up to three (RFC 3463 section 2).
bool is_enhanced(std::string_view word) {
  const auto dots = std::count(word.begin(), word.end(), '.');
  if (!std::all_of(word.begin(), word.end(), [](char c) { return c == '.' || is_digit(c); })) return false;
  return dots == 2 && word.size() >= 5 && word[1] == '.' && word.back() != '.' && word.find("..") == std::string_view::npos;
}

std::string_view cut_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

// RFC 5322 section 3.3. The moment's clock only counts; the wall clock says what it counts from.
std::string date(protocol::TimePoint moment) {
  const auto wall = std::chrono::system_clock::now() +
                    std::chrono::duration_cast<std::chrono::system_clock::duration>(moment - std::chrono::steady_clock::now());
  const std::time_t seconds = std::chrono::system_clock::to_time_t(wall);
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000", fmt::gmtime(seconds));
}

Duration clamped(double nanoseconds) {
  const double most = static_cast<double>(kLongestDelay.count());
  return Duration(static_cast<std::int64_t>(std::clamp(nanoseconds, 0.0, most)));
}

}  // namespace

std::optional<std::uint64_t> number_of(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_digit)) return parse_size(text).value_or(UINT64_MAX);
  return parse_size(text);
}

Firing::Firing(Instance& instance, const CompiledRule& rule, std::uint32_t index, std::uint64_t ordinal, Situation& situation,
               protocol::Decision& out)
    : instance_(instance),
      rule_(rule),
      index_(index),
      situation_(situation),
      out_(out),
      draws_(rule_seed(instance.seed(), rule.id), situation.key(rule), ordinal) {}

void Firing::take_effect() {
  if (rule_.delay) out_.delay = std::min<Duration>(out_.delay + drawn(*rule_.delay), kLongestDelay);
  if (rule_.dribble) {
    out_.dribble_bytes = static_cast<std::uint32_t>(rule_.dribble->bytes);
    out_.dribble_every = rule_.dribble->every;
    out_.dribble_over = rule_.dribble->over.value_or(Duration::zero());
  }
  if (rule_.read) out_.read_bytes = rule_.read->bytes, out_.read_every = rule_.read->every;
  if (rule_.capture && !out_.capture) out_.capture = rule_.capture;
  if (rule_.set) instance_.gates().set_state(situation_.key(rule_), filled(*rule_.set));
  if (rule_.stay) out_.stay = true;
  if (rule_.then) out_.then = Step{*rule_.then, 0, 0, duration(rule_.hold), 0};
}

void Firing::decide() {
  for (const CompiledStep& step : rule_.steps) add(step);
  out_.decided = !rule_.steps.empty();
  out_.duplicate = rule_.duplicate;
  if (rule_.truncate) out_.truncate = number(*rule_.truncate);
  std::string sent;
  for (std::size_t i = 0; i < rule_.steps.size(); ++i)
    if (rule_.steps[i].kind == CompiledStep::Kind::reply || rule_.steps[i].kind == CompiledStep::Kind::send)
      sent.append(out_.text_of(out_.steps[i]));
  out_.code = protocol::last_code(sent);
}

// One step of the decision for each of the rule's.
void Firing::add(const CompiledStep& step) {
  switch (step.kind) {
    case CompiledStep::Kind::reply:
      return out_.add_text(Step::Kind::send, step.reply.lines.empty() ? step.reply.wire : rendered(step.reply));
    case CompiledStep::Kind::send: {
      std::string bytes;
      step.text.render(*this, bytes, true);
      return out_.add_text(Step::Kind::send, bytes);
    }
    case CompiledStep::Kind::garbage: return out_.add_text(Step::Kind::send, garbage(std::min(number(step.number), kMostGarbage)));
    case CompiledStep::Kind::set: return out_.add_text(Step::Kind::set, filled(step.text));
    case CompiledStep::Kind::plain: return out_.add(step.step, duration(step.duration), number(step.number));
  }
}

std::string Firing::rendered(const CompiledReply& reply) {
  std::vector<std::string> lines;
  for (const Template& line : reply.lines) line.render(*this, lines.emplace_back(), true);
  if (reply.code_from_template && lines.size() == 1) return coded(lines[0]);
  const std::vector<std::string_view> views(lines.begin(), lines.end());
  const auto parsed = protocol::parse_reply(views);
  if (const auto* good = std::get_if<protocol::Reply>(&parsed)) return protocol::render(*good);
  problem_ = "the templates of this reply gave nothing that a client could parse: 451 4.3.0 instead";
  return protocol::render_code(kFallbackCode, kFallbackEnhanced);
}

// A line whose code was not known at load: code, then perhaps an enhanced code, then perhaps a text.
std::string Firing::coded(std::string_view line) {
  const std::string_view code = cut_word(line);
  if (code.size() == 3 && std::all_of(code.begin(), code.end(), is_digit) && code[0] >= '2' && code[0] <= '5') {
    std::string_view rest = line;
    const std::string_view word = cut_word(rest);
    const bool enhanced = is_enhanced(word);
    if (!enhanced) rest = line;
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    return protocol::render_code(std::stoi(std::string(code)), enhanced ? word : std::string_view{}, rest);
  }
  problem_ = "the template of this reply gave no code from 200 to 599: 451 4.3.0 instead";
  return protocol::render_code(kFallbackCode, kFallbackEnhanced);
}

std::string Firing::garbage(std::uint64_t bytes) {
  std::string out(bytes, '\0');
  for (char& byte : out) byte = static_cast<char>(draws_.next() & 0xff);
  return out;
}

std::string Firing::filled(const Template& text) {
  std::string out;
  text.render(*this, out, false);
  return out;
}

Duration Firing::drawn(const CompiledDelay& delay) {
  const auto count = [](Duration duration) { return static_cast<double>(duration.count()); };
  const Delay& given = delay.drawn;
  switch (delay.kind) {
    case Delay::Kind::fixed: return duration(delay.fixed);
    case Delay::Kind::uniform: return clamped(count(given.low) + draws_.unit() * count(given.high - given.low));
    case Delay::Kind::normal: return clamped(count(given.mean) + draws_.normal() * count(given.sd));
    case Delay::Kind::lognormal: {
      const Duration drawn = clamped(count(given.median) * std::exp(given.sigma * draws_.normal()));
      return given.max > Duration::zero() ? std::min(drawn, given.max) : drawn;
    }
  }
  return {};
}

Duration Firing::duration(const Value<Duration>& value) {
  if (!value.text) return value.fixed;
  const std::string text = filled(*value.text);
  if (text.empty()) return value.fixed;  // a group that took no part
  if (const auto given = parse_duration(text)) return std::min<Duration>(*given, kLongestDelay);
  problem_ = "a template of this rule gave no duration: none instead";
  return Duration::zero();
}

std::uint64_t Firing::number(const Value<std::uint64_t>& value) {
  if (!value.text) return value.fixed;
  const std::string text = filled(*value.text);
  if (text.empty()) return value.fixed;  // a group that took no part
  if (const auto given = number_of(text)) return *given;
  problem_ = "a template of this rule gave no number: the default instead";
  return value.fixed;
}

// Version 4 in form (RFC 9562 section 5.4), repeatable in substance.
std::string Firing::uuid() {
  const std::uint64_t high = (draws_.next() & ~std::uint64_t{0xf000}) | 0x4000;
  const std::uint64_t low = (draws_.next() >> 2) | std::uint64_t{1} << 63;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xffff, high & 0xffff, low >> 48,
                     low & 0xffffffffffff);
}

void Firing::append(const Part& part, std::string& out) {
  const auto subject = [&](Subject subject) { out.append(situation_.text(subject, part.text).value_or(std::string_view{})); };
  const auto number = [&](Subject subject) { out.append(std::to_string(situation_.number(subject, rule_, index_).value_or(0))); };
  switch (part.variable) {
    case Variable::group: out.append(situation_.groups()[part.group]); break;
    case Variable::rcpt: subject(Subject::rcpt); break;
    case Variable::mail: subject(Subject::mail); break;
    case Variable::helo: subject(Subject::helo); break;
    case Variable::ip: subject(Subject::ip); break;
    case Variable::user: subject(Subject::user); break;
    case Variable::mechanism: subject(Subject::mechanism); break;
    case Variable::sni: subject(Subject::sni); break;
    case Variable::command: subject(Subject::command); break;
    case Variable::argument: subject(Subject::argument); break;
    case Variable::header: subject(Subject::header); break;
    case Variable::param: subject(Subject::param); break;
    case Variable::port: number(Subject::port); break;
    case Variable::size: number(Subject::size); break;
    case Variable::rcpts: number(Subject::rcpts); break;
    case Variable::transaction: number(Subject::transaction); break;
    case Variable::connection: number(Subject::connection); break;
    case Variable::attempt: number(Subject::attempt); break;
    case Variable::state: out.append(situation_.state(rule_)); break;
    case Variable::code: out.append(std::to_string(rule_.code)); break;
    case Variable::hostname: out.append(instance_.scenario().profile().hostname); break;
    case Variable::uuid: out.append(uuid()); break;
    case Variable::now: out.append(date(situation_.moment().now)); break;
    case Variable::random: out.append(std::to_string(draws_.between(part.low, part.high))); break;
    case Variable::literal:
    case Variable::base64: break;  // rendered by the template itself
  }
}

}  // namespace malaposta::scenario
