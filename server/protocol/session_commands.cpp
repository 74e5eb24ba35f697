// The session's commands: what a correct server would reply to each (RFC 5321 section 4), before the director has
// its say.
#include <algorithm>
#include <array>
#include <utility>

#include "protocol/client_attributes.hpp"
#include "protocol/extension_parameters.hpp"
#include "protocol/grammar.hpp"
#include "protocol/reply.hpp"
#include "protocol/session_impl.hpp"

namespace malaposta::protocol {

namespace {

constexpr std::string_view kOk = "250 2.0.0 Ok";
constexpr std::string_view kNoHello = "503 5.5.1 Say HELO or EHLO first";
constexpr std::string_view kBadSequence = "503 5.5.1 Bad sequence of commands";
constexpr std::string_view kStartTlsFirst = "530 5.7.0 Must issue a STARTTLS command first";
constexpr std::string_view kNotOffered = "502 5.5.1 Command not implemented";
constexpr std::string_view kUnknownCommand = "500 5.5.2 Command unrecognized";
constexpr std::string_view kMissingArgument = "501 5.5.4 Argument required";

const Handshake kNoTls;

std::uint64_t recipient_limit(const Profile& profile) {
  const std::uint64_t declared = profile.declared.recipients;
  return declared == 0 ? profile.limits.recipients : std::min<std::uint64_t>(declared, profile.limits.recipients);
}

// What a correct server replies to the commands that need no state of their own, and the extension that they need.
struct SimpleCommand {
  Verb verb;
  bool needs_extension;
  Extension extension;
  bool needs_argument;
  std::string_view reply;
};
constexpr SimpleCommand kSimple[] = {
    {Verb::rset, false, {}, false, kOk},
    {Verb::noop, false, {}, false, kOk},
    {Verb::quit, false, {}, false, "221 2.0.0 Bye"},
    {Verb::vrfy, true, Extension::vrfy, true, "252 2.5.0 Cannot verify the user, but will take mail for it"},
    {Verb::expn, true, Extension::expn, true, "252 2.5.0 Cannot expand the list, but will take mail for it"},
    {Verb::help, true, Extension::help, false,
     "214-2.0.0 Commands: HELO EHLO MAIL RCPT DATA BDAT RSET NOOP VRFY ETRN AUTH HELP QUIT\r\n"
     "214 2.0.0 This server fails on purpose: see its scenario"},
    {Verb::starttls, true, Extension::starttls, false, "220 2.0.0 Ready to start TLS"},
    {Verb::xforward, true, Extension::xforward, true, kOk},
    {Verb::etrn, true, Extension::etrn, true, "251 2.0.0 Ok, no messages waiting"},  // RFC 1985 section 5.3
};

}  // namespace

void Session::on_command(std::string_view line, Deviations deviations, Effects& effects) {
  Command command = parse_command(line);
  command.deviations |= deviations | (ahead_ ? Deviations{kAhead} : Deviations{0});
  Moment now = moment(stage_of(command.verb));
  now.is_command = true;
  now.line = line;
  now.argument = command.argument;
  if (refused_ && command.verb != Verb::quit) {
    journal_command(line, command.deviations);
    answer(now, kBadSequence, effects);
    return;
  }
  switch (command.verb) {
    case Verb::helo:
    case Verb::ehlo:
    case Verb::lhlo: on_hello(command, now, effects); break;
    case Verb::mail: on_mail(command, now, effects); break;
    case Verb::rcpt: on_rcpt(command, now, effects); break;
    case Verb::data: on_data(command, now, effects); break;
    case Verb::bdat: on_bdat(command, now, effects); break;
    case Verb::auth: on_auth(command, now, effects); break;
    case Verb::xclient: on_xclient(command, now, effects); break;
    default: on_simple(command, now, effects);
  }
}

void Session::journal_command(std::string_view line, Deviations deviations) {
  journal_.append(id_, journal::Kind::command, now_, line, deviations);
}

void Session::on_hello(const Command& command, Moment& moment, Effects& effects) {
  HeloArgument argument = parse_helo_argument(command.argument, profile_.syntax);
  journal_command(moment.line, command.deviations | argument.deviations);
  std::string_view reply;
  const bool right_protocol = (command.verb == Verb::lhlo) == profile_.lmtp;
  if (!right_protocol)
    reply = kUnknownCommand;  // RFC 2033 section 4.1
  else if (argument.error != SyntaxError::none)
    reply = syntax_error_reply(argument.error, command.verb);
  else
    reply = command.verb == Verb::helo ? profile_.helo_reply : facts_.tls ? profile_.ehlo_reply_in_tls : profile_.ehlo_reply;
  if (!helo_overridden_) facts_.helo = argument.error == SyntaxError::none ? argument.name : command.argument;
  answer(moment, reply, effects);
}

void Session::on_mail(const Command& command, Moment& moment, Effects& effects) {
  const bool offered = (profile_.offered & bit(Extension::smtp_utf8)) != 0;
  const bool utf8 =
      offered && command.argument.find(' ') != std::string_view::npos && find_parameter(command.argument, "SMTPUTF8").has_value();
  const PathArgument argument = parse_mail_argument(command.argument, profile_.syntax, utf8);
  journal_command(moment.line, command.deviations | argument.deviations);

  const std::optional<Parameter> size = find_parameter(argument.parameters, "SIZE");
  moment.size = size ? decimal(size->value).value_or(0) : 0;
  const std::string_view refusal = parameter_refusal(argument.parameters, Verb::mail, profile_, facts_.tls);
  std::string_view reply;
  if (!hello_done_)
    reply = kNoHello;
  else if (facts_.in_transaction)
    reply = "503 5.5.1 Nested MAIL command";
  else if (profile_.tls == Tls::required && !facts_.tls)
    reply = kStartTlsFirst;
  else if (profile_.auth_required && !facts_.authenticated)
    reply = "530 5.7.0 Authentication required";
  else if (argument.error != SyntaxError::none)
    reply = syntax_error_reply(argument.error, Verb::mail);
  else if (!refusal.empty())
    reply = refusal;
  else if (profile_.size_limit != 0 && moment.size > profile_.size_limit)
    reply = kContentTooBig;
  else if (profile_.declared.mails != 0 && mails_ >= profile_.declared.mails)
    reply = "451 4.5.3 Too many transactions in this session";
  else
    reply = "250 2.1.0 Sender ok";

  pending_ = argument.error == SyntaxError::none ? argument.path.text : command.argument;
  moment.mail = pending_;
  moment.has_mail = argument.error == SyntaxError::none;
  moment.parameters = argument.parameters;
  const std::optional<Parameter> body = find_parameter(argument.parameters, "BODY");
  if (!facts_.in_transaction) ++facts_.transaction, utf8_ = utf8, binary_ = body && equals_ignoring_case(body->value, "BINARYMIME");
  answer(moment, reply, effects);
}

// Different domains among the recipients, with this one.
std::uint64_t Session::domains_with(std::string_view domain) const {
  const auto domain_of = [](std::string_view path) { return path.substr(std::min(path.rfind('@'), path.size() - 1) + 1); };
  const auto& all = facts_.recipients;
  std::uint64_t count = 1;
  for (auto one = all.begin(); one != all.end(); ++one) {
    const auto same = [&](const std::string& other) { return equals_ignoring_case(domain_of(other), domain_of(*one)); };
    if (!equals_ignoring_case(domain_of(*one), domain) && std::none_of(all.begin(), one, same)) ++count;
  }
  return count;
}

void Session::on_rcpt(const Command& command, Moment& moment, Effects& effects) {
  const PathArgument argument = parse_rcpt_argument(command.argument, profile_.syntax, utf8_);
  journal_command(moment.line, command.deviations | argument.deviations);

  const std::string_view refusal = parameter_refusal(argument.parameters, Verb::rcpt, profile_, facts_.tls);
  std::string_view reply;
  if (!facts_.in_transaction || in_chunks_)
    reply = hello_done_ ? "503 5.5.1 Say MAIL first" : kNoHello;
  else if (argument.error != SyntaxError::none)
    reply = syntax_error_reply(argument.error, Verb::rcpt);
  else if (!refusal.empty())
    reply = refusal;
  else if (facts_.recipients.size() >= recipient_limit(profile_))
    reply = "452 4.5.3 Too many recipients";
  else if (profile_.declared.domains != 0 && domains_with(argument.path.domain) > profile_.declared.domains)
    reply = "452 4.5.3 Too many domains among the recipients";
  else
    reply = "250 2.1.5 Recipient ok";

  pending_ = argument.error == SyntaxError::none ? argument.path.text : command.argument;
  moment.rcpt = pending_;
  moment.has_rcpt = argument.error == SyntaxError::none;
  moment.parameters = argument.parameters;
  answer(moment, reply, effects);
}

void Session::on_data(const Command& command, Moment& moment, Effects& effects) {
  journal_command(moment.line, command.deviations);
  std::string_view reply = "354 End data with <CR><LF>.<CR><LF>";
  if (!facts_.in_transaction)
    reply = hello_done_ ? "503 5.5.1 Say MAIL first" : kNoHello;
  else if (in_chunks_)
    reply = "503 5.5.1 DATA after BDAT";  // RFC 3030 section 3
  else if (facts_.recipients.empty())
    reply = recipient_refused_ ? "554 5.5.1 No valid recipients" : "503 5.5.1 Say RCPT first";
  else if (binary_)
    reply = "503 5.5.1 BODY=BINARYMIME needs BDAT";  // RFC 3030 section 3
  else if (!command.argument.empty())
    reply = "501 5.5.4 DATA takes no argument";
  dots_.start((command.deviations & kBareLineFeed) != 0);
  answer(moment, reply, effects);
}

void Session::on_bdat(const Command& command, Moment& moment, Effects& effects) {
  journal_command(moment.line, command.deviations);
  if ((profile_.offered & bit(Extension::chunking)) == 0) {
    answer(moment, kNotOffered, effects);
    return;
  }
  const std::size_t space = std::min(command.argument.find(' '), command.argument.size());
  const std::optional<std::uint64_t> size = decimal(command.argument.substr(0, space));
  const std::string_view last = command.argument.substr(std::min(space + 1, command.argument.size()));
  if (!size || (!last.empty() && !equals_ignoring_case(last, "LAST"))) {
    answer(moment, "501 5.5.4 Syntax: BDAT size [LAST]", effects);
    return;
  }
  // The chunk follows whatever the server thinks of it (RFC 3030 section 2): it is taken first and judged then.
  last_chunk_ = !last.empty();
  chunk_left_ = *size;
  content_begin_ = received_;
  out_of_sequence_ = !facts_.in_transaction || facts_.recipients.empty();
  const bool first = !std::exchange(in_chunks_, true);
  phase_ = Phase::chunk;
  if (first && !out_of_sequence_) watch_body(Phase::chunk, effects);
  if (phase_ == Phase::chunk && chunk_left_ == 0) chunk_complete(effects);
}

void Session::on_simple(const Command& command, Moment& moment, Effects& effects) {
  journal_command(moment.line, command.deviations);
  const auto* const known =
      std::find_if(std::begin(kSimple), std::end(kSimple), [&](const SimpleCommand& one) { return one.verb == command.verb; });
  std::string_view reply;
  if (known == std::end(kSimple))
    reply = command.verb == Verb::unknown ? kUnknownCommand : kNotOffered;  // ATRN
  else if (known->needs_extension && (profile_.offered & bit(known->extension)) == 0)
    reply = kNotOffered;
  else if (known->needs_argument && command.argument.empty())
    reply = kMissingArgument;
  else if (command.verb == Verb::xforward && !attribute_refusal(command.argument, command.verb).empty())
    reply = attribute_refusal(command.argument, command.verb);
  else if (command.verb == Verb::starttls && facts_.tls)
    reply = "503 5.5.1 TLS is active already";
  else if (command.verb == Verb::starttls && (profile_.tls == Tls::none || profile_.tls == Tls::implicit))
    reply = "454 4.7.0 TLS not available due to temporary reason";  // offered by `extra` only
  else if (profile_.syntax == Syntax::strict && (command.deviations & kArgumentNotAllowed) != 0)
    reply = "501 5.5.4 The command takes no argument";
  else
    reply = known->reply;
  quitting_ = command.verb == Verb::quit;
  answer(moment, reply, effects);
}

// The reply is the greeting of the session that begins again with another client.
void Session::on_xclient(const Command& command, Moment& moment, Effects& effects) {
  journal_command(moment.line, command.deviations);
  const std::string_view refusal = attribute_refusal(command.argument, command.verb);
  std::string_view reply = profile_.greeting;
  if ((profile_.offered & bit(Extension::xclient)) == 0)
    reply = kNotOffered;
  else if (facts_.in_transaction)
    reply = kBadSequence;
  else if (command.argument.empty())
    reply = kMissingArgument;
  else if (!refusal.empty())
    reply = refusal;
  // Whatever a rule replies, only attributes that were understood can name a client.
  pending_ = refusal.empty() ? command.argument : std::string_view{};
  answer(moment, reply, effects);
}

AuthExchange& Session::exchange() {
  if (auth_ == nullptr) auth_ = std::make_unique<AuthExchange>();
  return *auth_;
}

void Session::on_auth(const Command& command, Moment& moment, Effects& effects) {
  journal_command(moment.line, command.deviations);
  const std::size_t space = std::min(command.argument.find(' '), command.argument.size());
  const std::string_view mechanism = command.argument.substr(0, space);
  std::optional<std::string_view> initial;
  if (space < command.argument.size()) initial = command.argument.substr(space + 1);
  std::string_view reply;
  if (profile_.mechanisms.empty())
    reply = kNotOffered;
  else if (profile_.tls == Tls::required && !facts_.tls)
    reply = kStartTlsFirst;
  else if (!hello_done_)
    reply = kNoHello;
  else if (facts_.authenticated)
    reply = "503 5.5.1 Already authenticated";
  else if (facts_.in_transaction)
    reply = "503 5.5.1 AUTH during a mail transaction";
  else if (mechanism.empty())
    reply = kMissingArgument;
  else
    reply = exchange().start({profile_, tls_ != nullptr ? *tls_ : kNoTls}, mechanism, initial);
  facts_.auth_step = 1;
  if (!facts_.authenticated) {
    facts_.mechanism = mechanism;
    std::transform(facts_.mechanism.begin(), facts_.mechanism.end(), facts_.mechanism.begin(), grammar::upper);
    facts_.user = exchange().user();
  }
  answer(moment, reply, effects);
}

void Session::on_auth_response(std::string_view line, Effects& effects) {
  phase_ = Phase::command;
  journal_.append(id_, journal::Kind::command, now_, line);
  const std::string_view reply = exchange().respond(line);
  facts_.user = exchange().user();
  ++facts_.auth_step;
  Moment now = moment(Stage::auth);
  now.line = now.argument = line;
  answer(now, reply, effects);
}

}  // namespace malaposta::protocol
